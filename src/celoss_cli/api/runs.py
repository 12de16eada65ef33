"""Runs over time: results appended to a history, and what it says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Unpack

from celoss_cli.api.arguments import taken
from celoss_cli.api.keywords import HistoryKeywords
from celoss_cli.api.signature import with_options
from celoss_cli.errors import UsageError
from celoss_cli.options.table import options_of

if TYPE_CHECKING:
    from celoss_cli.api.shown import Evaluation
    from celoss_cli.api.shown_batch import Batch
    from celoss_cli.api.shown_history import History


@with_options("history", HistoryKeywords)
def read_history(history: str | os.PathLike[str], **options: Unpack[HistoryKeywords]) -> History:
    """Return what a history says: its runs by name, where the level changed, and the last run beside others.

    Parameters
    ----------
    history
        A file that ``append_history``, or ``--history`` of the command line, appended runs to.
    **options

    Returns
    -------
    History
        The check of ``max_regression`` is in its ``verdict``: nothing is raised if it is not met.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that make no sense; ``DataError`` for a file that is no history, where no run is
        left, and where ``max_regression`` has earlier runs and none to hold the last one against.
    """
    from celoss_cli.api.shown_history import History
    from celoss_cli.history.store import read_runs
    from celoss_cli.history.trend import Asked, history_of

    given = taken(options_of("history"), options)
    asked = Asked(
        given.get("name", ()),
        given.get("tag", ()),
        given.get("max_regression"),
        given.get("against", "last"),
        given.get("last"),
    )
    path = os.fspath(history)
    return History(*history_of(path, read_runs(path), asked))


def append_history(result: Evaluation | Batch, path: str | os.PathLike[str], name: str | None = None) -> None:
    """Append ``result`` to the history in ``path``, as ``--history`` does; the file is made if it is not there.

    Parameters
    ----------
    result
        What ``evaluate`` or ``evaluate_many`` returned. Evaluations of a batch go by their names.
    path
        The history.
    name
        What an evaluation is called from run to run; without one as its tag ``name``, or its prediction file.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for another object; ``DataError`` for a file that is no history, ``OutputError`` where it cannot
        be written.
    """
    from celoss_cli.api.shown import tree_of
    from celoss_cli.history.store import append_runs, check_history, name_of
    from celoss_cli.results.batch import Batch
    from celoss_cli.results.evaluation import Evaluation

    target, result = os.fspath(path), tree_of(result)
    named: list[tuple[str, Any]]
    if isinstance(result, Batch):
        named = list(result.scored)
    elif isinstance(result, Evaluation):
        named = [(name_of(result) if name is None else name, result)]
    else:
        raise UsageError(
            f"an object of type {type(result).__name__} is no run",
            code="unfit_argument",
            hint="pass what evaluate or evaluate_many returned",
        )
    check_history(target)
    append_runs(target, named)
