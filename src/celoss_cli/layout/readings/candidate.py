"""The readings of a table's columns as a list: what vouches for each, what speaks against it, and which one wins."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from operator import attrgetter

from celoss_cli.tables.source import Column
from celoss_cli.tuples import NamedTuple


class By(IntEnum):
    """What vouches for a reading, from what proves nothing to what proves most."""

    POSSIBLE = 0
    """Types and values allow it; nothing asks for it. Such a reading is shown, and never followed."""
    ELIMINATION = 1
    """Nothing else is left. That is a guess."""
    ALONE = 2
    """The file holds nothing else, and was given for this."""
    VALUES = 3
    """Rows that sum to 1; a predicted class that the scores explain."""
    WEAK_NAME = 4
    """A name that can mean something else, too: ``class`` for the truth, ``model_score`` for the scores."""
    COLUMN_NAMES = 5
    """Labels that are the names of columns."""
    NAME = 6
    """A name that says just this."""
    CLASS_NAMES = 7
    """Scores in columns that are named after all labels."""


class Candidate(NamedTuple):
    """Columns that could play a part together, ``by`` what, and in words; ``against`` is what rules the reading out.

    ``doubt`` makes a guess of a reading that something vouches for: which columns belong to it is not settled.
    """

    columns: tuple[Column, ...]
    by: By
    evidence: str
    against: str | None = None
    doubt: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in file order."""
        return tuple(map(attrgetter("name"), self.columns))

    @property
    def guess(self) -> bool:
        """Whether the data suggest the reading and do not prove it."""
        return self.doubt or self.by <= By.ELIMINATION


def leading(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the readings that most vouches for, each choice of columns once; several if nothing decides among them.

    None of them has anything against it, and none is merely possible.
    """
    sound = [one for one in candidates if one.against is None and one.by > By.POSSIBLE]
    most = max((one.by for one in sound), default=By.POSSIBLE)
    best: dict[frozenset[str], Candidate] = {}
    for one in sound:
        if one.by is most:
            best.setdefault(frozenset(one.names), one)
    return list(best.values())


def ruled_out(candidates: Iterable[Candidate]) -> Candidate | None:
    """Return the likeliest of the readings that something speaks against."""
    against = [one for one in candidates if one.against is not None and one.by > By.POSSIBLE]
    return max(against, key=lambda one: one.by, default=None)
