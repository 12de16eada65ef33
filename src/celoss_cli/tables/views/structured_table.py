"""A table whose cells hold scores for every class in a shape of their own, presented with vectors in their place.

Stands over the table of any file form. Structs that hold such scores are taken apart: ``prediction.scores``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.arrow.build import Misfit, texts_array, vectors
from celoss_cli.tables.arrow.columns import ready, vector_widths
from celoss_cli.tables.batch import ONE_SCORE_EACH, Batch
from celoss_cli.tables.source import Column, Kind, Need, Table
from celoss_cli.tables.text.header import LABEL_PREFIX
from celoss_cli.tables.views.shards import placed
from celoss_cli.tables.views.structured import CellShape, Elements, arranged, numbers_of
from celoss_cli.tables.views.structured_arrow import DECODERS as ARROW_DECODERS
from celoss_cli.tables.views.structured_arrow import only_values
from celoss_cli.tables.views.structured_text import DECODERS as TEXT_DECODERS
from celoss_cli.tables.views.structured_text import tag_of
from celoss_cli.tables.views.view import View

_HINTS = {
    CellShape.ARRAY_TEXT: "write one column for each class, or lists as JSON (.tolist()), Parquet or .npy",
    CellShape.NAMED: "write the scores of all classes for every row (top_k=None), not the best ones alone",
    CellShape.NUMBER_TEXT: "write all cells of the column the same way: all as percentages, or none",
}


class Source(NamedTuple):
    """A column of the file, or what its structs have at a path of members."""

    column: str
    path: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the column is called here."""
        return ".".join((self.column, *self.path))

    @property
    def parent(self) -> str | None:
        """The struct that it is a member of, if it is one."""
        return ".".join((self.column, *self.path[:-1])) if self.path else None

    def of(self, batch: Batch) -> Any:
        """Return it from a batch of the file."""
        array = batch.column(self.column)
        for member in self.path:
            array = array.flatten()[array.type.get_field_index(member)]
        return array


class Derived(NamedTuple):
    """A column presented: taken from ``sources`` as it is, or decoded where it has a ``shape``."""

    column: Column
    sources: tuple[Source, ...]
    shape: CellShape | None = None


class StructuredTable(View):
    """Another table with ``derived`` columns in place of some of its own."""

    def __init__(self, table: Table, derived: Mapping[str, Derived]) -> None:
        super().__init__(table)
        self.derived = dict(derived)
        self.below = tuple(column.name for column in table.columns)
        self.columns = tuple(entry.column for entry in derived.values())

    def head(self) -> Batch:
        """Return the first rows; a column whose cells cannot be decoded is found out when it is asked for."""
        return self._first_rows

    @functools.cached_property
    def _first_rows(self) -> Batch:
        head = self.table.head()
        return ArrowBatch(_Lazily(self, head), head.rows)

    @functools.cached_property
    def widths(self) -> Mapping[str, int]:
        """The length of the vectors of each column that is presented as it is, but whose type leaves it open."""
        plain = [entry.column for entry in self.derived.values() if entry.shape is None]
        return vector_widths(self._first_rows, plain)

    def needed(self, needs: Mapping[str, Need]) -> dict[str, Need]:
        """Return which columns of the file are needed, and for what."""
        below: dict[str, Need] = {}
        for name, need in needs.items():
            entry = self.derived[name]
            for place, source in enumerate(entry.sources):
                wanted = need if entry.shape in (None, CellShape.SINGLE) else _NEEDS[entry.shape][place]
                below[source.column] = Need.NUMBER if below.get(source.column) is Need.NUMBER else wanted
        return below

    def presented(self, batch: Batch, needs: Mapping[str, Need], first: int) -> Batch:
        """Return the columns of ``needs``, decoded where they have a shape. Raises InvalidScores."""
        columns = {name: self.taken(name, batch, first) for name in needs}
        plain = {name: need for name, need in needs.items() if self.derived[name].shape in (None, CellShape.SINGLE)}
        made = ready(ArrowBatch(columns, batch.rows), plain, self.widths if plain else {}, first, self.path)
        return ArrowBatch({**columns, **{name: made.column(name) for name in plain}}, batch.rows)

    def taken(self, name: str, batch: Batch, first: int) -> Any:
        """Return a column from a batch of the file. Raises InvalidScores, the row counted from ``first`` − its own."""
        entry = self.derived[name]
        arrays = [source.of(batch) for source in entry.sources]
        if entry.shape is None:
            return arrays[0]
        try:
            if entry.shape is CellShape.SINGLE:
                return only_values(arrays[0])
            if entry.shape is CellShape.TAG_TEXT:
                return texts_array([None if text is None else tag_of(text) for text in arrays[0].to_pylist()])
            elements = decode(entry.shape, arrays)
            width = entry.column.width or (int(elements.lengths[elements.present][0]) if elements.present.any() else 0)
            if entry.column.kind is Kind.NUMBER:
                return numbers_of(elements)
            return vectors(arranged(elements, entry.column.classes, width))
        except Misfit as odd:
            raise InvalidScores(
                odd.message,
                code="bad_vector",
                where=Where(self.path, row=first + odd.index, column=name),
                hint=_hint(entry),
            ) from None


def _hint(entry: Derived) -> str:
    """Return what to do about a cell that does not have what the others have."""
    of_fasttext = any(name.startswith(LABEL_PREFIX) for name in entry.column.classes)
    if of_fasttext and entry.shape is CellShape.KEYED_TEXT:
        return "write the scores of all labels: fasttext predict-prob MODEL TEXT -1 (k = -1)"
    return _HINTS.get(entry.shape, ONE_SCORE_EACH) if entry.shape is not None else ONE_SCORE_EACH


_TEXTS = (CellShape.ARRAY_TEXT, CellShape.TAG_TEXT)

_NEEDS = {shape: (Need.KEY, Need.KEY) for shape in CellShape if "text" in shape.value or shape in _TEXTS}


_NEEDS |= {shape: (Need.NUMBER, Need.KEY) for shape in CellShape if shape not in _NEEDS}
"""What the file's columns are read for: those of text as text, the others as numbers, lists of classes as names."""


class _Lazily(Mapping[str, Any]):
    """The columns of a batch, each decoded when it is first asked for."""

    def __init__(self, table: StructuredTable, batch: Batch) -> None:
        self.table, self._batch = table, batch
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            try:
                self._known[name] = self.table.taken(name, self._batch, 0)
            except InvalidScores as error:
                raise placed(error, self.table, 0) from None
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.derived)

    def __len__(self) -> int:
        return len(self.table.derived)


def decode(shape: CellShape, arrays: list[Any]) -> Elements:
    """Return the elements of cells. Raises Misfit with the row."""
    return {**ARROW_DECODERS, **TEXT_DECODERS}[shape](*arrays)
