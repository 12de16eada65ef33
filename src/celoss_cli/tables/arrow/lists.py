"""Columns of lists of any length, laid flat: the values of all rows one after the other, and where each row's begin."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.tables.arrow.batch import ArrowBatch, holds_lists, list_offsets, valid_rows
from celoss_cli.tables.arrow.build import Misfit
from celoss_cli.tables.batch import Batch, Categories
from celoss_cli.tables.text.cells import is_number, shortened

Offsets = npt.NDArray[np.int64]

Mask = npt.NDArray[np.bool_]


class Ragged(NamedTuple):
    """Numbers of n rows, m in all: ``values`` (m,), NaN for null; row k has those from ``offsets[k]`` on, (n + 1,).

    ``present`` (n,) is false where the cell itself is null.
    """

    values: npt.NDArray[Any]
    offsets: Offsets
    present: Mask

    @property
    def lengths(self) -> Offsets:
        """How many values each row has, (n,)."""
        return np.diff(self.offsets)


class RaggedNames(NamedTuple):
    """Names of n rows, m in all, as ``Ragged``: codes (m,) into ``values``, −1 for null."""

    names: Categories
    offsets: Offsets
    present: Mask


def is_list(batch: Batch, name: str) -> bool:
    """Whether the cells of a column are lists."""
    return holds_lists(batch.column(name).type)


def ragged_numbers(batch: Batch, name: str, path: str, first: int) -> Ragged:
    """Return a column of lists of numbers, of lists written as text, or of single numbers, which are lists of one.

    Raises InvalidScores, with the row counted from ``first``, for what is neither.
    """
    array = batch.column(name)
    if _is_text(array.type):
        return _from_text(array, name, path, first)
    if not is_list(batch, name):
        values = batch.numbers(name)
        return Ragged(values, np.arange(batch.rows + 1, dtype=np.int64), ~np.isnan(values))
    inside, offsets, present = _inside(array)
    if pa.types.is_null(inside.type):
        return Ragged(np.full(len(inside), np.nan), offsets, present)
    if _is_text(inside.type):
        return Ragged(_numbers_in(inside, offsets, name, path, first), offsets, present)
    return Ragged(ArrowBatch({"": inside}, len(inside)).numbers(""), offsets, present)


def ragged_names(batch: Batch, name: str) -> RaggedNames:
    """Return a column of lists of names or numbers as names, texts blanks and all; single values are lists of one."""
    array = batch.column(name)
    if not is_list(batch, name):
        return RaggedNames(_names(array), np.arange(batch.rows + 1, dtype=np.int64), valid_rows(array))
    inside, offsets, present = _inside(array)
    return RaggedNames(_names(inside), offsets, present)


def _names(array: Any) -> Categories:
    if not _is_text(array.type):
        return ArrowBatch({"": array}, len(array)).categories("")
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    codes = ArrowBatch({"": array.indices}, len(array)).numbers("")
    if array.null_count:
        codes = np.where(np.isnan(codes), -1, codes)
    return Categories(codes.astype(np.int32, copy=False), tuple(text or "" for text in array.dictionary.to_pylist()))


def texts_of(batch: Batch, name: str) -> list[str | None]:
    """Return a column of text as it is, blanks and all."""
    array = batch.column(name)
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    texts: list[str | None] = array.to_pylist() if _is_text(array.type) else batch.texts(name)
    return texts


def byte_lengths(batch: Batch, name: str) -> npt.NDArray[np.int64] | None:
    """Return how many bytes of UTF-8 each cell of a column of text has, (n,), or ``None`` where it is no plain text."""
    array = batch.column(name)
    if not _is_text(array.type) or pa.types.is_dictionary(array.type):
        return None
    kind = np.dtype(np.int64 if pa.types.is_large_string(array.type) else np.int32)
    offsets = np.frombuffer(array.buffers()[1], dtype=kind, count=array.offset + len(array) + 1)[array.offset :]
    return np.where(valid_rows(array), np.diff(offsets), 0).astype(np.int64)


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _inside(array: Any) -> tuple[Any, Offsets, Mask]:
    """Return the values of the lists that are there, where each begins, and which cells are there."""
    present = valid_rows(array)
    if pa.types.is_fixed_size_list(array.type):
        width = array.type.list_size
        offsets = np.arange(len(array) + 1, dtype=np.int64) * width
        inside = array.values.slice(array.offset * width, len(array) * width)
        if present.all():
            return inside, offsets, present
        return array.flatten(), np.concatenate([[0], np.cumsum(present * width)]).astype(np.int64), present
    offsets = list_offsets(array).astype(np.int64)
    first, last = int(offsets[0]), int(offsets[-1])
    inside = array.values.slice(first, last - first)
    lengths = np.diff(offsets)
    if present.all() or not lengths[~present].any():
        return inside, offsets - first, present
    return array.flatten(), np.concatenate([[0], np.cumsum(lengths * present)]).astype(np.int64), present


def _numbers_in(texts: Any, offsets: Offsets, name: str, path: str, first: int) -> npt.NDArray[np.float64]:
    """Return numbers that are written as texts in lists, (m,); NaN for null. Raises InvalidScores."""
    values = np.full(len(texts), np.nan)
    for place, text in enumerate(texts.to_pylist()):
        if text is None:
            continue
        if not is_number(text, "."):
            row = int(np.searchsorted(offsets, place, side="right")) - 1
            raise InvalidScores(
                f"its list holds {shortened(text)!r}, which is not a number",
                code="bad_list",
                where=Where(path, row=first + row, column=name),
                hint="a cell holds one number, or a list of them: [-0.5, -1.25]",
            )
        values[place] = float(text)
    return values


def _from_text(array: Any, name: str, path: str, first: int) -> Ragged:
    from celoss_cli.tables.views.structured import CellShape
    from celoss_cli.tables.views.structured_table import decode

    try:
        cells = decode(CellShape.LIST_TEXT, [array])
    except Misfit as odd:
        raise InvalidScores(
            odd.message,
            code="bad_list",
            where=Where(path, row=first + odd.index, column=name),
            hint="a cell holds one number, or a list of them: [-0.5, -1.25]",
        ) from None
    return Ragged(cells.scores, cells.offsets, cells.present)
