"""What makes rows of a JSON record, and what it says of one that does not hold what is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from celoss_cli.errors import AmbiguousData, InvalidScores, Where
from celoss_cli.tables.sequences_of import SequencesOf

Record = dict[str, Any]


class Unfit(ValueError):
    """A record of a known tool that says too little, or with ``ambiguous`` too much; ``row`` is its place."""

    def __init__(self, message: str, code: str, hint: str, *, ambiguous: bool = False) -> None:
        super().__init__(message)
        self.message, self.code, self.hint, self.ambiguous = message, code, hint, ambiguous
        self.row = 0


class Rewriting(NamedTuple):
    """What makes rows of a record."""

    make: Callable[[Record], list[Record]]
    """Return the rows of one record. May raise Unfit."""
    of: SequencesOf | None = None
    """The tool, if it is known."""

    def rows(self, record: Record, where: Where) -> list[Record]:
        """Return the rows of one record. Raises AmbiguousData or InvalidScores for what it does not say."""
        try:
            return self.make(record)
        except Unfit as odd:
            kind = AmbiguousData if odd.ambiguous else InvalidScores
            raise kind(odd.message, code=odd.code, where=where, hint=odd.hint) from None
