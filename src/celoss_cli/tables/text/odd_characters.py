"""Characters that look like those of a number and are none: a Unicode minus, a no-break space, full-width digits."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from celoss_cli.tables.text.cells import is_number, shortened

_MINUS = "\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}"

_WIDE = "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH FULL STOP}\N{FULLWIDTH COMMA}"

_POINTS = {"\N{ARABIC DECIMAL SEPARATOR}": ".", "\N{MIDDLE DOT}": "."}

_DROPPED = ("Zs", "Cf")  # spaces of any width, and marks of no width at all


class OddNumber(NamedTuple):
    """What a message says of a cell that would be a number but for a character."""

    what: str
    hint: str


def odd_number(cell: str, decimal: str = ".") -> OddNumber | None:
    """Return which character keeps a cell from being a number, and how to write it; ``None`` if that is not all."""
    odd = next((char for char in cell.strip(" \t") if not char.isascii()), None)
    if odd is None:
        return None
    written = "".join(map(_plain, cell)).strip(" \t")
    if not is_number(written, decimal):
        return None
    name = unicodedata.name(odd, "")
    return OddNumber(
        f"it holds the character U+{ord(odd):04X}{f' ({name})' if name else ''}",
        f"write {shortened(written)}: a number has ASCII digits, '-' and '{decimal}' only",
    )


def _plain(char: str) -> str:
    """Return what a character would be in a number."""
    if char in _MINUS:
        return "-"
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if not char.isascii() and unicodedata.category(char) in _DROPPED:
        return ""
    return unicodedata.normalize("NFKC", char) if char in _WIDE else _POINTS.get(char, char)
