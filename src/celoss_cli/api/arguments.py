"""What callers of the Python API pass, read into the terms of a request, or refused with a UsageError."""

from __future__ import annotations

import numbers
import operator
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from celoss_cli.errors import UsageError
from celoss_cli.gate.limits import Limit, read_limits, read_margin
from celoss_cli.options.option import Option, Takes

_WITHOUT_PLACES = (set, frozenset, Mapping)  # what they hold has no first and second


def path_or_object(given: Any) -> Any:
    """Return a path as text, and anything else as it is."""
    return os.fspath(given) if isinstance(given, os.PathLike) else given


def candidates_of(candidate: Any) -> list[Any]:
    """Return the candidates. A list of numbers is one model, as for ``evaluate``; a list of lists is ambiguous."""
    if not isinstance(candidate, list | tuple):
        return [candidate]
    if any(isinstance(one, list | tuple) for one in candidate):
        raise UsageError(
            "candidate is a list of lists: the rows of one, or several candidates",
            code="candidate_ambiguous",
            hint="pass an array for each: numpy.array(rows), or [numpy.array(one), numpy.array(other)]",
        )
    rows = bool(candidate) and all(isinstance(one, numbers.Number) for one in candidate)
    return [candidate] if rows else list(candidate)


def names(given: Any, name: str) -> tuple[str, ...]:
    """Return names: one string splits on commas, as on the command line; several are taken as they are."""
    if isinstance(given, str):
        parts = tuple(part.strip() for part in given.split(","))
        if not all(parts):
            raise UsageError(f"{name} {given!r} has an empty name", code="empty_name", hint="leave it out, or fill it")
        return parts
    if not isinstance(given, Iterable) or isinstance(given, _WITHOUT_PLACES):
        raise _unfit(name, given, "one name, or several in a list: their order counts")
    return tuple(str(part) for part in given)


def column(given: Any, name: str) -> str:
    """Return the name of a column."""
    if isinstance(given, str):
        return given
    raise _unfit(name, given, "the name of a column, or where predictions are in memory an array of values")


def word(given: Any, name: str) -> str:
    """Return a text."""
    if isinstance(given, str):
        return given
    raise _unfit(name, given, "a text")


def count(given: Any, name: str) -> str:
    """Return a number from 0 on, or the name of the column that says it, as the command line has it."""
    if isinstance(given, str):
        return given
    number_of = -1 if isinstance(given, bool) else whole(given, name)
    if number_of < 0:
        raise _unfit(name, given, "a number from 0 on, or the name of a column")
    return str(number_of)


def spelled(given: Any, name: str) -> str:  # noqa: ARG001  as every reader is called
    """Return the name of a class or a label, as it is spelled in a file."""
    return str(given)


def file(given: Any, name: str) -> str:
    """Return the name of a file."""
    path = path_or_object(given)
    if isinstance(path, str):
        return path
    raise _unfit(name, given, "the name of a file")


def calibration(given: Any, name: str) -> Any:
    """Return a fix, or the name of a file that holds one."""
    from celoss_cli.results.calibration import Calibration

    path = path_or_object(given)
    if isinstance(path, str | Calibration):
        return path
    raise _unfit(name, given, "what fit_calibration returned, or the name of a file that holds it")


def switch(given: Any, name: str) -> bool:
    """Return whether something is asked for. A text is refused: ``"no"`` would be true."""
    if str(given) in ("True", "False") and not isinstance(given, str):  # Python's own, or NumPy's
        return bool(given)
    raise _unfit(name, given, "True or False")


def class_weights(given: Any, name: str) -> Any:
    """Return what classes count: a text or a file, a number for each class in their order, or numbers by name.

    A pandas Series with an index of its own has the names there.
    """
    if isinstance(given, str | os.PathLike | Mapping):
        return path_or_object(given)
    by_name = _named(given)
    if by_name is not None and by_name.is_unique:
        return given.to_dict()
    if by_name is not None or not isinstance(given, Iterable) or isinstance(given, set | frozenset):
        raise _unfit(name, given, "a text, a list of a number for each class, or a mapping from classes to numbers")
    return given


def pos_weights(given: Any, name: str) -> Any:
    """Return what the positive class counts: a text, one number, or one for each label in their order."""
    if isinstance(given, _WITHOUT_PLACES) or _named(given) is not None:
        raise _unfit(name, given, "one number, or a list of one for each label in their order")
    return given


