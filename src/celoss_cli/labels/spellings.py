"""Ids that two files write in two ways: with zeros in front or without, in large letters or small, with a path."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from celoss_cli.labels.unicode_forms import composed
from celoss_cli.spelling import exact_number


class TwoWays(NamedTuple):
    """One id as each file writes it, and what to do."""

    here: str
    there: str
    hint: str


def two_ways(here: Sequence[Sequence[str]], there: Sequence[Sequence[str]]) -> TwoWays | None:
    """Return how ids of one file are written in the other, if most of them are there in another spelling.

    Each id is a list of texts, one for each of its columns. None is in the other file as it is.
    """
    for plainly, hint in _SPELLINGS:
        known: dict[tuple[str, ...], Sequence[str]] = {}
        doubled = False
        for one in there:
            doubled |= known.setdefault(tuple(map(plainly, one)), one) is not one
        pairs = [(one, known[key]) for one in here if (key := tuple(map(plainly, one))) in known]
        if pairs and not doubled and 2 * len(pairs) > min(len(here), len(there)):
            one, other = next((pair for pair in pairs), pairs[0])
            place = next(i for i, (mine, theirs) in enumerate(zip(one, other, strict=True)) if mine != theirs)
            return TwoWays(one[place], other[place], hint)
    return None


def _as_number(text: str) -> str:
    value = exact_number(text.strip())
    return text if value is None else str(int(value) if value == int(value) else value)


def _without_path(text: str) -> str:
    return re.sub(r"\.[A-Za-z]{1,5}[0-9]?$", "", re.split(r"[/\\]", text.strip())[-1])


_SPELLINGS: tuple[tuple[Callable[[str], str], str], ...] = (
    (composed, "write them in one Unicode form in both files, as unicodedata.normalize('NFC', text) does"),
    (str.strip, "write them without blanks around them in both files"),
    (_as_number, "write them alike in both files: as whole numbers, or as text with the same zeros"),
    (lambda text: text.strip().casefold(), "write them in small letters in both files"),
    (lambda text: re.sub(r"[\s_-]", "", text).casefold(), "write them alike in both files, with or without dashes"),
    (_without_path, "write them alike in both files, with folder and ending or without"),
)
