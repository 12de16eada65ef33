"""States of several parts put together, and the result of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from celoss_cli.errors import AmbiguousData, DataError, MisalignedData, Where
from celoss_cli.kernels.outcome import Codes
from celoss_cli.labels.by_id import LabelsMet
from celoss_cli.pipeline.expected import mean_of, saw_no_error
from celoss_cli.pipeline.gone import job_of, labels_alone
from celoss_cli.pipeline.judgement import supported_by
from celoss_cli.pipeline.options import check_targets
from celoss_cli.pipeline.part import Part, State
from celoss_cli.pipeline.part_reading import PartReading, TableRead, differing_roles, renamed
from celoss_cli.pipeline.parts import Parts
from celoss_cli.pipeline.planning import plan_of
from celoss_cli.pipeline.settled import settled_from
from celoss_cli.request import Detail, Request, Unmatched
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.spelling import listed, shared_start
from celoss_cli.state.evidence import Evidence
from celoss_cli.state.partial import Partial
from celoss_cli.state.sample import FIRST_ROWS, Sample, first_rows
from celoss_cli.tables.views.shards import widest

_OWN = ("predictions", "labels", "threads", "engine", "scheduler", "client", "reading")
"""Of a request, what may differ from part to part."""

_OF_ALL_ROWS = ("repeated_rows", "repeated_ids")
"""The warnings of a layout that come from all rows. The others are about the first ones, of the first part."""

_DIGITS = "0123456789"

_PLAN = "give each celoss state the same --plan: what celoss inspect --format json prints for all of them"


def merged_state(states: Iterable[tuple[str, State]]) -> State:
    """Return the state of all parts: in the order of ``--part`` where each has it, else in that of the arguments.

    ``states`` come with what messages call them, one by one: neighbours are put together at once, so that few are held.

    Raises
    ------
    DataError
        A part is there twice or missing, or the rows of one are those of another; or parts were gathered under another
        reading, other options or conventions.
    """
    held: list[tuple[str, State]] = []
    seen: dict[str, str] = {}
    rows: dict[str, str] = {}
    numbered: bool | None = None
    for name, state in states:
        for one in state.prints:
            if one in seen:
                raise _twice(name, f"is the part that {seen[one]} is too")
            seen[one] = name
        for one in filter(None, state.digests):
            if one in rows:
                raise _twice(name, f"has the same rows, with the same scores, as {rows[one]}")
            rows[one] = name
        if numbered is not None and numbered != (state.part is not None):
            raise _twice(name, "has a place among the parts, and others have none" if state.part else "has no --part")
        numbered = state.part is not None
        _put_in(held, name, state)
    if not held:
        raise DataError("there are no states", code="no_states", hint="name the files that celoss state wrote")
    (name, whole), *rest = held
    if rest:
        raise DataError(
            f"between part {whole.part} and part {rest[0][1].part} others are missing",
            code="part_missing",
            where=Where(name),
            hint="name the states of all parts",
        )
    return whole


def _put_in(held: list[tuple[str, State]], name: str, state: State) -> None:
    """Put a state in its place among those held, together with its neighbours. Equal sizes meet, as in a tree."""
    if state.part is None:
        held[:] = [(held[0][0], _both(*held[0], name, state))] if held else [(name, state)]
        return
    place = sum(other.part is not None and other.part.first < state.part.first for _, other in held)
    held.insert(place, (name, state))
    for at in (place - 1, place, place - 1):
        if 0 <= at < len(held) - 1:
            (one, a), (other, b) = held[at : at + 2]
            if a.part is None or b.part is None:
                continue
            if a.part.of != b.part.of:
                raise _twice(other, f"is a part of {b.part.of}, and {one} is one of {a.part.of}")
            if a.part.last >= b.part.first:
                raise _twice(other, f"is part {b.part}, and so is {one}")
            if a.part.last + 1 == b.part.first:
                held[at : at + 2] = [(one, _both(one, a, other, b))]


def _twice(path: str, text: str) -> DataError:
    return DataError(text, code="parts_overlap", where=Where(path), hint="name the state of each part once")


def _both(name: str, a: State, other: str, b: State) -> State:
    """Return the state of a part and of the next one. Raises AmbiguousData where they do not go together."""
    _check_together(name, a, other, b)
    rows = a.partial.rows
    part = None if a.part is None or b.part is None else Part(a.part.first, b.part.last, a.part.of)
    if not rows or not b.partial.rows:
        return _beside_nothing(a, b)._replace(part=part)
    return State(
        request=a.request,
        reading=_reading_of_both(
            a.reading, b.reading, alike={one.file for one in b.met} <= {one.file for one in a.met}
        ),
        part=part,
        partial=_with_first_rows(a.partial.merge(b.partial.shifted(rows))),
        expected=None if a.expected is None or b.expected is None else a.expected.merge(b.expected),
        others=_first_of_both(a.others, b.others, rows),
        met=_met_of_both(a.met, b.met, other),
        prints=(*a.prints, *b.prints),
        digests=(*a.digests, *b.digests),
    )


def _beside_nothing(a: State, b: State) -> State:
    """Return what is left of two parts of which one has no rows: the other, and the names of all files."""
    kept = a if a.partial.rows else b
    reading, labels = kept.reading, kept.reading.labels
    if labels is not None and a.reading.labels is not None and b.reading.labels is not None:
        labels = labels._replace(files=(*a.reading.labels.files, *b.reading.labels.files))
    files = (*a.reading.predictions.files, *b.reading.predictions.files)
    reading = reading._replace(predictions=reading.predictions._replace(files=files), labels=labels)
    prints, digests = (*a.prints, *b.prints), (*a.digests, *b.digests)
    return kept._replace(reading=reading, prints=prints, digests=digests)


def _check_together(name: str, a: State, other: str, b: State) -> None:
    asked = [
        field.replace("_", "-")
        for field, mine, theirs in zip(Request._fields, a.request, b.request, strict=True)
        if field not in _OWN and mine != theirs
    ]
    if asked:
        raise AmbiguousData(
            f"was made with another {' and '.join('--' + field for field in asked)} than {name}",
            code="states_differ",
            where=Where(other),
            hint="make the states of all parts with the same options",
        )
    differing = differing_roles(a.reading.layout, b.reading.layout)
    if not a.partial.rows or not b.partial.rows:
        differing = [what for what in differing if what != "slices"]  # they are looked for among rows
    differing = differing or differing_reading(a, b)
    if differing:
        raise AmbiguousData(
            f"was read in another way than {name}: another {listed(differing)}",
            code="readings_differ",
            where=Where(other),
            hint=_PLAN,
        )


def differing_reading(a: State, b: State) -> list[str]:
    """Return in what two readings of the same columns differ, as messages call it."""
    mine, theirs = (plan_of(*job_of(state, files=1)) for state in (a, b))
    fields = {
        "classes": "classes", "beyond": "classes", "input": "--input", "percent": "percentages",
        "tolerance": "precision of the scores", "targets": "kind of labels", "convention": "convention",
        "cluster": "shape", "any_sum": "sum of rows",
    }  # fmt: skip
    found = [what for field, what in fields.items() if getattr(mine, field) != getattr(theirs, field)]
    if a.reading.by_id != b.reading.by_id or (a.reading.labels is None) != (b.reading.labels is None):
        found.append("label file")
    return list(dict.fromkeys(found))


def _reading_of_both(a: PartReading, b: PartReading, *, alike: bool) -> PartReading:
    """Return the reading of two parts; ``alike`` if those that pair by id do so with the same label file."""
    labels = a.labels
    if a.labels is not None and b.labels is not None and not (a.by_id and alike):
        labels = _tables_of_both(a.labels, b.labels)
    codes = {notice.code for notice in a.layout.notices}
    more = tuple(one for one in b.layout.notices if one.code in _OF_ALL_ROWS and one.code not in codes)
    predictions = _tables_of_both(a.predictions, b.predictions)
    names = [(old.path, new.path) for old, new in ((a.predictions, predictions), (a.labels, labels)) if old and new]
    layout = a.layout._replace(
        decisions=tuple(renamed(decision, names) for decision in a.layout.decisions),
        notices=(*a.layout.notices, *more),
        scores=tuple(widest(pair) for pair in zip(a.layout.scores, b.layout.scores, strict=True)),
    )
    finer = max((a, b), key=lambda reading: max(column.digits or 0 for column in reading.layout.scores))
    return a._replace(
        predictions=predictions,
        labels=labels,
        layout=layout,
        precision=finer.precision,
        first_labels=tuple(sorted({*a.first_labels, *b.first_labels})) if a.labels is not None else a.first_labels,
    )


def _tables_of_both(a: TableRead, b: TableRead) -> TableRead:
    return a._replace(
        columns=tuple(widest(pair) for pair in zip(a.columns, b.columns, strict=True))
        if len(a.columns) == len(b.columns)
        else a.columns,
        files=(*a.files, *b.files),
        path=a.path if a.path == b.path else _path_of([file.path for file in (*a.files, *b.files)]),
    )


def _path_of(paths: Sequence[str]) -> str:
    """Return a glob that names these files."""
    before = shared_start(paths)
    after = shared_start([path[len(before) :][::-1] for path in paths])[::-1]
    return f"{before.rstrip(_DIGITS)}*{after.lstrip(_DIGITS)}"


def _with_first_rows(partial: Partial) -> Partial:
    """Return the partial with those of its first rows that are the first of the whole."""
    evidence: Evidence = partial.evidence
    first = evidence.first
    if not first.size:
        return partial
    most = first_rows(first.scores.shape[0])
    inside = first.rows < most
    rows = first.rows[inside]
    kept = Sample(first.scores[:, inside], first.codes[inside], rows, rows.astype(np.uint64), most)
    return partial._replace(evidence=evidence._replace(first=kept))


def _first_of_both(a: Mapping[str, Codes], b: Mapping[str, Codes], rows: int) -> Mapping[str, Codes]:
    """Return the columns that name classes in the first rows of both, ``rows`` of them in the first."""
    if rows >= FIRST_ROWS:
        return a
    return {name: np.concatenate([a[name][:rows], b[name]])[:FIRST_ROWS] for name in a if name in b}


def _met_of_both(a: Sequence[LabelsMet], b: Sequence[LabelsMet], name: str) -> tuple[LabelsMet, ...]:
    """Return the label rows that both parts pair with. Raises MisalignedData if one does so twice."""
    found = {one.file: one for one in a}
    for one in b:
        before = found.get(one.file)
        if before is None:
            found[one.file] = one
            continue
        twice = before.used & one.used
        if twice.any():
            row = int(np.flatnonzero(np.unpackbits(twice))[0])
            raise MisalignedData(
                f"an id of it is in another part too: that of row {row} of the label file",
                code="duplicate_id",
                where=Where(name),
                hint="an id has to name one row of the predictions, whichever part it is in",
            )
        unmatched = before.unmatched + one.unmatched
        found[one.file] = before._replace(used=before.used | one.used, unmatched=unmatched)
    return tuple(found.values())


def told(whole: State, tags: tuple[tuple[str, str], ...], *, digest: bool, short: bool) -> State:
    """Return the state with the tags of its result, and with no more than is to be told of it.

    That is the ``digest`` of its rows, if it is wanted, and nothing but the mean where the result is to be ``short``.
    """
    partial = whole.partial if digest else whole.partial._replace(digest=None)
    request = whole.request._replace(tag=tags)
    if short:
        request = request._replace(detail=Detail.MEAN)
        partial = partial._replace(totals=partial.totals._replace(slices=None))
    return whole._replace(request=request, partial=partial)


def evaluation_of(
    whole: State, finish: Callable[[Evaluation], Evaluation] | None = None, *, name: str = "the states"
) -> Evaluation:
    """Return the result of all parts. ``finish`` has the last word on it.

    Raises
    ------
    DataError
        Parts are missing, or all rows together say something else than what they were scored as.
    """
    part = whole.part
    if part is not None and (part.first, part.last) != (1, part.of):
        missing = part.first - 1 or part.last + 1
        raise DataError(
            f"these are parts {part}: part {missing} is missing",
            code="part_missing",
            where=Where(name),
            hint="name the states of all parts",
        )
    if not whole.partial.rows:
        raise DataError("no part has rows", code="no_rows", where=Where(name), hint="check the step that writes them")
    _check_labels_met(whole, name)
    job, assumed = job_of(whole)
    check_targets(job, assumed.targets)
    supported = supported_by(job, assumed, whole.partial)
    if supported != assumed:
        raise AmbiguousData(
            "all parts together say something else than what each was scored as",
            code="states_contradicted",
            where=Where(name),
            hint=_PLAN,
        )
    settled = settled_from(job, supported, plan_of(job, supported), whole.partial)
    expected = None
    if saw_no_error(settled) and whole.expected is not None:
        expected = mean_of(settled, whole.expected)
    evaluation = Parts(settled, expected).whole()
    return evaluation if finish is None else finish(evaluation)


def _check_labels_met(whole: State, name: str) -> None:
    """Raise MisalignedData for labels without a prediction in any part, unless they are to be dropped."""
    alone = labels_alone(whole)
    if alone and whole.request.unmatched is Unmatched.ERROR:
        path = whole.reading.labels.path if whole.reading.labels is not None else name
        raise MisalignedData(
            f"{alone:,} ids are in no part of the predictions",
            code="extra_id",
            where=Where(path),
            hint="name the states of all parts; --unmatched drop of celoss state leaves such rows out, counted",
        )
