"""Class weights: what the user said, as a number for each class."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from celoss_cli.classes import listed, number
from celoss_cli.errors import InvalidWeights, UsageError

BALANCED = "balanced"

Given = Mapping[str, float] | Sequence[float]
Spoken = str | Given | None


def read_class_weights(given: Spoken) -> Given | str | None:
    """Return what ``--class-weight`` says: ``"balanced"``, one number per class, or a number for some names.

    ``given`` is the option's text (``balanced``, ``1,2,3``, ``a=1,b=2``, a CSV or JSON file) or the Python object.
    """
    if given is None or given == BALANCED:
        return given
    if isinstance(given, str):
        return _from_text(given)
    if isinstance(given, Mapping):
        return {str(name): _weight(value, str(name)) for name, value in given.items()}
    return [_weight(value, f"number {i + 1}") for i, value in enumerate(given)]


def resolve_class_weights(given: Given, classes: Sequence[str]) -> tuple[float, ...]:
    """Return a weight for each class. Names are matched as labels are; classes not named weigh 1."""
    if not isinstance(given, Mapping):
        if len(given) != len(classes):
            raise InvalidWeights(
                f"--class-weight has {len(given)} weights for {len(classes)} classes: {listed(classes)}",
                code="class_weight_length",
                hint="give one weight per class in this order, or name=weight for some of them",
            )
        return tuple(given)
    weights = dict.fromkeys(classes, 1.0)
    by_number = {number(name): name for name in classes if number(name) is not None}
    for name, weight in given.items():
        known = name if name in weights else by_number.get(number(name)) if number(name) is not None else None
        if known is None:
            raise InvalidWeights(
                f"--class-weight names {name!r}, which is none of the classes {listed(classes)}",
                code="class_weight_unknown",
                hint="use the class names that celoss shows",
            )
        weights[known] = weight
    return tuple(weights[name] for name in classes)


def balanced_weights(rows: Sequence[int]) -> tuple[Fraction, ...]:
    """Return n / (C₊ · n_c) for each class, from the counts of scored rows; 1 for classes without rows."""
    present = sum(count > 0 for count in rows)
    return tuple(Fraction(sum(rows), present * count) if count else Fraction(1) for count in rows)


def _from_text(text: str) -> Given:
    if Path(text).suffix.lower() in (".csv", ".json"):
        return _from_file(Path(text))
    parts = [part.strip() for part in text.split(",")]
    if any("=" in part for part in parts):
        named = {}
        for part in parts:
            name, equals, value = part.rpartition("=")
            if not equals:
                raise _unreadable(text, f"{part!r} has no name")
            named[name.strip()] = _number(value, text, name)
        return named
    return [_number(part, text, f"number {i + 1}") for i, part in enumerate(parts)]


def _from_file(path: Path) -> Given:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise InvalidWeights(f"the class weights cannot be read: {path}: {reason}", code="class_weight_file") from error
    import csv
    import json

    if path.suffix.lower() == ".json":
        try:
            found = json.loads(content)
        except json.JSONDecodeError as error:
            raise _unreadable(str(path), f"not JSON ({error})") from error
        if isinstance(found, dict) and all(_is_number(value) for value in found.values()):
            return {str(name): _weight(value, str(name)) for name, value in found.items()}
        if isinstance(found, list) and all(_is_number(value) for value in found):
            return [_weight(value, f"number {i + 1}") for i, value in enumerate(found)]
        raise _unreadable(str(path), 'neither {"class": weight, …} nor [weight, …]')
    rows = [row for row in csv.reader(content.splitlines()) if row]
    if rows and number(rows[0][-1]) is None:
        rows = rows[1:]  # a header: class,weight
    if not rows or any(len(row) != 2 for row in rows):
        raise _unreadable(str(path), "not two columns, class and weight")
    return {row[0].strip(): _number(row[1], str(path), row[0]) for row in rows}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: str, source: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise _unreadable(source, f"{text.strip()!r} is not a number") from error
    return _weight(value, name)


def _weight(value: float, name: str) -> float:
    if not (math.isfinite(value) and value >= 0.0):
        raise InvalidWeights(
            f"the class weight of {name} is {value:g}; weights must be finite and not negative",
            code="class_weight_negative",
            hint="correct --class-weight",
        )
    return float(value)


def _unreadable(source: str, reason: str) -> UsageError:
    return UsageError(
        f"--class-weight {source}: {reason}",
        code="class_weight_unreadable",
        hint="balanced, 1,2,3 (class order), name=1,other=2, or a .csv or .json file",
    )
