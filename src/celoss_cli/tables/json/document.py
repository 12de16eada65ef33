"""A JSON document that is one object: a table by columns, as pandas, timm and W&B write it. Loaded whole.

``{"columns": […], "data": [[…], …]}``, ``{"a": […], "b": […]}``, ``{"a": {"0": …}, …}`` (pandas' default) and
``{"row": {"a": …}, …}`` (its orient="index").
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from celoss_cli.errors import AmbiguousData, UnreadableFile, Where
from celoss_cli.tables.arrow.build import Misfit, infer
from celoss_cli.tables.json.lines import UNNAMED
from celoss_cli.tables.json.records import JsonColumn, column_from, decoded
from celoss_cli.tables.memory import MemoryTable
from celoss_cli.tables.source import HEAD_ROWS

LARGEST = 128 << 20

INDEX = "index"
"""What the column of row names is called, where a document has them."""

Columns = Mapping[str, Sequence[Any]]


def open_document(path: str, form: str, chunks: Generator[tuple[bytes, int]]) -> MemoryTable:
    """Open a JSON document of at most LARGEST bytes. Raises UnreadableFile for one that is no table."""
    text = bytearray()
    for chunk, _ in chunks:
        text += chunk
        if len(text) > LARGEST:
            raise UnreadableFile(
                f"is one JSON object of more than {LARGEST >> 20} MiB, which has to be read whole",
                code="large_document",
                where=Where(path),
                hint="write JSON Lines (a record a line) or Parquet, which are read in pieces",
            )
    found = _columns(decoded(bytes(text), Where(path)), path)
    del text
    counts = {len(values) for values in found.values()}
    if counts <= {0}:
        raise UnreadableFile("it has no rows", code="no_rows", where=Where(path), hint="check the step that writes it")
    if len(counts) > 1:
        lengths = ", ".join(f"{name!r} {len(values)}" for name, values in found.items())
        raise UnreadableFile(
            f"its columns have different numbers of rows: {lengths[:160]}",
            code="columns_differ",
            where=Where(path),
            hint="each column needs a value for every row",
        )
    columns = {name: column_from(name, _first(values)) for name, values in found.items()}
    arrays = [_array(columns[name], values, path) for name, values in found.items()]
    data = pa.Table.from_arrays(arrays, names=list(found))
    return MemoryTable(path, data, tuple(column.column for column in columns.values()), set(found) != {UNNAMED}, form)


def _first(values: Sequence[Any]) -> Sequence[Any]:
    """Return the first values, or where those are missing and the others single values, all."""
    first = values[:HEAD_ROWS]
    if any(value is not None for value in first) or any(isinstance(value, list | dict) for value in values):
        return first
    return values


def _array(column: JsonColumn, values: Sequence[Any], path: str) -> Any:
    """Return a column as an array of its first values' type, or of all values' where those are scalars."""
    kind = infer(values)
    if (kind is not None and not pa.types.is_nested(kind)) or (column.type is not None and _is_empty(column.type)):
        column = column._replace(type=kind)
    try:
        return column.array(values)
    except Misfit as odd:
        raise UnreadableFile(
            odd.message,
            code="mixed_records",
            where=Where(path, row=odd.index, column=column.column.name),
            hint="every row of a column has to have the same form",
        ) from None


def _is_empty(kind: pa.DataType) -> bool:
    """Whether a type is that of nothing, or of lists of nothing: no value was seen."""
    return _is_empty(kind.value_type) if pa.types.is_list(kind) else pa.types.is_null(kind)


def _columns(document: Any, path: str) -> Columns:
    if not isinstance(document, dict):
        raise _no_table(path, "it is a single value")
    if isinstance(document.get("data"), list):
        rows = document["data"]
        if isinstance(document.get("columns"), list):
            return _from_rows(document["columns"], rows, document.get("index"), path)
        if len(document) == 1 or "schema" in document:
            return _of_records(rows, path)
    values = list(document.values())
    if len(values) == 1 and isinstance(values[0], list) and values[0] and isinstance(values[0][0], dict):
        return _of_records(values[0], path)
    if values and all(isinstance(value, list) for value in values):
        return document
    if values and all(isinstance(value, dict) and value for value in values):
        return _nested(document, path)
    if not values:
        return {}
    raise _no_table(path, f"its keys are {', '.join(repr(str(key)) for key in list(document)[:8])}")


def _from_rows(names: Sequence[Any], rows: Sequence[Any], index: Any, path: str) -> Columns:
    names = [str(name) for name in names]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableFile(
            f"the column name {twice!r} stands twice",
            code="duplicate_columns",
            where=Where(path),
            hint="rename the columns",
        )
    for place, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(names):
            got = f"{len(row)} values" if isinstance(row, list) else "no list"
            raise UnreadableFile(
                f"expected {len(names)} values, got {got}",
                code="ragged_row",
                where=Where(path, row=place),
                hint="each row of data needs a value for every column",
            )
    columns: dict[str, Sequence[Any]] = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    if isinstance(index, list) and index != list(range(len(rows))) and INDEX not in columns:
        columns = {INDEX: index, **columns}
    return columns


def _of_records(records: Sequence[Any], path: str) -> Columns:
    if not all(isinstance(record, dict) for record in records):
        if any(isinstance(record, dict) for record in records):
            row = next(i for i, record in enumerate(records) if not isinstance(record, dict))
            raise UnreadableFile(
                "a record is not an object, unlike others",
                code="mixed_records",
                where=Where(path, row=row),
                hint="every record has to have the same form",
            )
        return {UNNAMED: records}
    names = dict.fromkeys(name for record in records for name in record)
    return {name: [record.get(name) for record in records] for name in names}


def _nested(document: Mapping[str, Mapping[str, Any]], path: str) -> Columns:
    """Return the columns of an object of objects: by column and row (pandas' default), or by row and column (timm)."""
    inner = dict.fromkeys(key for value in document.values() for key in value)
    by_column = {name: [value.get(key) for key in inner] for name, value in document.items()}
    by_row = {name: [value.get(name) for value in document.values()] for name in inner}
    numbered = [list(keys) == [str(i) for i in range(len(keys))] for keys in (document, inner)]
    if numbered[0] is not numbered[1]:
        rows_first = numbered[0]
    else:
        alike = [all(_alike(column) for column in columns.values()) for columns in (by_row, by_column)]
        if alike[0] is alike[1]:
            raise AmbiguousData(
                "is an object of objects, and nothing tells which of them are its rows",
                code="orientation_unknown",
                where=Where(path),
                hint='write it with orient="records" or "split"',
            )
        rows_first = alike[0]
    names, found = (list(document), by_row) if rows_first else (list(inner), by_column)
    if not (numbered[0] if rows_first else numbered[1]) and INDEX not in found:
        return {INDEX: names, **found}
    return found


def _alike(values: Sequence[Any]) -> bool:
    """Whether the values of a column are of one kind."""
    kinds = {float if type(value) is int else type(value) for value in values if value is not None}
    return len(kinds) <= 1


def _no_table(path: str, what: str) -> UnreadableFile:
    return UnreadableFile(
        f"is JSON, but no table: {what}",
        code="no_table",
        where=Where(path),
        hint='celoss reads records ([{"a": 1}, …] or one a line), {"columns": […], "data": [[…]]} and {"a": […], …}',
    )
