"""Which parts each column could play, and what speaks for each: its name, its values, the values of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from celoss_cli.errors import DataError
from celoss_cli.layout.cells import MANY_VALUED, is_predicted, mostly_numbers, values_of, whole_numbers
from celoss_cli.layout.names import (
    NOT_SCORES,
    PREDICTED,
    SCORES,
    TRUTH,
    WEAK_TRUTH,
    WEIGHTS,
    families,
    is_id,
    plain,
    score_family,
)
from celoss_cli.spelling import in_order, without_affixes
from celoss_cli.tables.source import Column, Kind, Table

_FEW, _MANY = 10, 0.1  # labels come again and again, ids do not: so many different ones, or such a part of the rows


class Part(NamedTuple):
    """A part that a column could play (label, prediction, id, predicted label, sample_weight), and why."""

    part: str
    reason: str


class _Numbers(NamedTuple):
    """The number columns of a table: each one's family if its names are those of scores, and all they can name."""

    families: Mapping[str, Sequence[str]]
    spelled: frozenset[str]


def possible_parts(table: Table) -> dict[str, tuple[Part, ...]]:
    """Return for each column the parts that it could play, what its name says first; () for what nothing speaks for.

    A column whose first cells cannot be read can play none.
    """
    numbers = _numbers(table)
    found: dict[str, tuple[Part, ...]] = {}
    for column in table.columns:
        try:
            found[column.name] = tuple(dict.fromkeys((*_by_name(table, column), *_by_values(table, column, numbers))))
        except DataError:
            found[column.name] = ()
    return found


def _numbers(table: Table) -> _Numbers:
    names = [column.name for column in table.columns if column.kind is Kind.NUMBER]
    if not table.named:
        return _Numbers({}, frozenset())
    spelled = set(names)
    of: dict[str, Sequence[str]] = {}
    for family in families(names).values():
        if len(family) > 1:
            spelled.update(without_affixes(family))
            of.update(dict.fromkeys(family, family) if score_family(family) else {})
    return _Numbers(of, frozenset(spelled))


def _by_name(table: Table, column: Column) -> Iterator[Part]:
    if not table.named:
        return
    called = plain(column.name)
    if is_predicted(column, table):
        yield Part("predicted label", "its name, and it holds classes")
    if called in TRUTH:
        yield Part("label", "its name is one for the truth")
    elif called in WEAK_TRUTH:
        yield Part("label", "its name is one for the truth, or for what was predicted")
    if is_id(column.name):
        yield Part("id", "its name" if column.name.strip() else "it has no name, as an index")
    if called in WEIGHTS:
        yield Part("sample_weight", "its name")
    if column.kind in (Kind.NUMBER, Kind.VECTOR) and called in SCORES and called not in PREDICTED:
        yield Part("prediction", "its name is one for scores")


def _by_values(table: Table, column: Column, numbers: _Numbers) -> Iterator[Part]:
    if column.kind is Kind.VECTOR:
        yield Part("prediction", "a vector of numbers in each row")
    if column.kind in MANY_VALUED or column.kind is Kind.OTHER:
        return
    if column.kind is Kind.NUMBER and not whole_numbers(table, column):
        family = numbers.families.get(column.name)
        if family is not None:
            yield Part("prediction", f"fractions, in a family of columns: {in_order(family)}")
        elif not table.named or plain(column.name) not in (*WEIGHTS, *NOT_SCORES):
            yield Part("prediction", "fractions")
        return
    if (table.named and is_id(column.name)) or (column.kind is Kind.TEXT and mostly_numbers(table, column)):
        return
    values, rows = values_of(table, column.name), table.head().rows
    if len(values) > 1 and values <= numbers.spelled:
        yield Part("label", "its values are the names of columns")
    elif 1 < len(values) <= max(2, min(rows // 2, max(_FEW, int(_MANY * rows)))):
        yield Part("label", f"{len(values)} different values in {rows:,} rows")
