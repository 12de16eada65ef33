"""Which columns of a table hold several scores, or a score among other things, and what they are presented as."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import pyarrow as pa

from celoss_cli.tables.arrow.build import Misfit
from celoss_cli.tables.arrow.types import column_of, type_name
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Kind, Table
from celoss_cli.tables.text.cells import DIGITS_SAMPLE, printed_digits
from celoss_cli.tables.text.header import HEADER_NAMES
from celoss_cli.tables.views.structured import CellShape, classes_of
from celoss_cli.tables.views.structured_arrow import are_single, nested_shape
from celoss_cli.tables.views.structured_table import Derived, Source, StructuredTable, decode
from celoss_cli.tables.views.structured_text import are_names, are_pairs, have_tags, text_shape

# Which list of classes goes with which list of scores, by what tools call them.
_CLASS_LISTS = ("classes", "labels", "class_names", "class_labels", "categories")

_NUMBER_LISTS = ("index", "indices")  # the same, by number: timm

_SCORE_LISTS = ("scores", "probabilities", "probs", "probability", "confidences", "logits", "prob", "logit")

_SCORES = ("y_pred", "pred", "prediction", "predictions")  # names of columns that are those of scores, or of classes

TAG = "tag"
"""What the column of the tags is called that stand behind class:score pairs."""


def with_vectors(
    table: Table, like: Table | None = None, wanted: Sequence[str] = (), lists: Sequence[str] = ()
) -> Table:
    """Return a table with vectors in place of structured cells; the table itself if it has none.

    ``like`` is a table of the same columns, whose classes this one is to have: the first part of a table in parts.
    ``wanted`` are names that the user gave: of members of structs they have a dot in them. Of columns named ``lists``
    the cells stay what they are.
    """
    if isinstance(like, StructuredTable) and [c.name for c in table.columns] == list(like.below):
        return StructuredTable(table, like.derived)
    head = table.head()
    sources = _sources(table, head, wanted)
    derived = {source.name: Derived(column, (source,)) for source, column in sources.items()}
    shapes = {s: None if s.name in lists else _shape(column, s.of(head)) for s, column in sources.items()}
    pairs = {} if lists else _pairs(sources, shapes, head)
    for source, shape in shapes.items():
        if source in pairs:
            names = pairs[source]
            shape = CellShape.PAIRED_TEXT if shape is CellShape.LIST_TEXT else CellShape.PAIRED
            derived[source.name] = _described(sources[source], (source, names), shape, head)
            derived[names.name] = Derived(Column(names.name, Kind.NESTED, "list of classes"), (names,))
        elif source in pairs.values():
            continue
        elif shape is CellShape.SINGLE:
            inner = column_of(pa.field(source.name, source.of(head).type.value_type))
            derived[source.name] = Derived(inner._replace(digits=sources[source].digits), (source,), shape)
        elif shape is not None:
            derived[source.name] = _described(sources[source], (source,), shape, head)
        if shape is CellShape.KEYED_TEXT and TAG not in derived and have_tags(_texts(source.of(head))):
            derived[TAG] = Derived(Column(TAG, Kind.TEXT, CellShape.TAG_TEXT.value), (source,), CellShape.TAG_TEXT)
    changed = any(entry.shape is not None for entry in derived.values()) or list(derived) != [
        c.name for c in table.columns
    ]
    return StructuredTable(table, derived) if changed else table


def _sources(table: Table, head: Batch, wanted: Sequence[str]) -> dict[Source, Column]:
    """Return the columns of a table, and the members of its structs that are ``wanted`` by name.

    All structs are taken apart where one holds scores among other things, or where nothing beside them can be a score.
    """
    plain = {Source(column.name): column for column in table.columns}
    nested = [(source, source.of(head).type) for source, column in plain.items() if column.kind is Kind.NESTED]
    members = {source: _members(source, kind, wanted) for source, kind in nested if _is_apart(source, kind, wanted)}
    inside = {source: column for found in members.values() for source, column in found.items()}
    if not inside:
        return plain
    beside = {source: column for source, column in plain.items() if source not in members}
    several = any(c.kind is Kind.VECTOR or _shape(c, s.of(head)) is not None for s, c in inside.items())
    if several or not any(_may_be_score(source, column, head) for source, column in beside.items()):
        taken = inside
    else:
        taken = {s: c for s, c in inside.items() if any(s.name == name or fnmatchcase(s.name, name) for name in wanted)}
    names = {source.name for source in plain}
    taken = {source: column for source, column in taken.items() if source.name not in names}
    found: dict[Source, Column] = {}
    for source, column in plain.items():
        mine = {s: c for s, c in taken.items() if s.column == source.column}
        found |= mine or {source: column}
    return found


def _is_apart(source: Source, kind: Any, wanted: Sequence[str]) -> bool:
    """Whether a column is a struct whose members are not the scores of a class each, or are asked for one by one."""
    asked = any(name.startswith(f"{source.name}.") for name in wanted)
    return pa.types.is_struct(kind) and (asked or nested_shape(kind) is None)


def _members(source: Source, kind: Any, wanted: Sequence[str]) -> dict[Source, Column]:
    """Return what a struct has in it, those in it taken apart as well."""
    found: dict[Source, Column] = {}
    for field in kind:
        member = Source(source.column, (*source.path, field.name))
        if _is_apart(member, field.type, wanted):
            found |= _members(member, field.type, wanted)
        else:
            found[member] = column_of(field)._replace(name=member.name)
    return found


def _may_be_score(source: Source, column: Column, head: Batch) -> bool:
    """Whether a column can hold scores, going by its cells, and is not called as ids and labels are."""
    if column.kind not in (Kind.NUMBER, Kind.VECTOR) and _shape(column, source.of(head)) is None:
        return False
    return _called(source) in _SCORES or _called(source) not in HEADER_NAMES


def _shape(column: Column, array: Any) -> CellShape | None:
    if column.kind in (Kind.VECTOR, Kind.NESTED) and are_single(array):
        return CellShape.SINGLE
    if column.kind is Kind.NESTED:
        return CellShape.PAIRS if are_pairs(array) else nested_shape(array.type)
    if column.kind is Kind.TEXT:
        return text_shape(_texts(array))
    return None


def _texts(array: Any) -> list[str | None]:
    texts: list[str | None] = array.to_pylist()  # of a dictionary, too
    return texts


def _pairs(
    sources: Mapping[Source, Column], shapes: Mapping[Source, CellShape | None], head: Batch
) -> dict[Source, Source]:
    """Return the lists of classes by the lists of scores they go with: one of each, side by side."""
    found: dict[Source, Source] = {}
    for parent in dict.fromkeys(source.parent for source in sources):
        beside = [source for source in sources if source.parent == parent]
        scores = [
            s
            for s in beside
            if _called(s) in _SCORE_LISTS and (sources[s].kind is Kind.VECTOR or shapes[s] is CellShape.LIST_TEXT)
        ]
        classes = [s for s in beside if _called(s) in _CLASS_LISTS and _are_class_lists(sources[s], s.of(head))]
        classes = classes or [s for s in beside if _called(s) in _NUMBER_LISTS and _are_numbers(s.of(head).type)]
        if len(scores) == 1 and len(classes) == 1:
            found[scores[0]] = classes[0]
    return found


def _called(source: Source) -> str:
    name = source.path[-1] if source.path else source.column
    return re.sub(r"[\W_]+", "_", name).strip("_").lower()


def _are_class_lists(column: Column, array: Any) -> bool:
    if column.kind is Kind.TEXT:
        return are_names(_texts(array))
    kind = array.type
    return (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_string(kind.value_type)


def _are_numbers(kind: Any) -> bool:
    return (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_integer(kind.value_type)


def _described(column: Column, sources: tuple[Source, ...], shape: CellShape, head: Batch) -> Derived:
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
        share = shape is CellShape.NUMBER_TEXT and any("%" in text for text in _texts(arrays[0]) if text is not None)
        number = Column(column.name, Kind.NUMBER, kind, digits=printed_digits(cells), is_share=share)
        return Derived(number, sources, shape)
    digits = printed_digits([repr(float(score)) for score in elements.scores[:DIGITS_SAMPLE]])
    return Derived(Column(column.name, Kind.VECTOR, dtype, width or None, digits, classes), sources, shape)
