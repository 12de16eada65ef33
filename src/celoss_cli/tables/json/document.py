"""JSON documents that hold their rows by columns, as pandas, timm, W&B and model servers write them. Loaded whole."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.arrow.build import Misfit, infer
from celoss_cli.tables.json.batches import batch_columns
from celoss_cli.tables.json.lines import UNNAMED, JsonLinesTable
from celoss_cli.tables.json.orientation import Columns, columns_of
from celoss_cli.tables.json.records import JsonColumn, column_from, decoded
from celoss_cli.tables.json.rewriting import is_one_record, rewriting_of
from celoss_cli.tables.memory import MemoryTable
from celoss_cli.tables.sequences_of import SequencesOf
from celoss_cli.tables.source import HEAD_ROWS
from celoss_cli.tables.text.text_stream import LARGEST_WHOLE
from celoss_cli.tables.views.shards import placed


def open_document(path: str, form: str, chunks: Generator[tuple[bytes, int]], options: ReadOptions) -> MemoryTable:
    """Open a JSON document of at most LARGEST_WHOLE bytes. Raises UnreadableFile for one that is no table."""
    text = bytearray()
    for chunk, _ in chunks:
        text += chunk
        if len(text) > LARGEST_WHOLE:
            raise _large(path, "is one JSON object")
    document = decoded(bytes(text), Where(path))
    del text
    rewriting = rewriting_of([document], options, path) if isinstance(document, dict) else None
    if rewriting is not None:
        found = columns_of({"data": rewriting.rows(document, Where(path))}, path)
    elif isinstance(document, dict) and is_one_record(document, options):
        found = {name: [value] for name, value in document.items()}
    else:
        found = columns_of(document, path)
    del document
    return _table_of(path, form, found, None if rewriting is None else rewriting.of)


def open_batches(records: JsonLinesTable) -> MemoryTable:
    """Open records that hold many rows each. Raises UnreadableFile for one that is unlike the first."""
    if records.size > LARGEST_WHOLE:
        raise _large(records.path, "holds several rows a record, in a file")
    try:
        found = batch_columns(enumerate(records.all_records()), records.path)
    except UnreadableFile as fault:
        raise placed(fault, records, 0) from None
    return _table_of(records.path, records.format, found)


def _large(path: str, what: str) -> UnreadableFile:
    return UnreadableFile(
        f"{what} of more than {LARGEST_WHOLE >> 20} MiB, which has to be read whole",
        code="large_document",
        where=Where(path),
        hint="write JSON Lines (a record a line, with one row each) or Parquet, which are read in pieces",
    )


def _table_of(path: str, form: str, found: Columns, of: SequencesOf | None = None) -> MemoryTable:
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
    described = tuple(column.column for column in columns.values())
    return MemoryTable(path, data, described, set(found) != {UNNAMED}, form, sequences_of=of)


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
