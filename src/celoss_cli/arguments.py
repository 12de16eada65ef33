"""What callers of the Python API pass, in the terms of a request; what makes no sense there is a UsageError."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from celoss_cli.errors import UsageError

Chosen = TypeVar("Chosen", bound=StrEnum)


def names(given: Any, name: str) -> tuple[str, ...]:
    """Return names: one string splits on commas, as on the command line; several are taken as they are."""
    if given is None:
        return ()
    if isinstance(given, str):
        parts = tuple(part.strip() for part in given.split(","))
        if not all(parts):
            raise UsageError(f"{name} {given!r} has an empty name", code="empty_name", hint="leave it out, or fill it")
        return parts
    if not isinstance(given, Iterable):
        raise _unfit(name, given, "one name or several")
    return tuple(str(part) for part in given)


def column(given: Any, name: str) -> str | None:
    """Return the name of a column, or ``None``."""
    if given is None or isinstance(given, str):
        return given
    raise _unfit(name, given, "the name of a column: put the values into the table, and name their column")


def conditions(given: Any, name: str = "where") -> tuple[tuple[str, str], ...]:
    """Return conditions, from a mapping of columns to values or from texts ``COLUMN=VALUE``."""
    if given is None:
        return ()
    if isinstance(given, Mapping):
        return tuple((str(key), "" if value is None else str(value)) for key, value in given.items())
    found = []
    for text in [given] if isinstance(given, str) or not isinstance(given, Iterable) else given:
        key, equals, value = text.rpartition("=") if isinstance(text, str) else ("", "", "")
        if not equals or not key:
            raise _unfit(name, text, "a mapping from columns to values, or COLUMN=VALUE")
        found.append((key, value))
    return tuple(found)


def number(given: Any, name: str) -> float | None:
    """Return a number, also one that is spelled out, or ``None``."""
    if given is None:
        return None
    try:
        return float(given)
    except (TypeError, ValueError) as error:
        raise _unfit(name, given, "a number") from error


def whole(given: Any, name: str) -> int | None:
    """Return a whole number, also one that is spelled out, or ``None``."""
    value = number(given, name)
    if value is None:
        return None
    if not value.is_integer():
        raise _unfit(name, given, "a whole number")
    return int(value)


def choice(kind: type[Chosen], value: Any, name: str) -> Chosen:
    """Return the member of an enum that a value names."""
    try:
        return kind(value)
    except ValueError as error:
        raise UsageError(
            f"{name} is {value!r}", code="unknown_choice", hint=f"it is one of {', '.join(member for member in kind)}"
        ) from error


def _unfit(name: str, given: Any, wanted: str) -> UsageError:
    shown = repr(given) if isinstance(given, str | int | float | bool) else f"of type {type(given).__name__}"
    return UsageError(f"{name} is {shown}", code="unfit_argument", hint=f"it takes {wanted}")
