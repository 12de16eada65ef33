"""Arrow arrays built from Python values, of a type inferred from some of them.

``pa.array`` would do both, but imports pandas where it is installed (0.5 s), and says of a bad value neither where it
stands nor what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.tables.arrow.batch import buffer_of
from celoss_cli.tables.batch import label_text

INTEGERS = range(-(1 << 63), 1 << 63)
"""The whole numbers that int64 holds."""

_SHOWN = 60

_NOUNS = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


class Misfit(ValueError):
    """A value that its column's type does not allow: its place among the values, and what is wrong with it."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index, self.message = index, message


def infer(values: Sequence[Any]) -> pa.DataType | None:
    """Return the Arrow type that holds all values: scalars of several kinds as text, ``None`` where nothing does.

    Integers beside fractions are float64, those beyond 64 bits text. Members of objects that nothing holds, or
    that have no value in any of them, are left out of their struct.
    """
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pa.null()
    if kinds == {list}:
        inner = infer([item for value in values if value is not None for item in value])
        return None if inner is None else pa.list_(inner)
    if kinds == {dict}:
        members: dict[str, list[Any]] = {}
        for value in values:
            for name, member in (value or {}).items():
                members.setdefault(name, []).append(member)
        fields = {name: infer(inside) for name, inside in members.items()}
        known = [pa.field(n, kind) for n, kind in fields.items() if kind is not None and not pa.types.is_null(kind)]
        return pa.struct(known) if known else None
    if kinds & {list, dict}:
        return None
    if kinds == {bool}:
        return pa.bool_()
    if kinds == {int}:
        return pa.int64() if all(value is None or value in INTEGERS for value in values) else pa.string()
    return pa.float64() if kinds <= {int, float} else pa.string()


def build(values: Sequence[Any], kind: pa.DataType) -> Any:
    """Return the values as an array of a type that ``infer`` gives. Raises Misfit for the first that does not fit.

    Scalars become text in the spelling of labels. Numbers are never taken from text, nor from true and false.
    """
    valid = np.fromiter((value is not None for value in values), dtype=bool, count=len(values))
    if pa.types.is_null(kind):
        _refuse_first(values, ~valid, "nothing")
        return pa.nulls(len(values))
    if pa.types.is_list(kind):
        return _lists(values, kind, valid)
    if pa.types.is_struct(kind):
        return _structs(values, kind, valid)
    if pa.types.is_string(kind):
        return texts_array(_texts(values))
    if pa.types.is_boolean(kind):
        _refuse_first(values, ~valid | _are(values, bool), "true or false")
        return _primitive(np.packbits([value is True for value in values], bitorder="little"), kind, valid)
    if pa.types.is_int64(kind):
        fits = np.fromiter((type(v) is int and v in INTEGERS for v in values), dtype=bool, count=len(values))
        _refuse_first(values, ~valid | fits, "an integer")
        return _primitive(np.array([value or 0 for value in values], dtype=np.int64), kind, valid)
    _refuse_first(values, ~valid | _are(values, int, float), "a number")
    return _primitive(np.array([np.nan if v is None else _double(v) for v in values], dtype=np.float64), kind, valid)


def texts_array(texts: Sequence[str | None]) -> Any:
    """Return text as an Arrow array; half of a surrogate pair, which UTF-8 lacks, as its escape."""
    cells = [b"" if text is None else text.encode("utf-8", "backslashreplace") for text in texts]
    offsets = np.cumsum([0, *(len(cell) for cell in cells)], dtype=np.int64)
    valid = np.fromiter((text is not None for text in texts), dtype=bool, count=len(texts))
    wide = pa.Array.from_buffers(
        pa.large_string(), len(cells), [_bitmap(valid), buffer_of(offsets), pa.py_buffer(b"".join(cells))]
    )
    return wide if offsets[-1] > np.iinfo(np.int32).max else wide.cast(pa.string())


def numbers_array(values: npt.NDArray[np.number[Any]]) -> Any:
    """Return numbers (n,) as an Arrow array over the same memory."""
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), values.shape[0], [None, buffer_of(values)])


def names_array(codes: npt.NDArray[np.int32], values: Sequence[str]) -> Any:
    """Return codes (n,) into ``values`` as an Arrow dictionary over the same memory."""
    return pa.DictionaryArray.from_arrays(numbers_array(codes), texts_array(values))


