"""Scores for every class in Arrow's nested types: structs, maps, lists of pairs, Spark's vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.tables.arrow.batch import (
    ArrowBatch,
    buffer_of,
    check_lengths,
    holds_lists,
    list_offsets,
    valid_rows,
    vector_width,
)
from celoss_cli.tables.arrow.build import Misfit
from celoss_cli.tables.batch import RaggedVector
from celoss_cli.tables.views.structured import CellShape, Elements

CLASS_KEYS = ("label", "class", "name", "category", "key")

SCORE_KEYS = ("score", "prob", "probability", "proba", "confidence", "logit", "value")


def nested_shape(kind: Any) -> CellShape | None:
    """Return which shape of scores an Arrow type is, if it is one."""
    types = pa.types
    if types.is_map(kind):
        return CellShape.MAP if _is_number(kind.item_type) and not _is_fraction(kind.key_type) else None
    if types.is_list(kind) or types.is_large_list(kind):
        return CellShape.NAMED if types.is_struct(kind.value_type) and score_keys(kind.value_type) else None
    if not types.is_struct(kind):
        return None
    members = {field.name: field.type for field in kind}
    values = members.get("values")
    if values is not None and types.is_list(values) and ("type" in members or "indices" in members):
        return CellShape.SPARK if _is_number(values.value_type) else None
    if members.keys() == {"data", "shape"} and types.is_fixed_size_list(members["shape"]):
        return CellShape.TENSOR if members["shape"].list_size == 1 and types.is_list(members["data"]) else None
    return CellShape.FIELDS if len(members) > 1 and all(map(_is_number, members.values())) else None


def score_keys(struct: Any) -> tuple[int, int] | None:
    """Return which members of a struct are the class and its score, ``None`` if it has not one of each."""
    names = [field.name.casefold() for field in struct]
    labels = [i for i, name in enumerate(names) if name in CLASS_KEYS and not _is_fraction(struct.field(i).type)]
    scores = [i for i, name in enumerate(names) if name in SCORE_KEYS and _is_number(struct.field(i).type)]
    return (labels[0], scores[0]) if len(labels) == 1 and len(scores) == 1 else None


def _is_number(kind: pa.DataType) -> bool:
    return _is_fraction(kind) or pa.types.is_integer(kind)


def _is_fraction(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def are_single(array: Any) -> bool:
    """Whether every cell of a column is a list of one single value, and there is a cell."""
    kind = array.type
    if not holds_lists(kind):
        return False
    valid = valid_rows(array)
    if pa.types.is_nested(kind.value_type) or vector_width(array) != 1 or not valid.any():
        return False
    return pa.types.is_fixed_size_list(kind) or bool((np.diff(list_offsets(array))[valid] == 1).all())


def only_values(array: Any) -> Any:
    """Return the values in the cells of a column whose lists have one each; null where a list is. Raises Misfit."""
    try:
        check_lengths(array, 1)
    except RaggedVector as odd:
        raise Misfit(odd.row, f"has {odd.length} values, not 1 as those before it") from None
    rows = len(array)
    if pa.types.is_fixed_size_list(array.type):
        first = np.arange(array.offset, array.offset + rows, dtype=np.int64)
    else:
        first = list_offsets(array)[:-1].astype(np.int64)
    valid = valid_rows(array)
    bitmap = None if valid.all() else buffer_of(np.packbits(valid, bitorder="little"))
    return array.values.take(pa.Array.from_buffers(pa.int64(), rows, [bitmap, buffer_of(first)]))


def _numbers(array: Any) -> npt.NDArray[np.floating[Any]]:
    values: Any = ArrowBatch({"": array}, len(array)).numbers("")
    floats: npt.NDArray[np.floating[Any]] = values if values.dtype.kind == "f" else values.astype(np.float64)
    return floats


def _codes(array: Any) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    found = ArrowBatch({"": array}, len(array)).categories("")
    return found.codes, found.values


def _inside(array: Any, values: Any) -> tuple[Any, npt.NDArray[np.int64]]:
    """Return the values that the lists of an array hold, and the offsets of each list in them."""
    offsets = list_offsets(array).astype(np.int64)
    first = int(offsets[0])
    return values.slice(first, int(offsets[-1]) - first), offsets - first


def _named(array: Any) -> Elements:
    pairs, offsets = _inside(array, array.values)
    keys = score_keys(pairs.type)
    assert keys is not None
    members = pairs.flatten()  # with the nulls of the pairs themselves
    codes, names = _codes(members[keys[0]])
    return Elements(_numbers(members[keys[1]]), offsets, valid_rows(array), codes, names)


def _map(array: Any) -> Elements:
    keys, offsets = _inside(array, array.keys)
    codes, names = _codes(keys)
    return Elements(_numbers(_inside(array, array.items)[0]), offsets, valid_rows(array), codes, names)


def _fields(array: Any) -> Elements:
    width, rows = array.type.num_fields, len(array)
    scores = np.stack([_numbers(member).astype(np.float64) for member in array.flatten()], axis=1)
    names = tuple(field.name for field in array.type)
    codes = np.tile(np.arange(width, dtype=np.int32), rows)
    return Elements(scores.reshape(-1), np.arange(rows + 1, dtype=np.int64) * width, valid_rows(array), codes, names)


def _spark(array: Any) -> Elements:
    """Decode struct<type, size, indices, values>: type 1 is dense, type 0 has only the values at ``indices``."""
    members = {field.name: member for field, member in zip(array.type, array.flatten(), strict=True)}
    present = valid_rows(array) & valid_rows(members["values"])
    scores, offsets = _inside(members["values"], members["values"].values)
    values, lengths = _numbers(scores), np.diff(offsets)
    sparse = np.zeros(len(array), dtype=bool)
    if "indices" in members:
        sparse = valid_rows(members["indices"])
        if "type" in members:
            sparse &= _numbers(members["type"]) == 0
    if not sparse.any():
        return Elements(values, offsets, present)
    sizes = np.where(sparse, np.nan_to_num(_numbers(members["size"])), lengths).astype(np.int64)
    sizes[~present] = 0
    starts = np.concatenate(([0], np.cumsum(sizes)))
    dense = np.zeros(int(starts[-1]))
    inner, at = _inside(members["indices"], members["indices"].values)
    indices = _numbers(inner).astype(np.int64)
    for row in np.flatnonzero(present).tolist():
        found = values[offsets[row] : offsets[row + 1]]
        if not sparse[row]:
            dense[starts[row] : starts[row + 1]] = found
            continue
        places = indices[at[row] : at[row + 1]]
        if places.shape != found.shape or (places.size and not 0 <= places.min() <= places.max() < sizes[row]):
            raise Misfit(row, "its indices do not fit its values and size")
        dense[starts[row] + places] = found
    return Elements(dense, starts, present)


def _tensor(array: Any) -> Elements:
    data = array.flatten()[array.type.get_field_index("data")]
    values, offsets = _inside(data, data.values)
    return Elements(_numbers(values), offsets, valid_rows(data))


def _paired(scores: Any, classes: Any) -> Elements:
    values, offsets = _inside(scores, scores.values)
    named, at = _inside(classes, classes.values)
    present = valid_rows(scores)
    odd = present & (np.diff(offsets) != np.diff(at))
    if odd.any():
        row = int(np.argmax(odd))
        raise Misfit(row, f"has {np.diff(offsets)[row]} scores for {np.diff(at)[row]} classes")
    codes, names = _codes(named)
    return Elements(_numbers(values), offsets, present, codes, names)


DECODERS: dict[CellShape, Callable[..., Elements]] = {
    CellShape.NAMED: _named,
    CellShape.MAP: _map,
    CellShape.FIELDS: _fields,
    CellShape.SPARK: _spark,
    CellShape.TENSOR: _tensor,
    CellShape.PAIRED: _paired,
}
"""Each takes the arrays of a shape, PAIRED those of scores and of classes. Raises Misfit with the row."""
