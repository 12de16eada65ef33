"""Two models or more on the same rows: each file scored once and spooled, then the rows held against each other."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from celoss_cli.comparison.model import score_model
from celoss_cli.comparison.options import Comparing, check_comparing
from celoss_cli.comparison.paired_models import PairedModels
from celoss_cli.comparison.ranking import ranked
from celoss_cli.errors import UsageError
from celoss_cli.labels.weights import BALANCED
from celoss_cli.options.models import Columns
from celoss_cli.pipeline.job import Opener, Progress
from celoss_cli.request import Average, Request
from celoss_cli.results.comparison import Comparison


def compare(
    request: Request,
    candidates: Sequence[Any],
    asked: Comparing,
    open_input: Opener,
    progress: Progress,
    models: Sequence[Columns] = (),
) -> Comparison:
    """Return how the models of ``candidates`` do beside that of ``request.predictions``, on the same rows.

    All are read and scored as ``request`` says. With ``models`` they are columns of that one file, and there are no
    ``candidates``. Raises the errors of ``celoss_cli.errors``.
    """
    check_comparing(asked)
    if asked.bootstrap is not None and (request.average is Average.MACRO or request.class_weight == BALANCED):
        raise UsageError(
            "--bootstrap: each sample of rows would have class weights of its own",
            code="bootstrap_weights",
            hint="leave it out: the interval by Student's t allows for that; or give the weights with --class-weight",
        )
    with ExitStack() as stack:
        score = functools.partial(score_model, progress=progress, stack=stack)
        name = models[0].name if models else None
        first = request._replace(pred=models[0].columns) if models else request
        # A fix is that of the candidates: the same file as baseline shows what it saves.
        first = first._replace(calibration=None)
        baseline = score(first, _in_role(open_input, "baseline"), truth=True, name=name)
        # What rows are grouped by is read once, with the baseline; and so are labels that all share.
        other = request._replace(slice=(), cluster=None)
        beside = [
            score(other._replace(predictions=value), _in_role(open_input, role), truth=request.labels is None)
            for value, role in zip(candidates, _roles(len(candidates)), strict=True)
        ]
        for model in models[1:]:
            own = other._replace(pred=model.columns)
            opened = _in_role(open_input, "baseline")
            beside.append(score(own, opened, truth=request.labels is None, name=model.name))
        pairing = PairedModels(baseline, asked, progress)
        matches = [pairing.match(candidate) for candidate in beside]
        found = pairing.compare(matches[0]).comparison if len(matches) == 1 else ranked(pairing, matches, stack)
        return replace(found, tags=dict(request.tag))


def _roles(candidates: int) -> list[str]:
    return ["candidate"] if candidates == 1 else [f"candidate {number}" for number in range(1, candidates + 1)]


def _in_role(open_input: Opener, role: str) -> Opener:
    """Return ``open_input``, calling the predictions by their role: objects in memory have no other name."""
    return lambda value, name: open_input(value, role if name == "predictions" else name)
