"""A result as the JSON document it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    pass


class Notice(NamedTuple):
    """Something the reader should know. ``code`` is stable, ``message`` is for people."""

    code: str
    message: str


# Carried, and not in the JSON: what settles a decision is for error messages, what a limit was given for names tests.
_INTERNAL = frozenset({"flag", "asked"})


def json_name(attribute: str) -> str:
    return attribute.rstrip("_")


def _plain(parts: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {json_name(name): plain_value(value) for name, value in parts if name not in _INTERNAL}


def plain_value(value: Any) -> Any:
    """Return a result, or a part of one, as plain Python: what the JSON shows."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain((f.name, getattr(value, f.name)) for f in fields(value))
    if isinstance(value, tuple):
        names = getattr(value, "_fields", None)
        if names is not None:
            return _plain(zip(names, value, strict=True))
        return [plain_value(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value
