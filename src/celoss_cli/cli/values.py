"""What the command line gives for an option, in the terms of a request; what makes no sense is a UsageError."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from celoss_cli.errors import UsageError
from celoss_cli.options.option import Option, Takes
from celoss_cli.render.show import Form


def read(options: Mapping[str, Option], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the options that have one, by name. Raises UsageError for a value that makes no sense."""
    return {name: _value(option, given[name]) for name, option in options.items() if given[name] is not None}


def form_of(format: str, *, quiet: bool) -> Form:
    """Return the form of standard output. Raises UsageError where both options say one."""
    if quiet and format != Form.TABLE:
        raise UsageError("-q and --format both say what to print", code="quiet_and_format", hint="leave one out")
    return Form.QUIET if quiet else Form(format)


def _value(option: Option, given: Any) -> Any:
    if option.takes is Takes.CHOICE:
        kind = option.choices if isinstance(option.choices, type) else str
        return None if given == "auto" else kind(given)
    reader = _READERS.get(option.takes)
    return given if reader is None else reader(given, option.flag)


def _names(given: Sequence[str], flag: str) -> tuple[str, ...]:
    """Return names: one value splits on commas, repeated ones are taken as they are."""
    names = given if len(given) > 1 else [part.strip() for part in given[0].split(",")]
    if not all(names):
        raise UsageError(
            f"{flag} {','.join(given)!r} has an empty name", code="empty_name", hint=f"leave {flag} out, or fill it"
        )
    return tuple(names)


def _slices(given: Sequence[str], flag: str) -> tuple[str, ...]:
    """Return what to slice by: one value splits on commas, unless these are between the edges of its bins."""
    return tuple(given) if "=" in given[0] else _names(given, flag)


def _conditions(given: Sequence[str], flag: str) -> tuple[tuple[str, str], ...]:
    conditions = []
    for text in given:
        column, equals, value = text.rpartition("=")
        if not equals or not column:
            raise UsageError(f"{flag} {text!r} is not COLUMN=VALUE", code="where_form", hint="for example split=test")
        conditions.append((column, value))
    return tuple(conditions)


def _keyed(given: Sequence[str], flag: str) -> tuple[tuple[str, str], ...]:
    """Return pairs of a key and a value, split at the first ``=``: what follows may hold more of them."""
    pairs = []
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise UsageError(
                f"{flag} {text!r} is not NAME=VALUE", code="pair_form", hint=f"for example {flag} model=lr"
            )
        pairs.append((key.strip(), value.strip()))
    return tuple(pairs)


def _limits(given: Sequence[str], flag: str) -> Any:
    from celoss_cli.gate.limits import read_limits

    return read_limits(flag, given)


def _margin(given: str, flag: str) -> Any:
    from celoss_cli.gate.limits import read_margin

    return read_margin(given, flag)


def from_text(option: Option, given: str | Sequence[str]) -> Any:
    """Return the value of an option that takes one from a text, or a list of texts, as a cell of a table holds it.

    Raises UsageError for a text that it does not take.
    """
    if option.takes.repeats:
        whole = option.takes in (Takes.NAMES, Takes.KEYS, Takes.SLICES)  # which split by themselves
        parts = [given] if isinstance(given, str) and whole else given.split(",") if isinstance(given, str) else given
        return _value(option, [part.strip() for part in parts])
    text = ",".join(given) if not isinstance(given, str) else given
    if option.takes is Takes.CHOICE and text not in ("auto", *map(str, option.choices)):
        raise UsageError(
            f"{text!r} is none of the choices", code="unknown_choice", hint=f"one of {', '.join(option.choices)}"
        )
    kind = _PARSED.get(option.takes, str)
    try:
        return _value(option, kind(text))
    except ValueError:
        raise UsageError(
            f"{text!r} is no {'whole number' if kind is int else 'number'}", code="not_a_number", hint="such as 1"
        ) from None


_READERS: dict[Takes, Callable[[Any, str], Any]] = {
    Takes.NAMES: _names,
    Takes.KEYS: _names,
    Takes.SLICES: _slices,
    Takes.CONDITIONS: _conditions,
    Takes.LIMITS: _limits,
    Takes.TAGS: _keyed,
    Takes.MODELS: _keyed,
    Takes.MARGIN: _margin,
}


_PARSED = {Takes.SWITCH: bool, Takes.NUMBER: float, Takes.WHOLE: int}
"""The types that Typer parses; all other kinds are texts."""


def parsed_type(option: Option) -> Any:
    """Return the type that Typer parses an option as."""
    parsed: Any = option.choices if isinstance(option.choices, type) else _PARSED.get(option.takes, str)
    if option.takes is Takes.CHOICE and (parsed is str or option.default == "auto"):
        values = [*(["auto"] if option.default == "auto" else []), *option.choices]
        make: Any = StrEnum
        parsed = make(option.name, {value.upper(): str(value) for value in values})
    if option.takes.repeats:
        return list[parsed] | None
    return parsed | None if option.default is None else parsed
