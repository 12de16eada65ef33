"""A part that has no rows: under a plan it leaves behind a state that changes nothing where it is merged."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from celoss_cli.errors import MisalignedData, UnreadableFile, Where
from celoss_cli.labels.weights import read_class_weights
from celoss_cli.pipeline.following import with_plan
from celoss_cli.pipeline.gone import job_of
from celoss_cli.pipeline.job import Opener, Progress
from celoss_cli.pipeline.part import Part, State, check_weights, kept_request, score_part
from celoss_cli.pipeline.part_reading import FileRead, PartReading, PinnedReading
from celoss_cli.pipeline.planning import plan_of
from celoss_cli.request import Detail, Request
from celoss_cli.scoring.scorer import Scorer
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need
from celoss_cli.tables.views.shards import WITHOUT_ROWS, first_line


def score_any_part(
    request: Request, open_input: Opener, progress: Progress, pinned: PinnedReading | None, part: Part | None
) -> State:
    """Return what ``score_part`` does; of a part without rows, under a plan, a state that merges as nothing.

    Raises
    ------
    CelossError
        As ``score_part``. MisalignedData where a part has labels by position, and no predictions.
    """
    try:
        return score_part(request, open_input, progress, pinned, part)
    except UnreadableFile as error:
        if error.code not in WITHOUT_ROWS or not _is_empty(open_input, request.predictions, "predictions"):
            raise
        if pinned is None:
            hint = f"{error.hint}; " if error.hint else ""
            raise UnreadableFile(
                error.message, code=error.code, where=error.where, hint=f"{hint}with --plan a part may be without rows"
            ) from error
        if error.code == "no_data_rows" and not _is_header(error, pinned.reading):
            raise
        if (request.labels is None) != (pinned.reading.labels is None):
            raise
    _check_no_labels(request, open_input, pinned.reading)
    return _without_rows(request, pinned, part)


def _is_empty(open_input: Opener, value: Any, role: str) -> bool:
    try:
        open_input(value, role)
    except UnreadableFile as error:
        return error.code in WITHOUT_ROWS
    return False


def _is_header(error: UnreadableFile, plan: PartReading) -> bool:
    """Whether the one line of a file is the header of the plan; it would be a row otherwise."""
    if error.where is None:
        return False
    line = first_line(error.where.path).decode(errors="replace").removeprefix("\ufeff")
    said = next((decision.value for decision in plan.predictions.decisions if decision.what == "delimiter"), ",")
    delimiter = {"tab": "\t", "space": " ", "none": "\t"}.get(said, said)
    cells = next(csv.reader([line], delimiter=delimiter))
    return plan.predictions.named and [cell.strip() for cell in cells] == [c.name for c in plan.predictions.columns]


def _check_no_labels(request: Request, open_input: Opener, plan: PartReading) -> None:
    """Refuse labels that pair by position with no predictions."""
    if request.labels is None or plan.by_id or _is_empty(open_input, request.labels, "labels"):
        return
    raise MisalignedData(
        "has labels, and the part has no predictions",
        code="row_count_mismatch",
        where=Where(request.labels if isinstance(request.labels, str) else "labels"),
        hint="check the step that writes the predictions of this part",
    )


def _without_rows(request: Request, pinned: PinnedReading, part: Part | None) -> State:
    request = with_plan(request._replace(detail=Detail.FULL, digest=True), pinned)
    plan = pinned.reading
    predictions = plan.predictions._replace(files=(_file(request.predictions, "predictions"),))
    labels = plan.labels
    if labels is not None:  # those that pair by id are in the state of every part that has rows
        labels = labels._replace(files=() if plan.by_id else (_file(request.labels, "labels"),))
    reading = plan._replace(predictions=predictions, labels=labels)
    request = kept_request(request, reading, read_class_weights(request.class_weight))
    nothing: Any = None  # until the plan of the rows is known
    state = State(request, reading, part, nothing, None, {}, (), prints=(), digests=())
    job, assumed = job_of(state)
    check_weights(job, assumed)
    scored = Scorer(plan_of(job, assumed), job.side).score(_NoRows(), lambda rows: rows, lambda: False)
    return state._replace(partial=scored.partial)


def _file(given: Any, role: str) -> FileRead:
    return FileRead(given if isinstance(given, str) else role, 0, {})


class _NoRows:
    """A partition without rows. Implements ``Partition``."""

    rows = 0
    size = 0

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:  # noqa: ARG002
        """Yield none."""
        return iter(())
