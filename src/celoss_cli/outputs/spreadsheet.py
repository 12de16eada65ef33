"""Cells of delimited text that a spreadsheet would run as a formula, made text again."""

from __future__ import annotations

import re

# What begins a formula (OWASP, "CSV injection"), the full-width signs included; and so after blanks, which some strip.
_RUNS = re.compile(r"[\t\r\n]|\s*[=+@＝＋－＠-]")

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)

SUSPECT_BYTES = b"=+-@\t\r\n\x0b\x0c \x1c\x1d\x1e\x1f\xef\xc2\xe1\xe2\xe3"
"""The bytes that text which ``neutral`` changes can begin with, in UTF-8."""


def neutral(text: str) -> str:
    """Return ``text`` with an apostrophe before it if a spreadsheet would run it. Numbers stay as they are."""
    return f"'{text}" if _RUNS.match(text) and not _NUMBER.fullmatch(text) else text
