"""The per-sample file: one row per prediction row, in file order, streamed to CSV or Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.errors import OutputError, UsageError, Where
from celoss_cli.outputs.files import replacing
from celoss_cli.outputs.spreadsheet import SUSPECT_BYTES, neutral
from celoss_cli.scoring.rows import RowResults
from celoss_cli.tables.arrow.batch import buffer_of, python_values
from celoss_cli.tables.arrow.build import texts_array
from celoss_cli.tables.batch import label_text

SUFFIXES = (".csv", ".parquet")

GROUP_ROWS = 1 << 17
"""The row groups of a Parquet file, whatever the batches: the same rows make the same bytes."""


class RowFormat(NamedTuple):
    """How rows are written."""

    classes: tuple[str, ...]
    """The names behind the class codes (C,)."""

    ids: tuple[str, ...]
    """The names of the id columns."""

    class_weights: tuple[float, ...] | None
    """The weight of each class (C,), if rows have a weight at all."""

    nats: float
    """How many nats the unit of the loss is."""

    gradients: tuple[str, ...] = ()
    """The score columns whose gradients are written, if any are."""

    places: tuple[int, ...] = ()
    """The shape of the places that each leading index of an array holds; () elsewhere."""


class _ArrowWriter(Protocol):
    def write_batch(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...


def check_suffix(path: str) -> None:
    """Raise UsageError unless the name ends in a form that can be written."""
    if Path(path).suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"--per-sample {path}: its form is not known",
            code="per_sample_suffix",
            hint=f"end the name in {' or '.join(SUFFIXES)}",
        )


class PerSampleWriter:
    """Writes the rows of batches, numbering them. Get one from ``writing``."""

    def __init__(self, file: BinaryIO, path: str, form: RowFormat, scribe: Executor | None, first: int = 0) -> None:
        """``scribe`` writes while the next rows are scored; ``first`` is the number of the first row."""
        self._file, self._form, self._scribe = file, form, scribe
        self._behind: Future[None] | None = None
        self._waiting: list[pa.RecordBatch] = []  # rows of the next row group
        self._path = path
        self._is_csv = Path(path).suffix.lower() != ".parquet"
        self._classes = tuple(neutral(name) for name in form.classes) if self._is_csv else form.classes
        self._writer: _ArrowWriter | None = None
        self._rows = first
        indices = (f"index_{axis}" for axis in range(1 + len(form.places))) if form.places else ()
        gradients = (*(f"grad_{name}" for name in form.gradients), "el2n") if form.gradients else ()
        self._reserved = _RESERVED.union(indices, gradients)

    def write(self, results: RowResults) -> None:
        """Write the next rows."""
        self.write_batch(self._batch(results))

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Write the next rows as they are."""
        self._rows += batch.num_rows
        if self._is_csv:
            self._put(batch)
            return
        self._waiting.append(batch)
        while (rows := sum(waiting.num_rows for waiting in self._waiting)) >= GROUP_ROWS:
            whole = _joined(self._waiting)
            self._waiting = [whole.slice(GROUP_ROWS)] if rows > GROUP_ROWS else []
            self._put(whole.slice(0, GROUP_ROWS))

    def close(self) -> None:
        """Finish the file."""
        try:
            if self._waiting:
                self._put(_joined(self._waiting))
            self._catch_up()
        finally:
            if self._writer is not None:
                self._writer.close()

    def _put(self, batch: pa.RecordBatch) -> None:
        if self._writer is None:
            self._writer = self._open(batch.schema)
        if self._scribe is None:
            self._written(self._writer, batch)
            return
        self._catch_up()
        self._behind = self._scribe.submit(self._written, self._writer, batch)

    def _written(self, writer: _ArrowWriter, batch: pa.RecordBatch) -> None:
        try:
            writer.write_batch(batch)
        except pa.ArrowInvalid as error:  # ids that the form lacks: times beyond the range of its unit
            raise OutputError(
                f"the rows cannot be written in this form: {' '.join(str(error).split())[:160]}",
                code="output_failed",
                where=Where(self._path),
                hint="write the other form, .csv or .parquet, or name another column of ids",
            ) from None

    def _catch_up(self) -> None:
        """Wait for the rows before, and raise what writing them raised: at most one batch is on its way."""
        behind, self._behind = self._behind, None
        if behind is not None:
            behind.result()

    def _open(self, schema: pa.Schema) -> _ArrowWriter:
        if not self._is_csv:
            import pyarrow.parquet

            # Losses are all different: to look for repetitions in them takes twice as long as to write them.
            repeated: Any = [name for name in schema.names if name in _REPEATED]
            compression: Any = {
                name: "none" if pa.types.is_float64(schema.field(name).type) else "snappy" for name in schema.names
            }
            return pyarrow.parquet.ParquetWriter(self._file, schema, use_dictionary=repeated, compression=compression)
        import pyarrow.csv

        return pyarrow.csv.CSVWriter(self._file, schema)

    def _batch(self, results: RowResults) -> pa.RecordBatch:
        form, n = self._form, results.loss.shape[0]
        scored = ~np.isnan(results.loss)
        names = texts_array(self._classes)
        columns: dict[str, Any] = {"row": column_array(np.arange(self._rows, self._rows + n), pa.int64())}
        if form.places:
            first = self._rows
            shape = (1 + (first + n) // int(np.prod(form.places)), *form.places)
            for axis, index in enumerate(np.unravel_index(np.arange(first, first + n), shape)):
                columns[f"index_{axis}"] = column_array(index.astype(np.int64), pa.int64())
        for name, ids in zip(form.ids, results.ids, strict=True):
            shown = name if name not in self._reserved else f"id_{name}"
            columns[neutral(shown) if self._is_csv else shown] = (
                neutral_ids(plain_ids(ids)) if self._is_csv else plain_ids(ids)
            )
        columns["label"] = _labels(results.label, names, self._classes)
        columns["loss"] = column_array(results.loss / form.nats, pa.float64(), scored)
        if form.class_weights is not None:
            columns["weight"] = column_array(results.weight, pa.float64(), scored)
            columns["weighted_loss"] = column_array(results.weighted / form.nats, pa.float64(), scored)
        columns["p_true"] = column_array(results.p_true, pa.float64(), scored)
        columns["predicted"] = _labels(results.predicted, names, self._classes)
        if results.gradients is not None and results.el2n is not None:
            for name, gradient in zip(form.gradients, results.gradients, strict=True):
                columns[f"grad_{name}"] = column_array(gradient / form.nats, pa.float64(), scored)
            columns["el2n"] = column_array(results.el2n, pa.float64(), scored)
        return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


_REPEATED = frozenset({"label", "predicted", "weight"})

_RESERVED = frozenset({"row", "label", "loss", "weight", "weighted_loss", "p_true", "predicted"})


@contextmanager
def writing(path: str, form: RowFormat, *, behind: bool = False, first: int = 0) -> Iterator[PerSampleWriter]:
    """Give a writer whose file takes its place only when the block ends well.

    ``behind``: another thread writes; ``first`` is the number of the first row.
    """
    with replacing(path) as file, ExitStack() as stack:
        scribe = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="celoss")) if behind else None
        writer = PerSampleWriter(file, path, form, scribe, first)
        try:
            yield writer
        except BaseException:
            with suppress(Exception):  # what is in the file no longer matters; left open, Arrow would complain later
                writer.close()
            raise
        writer.close()


