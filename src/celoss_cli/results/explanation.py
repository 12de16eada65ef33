"""The same rows under every convention: a frozen tree named as in the JSON contract (``celoss.explanation`` 1.x)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from celoss_cli.results.document import Notice, document_of
from celoss_cli.results.evaluation import Inputs
from celoss_cli.spec import Spec

SCHEMA = "celoss.explanation"

SCHEMA_VERSION = "1.1"


@dataclass(frozen=True, slots=True)
class ConventionResult:
    """What one library would report."""

    name: str
    """As ``--compat`` takes it."""

    title: str
    """The library and its function."""

    mean: float
    unit: str

    difference: float
    """mean − exact mean, the two numbers as they stand; 0 where both are infinite."""

    cause: str
    """Why it differs."""

    matches_expected: bool | None = None
    """Whether the mean is the expected number, to the digits that has; null where none was given."""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One way to come to the expected number."""

    name: str
    """The convention."""

    how: str
    """What must be done to its mean; empty for nothing."""

    value: float


@dataclass(frozen=True, slots=True)
class Expected:
    """The number that another tool gave, and what reproduces it."""

    text: str
    """The number as it was written."""

    value: float

    matches: tuple[Reproduction, ...]
    """Every convention whose mean it is. Without one: those that give it in another unit, with another sign, as a sum
    or over another denominator."""

    nearest: Reproduction | None
    """The closest mean, if nothing gives the number."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole result; the exact convention comes first."""

    celoss_version: str
    inputs: Inputs
    spec: Spec
    rows: int
    conventions: tuple[ConventionResult, ...]
    expected: Expected | None
    warnings: tuple[Notice, ...]
    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python; non-finite numbers stay floats (``forms/json.py`` spells them)."""
        return document_of(self)
