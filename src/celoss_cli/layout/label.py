"""Which column is the label: the one the user names, else the reading that most vouches for."""

from __future__ import annotations

from collections.abc import Sequence

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.layout.cells import MANY_VALUED, require_names, values_of
from celoss_cli.layout.label_columns import given_label_columns
from celoss_cli.layout.names import WEIGHTS, plain
from celoss_cli.layout.readings.candidate import By, Candidate, leading
from celoss_cli.layout.readings.label import readings_beside_scores, readings_of_label_file
from celoss_cli.request import Request
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import listed, option
from celoss_cli.tables.source import Column, Kind, Table

_VERDICTS = frozenset(
    {"accept", "accepted", "reject", "rejected", "ignore", "ignored", "approve", "approved", "decline", "declined",
     "deny", "denied"}
)  # fmt: skip


def find_label(
    predictions: Table,
    labels: Table | None,
    request: Request,
    taken: set[str],
    decisions: list[Decision],
    classes: Sequence[str] = (),
) -> str:
    """Return the name of the label column. Raises AmbiguousData where none, or more than one, is recognisable.

    ``classes`` are those that the scores beside it are known to speak of.
    """
    table = predictions if labels is None else labels
    if request.label:
        chosen = given_label_columns(table, request.label)
        name = require_names(table, chosen[0].name if len(chosen) == 1 else request.label[0], "--label").name
        decisions.append(Decision("label", name, How.GIVEN, "--label"))
        return name
    candidates = label_candidates(table, taken)
    said = next((column.name for column in table.columns if column.is_truth), None)
    if said is not None:
        decisions.append(Decision("label", said, How.DETECTED, "the file says that it is the class", "--label"))
        return said
    if labels is not None:
        readings = readings_of_label_file(table, candidates)
    else:
        readings = readings_beside_scores(table, candidates, request, classes)
    best = leading(readings)
    if len(best) != 1:
        if labels is None and not best:
            from celoss_cli.layout.readings.faults import refuse_argmax

            refuse_argmax(table, candidates)
        raise _undecided(table, candidates, readings, best)
    one = best[0]
    if one.by < By.COLUMN_NAMES and labels is None:
        _refuse_verdicts(table, one.names[0], candidates)
    decisions.append(Decision("label", one.names[0], How.DETECTED, one.evidence, "--label", one.guess))
    return one.names[0]


def label_candidates(table: Table, taken: set[str]) -> list[Column]:
    """Return the columns of single values that have no other part."""
    return [
        column
        for column in table.columns
        if column.name not in taken and plain(column.name) not in WEIGHTS and column.kind not in MANY_VALUED
    ]


def _undecided(
    table: Table, candidates: Sequence[Column], readings: Sequence[Candidate], best: Sequence[Candidate]
) -> AmbiguousData:
    if best:
        return AmbiguousData(
            f"several columns are named like the label: {listed(one.names[0] for one in best)}",
            code="label_ambiguous",
            where=Where(table.path),
            hint="name the true one: --label COLUMN",
        )
    names = [column.name for column in candidates]
    two_valued = [c.name for c in candidates if c.kind in (Kind.NUMBER, Kind.BOOLEAN)
                  and len(values_of(table, c.name)) == 2]  # fmt: skip
    likely = option("--label", two_valued[0]) if len(two_valued) == 1 and table.named else "--label COLUMN"
    out = next((one for one in readings if one.against is not None), None)
    also = "" if out is None else f": {out.names[0]!r} is {out.evidence}, but {out.against}"
    return AmbiguousData(
        f"no column is recognisable as the label among {listed(names)}{also}"
        if names
        else "there is no column left that could be the label",
        code="label_unknown",
        where=Where(table.path),
        hint='if its keys are ids, write a row for each: lines of {"id": …, "label": …}, or CSV with these two columns'
        if _may_be_keyed(table, candidates)
        else f"name it: {likely}, or give the labels as a second file",
    )


def _may_be_keyed(table: Table, candidates: Sequence[Column]) -> bool:
    """Whether a file is one JSON record with values of one kind: ``{"img1": "cat", "img2": "dog"}`` is read as that."""
    json = table.format.partition(".")[0] in ("json", "jsonl") and table.named
    alike = len({column.kind for column in candidates}) == 1 and len(candidates) == len(table.columns) > 1
    return json and alike and table.head().rows == 1


def _refuse_verdicts(table: Table, label: str, candidates: Sequence[Column]) -> None:
    """Raise AmbiguousData where a column says whether something was accepted: the truth is not in the file.

    So annotation tools write what a person made of a machine's suggestion; what a rejected one should have been, no
    column says.
    """
    for column in candidates:
        values = {text.casefold() for text in values_of(table, column.name)} if column.kind is Kind.TEXT else set()
        if not values or not values <= _VERDICTS:
            continue
        what = "it is a decision" if column.name == label else f"{label!r} may be the suggestion it is about"
        raise AmbiguousData(
            f"column {column.name!r} says whether something was accepted or rejected: {what}, and the true class of a "
            "rejected one is in no column",
            code="label_unknown",
            where=Where(table.path, column=column.name),
            hint=f"name the column of the true classes; if {label!r} holds them, {option('--label', label)}",
        )
