"""Values of states and readings as JSON and back, by their type hints: exact, and nothing but what the hints allow.

No class has a form of its own here: named tuples, dataclasses and classes with slots are objects of their fields, by
name. What the hints do not say cannot be made, so that a file from elsewhere makes no object that nobody asked for.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import types
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

_PLAIN = 1 << 53  # below, every JSON reader has whole numbers exactly

_HEX = re.compile(r"(-?)0x([0-9a-f]{1,4000})(?:p([0-9]{1,5}))?")

_SPELLED = {math.inf: "inf", -math.inf: "-inf"}

_DTYPES = ("<f8", "<i8", "<i4", "<u8", "|u1", "|b1")

_LARGEST = 1 << 31  # bytes of an array

Encoder = Callable[[Any], Any]


class Codec:
    """Encodes and decodes. ``names`` are the types that modules name only for type checkers."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = dict(names)
        self._known: dict[type, dict[str, Any]] = {}
        self._encoders: dict[type, dict[str, Encoder]] = {}

    def encode(self, value: Any, hint: Any) -> Any:
        """Return a value of type ``hint`` as plain JSON. Raises TypeError for a value that is of another type."""
        return self._encoder(hint)(value)

    def _encoder(self, hint: Any) -> Encoder:
        """Return what encodes values of a type: the hints are read once, not for each of thousands of values."""
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            return self._of_union([one for one in arguments if one is not type(None)])
        if origin is tuple and not _are_alike(arguments):
            parts = [self._encoder(one) for one in arguments]
            return lambda value: [encode(item) for encode, item in zip(parts, value, strict=True)]
        if origin is tuple or _is_sequence(origin):
            each = self._encoder(arguments[0])
            return lambda value: [each(item) for item in value]
        if _is_mapping(origin):
            key, held = map(self._encoder, arguments)
            return lambda value: [[key(name), held(item)] for name, item in value.items()]
        if origin is np.ndarray:
            return _array
        if hint is bool or hint is str:
            return lambda value: _checked(value, hint)
        if hint is int:
            return lambda value: _whole(int(_checked(value, int | np.integer)))
        if hint is float:
            return _number
        if isinstance(hint, type) and issubclass(hint, Enum):
            return lambda value: _checked(value, hint).value
        return lambda value: {
            name: encode(getattr(_checked(value, hint), name)) for name, encode in self._encoders_of(hint).items()
        }

    def _encoders_of(self, kind: type) -> dict[str, Encoder]:
        known = self._encoders.get(kind)
        if known is None:
            known = self._encoders[kind] = {name: self._encoder(part) for name, part in self.parts(kind).items()}
        return known

    def _of_union(self, members: Sequence[Any]) -> Encoder:
        encoders = [self._encoder(member) for member in members]

        def encode(value: Any) -> Any:
            if value is None:
                return None
            if len(members) == 1:
                return encoders[0](value)
            place = next((i for i, member in enumerate(members) if _fits(value, member)), None)
            if place is None:
                raise TypeError(f"{type(value).__name__} is none of {members}")
            return [place, encoders[place](value)]

        return encode

    def decode(self, data: Any, hint: Any) -> Any:
        """Return the value of type ``hint`` that JSON holds. Raises ValueError for what is none."""
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            return self._decode_union(data, [one for one in arguments if one is not type(None)], len(arguments))
        if origin is tuple:
            items = _of(data, list)
            if arguments[0] is int and len(arguments) == 2 and set(map(type, items)) == {int}:
                return tuple(items)  # counts, of which there are thousands
            kinds = _kinds(arguments, len(items))
            return tuple(self.decode(item, kind) for item, kind in zip(items, kinds, strict=True))
        if _is_mapping(origin):
            key, held = arguments
            pairs = [_of(pair, list, 2) for pair in _of(data, list)]
            return {self.decode(name, key): self.decode(item, held) for name, item in pairs}
        if _is_sequence(origin):
            return [self.decode(item, arguments[0]) for item in _of(data, list)]
        if origin is np.ndarray:
            return _as_array(_of(data, dict), arguments)
        if hint is bool or hint is str:
            return _of(data, hint)
        if hint is int:
            return _as_whole(data)
        if hint is float:
            return _as_float(data)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return hint(data)
        parts = self.parts(hint)
        later = getattr(hint, "_field_defaults", {})  # what a state made before there was such a field does without
        odd = sorted(set(_of(data, dict)) ^ set(parts))
        if not (later.keys() - data.keys()).issuperset(odd):
            raise ValueError(f"{hint.__name__} and {odd[0]!r} do not go together")
        return hint(**{name: self.decode(data[name], part) for name, part in parts.items() if name in data})

    def parts(self, kind: type) -> dict[str, Any]:
        """Return the fields of a class with the type of each."""
        known = self._known.get(kind)
        if known is None:
            names = _field_names(kind)
            where = kind if hasattr(kind, "_fields") or is_dataclass(kind) else kind.__init__  # type: ignore[misc]
            hints = get_type_hints(where, localns=self._names)
            known = self._known[kind] = {name: hints[name] for name in names}
        return known

    def _decode_union(self, data: Any, members: Sequence[Any], size: int) -> Any:
        if data is None and size > len(members):
            return None
        if len(members) == 1:
            return self.decode(data, members[0])
        place, held = _of(data, list, 2)
        if not (isinstance(place, int) and 0 <= place < len(members)):
            raise ValueError(f"{place!r} is no kind of value")
        return self.decode(held, members[place])


