"""Which parts each column could play: the readings that the layout is decided by, one column at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from celoss_cli.errors import DataError
from celoss_cli.layout.cells import MANY_VALUED, ignored, is_predicted, shown, values_of
from celoss_cli.layout.label import label_candidates
from celoss_cli.layout.names import WEIGHTS, is_id, plain
from celoss_cli.layout.readings.candidate import Candidate
from celoss_cli.layout.readings.label import readings_beside_scores
from celoss_cli.layout.readings.scores import score_readings
from celoss_cli.layout.scores import free_columns
from celoss_cli.request import Request
from celoss_cli.tables.source import Column, Table


class Part(NamedTuple):
    """A part that a column could play (label, prediction, id, predicted label, sample_weight), and why.

    ``against`` is what rules that out.
    """

    part: str
    reason: str
    against: str | None = None

    @property
    def said(self) -> str:
        """What speaks for the part, and what speaks against it."""
        return self.reason if self.against is None else f"{self.reason}, but {self.against}"


def possible_parts(table: Table, request: Request, label: str | None = None) -> dict[str, tuple[Part, ...]]:
    """Return for each column the parts that it could play, what its name says first; () for what nothing speaks for.

    ``label`` is the label column, once it is known to be in this table: its values name classes. A column whose first
    cells cannot be read can play no part; where two columns have one name, nothing is said of any.
    """
    if len({column.name for column in table.columns}) < len(table.columns):
        return {column.name: () for column in table.columns}
    found: dict[str, list[Part]] = {column.name: list(_by_name(table, column)) for column in table.columns}
    for part, readings in (
        ("label", _label_readings(table, request)),
        ("prediction", _readings(table, request, label)),
    ):
        for one in sorted(readings, key=lambda reading: -reading.by):
            for column in one.columns:
                if all(known.part != part for known in found[column.name]):
                    found[column.name].append(Part(part, _reason(one), one.against))
    return {name: tuple(parts) for name, parts in found.items()}


def _label_readings(table: Table, request: Request) -> list[Candidate]:
    try:
        return readings_beside_scores(table, label_candidates(table, set()), request._replace(pred=()), ())
    except DataError:
        return []


def _readings(table: Table, request: Request, label: str | None) -> list[Candidate]:
    try:
        labels = set() if label is None else {t for t in values_of(table, label) if not ignored(t, request)}
        free, _ = free_columns(table, set() if label is None else {label}, labels)
        return score_readings(table, free, labels, alone=False, possible=True)
    except DataError:
        return []


def _reason(one: Candidate) -> str:
    return one.evidence if len(one.columns) == 1 else f"{one.evidence}: {shown(one.columns)}"


def _by_name(table: Table, column: Column) -> Iterator[Part]:
    """Yield the parts other than the label and the scores, which a name alone can ask for."""
    if not table.named:
        return
    try:
        if is_predicted(column, table):
            yield Part("predicted label", "its name, and it holds classes")
    except DataError:
        return
    if is_id(column.name):
        yield Part("id", "its name" if column.name.strip() else "it has no name, as an index")
    if plain(column.name) in WEIGHTS and column.kind not in MANY_VALUED:
        yield Part("sample_weight", "its name")
