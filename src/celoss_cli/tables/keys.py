"""Id columns from Arrow: whole numbers as such, all else as the text a person would compare it by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.pairing.ids import Column, Numbers, Texts
from celoss_cli.tables.arrow.batch import ArrowBatch, buffer_of, python_values, valid_rows
from celoss_cli.tables.batch import Batch, label_text
from celoss_cli.tables.source import Need, Table

_WHOLE = 2.0**53  # beyond it a float does not tell neighbouring whole numbers apart


class KeyForm(Enum):
    """In what terms the ids of two columns are compared."""

    NUMBER = "whole numbers"
    TEXT = "text"
    TIME = "dates and times"
    TRUTH = "true and false"
    HEX = "hexadecimal digits"


def form_of(mine: pa.DataType | None, theirs: pa.DataType | None) -> KeyForm:
    """Return how columns of two types are compared; ``None`` is that of a table without rows.

    Numbers with numbers as such; a number with a text by how it is written, so that 7 is '7' and not '007'. A text
    beside a date or time, a truth value or 16 bytes (a UUID) is read as one where it can be. Bytes are compared
    as such.
    """
    kinds = [_plain(kind) for kind in (mine, theirs) if kind is not None]
    types = pa.types
    if all(types.is_integer(kind) or types.is_floating(kind) for kind in kinds):
        return KeyForm.NUMBER
    for form, is_such in ((KeyForm.TIME, _is_day_or_time), (KeyForm.TRUTH, types.is_boolean)):
        if any(is_such(kind) for kind in kinds):
            return form
    if any(_is_uuid(kind) for kind in kinds) and any(_is_text(kind) for kind in kinds):
        return KeyForm.HEX
    return KeyForm.TEXT


def first_types(table: Table, names: tuple[str, ...]) -> list[pa.DataType | None]:
    """Return the types that some columns are read in, by the first rows."""
    needs = dict.fromkeys(names, Need.KEY)
    for partition in table.partitions():
        for batch in partition.batches(needs):
            return [batch.column(name).type for name in names]
    return [None] * len(names)


def ids_of(batch: Batch, forms: Mapping[str, KeyForm]) -> Iterator[Column]:
    """Yield the id columns of a batch."""
    for name, form in forms.items():
        yield _ids(batch.column(name), form)


def spelled(column: Column) -> Texts:
    """Return ids as texts: numbers as they are written."""
    if isinstance(column, Texts):
        return column
    array = pa.Array.from_buffers(pa.int64(), column.values.shape[0], [None, buffer_of(column.values)])
    texts = _texts(array.cast(pa.large_string()))
    return Texts(texts.offsets, texts.data, column.missing)


def _ids(array: Any, form: KeyForm) -> Column:
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _ids(array.storage, form)
    if pa.types.is_dictionary(kind):
        return _ids(array.cast(kind.value_type), form)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        numbers = _numbers(array)
        if numbers is not None:
            return numbers if form is KeyForm.NUMBER else spelled(numbers)
    return _texts(_as_text(array, form))


def _numbers(array: Any) -> Numbers | None:
    """Return numbers if all of them are whole and none loses a digit, else ``None``. NaN is a missing id."""
    missing = ~valid_rows(array) if array.null_count else None
    if pa.types.is_floating(array.type):
        values = np.array(ArrowBatch({"": array}, len(array)).numbers(""), dtype=np.float64)
        absent = np.isnan(values)
        values[absent] = 0.0
        if not ((np.floor(values) == values) & (np.abs(values) <= _WHOLE)).all():
            return None
        return Numbers(values.astype(np.int64), absent if absent.any() else None)
    if array.null_count:
        # The cells of nulls are whatever they are: they are never compared.
        array = pa.Array.from_buffers(array.type, len(array), [None, array.buffers()[1]], offset=array.offset)
    whole: npt.NDArray[Any] = np.from_dlpack(array)
    if whole.dtype == np.uint64 and whole.size and int(whole.max()) >= 1 << 63:
        return None
    return Numbers(whole.astype(np.int64, copy=False), missing)


def _as_text(array: Any, form: KeyForm) -> Any:
    """Return an array of texts, or of bytes."""
    import pyarrow.compute as pc

    kind = array.type
    if _is_text(kind):
        array = array.cast(pa.large_string())
        if form is KeyForm.TIME:
            array = _time_as_text(_as_time(array))
        elif form is KeyForm.TRUTH:
            array = pc.utf8_lower(array)
        elif form is KeyForm.HEX:
            array = pc.replace_substring(pc.utf8_lower(array), pattern="-", replacement="")
        return pc.utf8_trim_whitespace(array)
    if _is_day_or_time(kind):
        return _time_as_text(array)
    if _is_uuid(kind) and form is KeyForm.HEX:
        return _strings([None if value is None else value.hex() for value in array.to_pylist()])
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return array
    if pa.types.is_fixed_size_binary(kind):
        return array.cast(pa.large_binary())
    if pa.types.is_boolean(kind):
        return array.cast(pa.string())
    return _strings(list(map(label_text, python_values(array))))


def _as_time(texts: Any) -> Any:
    """Return texts as times where all of them are such, with a zone or without, else as they are."""
    for kind in (pa.timestamp("ns"), pa.timestamp("us"), pa.timestamp("ns", "UTC"), pa.timestamp("us", "UTC")):
        try:
            return texts.cast(kind)
        except pa.ArrowInvalid:
            continue
    return texts


def _time_as_text(array: Any) -> Any:
    """Return times as texts of one spelling, whatever their unit: no zeros at the end, and a day for its midnight."""
    import pyarrow.compute as pc

    kind = array.type
    if _is_text(kind):
        return array
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        array = array.cast(pa.timestamp(kind.unit, "UTC"))
    texts = array.cast(pa.string())
    texts = pc.replace_substring_regex(texts, pattern=r"(\.\d*?)0+(Z?)$", replacement=r"\1\2")
    texts = pc.replace_substring_regex(texts, pattern=r"\.(Z?)$", replacement=r"\1")
    return pc.replace_substring_regex(texts, pattern=r" 00:00:00$", replacement="")


def _texts(array: Any) -> Texts:
    """Return an array of texts or bytes as ours; an empty one is a missing id."""
    wide = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    kind, rows = np.dtype(np.int64 if wide else np.int32), len(array)
    _, ends, data = array.buffers()
    every: Any = np.frombuffer(ends, dtype=kind, count=array.offset + rows + 1) if rows else np.zeros(1, dtype=kind)
    offsets = every[array.offset :].astype(np.int64) if rows else every.astype(np.int64)
    first, last = int(offsets[0]), int(offsets[-1])
    padded = np.zeros(last - first + 8, dtype=np.uint8)
    if last > first:
        padded[:-8] = np.frombuffer(data, dtype=np.uint8, count=last)[first:]
    missing = offsets[1:] == offsets[:-1]
    if array.null_count:
        missing |= ~valid_rows(array)
    return Texts(offsets - first, padded, missing if missing.any() else None)


def _strings(texts: list[str | None]) -> Any:
    data = [(text or "").encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.cumsum([0, *(len(text) for text in data)], dtype=np.int64)
    return pa.Array.from_buffers(pa.large_string(), len(data), [None, buffer_of(offsets), pa.py_buffer(b"".join(data))])


def _plain(kind: pa.DataType) -> pa.DataType:
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(kind.storage_type)
    return _plain(kind.value_type) if pa.types.is_dictionary(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_day_or_time(kind: pa.DataType) -> bool:
    return pa.types.is_date(kind) or pa.types.is_timestamp(kind)


def _is_uuid(kind: pa.DataType) -> bool:
    return pa.types.is_fixed_size_binary(kind) and kind.byte_width == 16
