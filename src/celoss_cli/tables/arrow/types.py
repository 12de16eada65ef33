"""What an Arrow type is to us: number, text, vector, or nothing that a score or a label can be.

Arrow has several types for one and the same thing (views, narrow decimals, extension types over plain storage), and not
all of its functions know all of them. ``plain`` hands out columns in those that all of our code reads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from celoss_cli.tables.arrow.batch import buffer_of, valid_rows
from celoss_cli.tables.source import Column, Kind

_NAMES = {"double": "float64", "float": "float32", "halffloat": "float16", "extension<arrow.uuid>": "uuid"}

_DECIMAL_BITS = 128  # those of fewer bits are unknown to some of Arrow's functions


def column_of(field: pa.Field[Any]) -> Column:
    """Return the column that an Arrow field describes, read as ``plain`` hands it out."""
    type_ = plain_type(field.type)
    kind, width = _kind(type_)
    return Column(field.name, kind, type_name(type_), width)


def columns_of(schema: Any) -> tuple[Column, ...]:
    """Return the columns that an Arrow schema describes, with what its metadata say of their numbers."""
    columns = tuple(map(column_of, schema))
    written = (schema.metadata or {}).get(b"huggingface")
    if written is None:
        return columns
    names = _class_labels(written)
    return tuple(c._replace(codes=names[c.name]) if c.name in names else c for c in columns)


def _class_labels(written: bytes) -> dict[str, tuple[str, ...]]:
    """Return the names of the classes of each ``ClassLabel``, as datasets writes them into the schema."""
    import json

    try:
        features = json.loads(written)["info"]["features"]
        found = {name: one["names"] for name, one in features.items() if one.get("_type") == "ClassLabel"}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: tuple(map(str, names)) for name, names in found.items() if isinstance(names, list)}


def plain_type(type_: Any) -> Any:
    """Return the type in which a column is handed out."""
    types = pa.types
    if isinstance(type_, pa.BaseExtensionType):
        return _stored_type(type_)
    if types.is_dictionary(type_):
        values = plain_type(type_.value_type)
        return values if types.is_nested(values) else pa.dictionary(type_.index_type, values)
    if types.is_run_end_encoded(type_):
        return plain_type(type_.value_type)
    if types.is_string_view(type_):
        return pa.large_string()
    if types.is_binary_view(type_):
        return pa.large_binary()
    if types.is_list_view(type_) or types.is_large_list_view(type_):
        return pa.large_list(plain_type(type_.value_type))
    if types.is_decimal(type_) and type_.bit_width < _DECIMAL_BITS:
        return pa.decimal128(type_.precision, type_.scale)
    return type_


def plain(array: Any) -> Any:
    """Return a column in its ``plain_type``, over the same memory where that can be."""
    type_ = plain_type(array.type)
    if type_ == array.type:
        return array
    if isinstance(array.type, pa.BaseExtensionType):
        return plain(array.storage).cast(type_)
    if pa.types.is_run_end_encoded(array.type):
        from pyarrow import compute

        decoded: Any = compute.run_end_decode(array)  # type: ignore[attr-defined]  # which the stubs do not have
        return plain(decoded)
    if pa.types.is_dictionary(array.type) and pa.types.is_nested(type_):
        return plain(array.dictionary.take(array.indices))
    if pa.types.is_list_view(array.type) or pa.types.is_large_list_view(array.type):
        return _lists(array)
    if pa.types.is_dictionary(type_):
        return pa.DictionaryArray.from_arrays(array.indices, plain(array.dictionary))
    return array.cast(type_)


def _lists(array: Any) -> Any:
    """Return a column of list views as lists. Arrow's own cast reads beyond their offsets, which have no last one."""
    kind = np.dtype(np.int64 if pa.types.is_large_list_view(array.type) else np.int32)
    sizes = np.frombuffer(array.buffers()[2], dtype=kind, count=array.offset + len(array))[array.offset :]
    valid = valid_rows(array)
    offsets = np.cumsum([0, *np.where(valid, sizes, 0)], dtype=np.int64)
    bitmap = None if valid.all() else buffer_of(np.packbits(valid, bitorder="little"))
    values = plain(array.flatten())  # those of the lists that are there, in order
    return pa.Array.from_buffers(
        pa.large_list(values.type), len(array), [bitmap, buffer_of(offsets)], children=[values]
    )


def _stored_type(type_: Any) -> Any:
    """Return the type of what an extension type stores. A UUID stays one: as a text it is not its bytes."""
    if type_.extension_name == "arrow.uuid":
        return type_
    if type_.extension_name == "arrow.bool8":
        return pa.bool_()
    if type_.extension_name == "arrow.fixed_shape_tensor" and max(type_.shape) < type_.storage_type.list_size:
        return type_  # of more than one axis: nothing says which of them the classes stand on
    return plain_type(type_.storage_type)


def type_name(type_: pa.DataType) -> str:
    """Return the name of a type as NumPy users know it: ``float32``, ``list<float32>[10]``."""
    types = pa.types
    if types.is_fixed_size_list(type_):
        return f"list<{type_name(type_.value_type)}>[{type_.list_size}]"
    if types.is_list(type_) or types.is_large_list(type_):
        return f"list<{type_name(type_.value_type)}>"
    if types.is_dictionary(type_):
        return f"dictionary<{type_name(type_.value_type)}>"
    return _NAMES.get(str(type_), str(type_))


def _kind(type_: pa.DataType) -> tuple[Kind, int | None]:
    types = pa.types
    if types.is_dictionary(type_):
        return _kind(type_.value_type)
    if types.is_integer(type_) or types.is_floating(type_) or types.is_decimal(type_):
        return Kind.NUMBER, None
    if types.is_boolean(type_):
        return Kind.BOOLEAN, None
    if types.is_string(type_) or types.is_large_string(type_):
        return Kind.TEXT, None
    if types.is_fixed_size_list(type_) and _kind(type_.value_type)[0] is Kind.NUMBER:
        return Kind.VECTOR, type_.list_size
    if (types.is_list(type_) or types.is_large_list(type_)) and _kind(type_.value_type)[0] is Kind.NUMBER:
        return Kind.VECTOR, None
    return Kind.NESTED if types.is_nested(type_) else Kind.OTHER, None