def _named(given: Any) -> Any:
    """Return the index of a pandas Series that says what its numbers are of, ``None`` for a default one."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(given, pandas.Series) or isinstance(given.index, pandas.RangeIndex):
        return None
    return given.index


def slices(given: Any, name: str) -> tuple[str, ...]:
    """Return what to slice by: one text splits on commas, unless these are between the edges of its bins."""
    return (given,) if isinstance(given, str) and "=" in given else names(given, name)


def limits(given: Any, name: str) -> tuple[Limit, ...]:
    """Return limits that may each be for one class or slice."""
    return read_limits(name, given)


def conditions(given: Any, name: str) -> tuple[tuple[str, str], ...]:
    """Return conditions, from a mapping of columns to values or from texts ``COLUMN=VALUE``."""
    if isinstance(given, Mapping):
        return tuple((str(key), "" if value is None else str(value)) for key, value in given.items())
    found = []
    for text in [given] if isinstance(given, str) or not isinstance(given, Iterable) else given:
        key, equals, value = text.rpartition("=") if isinstance(text, str) else ("", "", "")
        if not equals or not key:
            raise _unfit(name, text, "a mapping from columns to values, or COLUMN=VALUE")
        found.append((key, value))
    return tuple(found)


def keyed(given: Any, name: str) -> tuple[tuple[str, Any], ...]:
    """Return pairs of a key and a value, from a mapping or from texts ``key=value``, split at the first ``=``."""
    if isinstance(given, Mapping):
        return tuple((str(key), value) for key, value in given.items())
    found = []
    for text in [given] if isinstance(given, str) or not isinstance(given, Iterable) else given:
        key, equals, value = text.partition("=") if isinstance(text, str) else ("", "", "")
        if not equals or not key or not value:
            raise _unfit(name, text, "a mapping, or texts NAME=VALUE")
        found.append((key, value))
    return tuple(found)


def tags(given: Any, name: str) -> tuple[tuple[str, str], ...]:
    """Return what is noted about a run, as texts."""
    return tuple((key, str(value)) for key, value in keyed(given, name))


def number(given: Any, name: str) -> float:
    """Return a number, also one that is spelled out."""
    try:
        return float(given)
    except (TypeError, ValueError, OverflowError) as error:
        raise _unfit(name, given, "a number") from error


def whole(given: Any, name: str) -> int:
    """Return a whole number, also one that is spelled out."""
    try:  # not by way of a float: a seed may have more digits
        return int(given) if isinstance(given, str) else operator.index(given)
    except (TypeError, ValueError):
        near = number(given, name)
    if not near.is_integer():
        raise _unfit(name, given, "a whole number")
    return int(near)


def _unfit(name: str, given: Any, wanted: str) -> UsageError:
    shown = repr(given) if given is None or isinstance(given, str | int | float) else f"of type {type(given).__name__}"
    return UsageError(f"{name} is {shown}", code="unfit_argument", hint=f"it takes {wanted}")


READERS: dict[Takes, Callable[[Any, str], Any]] = {
    Takes.SWITCH: switch,
    Takes.NUMBER: number,
    Takes.WHOLE: whole,
    Takes.TEXT: word,
    Takes.COUNT: count,
    Takes.SPELLED: spelled,
    Takes.COLUMN: column,
    Takes.VALUES: column,
    Takes.NAMES: names,
    Takes.KEYS: names,
    Takes.CONDITIONS: conditions,
    Takes.SLICES: slices,
    Takes.TAGS: tags,
    Takes.MODELS: keyed,
    Takes.FILE: file,
    Takes.CLASS_WEIGHTS: class_weights,
    Takes.POS_WEIGHTS: pos_weights,
    Takes.LIMITS: limits,
    Takes.MARGIN: read_margin,
    Takes.EXPECTED: spelled,
    Takes.CALIBRATION: calibration,
}
"""How each kind of option is read; a choice is read by its choices."""


def taken(options: Mapping[str, Option], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was passed, in the terms of a request, of limits and of a comparison.

    ``None`` is an option left out, and refused where the default is another value. Raises UsageError for a value that
    an option does not take.
    """
    values = {}
    for name, passed in given.items():
        option = options[name]
        if passed is None and option.default not in (None, "auto"):
            raise _unfit(name, None, "a value, and has a default where it is left out")
        if passed is not None:
            values[name] = (
                _chosen(option, passed) if option.takes is Takes.CHOICE else READERS[option.takes](passed, name)
            )
    return values


def _chosen(option: Option, given: Any) -> str | None:
    """Return the choice that a value names, a number also by itself; ``"auto"`` is none, where the option has it."""
    if option.default == "auto" == str(given):
        return None
    for member in option.choices:
        if member == str(given):
            return member
    raise UsageError(
        f"{option.name} is {given!r}", code="unknown_choice", hint=f"it is one of {', '.join(option.choices)}"
    )
