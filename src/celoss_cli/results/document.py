"""A result as the JSON document it is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Self

from celoss_cli.errors import brief
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    import pandas as pd

ABOVE_COUNTS = 1 << 63
"""More rows than there are: no count is so large, whoever says so, and no limit on one."""

NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
"""How a document spells the numbers that JSON has none for."""


class _Notice(NamedTuple):
    code: str
    message: str


class Notice(_Notice):
    """Something the reader should know. ``code`` is stable, ``message`` is for people: long names are cut short."""

    __slots__ = ()

    def __new__(cls, code: str, message: str) -> Self:
        """Return the notice."""
        return super().__new__(cls, code, brief(message))


# Carried, and not in the JSON: what settles a decision is for error messages, what a limit was given for names tests,
# arrays of rows are for whoever asked for them.
_INTERNAL = frozenset({"flag", "asked", "per_row"})


def document_of(result: Any, *, last: str | None = None) -> dict[str, Any]:
    """Return a result as its JSON document: first which schema it follows, then its fields, ``last`` at the end."""
    held = _held(result)
    names = ["schema", "schema_version"]
    names += [name for name in held if name not in (*names, last, *_INTERNAL)]
    return {name: plain_value(held[name]) for name in (*names, *([] if last is None else [last]))}


def frame_of(rows: Iterable[Any], kind: type) -> pd.DataFrame:
    """Return parts of a result, all of one kind, as a DataFrame with columns named as in the JSON."""
    import pandas as pd

    return pd.DataFrame([plain_value(row) for row in rows], columns=[_json_name(name) for name in _fields(kind)])


def plain_value(value: Any) -> Any:
    """Return a result, or a part of one, as plain Python: what the JSON shows."""
    if is_dataclass(value) or hasattr(value, "_fields"):
        return {_json_name(name): plain_value(part) for name, part in _held(value).items() if name not in _INTERNAL}
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def _fields(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass or a named tuple, or of a value of one."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else kind._fields


def _held(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass or a named tuple as it holds them, whatever its class shows in their place."""
    names = _fields(value)
    return dict(zip(names, value, strict=True)) if isinstance(value, tuple) else {n: getattr(value, n) for n in names}


def _json_name(attribute: str) -> str:
    return attribute.rstrip("_")
