"""What an Arrow type is to us: number, text, vector, or nothing that a score or a label can be."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from celoss_cli.tables.source import Column, Kind

_NAMES = {"double": "float64", "float": "float32", "halffloat": "float16"}


def column_of(field: pa.Field[Any]) -> Column:
    """Return the column that an Arrow field describes."""
    kind, width = _kind(field.type)
    return Column(field.name, kind, type_name(field.type), width)


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
    if types.is_string(type_) or types.is_large_string(type_) or str(type_) == "string_view":
        return Kind.TEXT, None
    if types.is_fixed_size_list(type_) and _kind(type_.value_type)[0] is Kind.NUMBER:
        return Kind.VECTOR, type_.list_size
    if (types.is_list(type_) or types.is_large_list(type_)) and _kind(type_.value_type)[0] is Kind.NUMBER:
        return Kind.VECTOR, None
    return Kind.NESTED if types.is_nested(type_) else Kind.OTHER, None
