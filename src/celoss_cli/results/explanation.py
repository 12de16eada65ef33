"""The same rows under every convention: a frozen tree named as in the JSON contract (``celoss.explanation`` 1.x)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from celoss_cli.results.document import Notice, document_of
from celoss_cli.results.evaluation import Inputs
from celoss_cli.spec import Spec

SCHEMA = "celoss.explanation"

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class ConventionResult:
    """What one library would report: its ``mean`` in ``unit``, how far that is from the exact one, and why.

    ``difference`` is mean − exact mean, the two numbers as they stand; 0 where both are infinite.
    ``matches_expected`` says whether the mean is the expected number to the digits it was written with, ``None`` where
    none was given.
    """

    name: str
    title: str
    mean: float
    unit: str
    difference: float
    cause: str
    matches_expected: bool | None = None


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One way to come to the expected number: a convention, and what must be done to its mean (``how``)."""

    name: str
    how: str
    value: float


@dataclass(frozen=True, slots=True)
class Expected:
    """The number another tool gave, as it was written, and what reproduces it.

    ``matches`` has every convention whose mean it is; where there is none, those that give it in another unit, with
    another sign, as a sum or over another denominator. ``nearest`` is the closest mean if nothing gives it.
    """

    text: str
    value: float
    matches: tuple[Reproduction, ...]
    nearest: Reproduction | None


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
