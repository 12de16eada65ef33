"""Class weights: what the user said, as a number for each class."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from celoss_cli.errors import InvalidWeights, UsageError, Where
from celoss_cli.labels.classes import ClassMap
from celoss_cli.spelling import in_order, number

BALANCED = "balanced"

_UNCLOSED = "not two columns: a quote is never closed, or a cell is enormous"

_LONGEST_CELL = 1 << 16  # characters: below the limit of Python's csv module, which other libraries raise

_LARGEST = 1 << 26  # bytes of a file of weights: a million classes with long names

Given = Mapping[str, float] | Sequence[float]

Spoken = str | Given | None


def read_class_weights(given: Spoken) -> Given | str | None:
    """Return what ``--class-weight`` says: ``"balanced"``, one number per class, or a number for some names.

    ``given`` is the option's text (``balanced``, ``1,2,3``, ``a=1,b=2``, a CSV or JSON file) or the Python object.
    """
    if given is None:
        return None
    if isinstance(given, str):
        return given if given == BALANCED else _from_text(given)
    if isinstance(given, Mapping):
        return {str(name): _weight(value, str(name)) for name, value in given.items()}
    return [_weight(value, f"number {i + 1}") for i, value in enumerate(given)]


def resolve_class_weights(given: Given, classes: ClassMap) -> tuple[float, ...]:
    """Return a weight for each class, in code order. Names are matched as labels are; classes not named weigh 1."""
    names = classes.names
    if not isinstance(given, Mapping):
        if len(given) != len(names):
            raise InvalidWeights(
                f"--class-weight has {len(given)} weights for {len(names)} classes: {in_order(names)}",
                code="class_weight_length",
                hint="give one weight per class in this order, or name=weight for some of them",
            )
        return tuple(given)
    weights: dict[int, float] = {}
    for name, weight in given.items():
        code = classes.find(name)
        if code is None or code in weights:
            what = "which is none of the classes" if code is None else "a class that is named before, of"
            raise InvalidWeights(
                f"--class-weight names {name!r}, {what} {in_order(names)}",
                code="class_weight_unknown" if code is None else "class_weight_twice",
                hint="use the class names that celoss shows, each once",
            )
        weights[code] = weight
    return tuple(weights.get(code, 1.0) for code in range(len(names)))


def read_pos_weight(given: str | float | Sequence[float] | None) -> tuple[float, ...]:
    """Return what ``--pos-weight`` says: one number, or one for each label; empty if it was not given."""
    if given is None:
        return ()
    parts: Iterable[object] = (given,)
    if isinstance(given, str):
        parts = given.split(",")
    elif isinstance(given, Iterable):
        parts = given
    return tuple(_positive_weight(str(part).strip()) for part in parts)


def _positive_weight(text: str) -> float:
    value = number(text)
    if value is None or value < 0.0:
        raise UsageError(
            f"--pos-weight: {text!r} is not a number ≥ 0",
            code="pos_weight_unreadable",
            hint="one number, or one for each label: 3 or 1,2.5,1",
        )
    return value


def macro_weights(weights: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return class weights by which each class with rows counts the same: ΣS / (C₊ · S_c), S_c the class's weight."""
    present = sum(weight > 0 for weight in weights)
    total = sum(weights, Fraction(0))
    return tuple(total / (present * weight) if weight else Fraction(0) for weight in weights)


def balanced_weights(rows: Sequence[int]) -> tuple[Fraction, ...]:
    """Return n / (C₊ · n_c) for each class, from the counts of scored rows; 1 for classes without rows."""
    present = sum(count > 0 for count in rows)
    return tuple(Fraction(sum(rows), present * count) if count else Fraction(1) for count in rows)


