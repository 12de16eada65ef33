"""What files hold and how that was decided: a frozen tree named as in its JSON (``celoss.inspection`` 1.x)."""

from __future__ import annotations

from collections.abc import Mapping
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
    """One column: what it holds and which part it plays."""

    name: str
    type: str
    kind: str

    role: str | None
    """prediction, label, id, sample_weight or where; null for a column that is not used."""

    class_: str | None
    """The class that a prediction is about; ``class`` in the JSON."""

    low: float | None
    """The smallest number."""

    high: float | None
    """The largest number."""

    nulls: int | None
    """How many cells are empty."""

    range_of: str | None
    """The rows in which ``low``, ``high`` and ``nulls`` were looked for."""

    distinct: int | None
    """How many different values there are."""

    examples: tuple[str, ...]
    """The first of them, where they are names."""

    distinct_of: str | None
    """The rows in which these were counted."""

    possible: tuple[Possible, ...]
    """The parts that its name and its values fit, whether it plays them or not."""


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """One input. ``compression`` to ``header`` are of text files."""

    path: str
    format: str

    bytes: int | None
    """Null for standard input and for objects in memory."""

    rows: int | None
    """Null where an error came before the last row."""

    parts: int | None
    """How many parts can be read apart from each other; null where that is not known."""

    part: str | None
    """What these are called, such as row groups or shards."""

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
    """One decision, as in an evaluation, and what else was considered."""

    what: str
    value: str
    how: str
    guess: bool
    evidence: str

    settled_by: str | None
    """The option that settles it."""

    runner_up: str | None
    """What came second, and why; null where nothing did."""


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
    """The whole result. It holds no loss, except in the words of an alarm."""

    celoss_version: str
    inputs: InspectedInputs
    decisions: tuple[Considered, ...]
    warnings: tuple[Notice, ...]

    command: str | None
    """The command line that pins every decision down; null where the files are not settled, or in memory."""

    unpinned: tuple[str, ...]
    """The decisions that no option can pin down."""

    error: Failure | None

    plan: Mapping[str, Any] | None = None
    """The reading that ``celoss state --plan`` follows, for the program alone; null where the files are not settled."""

    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python; non-finite numbers stay floats (``forms/json.py`` spells them)."""
        return document_of(self)
