"""A column of a batch as ids: cells that are equal are so in any batch, whatever types these have."""

from __future__ import annotations

from typing import Any

import numpy as np

from celoss_cli.pairing.ids import Column, Mask, Numbers
from celoss_cli.pairing.ids import Texts as IdTexts
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.id_prints import id_texts
from celoss_cli.tables.text.plain_batch import Names, Texts

_EXACT = float(1 << 53)  # below, whole numbers as doubles are exact


def id_column(batch: Batch, name: str) -> Column:
    """Return a column as ids; those of empty cells are missing."""
    held = batch.held(name)
    if isinstance(held, np.ndarray):
        return _numbers(held, None)
    if not isinstance(held, (Names, Texts)):
        import pyarrow as pa

        kind = held.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            from celoss_cli.tables.arrow.batch import valid_rows

            missing = ~valid_rows(held) if held.null_count else None
            filled = held.fill_null(0) if held.null_count else held
            return _numbers(filled.to_numpy(zero_copy_only=False), missing)
    texts = id_texts(batch, name)
    return IdTexts(texts.offsets, texts.data, texts.offsets[1:] == texts.offsets[:-1])


def _numbers(values: Any, missing: Mask | None) -> Numbers:
    """Return numbers as ids: fractions by their bits, and 1.0 as 1."""
    if values.dtype.kind != "f":
        return Numbers(values.astype(np.int64), missing)
    values = values.astype(np.float64)
    none = np.isnan(values)
    whole = np.abs(values) < _EXACT
    whole &= values == np.floor(values)
    numbers = np.where(whole, np.where(whole, values, 0.0).astype(np.int64), values.view(np.int64))
    return Numbers(numbers, none if missing is None else missing | none)