def _kinds(arguments: tuple[Any, ...], size: int) -> Sequence[Any]:
    """Return the types of the entries of a tuple of this size."""
    return [arguments[0]] * size if _are_alike(arguments) else arguments


def _are_alike(arguments: tuple[Any, ...]) -> bool:
    """Whether a tuple is one of any number of entries of one type."""
    return len(arguments) == 2 and arguments[1] is ...


def _field_names(kind: type) -> Sequence[str]:
    named: Sequence[str] | None = getattr(kind, "_fields", None)
    if named is not None:
        return named
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    slots = getattr(kind, "__slots__", None)
    if slots is None:
        raise TypeError(f"{kind!r} is nothing that a state is made of")
    return tuple(slots)


def _is_mapping(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _is_sequence(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Sequence) and origin is not tuple


def _fits(value: Any, member: Any) -> bool:
    kind = get_origin(member) or member
    if isinstance(value, bool) or kind is bool:
        return kind is bool and isinstance(value, bool)
    if kind is float:
        return isinstance(value, float | int | np.floating | np.integer)
    if kind is int:
        return isinstance(value, int | np.integer)
    if _is_sequence(kind) and kind is not str:
        return isinstance(value, Sequence) and not isinstance(value, str)
    return isinstance(value, kind)


def _checked(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r} is no {kind}")
    return value


def _of(data: Any, kind: Any, size: int | None = None) -> Any:
    if not isinstance(data, kind) or (size is not None and len(data) != size):
        raise ValueError(f"{str(data)[:40]!r} is no {kind.__name__}")
    return data


def _whole(value: int) -> int | str:
    """Return a whole number as JSON: in hexadecimal where it is large, without the zeros at its end."""
    if -_PLAIN < value < _PLAIN:
        return value
    zeros = (value & -value).bit_length() - 1
    return f"{value >> zeros:#x}p{zeros}"


def _as_whole(data: Any) -> int:
    if isinstance(data, int) and not isinstance(data, bool):
        return data
    found = _HEX.fullmatch(data) if isinstance(data, str) else None
    if found is None or int(found[3] or 0) > 1 << 14:
        raise ValueError(f"{str(data)[:40]!r} is no whole number")
    value = int(found[2], 16) << int(found[3] or 0)
    return -value if found[1] else value


def _as_float(data: Any) -> float:
    if isinstance(data, str) and data in ("inf", "-inf", "nan"):
        return float(data)
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise ValueError(f"{str(data)[:40]!r} is no number")
    return float(data)


def _number(value: Any) -> float | str:
    number = float(value)
    return number if math.isfinite(number) else _SPELLED.get(number, "nan")


def _array(value: Any) -> dict[str, Any]:
    held = np.ascontiguousarray(value)
    dtype = held.dtype.newbyteorder("<")
    raw = held.astype(dtype, copy=False).tobytes()
    packed = zlib.compress(raw, 1)
    smaller = len(packed) < len(raw)
    text = base64.b64encode(packed if smaller else raw).decode("ascii")
    return {"dtype": dtype.str, "shape": list(held.shape), "zlib": smaller, "base64": text}


def _as_array(data: Any, arguments: tuple[Any, ...]) -> Any:
    if set(data) != {"dtype", "shape", "zlib", "base64"} or data["dtype"] not in _DTYPES:
        raise ValueError("this is no array")
    dtype = np.dtype(data["dtype"])
    wanted = get_args(arguments[1])[0]
    wanted = get_origin(wanted) or wanted
    if not issubclass(dtype.type, wanted):
        raise ValueError(f"an array of {dtype} is none of {wanted.__name__}")
    shape = [_as_whole(size) for size in _of(data["shape"], list)]
    size = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or len(shape) > 2 or size > _LARGEST:
        raise ValueError("the array has no such shape")
    try:
        raw = base64.b64decode(_of(data["base64"], str), validate=True)
        if _of(data["zlib"], bool):
            raw = zlib.decompressobj().decompress(raw, size + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError("the bytes of an array are damaged") from error
    if len(raw) != size:
        raise ValueError("an array has not the bytes of its shape")
    return np.frombuffer(raw, dtype=dtype).reshape(shape)
