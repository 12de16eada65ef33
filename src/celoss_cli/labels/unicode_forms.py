"""Texts that look alike and are not: an accented letter is one character in one, a letter and a mark in the other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def composed(text: str) -> str:
    """Return a text with each letter and its marks as one character where there is one (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def two_forms(texts: Iterable[str], others: Iterable[str]) -> str | None:
    """Return what to do about one of ``texts`` that is one of ``others`` but for its Unicode form; ``None`` without."""
    names = {composed(other): other for other in others if not other.isascii()}
    for text in texts:
        other = None if text.isascii() else names.get(composed(text))
        if other is not None and other != text:
            return (
                f"they are the same letters in two Unicode forms, {len(text)} characters and {len(other)}: write "
                f"{composed(text)!r} alike everywhere, as unicodedata.normalize('NFC', text) does"
            )
    return None