def column_array(values: npt.NDArray[Any], kind: pa.DataType, valid: npt.NDArray[np.bool_] | None = None) -> Any:
    """Return an Arrow array over ``values`` (n,); null where not ``valid``. pa.array would import pandas."""
    bitmap, nulls = None, 0
    if valid is not None and not valid.all():
        bitmap = buffer_of(np.packbits(valid, bitorder="little"))
        nulls = int(np.count_nonzero(~valid))
    return pa.Array.from_buffers(kind, values.shape[0], [bitmap, buffer_of(values)], nulls)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    (joined,) = pa.Table.from_batches(batches).combine_chunks().to_batches()
    return joined


def _labels(codes: npt.NDArray[np.int32], names: Any, classes: tuple[str, ...]) -> Any:
    """Return the class of each row by name; of several labels (L, n) those that hold, joined as ``a|b``."""
    if codes.ndim == 1:
        return _named(codes, names)
    sets, places = np.unique(codes.T > 0, axis=0, return_inverse=True)
    joined = tuple("|".join(classes[c] for c in np.flatnonzero(row).tolist()) for row in sets)
    places = np.where((codes < 0).any(axis=0), -1, places.reshape(-1))
    return _named(places.astype(np.int32), texts_array(joined))


def _named(codes: npt.NDArray[np.int32], names: Any) -> Any:
    indices = column_array(np.maximum(codes, 0).astype(np.int32), pa.int32(), codes >= 0)
    return pa.DictionaryArray.from_arrays(indices, names).cast(pa.string())


def plain_ids(ids: Any) -> Any:
    return ids.cast(ids.type.value_type) if pa.types.is_dictionary(ids.type) else ids


def _is_unwritable(kind: pa.DataType) -> bool:
    """Whether Arrow has no way to write a type as CSV: UUIDs, bytes, cells of several values."""
    types = pa.types
    bytes_ = types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    return bytes_ or types.is_nested(kind) or isinstance(kind, pa.BaseExtensionType)


def neutral_ids(ids: Any) -> Any:
    """Return ids for CSV: texts that a spreadsheet would run are neutralised, anything else is as it was."""
    wide = pa.types.is_large_string(ids.type)
    if _is_unwritable(ids.type):
        ids = texts_array(list(map(label_text, python_values(ids))))
    elif not len(ids) or not (wide or pa.types.is_string(ids.type)):
        return ids
    _, places, content = ids.buffers()
    all_offsets: npt.NDArray[Any] = np.frombuffer(places, np.int64 if wide else np.int32)
    offsets = all_offsets[ids.offset : ids.offset + len(ids) + 1].astype(np.int64)
    written = offsets[1:] > offsets[:-1]  # in a buffer without any character there is nothing to look at
    first = np.frombuffer(content, np.uint8)[offsets[:-1][written]] if written.any() else np.empty(0, np.uint8)
    if not np.isin(first, np.frombuffer(SUSPECT_BYTES, np.uint8)).any():
        return ids
    texts = [None if text is None else neutral(text) for text in ids.to_pylist()]
    return texts_array(texts).cast(ids.type)
