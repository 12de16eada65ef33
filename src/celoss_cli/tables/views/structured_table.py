"""A table whose cells hold scores for every class in a shape of their own, presented with vectors in their place.

Stands over the table of any file form. Structs that hold such scores are taken apart: ``prediction.scores``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.tables.arrow.build import Misfit, vectors
from celoss_cli.tables.arrow.columns import ready, vector_widths
from celoss_cli.tables.arrow.types import column_of, type_name
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Kind, Need, Table
from celoss_cli.tables.text.cells import DIGITS_SAMPLE, printed_digits
from celoss_cli.tables.views.shards import placed
from celoss_cli.tables.views.structured import Elements, Shape, arranged, classes_of, numbers_of
from celoss_cli.tables.views.structured_arrow import DECODERS as ARROW_DECODERS
from celoss_cli.tables.views.structured_arrow import are_single, nested_shape, only_values
from celoss_cli.tables.views.structured_text import DECODERS as TEXT_DECODERS
from celoss_cli.tables.views.structured_text import are_names, text_shape
from celoss_cli.tables.views.view import View

# Which list of classes goes with which list of scores, by what tools call them.
_CLASS_LISTS = ("classes", "labels", "class_names", "class_labels", "categories")

_NUMBER_LISTS = ("index", "indices")  # the same, by number: timm

_SCORE_LISTS = ("scores", "probabilities", "probs", "probability", "confidences", "logits", "prob", "logit")

_HINTS = {
    Shape.ARRAY_TEXT: "write one column for each class, or lists as JSON (.tolist()), Parquet or .npy",
    Shape.NAMED: "write the scores of all classes for every row (top_k=None), not the best ones alone",
    Shape.KEYED_TEXT: "every row needs one score for each class",
}


class Source(NamedTuple):
    """A column of the file, or a member of its structs."""

    column: str
    member: str | None = None

    @property
    def name(self) -> str:
        """What the column is called here."""
        return self.column if self.member is None else f"{self.column}.{self.member}"

    def of(self, batch: Batch) -> Any:
        """Return it from a batch of the file."""
        array = batch.column(self.column)
        return array if self.member is None else array.flatten()[array.type.get_field_index(self.member)]


class Derived(NamedTuple):
    """A column presented: taken from ``sources`` as it is, or decoded where it has a ``shape``."""

    column: Column
    sources: tuple[Source, ...]
    shape: Shape | None = None


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
        return Batch(_Lazily(self, head), head.rows)

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
                wanted = need if entry.shape in (None, Shape.SINGLE) else _NEEDS[entry.shape][place]
                below[source.column] = Need.NUMBER if below.get(source.column) is Need.NUMBER else wanted
        return below

    def presented(self, batch: Batch, needs: Mapping[str, Need], first: int) -> Batch:
        """Return the columns of ``needs``, decoded where they have a shape. Raises InvalidScores."""
        columns = {name: self.taken(name, batch, first) for name in needs}
        plain = {name: need for name, need in needs.items() if self.derived[name].shape in (None, Shape.SINGLE)}
        made = ready(Batch(columns, batch.rows), plain, self.widths if plain else {}, first, self.path)
        return Batch({**columns, **{name: made.column(name) for name in plain}}, batch.rows)

    def taken(self, name: str, batch: Batch, first: int) -> Any:
        """Return a column from a batch of the file. Raises InvalidScores, the row counted from ``first`` − its own."""
        entry = self.derived[name]
        arrays = [source.of(batch) for source in entry.sources]
        if entry.shape is None:
            return arrays[0]
        try:
            if entry.shape is Shape.SINGLE:
                return only_values(arrays[0])
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
                hint=_HINTS.get(entry.shape, "every row needs one score per class"),
            ) from None


_NEEDS = {shape: (Need.KEY, Need.KEY) for shape in Shape if "text" in shape.value or shape is Shape.ARRAY_TEXT}


_NEEDS |= {shape: (Need.NUMBER, Need.KEY) for shape in Shape if shape not in _NEEDS}
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


def with_vectors(table: Table, like: Table | None = None) -> Table:
    """Return a table with vectors in place of structured cells; the table itself if it has none.

    ``like`` is a table of the same columns, whose classes this one is to have: the first part of a table in parts.
    """
    if isinstance(like, StructuredTable) and [c.name for c in table.columns] == list(like.below):
        return StructuredTable(table, like.derived)
    head = table.head()
    sources = _sources(table, head)
    derived = {source.name: Derived(column, (source,)) for source, column in sources.items()}
    shapes = {source: _shape(column, source.of(head)) for source, column in sources.items()}
    pairs = _pairs(sources, shapes, head)
    for source, shape in shapes.items():
        if source in pairs:
            names = pairs[source]
            shape = Shape.PAIRED_TEXT if shape is Shape.LIST_TEXT else Shape.PAIRED
            derived[source.name] = _described(sources[source], (source, names), shape, head)
            derived[names.name] = Derived(Column(names.name, Kind.NESTED, "list of classes"), (names,))
        elif source in pairs.values():
            continue
        elif shape is Shape.SINGLE:
            inner = column_of(pa.field(source.name, source.of(head).type.value_type))
            derived[source.name] = Derived(inner._replace(digits=sources[source].digits), (source,), shape)
        elif shape is not None:
            derived[source.name] = _described(sources[source], (source,), shape, head)
    changed = any(entry.shape is not None for entry in derived.values()) or len(derived) != len(table.columns)
    return StructuredTable(table, derived) if changed else table


def decode(shape: Shape, arrays: list[Any]) -> Elements:
    """Return the elements of cells. Raises Misfit with the row."""
    return {**ARROW_DECODERS, **TEXT_DECODERS}[shape](*arrays)


def _sources(table: Table, head: Batch) -> dict[Source, Column]:
    """Return the columns of a table; where a struct holds scores among other things, the members of all structs."""
    plain = {Source(column.name): column for column in table.columns}
    apart: dict[Source, dict[Source, Column]] = {}
    for source, column in plain.items():
        kind = head.column(column.name).type
        if column.kind is Kind.NESTED and pa.types.is_struct(kind) and nested_shape(kind) is None:
            fields = {Source(column.name, field.name): column_of(field) for field in kind}
            apart[source] = {
                member: Column(member.name, inner.kind, inner.dtype, inner.width) for member, inner in fields.items()
            }
    holds = any(
        inner.kind is Kind.VECTOR or _shape(inner, source.of(head)) is not None
        for members in apart.values()
        for source, inner in members.items()
    )
    if not holds:
        return plain
    return {
        member: inner
        for source, column in plain.items()
        for member, inner in apart.get(source, {source: column}).items()
    }


def _shape(column: Column, array: Any) -> Shape | None:
    if column.kind in (Kind.VECTOR, Kind.NESTED) and are_single(array):
        return Shape.SINGLE
    if column.kind is Kind.NESTED:
        return nested_shape(array.type)
    if column.kind is Kind.TEXT:
        return text_shape(_texts(array))
    return None


def _texts(array: Any) -> list[str | None]:
    texts: list[str | None] = array.to_pylist()
    return texts


def _pairs(
    sources: Mapping[Source, Column], shapes: Mapping[Source, Shape | None], head: Batch
) -> dict[Source, Source]:
    """Return the lists of classes by the lists of scores they go with: one of each, side by side."""
    found: dict[Source, Source] = {}
    for parent in dict.fromkeys(None if source.member is None else source.column for source in sources):
        beside = [source for source in sources if (None if source.member is None else source.column) == parent]
        scores = [
            s
            for s in beside
            if _called(s) in _SCORE_LISTS and (sources[s].kind is Kind.VECTOR or shapes[s] is Shape.LIST_TEXT)
        ]
        classes = [s for s in beside if _called(s) in _CLASS_LISTS and _are_class_lists(sources[s], s.of(head))]
        classes = classes or [s for s in beside if _called(s) in _NUMBER_LISTS and _are_numbers(s.of(head).type)]
        if len(scores) == 1 and len(classes) == 1:
            found[scores[0]] = classes[0]
    return found


def _called(source: Source) -> str:
    name = source.column if source.member is None else source.member
    return re.sub(r"[\W_]+", "_", name).strip("_").lower()


def _are_class_lists(column: Column, array: Any) -> bool:
    if column.kind is Kind.TEXT:
        return are_names(_texts(array))
    kind = array.type
    return (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_string(kind.value_type)


def _are_numbers(kind: Any) -> bool:
    return (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_integer(kind.value_type)


def _described(column: Column, sources: tuple[Source, ...], shape: Shape, head: Batch) -> Derived:
    """Return a column of vectors as its first cells describe it."""
    arrays = [source.of(head) for source in sources]
    dtype = f"{shape.value} ({type_name(arrays[0].type)})" if column.kind is Kind.NESTED else shape.value
    try:
        elements = decode(shape, arrays)
    except Misfit:
        return Derived(Column(column.name, Kind.VECTOR, dtype), sources, shape)  # said when it is read
    classes = classes_of(elements)
    lengths = elements.lengths[elements.present]
    width = len(classes) or (int(lengths[0]) if lengths.size else 0)
    if width == 1 and not classes:
        kind = "integer" if elements.scores.dtype.kind == "i" else "float"
        cells = [repr(score) for score in elements.scores[:DIGITS_SAMPLE].tolist()]
        return Derived(Column(column.name, Kind.NUMBER, kind, digits=printed_digits(cells)), sources, shape)
    digits = printed_digits([repr(float(score)) for score in elements.scores[:DIGITS_SAMPLE]])
    return Derived(Column(column.name, Kind.VECTOR, dtype, width or None, digits, classes), sources, shape)
