"""Two results of rows that are not the same, from their reports alone (``celoss.unpaired`` 1.x)."""

from __future__ import annotations

from typing import Any, NamedTuple

from celoss_cli.results.comparison import ComparisonOutcome
from celoss_cli.results.document import Notice, document_of
from celoss_cli.results.evaluation import Check

SCHEMA = "celoss.unpaired"

SCHEMA_VERSION = "1.0"


class Side(NamedTuple):
    """A report, as far as it is compared."""

    path: str
    mean: float
    standard_error: float | None

    rows: int
    """How many rows were scored."""

    digest: str | None
    """Names the rows."""


class UnpairedDifference(NamedTuple):
    """The mean of the candidate − that of the baseline. Null is what is not known without standard errors."""

    mean: float
    unit: str

    standard_error: float | None
    """√(s₁² + s₂²), as between independent rows."""

    df: float | None
    """Welch's degrees of freedom."""

    confidence: float
    interval: tuple[float, float] | None
    p_value: float | None


class UnpairedVerdict(NamedTuple):
    """What the comparison came to."""

    outcome: ComparisonOutcome

    text: str
    """The outcome in a sentence."""

    margin: float | None
    """The regression allowed, in the unit of the loss."""

    passed: bool | None
    """Whether the check is met; null where there is no gate."""

    checks: tuple[Check, ...]


class Unpaired(NamedTuple):
    """The whole result."""

    celoss_version: str
    baseline: Side
    candidate: Side
    difference: UnpairedDifference

    same_rows: bool | None
    """Whether both are of the same rows, by their digests; null where one of them has none."""

    warnings: tuple[Notice, ...]
    tags: dict[str, str]
    verdict: UnpairedVerdict
    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python; non-finite numbers stay floats (``forms/json.py`` spells them)."""
        return document_of(self, last="verdict")
