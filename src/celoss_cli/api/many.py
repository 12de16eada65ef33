"""Many evaluations in one call: what ``celoss batch`` does, for paths and for objects in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from celoss_cli.api.arguments import path_or_object, taken
from celoss_cli.api.calls import silent
from celoss_cli.api.keywords import BatchKeywords
from celoss_cli.api.signature import with_options
from celoss_cli.errors import UsageError
from celoss_cli.options.models import read_models
from celoss_cli.options.option import Option
from celoss_cli.options.table import options_of
from celoss_cli.request import Request

if TYPE_CHECKING:
    from celoss_cli.api.shown_batch import Batch
    from celoss_cli.batch.entry import Source


@with_options("batch", BatchKeywords)
def evaluate_many(predictions: Any = (), labels: Any = None, **options: Unpack[BatchKeywords]) -> Batch:
    """Return the evaluations of many predictions, each by itself: one that cannot be scored costs only itself.

    Every parameter but the first two is an option of ``celoss batch`` of that name, with the same default.

    Parameters
    ----------
    predictions
        A mapping from names to predictions as ``evaluate`` takes them, or paths: a list, or one. A glob is each file
        that it matches, a directory one table. Predictions in memory are given by name.
    labels
        The labels of all, as ``evaluate`` takes them; without them they are a column of each.
    **options

    Returns
    -------
    Batch
        ``evaluations`` in the order given, each with its ``name`` and its ``evaluation``, or the ``error`` in its
        place. The checks of limits are in the verdicts: nothing is raised for one that is not met.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that make no sense, or not together; ``DataError`` for a manifest that cannot be
        read, ``OutputError`` among them for a directory that cannot be written to.
    """
    from celoss_cli.api.shown import Evaluation
    from celoss_cli.api.shown_batch import Batch
    from celoss_cli.batch.run import Batching, run_batch
    from celoss_cli.outputs.files import check_directory
    from celoss_cli.render.batch.files import file_for, save_baselines

    given = taken(options_of("batch"), options)
    sources = _sources(predictions, path_or_object(labels), given)
    for name in ("per_sample", "save_baseline"):
        if name in given:
            check_directory(given[name])

    def prepared(name: str, request: Request) -> Request:
        directory = given.get("per_sample")
        path = None if directory is None else file_for(directory, name, ".csv")
        return request._replace(per_sample=path, digest=True)

    models = read_models(given.get("model", ()), given.get("pred", ()))
    sort, fail_fast = given.get("sort"), given.get("fail_fast", False)
    batching = Batching(models, given.get("by"), sort, fail_fast, given.get("threads"), prepared)
    found = run_batch(sources, batching, silent)
    if "save_baseline" in given:
        save_baselines(given["save_baseline"], found)
    items = (item._replace(evaluation=item.evaluation and Evaluation.of(item.evaluation)) for item in found.evaluations)
    return Batch(*found._replace(evaluations=tuple(items)))


def _sources(predictions: Any, labels: Any, given: Mapping[str, Any]) -> list[Source]:
    from celoss_cli.batch.entry import Source
    from celoss_cli.batch.names import check_names, expanded

    shared = {name: value for name, value in given.items() if name != "per_sample"}
    if isinstance(predictions, Mapping):
        sources = [Source(str(name), path_or_object(one), labels, shared) for name, one in predictions.items()]
    else:
        if not isinstance(predictions, str | Path) and hasattr(predictions, "columns"):  # iterating gives its names
            predictions = [predictions]
        paths = [path_or_object(one) for one in _listed(predictions)]
        unnamed = next((one for one in paths if not isinstance(one, str)), None)
        if unnamed is not None:
            raise UsageError(
                f"predictions in memory, of type {type(unnamed).__name__}, have no name",
                code="unnamed_predictions",
                hint='pass a mapping, as {"lr": p_lr, "rf": p_rf}',
            )
        besides = [one for one in (labels, given.get("manifest")) if isinstance(one, str)]
        sources = [Source(path, path, labels, shared) for path in expanded(paths, besides)]
    if "manifest" in given:
        from celoss_cli.batch.manifest import read_manifest

        sources += read_manifest(given["manifest"], options_of("batch"), shared, labels, _read)
    if not sources:
        raise UsageError("there is nothing to score", code="no_files", hint="pass paths, or predictions by name")
    check_names([source.name for source in sources])
    return sources


def _listed(predictions: Any) -> Iterable[Any]:
    return [predictions] if isinstance(predictions, str | Path) else predictions


def _read(option: Option, cell: Any) -> Any:
    """Return the value of an option as a cell of a manifest has it."""
    return taken({option.name: option}, {option.name: cell})[option.name]
