"""A part read as the plan of all parts says."""

from __future__ import annotations

from celoss_cli.errors import AmbiguousData, DataError, UsageError, Where
from celoss_cli.labels.weights import Given
from celoss_cli.layout import Layout
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.pipeline.job import Job, Opener
from celoss_cli.pipeline.part_reading import PartReading, PinnedReading, TableRead, differing_roles, renamed
from celoss_cli.pipeline.prepare import opened
from celoss_cli.request import ReadOptions, Request
from celoss_cli.spec import Decision
from celoss_cli.spelling import listed


def following(plan: PartReading, request: Request, opener: Opener, class_weight: Given | str | None) -> Job:
    """Return the job of a part under a plan. Raises AmbiguousData where its columns are others."""
    return _following(plan, _opened(plan, request, opener, class_weight), request)


def with_plan(request: Request, plan: PinnedReading) -> Request:
    """Return the request with what the plan was made with. Raises UsageError where it says another thing."""
    pinned = {}
    for name in _PINNED:
        usual, mine, theirs = Request._field_defaults[name], getattr(request, name), getattr(plan.request, name)
        if mine not in (usual, theirs):
            called = _CALLED.get(name, name).replace("_", "-")
            raise UsageError(
                f"--{called} says how the rows are read, and the plan was made without it",
                code="plan_option",
                hint="give it to celoss inspect, which makes the plan, or leave it out",
            )
        pinned[name] = theirs
    if request.class_weight is None:
        pinned["class_weight"] = plan.request.class_weight
    return request._replace(**pinned)


_PINNED = (
    *("label", "pred", "id", "unmatched", "unknown_class", "sample_weight", "count", "class_column", "value_column"),
    *(
        "where",
        "task",
        "input",
        "written",
        "classes",
        "positive",
        "ignore_index",
        "invalid",
        "truth",
        "per",
        "text",
        "skip",
    ),
)
"""The options that say how rows are read."""

_CALLED = {"written": "input"}


def told_by(plan: PartReading, mine: PartReading) -> PartReading:
    """Return the reading of a part under the names of the whole, with the decisions made there."""
    labels = None if plan.labels is None or mine.labels is None else _told_by(plan.labels, mine.labels)
    return mine._replace(predictions=_told_by(plan.predictions, mine.predictions), labels=labels)


def _opened(plan: PartReading, request: Request, opener: Opener, class_weight: Given | str | None) -> Job:
    """Return the job of a part as the plan reads it. Raises AmbiguousData where its columns are others."""
    request = request._replace(reading=_as_read(request.reading, plan.predictions.decisions), strict=False)
    if plan.layout.sequences is not None:
        return opened(_with_truth(request, plan.layout.sequences), opener, class_weight, of_part=True)
    try:
        job = opened(request, opener, class_weight, of_part=True)
        if set(differing_roles(job.layout, plan.layout)) <= {"slices"}:
            return job
    except DataError:
        pass  # a part alone may leave open what the plan says
    layout = plan.layout
    pinned = request._replace(
        label=layout.target_names or (layout.label,),
        pred=tuple(column.name for column in layout.scores),
        id=layout.pair_ids or request.id,
    )
    return opened(pinned, opener, class_weight, of_part=True)


def _with_truth(request: Request, columns: SequenceColumns) -> Request:
    """Return the request with the columns of sequences that the plan found."""
    return request._replace(
        truth=columns.truth,
        input=columns.form.kind,
        written=columns.form,
        per=columns.per,
        text=columns.text or request.text,
        label=(columns.parallel,) if columns.parallel is not None and columns.parallel_given else request.label,
    )


def _as_read(reading: ReadOptions, decisions: tuple[Decision, ...]) -> ReadOptions:
    """Return how text is read, as the plan has it where nothing else was said."""
    made = {decision.what: decision.value for decision in decisions}
    if "delimiter" not in made:
        return reading
    delimiter = None if made["delimiter"] == "none" else made["delimiter"]
    header = made["header"] == "yes" if "header" in made else None
    return reading._replace(
        delimiter=reading.delimiter or delimiter,
        decimal=reading.decimal or made.get("decimal"),
        encoding=reading.encoding or made.get("encoding"),
        header=header if reading.header is None else reading.header,
    )


def _following(plan: PartReading, job: Job, request: Request) -> Job:
    """Return the job of a part as the plan reads it. Raises AmbiguousData where its columns are others."""
    differing = [what for what in differing_roles(job.layout, plan.layout) if what != "slices"]
    if plan.by_id != (job.side is not None and job.side.pairs is not None):
        differing.append("pairing")
    if (plan.labels is None) != (job.labels is None):
        differing.append("label file")
    if differing:
        raise AmbiguousData(
            f"does not follow the plan: another {listed(differing)}",
            code="plan_not_followed",
            where=Where(job.predictions.path),
            hint="every part needs the columns of the plan; celoss inspect --format json of one such part, or of all, "
            "makes a plan",
        )
    layout, mine = _with_slices(plan, job), job.layout.sequences
    if layout.sequences is not None and mine is not None:
        layout = layout._replace(sequences=layout.sequences._replace(macro=mine.macro))
    return job._replace(
        request=request,
        layout=layout,
        precision=plan.precision,
        first_labels=job.first_labels | frozenset(plan.first_labels),
    )


def _with_slices(plan: PartReading, job: Job) -> Layout:
    """Return the layout of the plan with the slices of a part: celoss inspect looks at none."""
    if not job.layout.slices:
        return plan.layout
    paths = [(job.predictions.path, plan.predictions.path)]
    if job.labels is not None and plan.labels is not None:
        paths.append((job.labels.path, plan.labels.path))
    pinned = {decision.what: decision for decision in plan.layout.decisions}
    made = tuple(pinned.get(decision.what, renamed(decision, paths)) for decision in job.layout.decisions)
    return plan.layout._replace(slices=job.layout.slices, decisions=made)


def _told_by(plan: TableRead, mine: TableRead) -> TableRead:
    """Return a table under the name of the whole, with the decisions made there."""
    return mine._replace(path=plan.path, decisions=plan.decisions)
