"""What one cell of a text file is: a number, a boolean, missing, or text; and what a column of such cells is."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    r"(?:(?:np|numpy|torch)\.)?(?:array|tensor)\(|\[\s*[-+.0-9'\"nNiI\[({]|\S+:[-+.0-9]\S*[ \t]+\S+:[-+.0-9]"
    r"|\{[^:=}]*[:=]|\([0-9]+,\s*\[|(?:Dense|Sparse)Vector\(|__label__\S+[ \t]+[-+.0-9]"
)

_ONE = r"\s*[-+]?[0-9.,]+\s*%\s*$|(?:np|numpy)\.(?:float|int|uint)[0-9]+\("

DIGITS_SAMPLE = 300
"""How many numbers show with how many digits a printer prints."""

_SHOWN = 60


def is_number(cell: str, decimal: str) -> bool:
    """Whether pyarrow reads ``cell`` as a float64 with this decimal mark; blanks around it are allowed."""
    return _NUMBER[decimal].fullmatch(cell.strip(" \t")) is not None


def may_be_several(cell: str) -> bool:
    """Whether one cell may hold several scores: a list, a printed array, or pairs like ``1:0.25 2:0.75``."""
    return _SEVERAL.match(cell) is not None


def may_be_written(cell: str) -> bool:
    """Whether one cell may hold a number that is not written as digits alone: ``70%``, ``np.float64(0.7)``."""
    return ("%" in cell or "(" in cell) and re.match(_ONE, cell) is not None


def shortened(text: str) -> str:
    """Return a cell as a message shows it: on one line, and cut short."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


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
    integers = len(values) == len(cells) and _INTEGERS.fullmatch(lines)
    return Column(name, Kind.NUMBER, "integer" if integers else "float", digits=printed_digits(stripped))


def printed_digits(values: Sequence[str]) -> int:
    """Return the largest number of significant digits after the point: 3 for ``0.250``, 2 for ``1.00``.

    A probability is rounded by at most half a unit in the last of them, whether its printer counts decimals or
    significant digits. A few hundred cells show how a printer prints.
    """
    return max(map(_digits_after_point, values[:DIGITS_SAMPLE]), default=0)


def _digits_after_point(value: str) -> int:
    whole, _, fraction = value.replace(",", ".").partition(".")
    if not fraction.isdigit():  # there is none, or an exponent, or a name such as inf
        mantissa, exponent, _ = value.lower().replace(",", ".").partition("e")
        whole, _, fraction = mantissa.partition(".")
        if exponent:
            digits = (whole + fraction).lstrip("+-0")
            return len(digits) if digits.isdigit() else sum(map(str.isdigit, digits))
        fraction = "".join(filter(str.isdigit, fraction))
    return len(fraction) if whole.strip("+-0") else len(fraction.lstrip("0"))
