"""In which spellings the rows have each value that ``--where`` asks for: 1.1 and 1.10 are one number, and two texts."""

from __future__ import annotations

from celoss_cli.tuples import NamedTuple


class TextsMet(NamedTuple):
    """``texts`` has the spellings met for each condition, sorted. ``merge`` is a union, ``TextsMet()`` its identity."""

    texts: tuple[tuple[str, ...], ...] = ()

    def merge(self, other: TextsMet) -> TextsMet:
        """Return the spellings in both sets of rows."""
        if not self.texts or not other.texts or self == other:
            return self if self.texts else other
        both = zip(self.texts, other.texts, strict=True)
        return TextsMet(tuple(tuple(sorted({*mine, *theirs})) for mine, theirs in both))
