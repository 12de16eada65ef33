"""Which columns the rows are sliced by, and in which of the two files they are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import NamedTuple

from celoss_cli.errors import DataError, UsageError, Where
from celoss_cli.layout.cells import could_be_numbers, has, require_names
from celoss_cli.request import Request
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import number
from celoss_cli.tables.source import Kind, Need, Table


def find_slices(
    predictions: Table, labels: Table | None, request: Request, decisions: list[Decision]
) -> tuple[SliceBy, ...]:
    """Return the columns of ``--slice``, and last that of ``--cluster``: of the predictions, or else of the labels."""
    slices = [_found(by, predictions, labels, decisions, "--slice") for by in read_slices(request.slice)]
    if request.cluster is not None:
        slices.append(_found(SliceBy(request.cluster), predictions, labels, decisions, "--cluster"))
    return tuple(slices)


def _found(by: SliceBy, predictions: Table, labels: Table | None, decisions: list[Decision], flag: str) -> SliceBy:
    beside_label = labels is not None and not has(predictions, by.column) and has(labels, by.column)
    table = labels if beside_label and labels is not None else predictions
    column = require_names(table, by.column, flag)
    if by.edges and column.kind not in (Kind.NUMBER, Kind.BOOLEAN) and not could_be_numbers(table, column):
        raise DataError(
            f"holds no numbers ({column.dtype}), and edges are for numbers",
            code="slice_not_numbers",
            where=Where(table.path, column=by.column),
            hint=f"--slice {by.column} makes each value a slice",
        )
    each = f"each {by.period} in it" if by.period else "each of its values"
    parts = f"{len(by.bins)} bins: {', '.join(by.bins)}" if by.edges else each
    decisions.append(Decision(flag[2:], by.column, How.GIVEN, f"{flag}; {parts}; column of {table.path}"))
    numbers = column.kind is Kind.NUMBER
    return by._replace(beside_label=beside_label, numbers=numbers, any_number=flag == "--cluster")


PERIODS = ("day", "week", "month", "quarter", "year")


class SliceBy(NamedTuple):
    """A column to slice by: each of its values is a slice, or each bin between ``edges``, which rise.

    A bin holds its lower edge and not its upper one; below the first and from the last edge on there is a bin each.
    ``beside_label`` where the column is of the label file; ``numbers`` where it holds numbers, so that 1 and 1.0 are
    one slice; ``any_number`` where it may have as many values as it likes.
    """

    column: str
    edges: tuple[float, ...] = ()
    beside_label: bool = False
    numbers: bool = False
    any_number: bool = False
    period: str | None = None
    """One of ``PERIODS``: a slice is one of these, and the column holds dates."""

    @property
    def need(self) -> Need:
        """What the column is read for."""
        return Need.NUMBER if self.edges else Need.CATEGORY

    @property
    def bins(self) -> tuple[str, ...]:
        """The names of the bins in rising order; empty where values are slices."""
        if not self.edges:
            return ()
        ends = ["-inf", *(_spelled(edge) for edge in self.edges), "inf"]
        return tuple(f"{'[' if i else '('}{low}, {high})" for i, (low, high) in enumerate(itertools.pairwise(ends)))


def read_slices(given: Iterable[str]) -> tuple[SliceBy, ...]:
    """Return what texts such as ``region`` and ``age=18,65`` ask for. Raises UsageError for what is no such text.

    What stands after the last ``=`` are edges; ``COLUMN=`` has none, for a column whose name holds a ``=``.
    """
    slices = tuple(_read(text) for text in given)
    columns = [by.column for by in slices]
    for column in columns:
        if columns.count(column) > 1:
            raise UsageError(
                f"--slice names column {column!r} twice", code="slice_twice", hint="slice by it in one way at a time"
            )
    return slices


def _read(text: str) -> SliceBy:
    column, equals, after = text.rpartition("=")
    if not equals:
        column, after = text, ""
    if not column.strip():
        raise UsageError(
            f"--slice {text!r} names no column", code="slice_form", hint="for example region, or age=18,65 for bins"
        )
    if not after.strip():
        return SliceBy(column)
    if after.strip() in PERIODS:
        return SliceBy(column, period=after.strip())
    edges = [number(part) for part in after.split(",")]
    if any(edge is None or not math.isfinite(edge) for edge in edges):
        raise UsageError(
            f"--slice {text!r}: {after!r} are no edges, which are numbers",
            code="slice_form",
            hint="for example age=18,65, or when=month for dates; to score only some rows: --where; for a column of "
            f"that name: '{text}='",
        )
    known = tuple(edge for edge in edges if edge is not None)
    if any(low >= high for low, high in itertools.pairwise(known)):
        raise UsageError(f"--slice {text!r}: the edges do not rise", code="slice_form", hint="for example age=18,40,65")
    return SliceBy(column, known)


def _spelled(edge: float) -> str:
    return str(int(edge)) if edge.is_integer() and abs(edge) < 1e15 else repr(edge)
