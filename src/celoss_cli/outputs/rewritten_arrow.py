"""Parquet, Arrow and ORC files written once more with other numbers in some columns; the others go through."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.outputs.change import Change
from celoss_cli.tables.arrow.batch import buffer_of, holds_lists
from celoss_cli.tables.arrow.columns import of_record_batch, ready, vector_widths
from celoss_cli.tables.arrow.errors import reading
from celoss_cli.tables.arrow.ipc import FILE_MAGIC, check_alone
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Kind, Need, Table

_GROUP_ROWS = 1 << 20
"""The rows of a row group, at most: one is held whole."""

_GROUP_CELLS = 1 << 23

_BLOCK_CELLS = 1 << 17  # changed together: they fit the cache

_FLOATS: dict[Any, type[np.floating[Any]]] = {
    pa.float16(): np.float16, pa.float32(): np.float32, pa.float64(): np.float64,
}  # fmt: skip


def rewrite_parquet(table: Table, file: Any, columns: tuple[Column, ...], change: Change) -> None:
    """Write a Parquet file with the compression of each column, and with the dictionaries of those that stay."""
    import pyarrow.parquet as pq

    with reading("Parquet", table.path), pq.ParquetFile(table.path, pre_buffer=False) as source:
        metadata = source.metadata
        schema = _changed_schema(source.schema_arrow, columns)
        chunks = [metadata.row_group(0).column(place) for place in range(metadata.num_columns)]
        scores = {column.name for column in columns}
        stay = [chunk for chunk in chunks if chunk.path_in_schema.partition(".")[0] not in scores]
        compression = {chunk.path_in_schema: chunk.compression.lower() for chunk in chunks}
        settings: dict[str, Any] = {
            "compression": {path: "none" if name == "uncompressed" else name for path, name in compression.items()},
            "use_dictionary": [chunk.path_in_schema for chunk in stay if _has_dictionary(chunk)],
            "store_schema": True,
        }
        with pq.ParquetWriter(file, schema, **settings) as writer:
            rows = min(_GROUP_ROWS, max(1, _GROUP_CELLS // metadata.num_columns))
            groups = (source.iter_batches(rows, row_groups=[group]) for group in range(metadata.num_row_groups))
            for changed in _changed(itertools.chain.from_iterable(groups), schema, columns, change, table):
                writer.write_table(pa.Table.from_batches([changed]), row_group_size=rows)


def rewrite_arrow(table: Table, file: Any, columns: tuple[Column, ...], change: Change) -> None:
    """Write an Arrow file, or a stream of batches, as it came."""
    with reading("Arrow", table.path), pa.memory_map(table.path) as source:
        is_file = source.read(len(FILE_MAGIC)) == FILE_MAGIC
        source.seek(0)
        open_it, make = (pa.ipc.open_file, pa.ipc.new_file) if is_file else (pa.ipc.open_stream, pa.ipc.new_stream)
        with open_it(source) as reader:
            schema = _changed_schema(reader.schema, columns)
            with make(file, schema) as writer:
                for changed in _changed(_batches(reader, is_file=is_file), schema, columns, change, table):
                    writer.write_batch(changed)
            if not is_file:
                check_alone(table.path, source)


def rewrite_orc(table: Table, file: Any, columns: tuple[Column, ...], change: Change) -> None:
    """Write an ORC file with its compression, stripe by stripe."""
    from pyarrow import orc

    with reading("ORC", table.path):
        source: Any = orc.ORCFile(table.path)
        schema = _changed_schema(source.schema, columns)
        settings = {"compression": source.compression.lower(), "row_index_stride": source.row_index_stride}
        with orc.ORCWriter(file, **settings) as writer:
            stripes = map(source.read_stripe, range(source.nstripes))
            for changed in _changed(stripes, schema, columns, change, table):
                writer.write(pa.Table.from_batches([changed]))


def _batches(reader: Any, *, is_file: bool) -> Iterator[pa.RecordBatch]:
    batches: Iterable[pa.RecordBatch] = (
        (reader.get_batch(place) for place in range(reader.num_record_batches)) if is_file else reader
    )
    for batch in batches:
        for start in range(0, max(1, batch.num_rows), _GROUP_ROWS):
            yield batch.slice(start, _GROUP_ROWS)


def _has_dictionary(chunk: Any) -> bool:
    return any("DICTIONARY" in encoding for encoding in chunk.encodings)


def _changed_schema(schema: pa.Schema, columns: tuple[Column, ...]) -> pa.Schema:
    """Return the schema with floats for the numbers that change; those that are floats keep their type."""
    for column in columns:
        place = schema.get_field_index(column.name)
        field = schema.field(place)
        schema = schema.set(place, field.with_type(_changed_type(field.type, column)))
    return schema


def _changed_type(kind: Any, column: Column) -> Any:
    if column.kind is Kind.VECTOR and not (holds_lists(kind) and kind.value_type in _FLOATS):
        return pa.list_(pa.float64())
    return kind if column.kind is Kind.VECTOR or kind in _FLOATS else pa.float64()


def _changed(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, columns: tuple[Column, ...], change: Change, table: Table
) -> Iterator[pa.RecordBatch]:
    """Yield all batches of a file with the new numbers. Raises InvalidScores for cells that are no scores."""
    needs = dict.fromkeys([column.name for column in columns], Need.NUMBER)
    widths = vector_widths(table.head(), columns)
    first = 0
    for batch in batches:
        if batch.num_rows:
            numbers = ready(of_record_batch(batch, "Arrow", table.path), needs, widths, first, table.path)
            yield _with_changed(batch, numbers, schema, columns, change)
        else:
            yield pa.RecordBatch.from_arrays([pa.array([], type=field.type) for field in schema], schema=schema)
        first += batch.num_rows


def _with_changed(
    batch: pa.RecordBatch, ours: Batch, schema: pa.Schema, columns: tuple[Column, ...], change: Change
) -> pa.RecordBatch:
    """Return a batch with new numbers for those that ``ours`` holds of it."""
    arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
    if columns[0].kind is Kind.VECTOR:
        name = columns[0].name
        old: Any = ours.matrix(name)
        new = np.empty(old.shape, dtype=_FLOATS[schema.field(name).type.value_type])
        for rows in _blocks(*old.shape):
            new[rows] = change(old[rows].astype(np.float64), 1)
        arrays[name] = _vectors(new, schema.field(name).type)
    else:
        numbers = [ours.numbers(column.name) for column in columns]
        kinds = [schema.field(column.name).type for column in columns]
        made = [np.empty(batch.num_rows, dtype=_FLOATS[kind]) for kind in kinds]
        for rows in _blocks(batch.num_rows, len(columns)):
            changed = change(np.stack([column[rows].astype(np.float64) for column in numbers]), 0)
            for target, column in zip(made, changed, strict=True):
                target[rows] = column
        for column, values, kind in zip(columns, made, kinds, strict=True):
            arrays[column.name] = _array(values, kind)
    return pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)


def _blocks(rows: int, width: int) -> Iterator[slice]:
    step = max(1, _BLOCK_CELLS // width)
    return (slice(start, start + step) for start in range(0, rows, step))


def _array(values: npt.NDArray[Any], kind: pa.DataType) -> Any:
    """Return an Arrow array over ``values`` (n,). pa.array would import pandas."""
    return pa.Array.from_buffers(kind, values.shape[0], [None, buffer_of(values)])


def _vectors(values: npt.NDArray[Any], kind: Any) -> Any:
    """Return the rows of ``values`` (n, C) as cells of a list type."""
    n, width = values.shape
    flat = _array(values.reshape(-1), kind.value_type)
    if pa.types.is_fixed_size_list(kind):
        fixed: Any = pa.FixedSizeListArray
        return fixed.from_arrays(flat, type=kind)
    wide = pa.types.is_large_list(kind)
    offsets = _array(np.arange(n + 1, dtype=np.int64 if wide else np.int32) * width, pa.int64() if wide else pa.int32())
    return (pa.LargeListArray if wide else pa.ListArray).from_arrays(offsets, flat, type=kind)
