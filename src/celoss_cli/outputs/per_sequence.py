"""The per-sample file of sequences: one row each, in file order, streamed to CSV or Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from celoss_cli.outputs.per_sample import (
    PerSampleWriter,
    RowFormat,
    column_array,
    neutral_ids,
    plain_ids,
    writing,
)
from celoss_cli.outputs.spreadsheet import neutral
from celoss_cli.scoring.rows import SequenceResults

_RESERVED = frozenset({"row", "units", "loss_sum", "loss", "p_min", "weight"})


class SequenceFormat(NamedTuple):
    """How sequences are written."""

    ids: tuple[str, ...]
    """The names of the id columns."""

    weighted: bool
    """Whether they have a weight."""

    nats: float
    """How many nats the unit of the loss is."""


class PerSequenceWriter:
    """Writes the sequences of batches, numbering them. Get one from ``writing_sequences``."""

    def __init__(self, writer: PerSampleWriter, path: str, form: SequenceFormat, first: int = 0) -> None:
        self._writer, self._form = writer, form
        self._is_csv = Path(path).suffix.lower() != ".parquet"
        self._rows = first

    def write(self, results: SequenceResults) -> None:
        """Write the next sequences."""
        form, n = self._form, results.loss.shape[0]
        read = ~np.isnan(results.total)
        columns: dict[str, Any] = {"row": column_array(np.arange(self._rows, self._rows + n), pa.int64())}
        for name, ids in zip(form.ids, results.ids, strict=True):
            shown = name if name not in _RESERVED else f"id_{name}"
            plain = plain_ids(ids)
            columns[neutral(shown) if self._is_csv else shown] = neutral_ids(plain) if self._is_csv else plain
        columns["units"] = column_array(results.units, pa.float64(), read)
        columns["loss_sum"] = column_array(results.total / form.nats, pa.float64(), read)
        columns["loss"] = column_array(results.loss / form.nats, pa.float64(), ~np.isnan(results.loss))
        if form.weighted:
            columns["weight"] = column_array(results.weight, pa.float64(), read)
        columns["p_min"] = column_array(results.p_min, pa.float64(), ~np.isnan(results.p_min))
        self._rows += n
        self._writer.write_batch(pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns)))


@contextmanager
def writing_sequences(path: str, form: SequenceFormat, *, behind: bool, first: int = 0) -> Iterator[PerSequenceWriter]:
    """Give a writer whose file takes its place only when the block ends well, as ``writing`` does."""
    with writing(path, RowFormat((), form.ids, None, form.nats), behind=behind) as writer:
        yield PerSequenceWriter(writer, path, form, first)
