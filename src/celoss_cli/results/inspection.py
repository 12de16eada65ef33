"""What files hold and how that was decided: a frozen tree named as in its JSON (``celoss.inspection`` 1.x)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from celoss_cli.errors import DataError, Where
from celoss_cli.results.document import Notice, document_of

SCHEMA = "celoss.inspection"

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Possible:
    """A part that a column could play, and what speaks for it."""

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class InspectedColumn:
    """One column: what it holds and which part it plays.

    ``low`` and ``high`` are the range of a column of numbers, ``range_of`` says of which rows: ``nulls`` are counted in
    the same. ``distinct`` is the number of different values in the rows of ``distinct_of``, ``examples`` the first of
    them where they are names. ``role`` is prediction, label, id, sample_weight, where, or null for a column that was
    not used; ``class_`` (``class`` in the JSON) the class that a prediction speaks of. ``possible`` are the parts that
    its name and its values speak for, used or not.
    """

    name: str
    type: str
    kind: str
    role: str | None
    class_: str | None
    low: float | None
    high: float | None
    nulls: int | None
    range_of: str | None
    distinct: int | None
    examples: tuple[str, ...]
    distinct_of: str | None
    possible: tuple[Possible, ...]


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """One input. ``parts`` of the kind ``part`` (row groups, shards) can be read apart; null where that is not known.

    ``bytes`` is null for standard input and for objects in memory; ``rows`` where an error came before the last row.
    The last five are of text files.
    """

    path: str
    format: str
    bytes: int | None
    rows: int | None
    parts: int | None
    part: str | None
    compression: str | None
    encoding: str | None
    delimiter: str | None
    decimal: str | None
    header: bool | None
    columns: tuple[InspectedColumn, ...]


@dataclass(frozen=True, slots=True)
class InspectedInputs:
    """The files; null where there is none, or where it could not be opened."""

    predictions: InspectedFile | None
    labels: InspectedFile | None


@dataclass(frozen=True, slots=True)
class Considered:
    """One decision: as in an evaluation, with what settles it and with what came second, and why. Null: nothing did."""

    what: str
    value: str
    how: str
    guess: bool
    evidence: str
    settled_by: str | None
    runner_up: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the files cannot be scored as they are: the error of ``celoss eval``."""

    code: str
    message: str
    where: Where | None
    hint: str | None

    @classmethod
    def of(cls, error: DataError) -> Failure:
        """Return what an error says."""
        return cls(error.code, error.message, error.where, error.hint)


@dataclass(frozen=True, slots=True)
class Inspection:
    """The whole result. It holds no loss, except in the words of an alarm.

    ``command`` is the command line that pins every decision down, ready to paste; null where the files could not be
    settled, or are objects in memory. ``unpinned`` names the decisions that no option can pin down.
    """

    celoss_version: str
    inputs: InspectedInputs
    decisions: tuple[Considered, ...]
    warnings: tuple[Notice, ...]
    command: str | None
    unpinned: tuple[str, ...]
    error: Failure | None
    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python; non-finite numbers stay floats (``forms/json.py`` spells them)."""
        return document_of(self)