def texts_in(ends: npt.NDArray[np.int32], data: npt.NDArray[np.uint8]) -> Any:
    """Return texts, the UTF-8 of one after the other and where each begins and ends (n + 1,), as an Arrow array."""
    return pa.Array.from_buffers(pa.string(), ends.shape[0] - 1, [None, buffer_of(ends), buffer_of(data)])


def vectors(matrix: npt.NDArray[np.floating[Any]]) -> Any:
    """Return the rows of a matrix (n, C) as an array of vectors over the same memory."""
    flat = np.ascontiguousarray(matrix).reshape(-1)
    values = pa.Array.from_buffers(pa.from_numpy_dtype(flat.dtype), flat.shape[0], [None, buffer_of(flat)])
    if not matrix.shape[1]:  # from_arrays refuses what the type allows
        return pa.Array.from_buffers(pa.list_(values.type, 0), matrix.shape[0], [None], children=[values])
    return pa.FixedSizeListArray.from_arrays(values, matrix.shape[1])


def _lists(values: Sequence[Any], kind: Any, valid: npt.NDArray[np.bool_]) -> Any:
    _refuse_first(values, ~valid | _are(values, list), "a list")
    offsets = np.cumsum([0, *(len(value or ()) for value in values)], dtype=np.int32)
    try:
        inner = build([item for value in values for item in value or ()], kind.value_type)
    except Misfit as odd:
        row = int(np.searchsorted(offsets, odd.index, side="right")) - 1
        raise Misfit(row, f"element {odd.index - int(offsets[row])}: {odd.message}") from None
    return pa.Array.from_buffers(kind, len(values), [_bitmap(valid), buffer_of(offsets)], children=[inner])


def holds_scores(kind: Any) -> bool:
    """Whether an object type has nothing but numbers: each is the score of a class, and none may be passed over."""
    return kind.num_fields > 1 and all(pa.types.is_integer(f.type) or pa.types.is_floating(f.type) for f in kind)


def _structs(values: Sequence[Any], kind: Any, valid: npt.NDArray[np.bool_]) -> Any:
    _refuse_first(values, ~valid | _are(values, dict), "an object")
    children = []
    known = {field.name for field in kind} if holds_scores(kind) else None
    if known is not None:
        for index, value in enumerate(values):
            name = next((n for n, score in (value or {}).items() if n not in known and score is not None), None)
            if name is not None:
                raise Misfit(index, f"has a score for {name!r}, unlike the first rows")
    for field in kind:
        try:
            children.append(build([(value or {}).get(field.name) for value in values], field.type))
        except Misfit as odd:
            raise Misfit(odd.index, f"{field.name!r}: {odd.message}") from None
    return pa.Array.from_buffers(kind, len(values), [_bitmap(valid)], children=children)


def _texts(values: Sequence[Any]) -> list[str | None]:
    texts: list[str | None] = []
    for index, value in enumerate(values):
        if isinstance(value, (list, dict)):
            raise Misfit(index, f"{_shown(value)} is {_NOUNS[type(value)]}, not a single value")
        texts.append(value if isinstance(value, str) else label_text(value))
    return texts


def _are(values: Sequence[Any], *kinds: type) -> npt.NDArray[np.bool_]:
    return np.fromiter((type(value) in kinds for value in values), dtype=bool, count=len(values))


def _refuse_first(values: Sequence[Any], fits: npt.NDArray[np.bool_], wanted: str) -> None:
    if not fits.all():
        index = int(np.argmin(fits))
        value = values[index]
        found = "" if isinstance(value, str) else f", but {_NOUNS.get(type(value), 'another kind of value')}"
        raise Misfit(index, f"{_shown(value)} is not {wanted}{found}")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _primitive(values: npt.NDArray[Any], kind: pa.DataType, valid: npt.NDArray[np.bool_]) -> Any:
    return pa.Array.from_buffers(kind, valid.shape[0], [_bitmap(valid), buffer_of(values)])


def _bitmap(valid: npt.NDArray[np.bool_]) -> Any:
    return None if valid.all() else buffer_of(np.packbits(valid, bitorder="little"))
