"""What one cell of a text file is: a number, a boolean, missing, or text; and what a column of such cells is."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from itertools import chain

from celoss_cli.spelling import cut_to
from celoss_cli.tables.source import Column, Kind

_NO_VALUE = (
    *("", "NA", "N/A", "n/a", "#NA", "#N/A", "#N/A N/A", "NULL", "null"),
    *("NaN", "nan", "-NaN", "-nan", "1.#QNAN", "-1.#QNAN", "1.#IND", "-1.#IND"),
)


# pyarrow compares cells before it strips them, so one blank beside a marker (`0.1, NA`) has to be spelled out.
MISSING = frozenset(form for marker in _NO_VALUE for form in (marker, f" {marker}", f"{marker} "))

TRUE = ("true", "True", "TRUE")

FALSE = ("false", "False", "FALSE")

_TRUTHS = frozenset({*TRUE, *FALSE})

_TEMPLATE = r"[+-]?(?:[0-9]+(?:{0}[0-9]*)?|{0}[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:inf|infinity|nan)"


class _Patterns(dict[str, re.Pattern[str]]):
    """Patterns by the decimal mark, compiled when they are asked for: most files need those of one mark."""

    def __init__(self, template: str) -> None:
        super().__init__()
        self._template = template

    def __missing__(self, mark: str) -> re.Pattern[str]:
        pattern = self[mark] = re.compile(self._template.format(re.escape(mark)), re.IGNORECASE)
        return pattern


_NUMBER = _Patterns(_TEMPLATE)

# A column of cells, a line each: one match of a thousand lines costs a tenth of a thousand matches.
_NUMBERS = _Patterns(rf"(?:(?:{_TEMPLATE})\n)*")

_PADDED_INTEGER = re.compile(r"^[+-]?0[0-9]+$", re.MULTILINE)

_INTEGERS = re.compile(r"(?:-?[0-9]{1,18}\n)*")

_SEVERAL = re.compile(
    r"(?:(?:np|numpy|torch)\.)?(?:array|tensor)\(|\[\s*[-+.0-9'\"nNiI\[({]|(?=\S+?:[-+.0-9])\S++[ \t]+\S+?:[-+.0-9]"
    r"|\(\s*(?:(?:np|numpy)\.float[0-9]+\([^()]*\)|[-+]?[0-9]+(?:\.[0-9]+|(?=e))(?:e[-+]?[0-9]+)?)\s*,"
    r"|\{[^:=}]*[:=]|\([0-9]+,\s*\[|(?:Dense|Sparse)Vector\(|__label__\S+[ \t]+[-+.0-9]"
)

_ONE = r"\s*[-+]?[0-9.,]+\s*%\s*$|(?:np|numpy)\.(?:float|int|uint)[0-9]+\("

_NO_NUMBER = frozenset(string.ascii_letters) - frozenset("iInN")  # no number begins so, but names of columns do

DIGITS_SAMPLE = 300
"""How many numbers show with how many digits a printer prints."""

_SHOWN = 60

_CELLS_AT_ONCE = 1000


def is_number(cell: str, decimal: str) -> bool:
    """Whether pyarrow reads ``cell`` as a float64 with this decimal mark; blanks around it are allowed."""
    if cell[:1] in _NO_NUMBER:
        return False
    return _NUMBER[decimal].fullmatch(cell.strip(" \t")) is not None


def may_be_several(cell: str) -> bool:
    """Whether one cell may hold several scores: a list, a printed array, or pairs like ``1:0.25 2:0.75``."""
    return _SEVERAL.match(cell) is not None


def may_be_written(cell: str) -> bool:
    """Whether one cell may hold a number that is not written as digits alone: ``70%``, ``np.float64(0.7)``."""
    return ("%" in cell or "(" in cell) and re.match(_ONE, cell) is not None


def shortened(text: str) -> str:
    """Return a cell as a message shows it: on one line, and cut short."""
    return cut_to(" ".join(text.split()), _SHOWN)


def all_numbers(cells: Sequence[str], decimal: str) -> bool:
    """Whether every cell that is not missing is a number, and there is one."""
    values = _stripped([cell for cell in cells if cell not in MISSING])
    return bool(values) and _are_numbers(_lines(values), len(values), decimal)


def _stripped(values: list[str]) -> list[str]:
    """Return cells without the blanks around them; hardly any have some."""
    text = "".join(values)
    return [value.strip(" \t") for value in values] if " " in text or "\t" in text else values


def _lines(values: Sequence[str]) -> str:
    return "\n".join([*values, ""])


def _are_numbers(lines: str, count: int, decimal: str) -> bool:
    """Whether each of so many lines is a number; a cell that holds line ends makes more of them."""
    return lines.count("\n") == count and _NUMBERS[decimal].fullmatch(lines) is not None


def is_fraction(cell: str, decimal: str) -> bool:
    """Whether the cell is a number that is not written as an integer: ``0.0`` is, ``0`` is not."""
    return is_number(cell, decimal) and not cell.strip(" \t").lstrip("+-").isdigit()


def describe_columns(names: Sequence[str], rows: Sequence[Sequence[str]], decimal: str) -> Iterator[Column]:
    """Yield what each column is, judged by its cells in the first rows. A short row has no cells for the last ones.

    Where there are thousands of columns, and few rows of each in a sample, most are told to be numbers many at a time.
    """
    cells: list[Sequence[str]]
    if all(len(row) >= len(names) for row in rows):
        cells = list(zip(*rows, strict=False))
    else:
        cells = [[row[place] for row in rows if place < len(row)] for place in range(len(names))]
    step = max(1, _CELLS_AT_ONCE // len(rows))
    for start in range(0, len(names), step):
        some = cells[start : start + step]
        alike = step > 1 and _are_plain_numbers(list(chain.from_iterable(some)), decimal)
        for name, values in zip(names[start : start + step], some, strict=False):
            if alike and values:
                integers = decimal not in values[0] and _INTEGERS.fullmatch(_lines(values)) is not None
                yield _of_numbers(name, values, integers=integers)
            else:
                yield describe_column(name, values, decimal)


def _are_plain_numbers(cells: Sequence[str], decimal: str) -> bool:
    """Whether all cells are numbers, none of them missing, between blanks or padded with zeros."""
    lines = _lines(cells)
    return (
        " " not in lines
        and MISSING.isdisjoint(cells)
        and _are_numbers(lines, len(cells), decimal)
        and _PADDED_INTEGER.search(lines) is None
    )


def _of_numbers(name: str, values: Sequence[str], *, integers: bool) -> Column:
    """Return the column that has these numbers in its first rows."""
    digits = 0 if integers else printed_digits(values)
    return Column(name, Kind.NUMBER, "integer" if integers else "float", digits=digits)


def describe_column(name: str, cells: Sequence[str], decimal: str) -> Column:
    """Return what a column is, judged by its first cells.

    ``001`` is not a number here but a name, or an id would lose its zeros; a score column may still be read from
    such cells. A column without a single value is ``OTHER``: nothing can be said about it.
    """
    values = [cell for cell in cells if cell not in MISSING]
    if not values:
        return Column(name, Kind.OTHER, "empty")
    if values[0].strip() in _TRUTHS and all(value.strip() in _TRUTHS for value in values):
        return Column(name, Kind.BOOLEAN, "boolean")
    stripped = _stripped(values)
    lines = _lines(stripped)
    if not _are_numbers(lines, len(stripped), decimal) or _PADDED_INTEGER.search(lines):
        return Column(name, Kind.TEXT, "text")
    integers = len(values) == len(cells) and _INTEGERS.fullmatch(lines) is not None
    return _of_numbers(name, stripped, integers=integers)


def printed_digits(values: Sequence[str]) -> int:
    """Return the largest number of significant digits after the point: 3 for ``0.250``, 2 for ``1.00``.

    A probability is rounded by at most half a unit in the last of them, whether its printer counts decimals or
    significant digits. A few hundred cells show how a printer prints.
    """
    most = 0
    for value in values[:DIGITS_SAMPLE]:
        whole, _, fraction = value.partition(".")
        if not fraction.isdigit() or "," in whole:
            mantissa, _, power = fraction.partition("e")
            if not power or len(whole) + len(mantissa) > most:  # else it has no more digits than others
                most = max(most, _digits_otherwise(value))
        elif len(fraction) > most:
            most = max(most, len(fraction) if whole.strip("+-0") else len(fraction.lstrip("0")))
    return most


def _digits_otherwise(value: str) -> int:
    """Return that number for one value with a comma, with an exponent, without a point, or for a name such as inf."""
    mantissa, exponent, _ = value.lower().replace(",", ".").partition("e")
    whole, _, fraction = mantissa.partition(".")
    if exponent:
        digits = (whole + fraction).lstrip("+-0")
        return len(digits) if digits.isdigit() else sum(map(str.isdigit, digits))
    if not fraction.isdigit():
        fraction = "".join(filter(str.isdigit, fraction))
    return len(fraction) if whole.strip("+-0") else len(fraction.lstrip("0"))
