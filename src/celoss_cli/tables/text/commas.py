"""Commas that stand between columns, or inside numbers: ``1,20`` under one name is 1.20, or a row called 1 with a 20.

Where a header has as many names as there are fields, and where a number has a point, a comma stands between columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.tables.text.cells import is_number

_WHOLE = re.compile(r"[+-]?[0-9]+")

_DIGITS = re.compile(r"[0-9]+")

_FRACTION = re.compile(r"[0-9]{2,}")

_FEWEST_ROWS = 3  # that count up: fewer do so by chance


class Commas(Enum):
    """What the commas are that cut each record into one field more than there are names."""

    DELIMITERS = "between columns"
    DECIMALS = "decimal marks"
    EITHER = "either"


def judge(rows: Sequence[Sequence[str]]) -> Commas:
    """Return what the commas are that cut the records of a sample into ``rows``, none of which has a quote in it.

    Row names count up, and no two are the same or negative. Fractions may be ``05``, which no whole number is.
    """
    first, body = rows[0], rows[1:]
    if any(is_number(cell, ".") for cell in first):
        return _judge_unnamed(rows)
    width = len(body[0]) if body else 0
    more = width - len(first)
    if more < 1 or any(len(row) != width for row in body) or not any(row[-1] for row in body) or _have_points(body):
        return Commas.DELIMITERS
    pairs = _pairs(body, width)
    if more > len(pairs):
        return Commas.DELIMITERS
    names = [row[0].strip() for row in body]
    different = len(set(names)) == len(names)
    if more == 1 and different and (_count_up(names) or not all(map(_WHOLE.fullmatch, names))):
        return Commas.DELIMITERS
    if not different or any(_is_surely_one(body, place) for place in pairs):
        return Commas.DECIMALS
    fractions = any(_FRACTION.fullmatch(row[place + 1]) for row in body for place in pairs)
    return Commas.EITHER if fractions else Commas.DELIMITERS


def _judge_unnamed(rows: Sequence[Sequence[str]]) -> Commas:
    """Judge two columns without names: those of whole numbers could be one of numbers like ``0,25``."""
    if any(len(row) != 2 for row in rows) or not _pairs(rows, 2):
        return Commas.DELIMITERS
    if any(re.fullmatch(r"[+-]0+", row[0].strip()) for row in rows):
        return Commas.DECIMALS
    return Commas.EITHER if any(len(row[1]) > 1 for row in rows) else Commas.DELIMITERS


def _have_points(rows: Sequence[Sequence[str]]) -> bool:
    return any("." in cell and is_number(cell, ".") for row in rows for cell in row)


def _pairs(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the places of the columns that could, with the one behind, be one of numbers with a decimal comma."""
    whole = [all(_WHOLE.fullmatch(row[place].strip()) for row in rows) for place in range(width)]
    return [i for i in range(width - 1) if whole[i] and all(_DIGITS.fullmatch(row[i + 1]) for row in rows)]


def _count_up(names: Sequence[str]) -> bool:
    if len(names) < _FEWEST_ROWS or not all(name.isdecimal() and name.isascii() for name in names):
        return False
    numbers = [int(name) for name in names]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _is_surely_one(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a column and the one behind it are one: a sign of zero or of a row name, or a fraction such as 05."""
    whole, digits = [row[place].strip() for row in rows], [row[place + 1] for row in rows]
    signed = any(re.fullmatch(r"[+-]0+", cell) or (place == 0 and cell[:1] in "+-") for cell in whole)
    return signed or any(len(cell) > 1 and cell[0] == "0" for cell in digits)


def refuse(commas: Commas, rows: Sequence[Sequence[str]], path: str, line: int) -> None:
    """Raise AmbiguousData: the commas are not what a table can be read by."""
    shown = ",".join(rows[1])
    if commas is Commas.DECIMALS:
        raise AmbiguousData(
            f"commas stand between the columns and in the numbers: {shown}",
            code="decimal_commas",
            where=Where(path, line=line),
            hint="write it with another delimiter (sep=';'), or with decimal points",
        )
    raise AmbiguousData(
        f"'{shown}' is a row name and whole numbers, or has a decimal comma in it",
        code="decimal_commas",
        where=Where(path, line=line),
        hint="--delimiter , if the first column holds names of rows"
        + ("; --delimiter none --decimal , if each line is one number" if len(rows[1]) == 2 else ""),
    )