def _from_text(text: str) -> Given:
    if Path(text).suffix.lower() in (".csv", ".json"):
        return _from_file(text)
    parts = [part.strip() for part in text.split(",")]
    if not any("=" in part for part in parts):
        return [_spoken(part, text, f"number {i + 1}") for i, part in enumerate(parts)]
    pairs = []
    for part in parts:
        name, equals, value = part.rpartition("=")
        if not equals or not name.strip():
            raise _misspelled(text, f"{part!r} has no name")
        pairs.append((name.strip(), _spoken(value, text, name)))
    if twice := _twice(name for name, _ in pairs):
        raise _misspelled(text, f"{twice!r} stands there twice")
    return dict(pairs)


def _spoken(text: str, source: str, name: str) -> float:
    try:
        return _weight(float(text), name)
    except ValueError as error:
        raise _misspelled(source, f"{text.strip()!r} is not a number") from error


def _misspelled(text: str, reason: str) -> UsageError:
    return UsageError(
        f"--class-weight {text}: {reason}",
        code="class_weight_unreadable",
        hint="balanced, 1,2,3 (class order), name=1,other=2, or a .csv or .json file",
    )


def _from_file(path: str) -> Given:
    try:
        with Path(path).open("rb") as file:  # which may be a pipe, or a device that never ends
            read = file.read(_LARGEST + 1)
        content = read[:_LARGEST].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _malformed(path, f"cannot be read: {reason}") from error
    if len(read) > _LARGEST:
        raise _malformed(path, f"has more than {_LARGEST >> 20} MiB: it holds no weights of classes")
    try:
        return _from_json(content, path) if path.lower().endswith(".json") else _from_csv(content, path)
    except InvalidWeights as error:
        raise InvalidWeights(error.message, code=error.code, where=Where(path), hint=error.hint) from error


def _from_json(content: str, path: str) -> Given:
    import json

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if twice := _twice(name for name, _ in pairs):
            raise _malformed(path, f"{twice!r} stands there twice")
        return dict(pairs)

    try:
        found = json.loads(content, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:  # also for a whole number of thousands of digits
        reason = str(error).partition("; use sys.")[0]
        raise _malformed(path, f"not JSON: {reason}") from error
    if isinstance(found, dict):
        return {name: _weight(value, name) for name, value in found.items()}
    if isinstance(found, list):
        return [_weight(value, f"number {i + 1}") for i, value in enumerate(found)]
    raise _malformed(path, 'neither {"class": weight, …} nor [weight, …]')


def _from_csv(content: str, path: str) -> Given:
    import csv

    try:
        rows = [row for row in csv.reader(content.splitlines()) if row]
    except csv.Error as error:  # a cell of more than 128 KiB
        raise _malformed(path, _UNCLOSED) from error
    if any(len(cell) > _LONGEST_CELL for row in rows for cell in row):
        raise _malformed(path, _UNCLOSED)
    if rows and number(rows[0][-1]) is None:
        rows = rows[1:]  # a header: class,weight
    if not rows or any(len(row) != 2 for row in rows):
        raise _malformed(path, "not two columns, class and weight")
    names = [row[0].strip() for row in rows]
    if twice := _twice(names):
        raise _malformed(path, f"{twice!r} stands there twice")
    return {name: _weight(row[1], name) for name, row in zip(names, rows, strict=True)}


def _malformed(path: str, reason: str) -> InvalidWeights:
    return InvalidWeights(
        reason,
        code="class_weight_file",
        where=Where(path),
        hint='a .csv file of class,weight rows, or a .json file with {"class": weight, …} or [weight, …]',
    )


def _twice(names: Iterable[str]) -> str | None:
    """Return the first name that is not the first of its kind."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _weight(value: Any, name: str) -> float:
    """Return the weight of the class ``name`` as a finite float."""
    try:
        weight = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        weight = math.nan
    if not (math.isfinite(weight) and weight >= 0.0):
        shown = f"{value:g}" if isinstance(value, float) else repr(value)[:60]
        raise InvalidWeights(
            f"the class weight of {name} is {shown}; weights must be finite numbers and not negative",
            code="class_weight_negative" if weight < 0.0 else "class_weight_invalid",
            hint="correct --class-weight",
        )
    return weight
