"""Two models on the same rows: a frozen tree named as in the JSON contract (``celoss.comparison`` 1.x)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from celoss_cli.results.clusters import Clusters
from celoss_cli.results.document import Notice, document_of, frame_of
from celoss_cli.results.evaluation import MISSING_SHOWN, Check, Input, Loss
from celoss_cli.spec import Spec

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "celoss.comparison"

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class ComparedInputs:
    """The files that were compared."""

    baseline: Input
    candidate: Input

    labels: Input | None
    """The label file, if the models share one."""

    others: tuple[Input, ...] = ()
    """The candidates after the first."""

    @property
    def by_role(self) -> list[tuple[str, Input]]:
        """The files there are, each with what it is."""
        further = [(f"candidate {number}", source) for number, source in enumerate(self.others, start=2)]
        labels = [] if self.labels is None else [("labels", self.labels)]
        return [("baseline", self.baseline), ("candidate", self.candidate), *further, *labels]


@dataclass(frozen=True, slots=True)
class ComparedSpecs:
    """How each file was read."""

    baseline: Spec
    candidate: Spec
    others: tuple[Spec, ...] = ()


@dataclass(frozen=True, slots=True)
class RowPairing:
    """How the rows of the models were paired."""

    by: str
    """``id`` or ``position``."""

    columns: tuple[str, ...]
    """The columns that make the id."""

    evidence: str
    """Why they were paired so."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The percentile interval of the mean difference over ``replicates`` samples of the rows, or of the clusters."""

    replicates: int
    seed: int
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate − baseline, in the unit of the loss; negative is better.

    Null is what there is not with fewer than two rows, or where a loss is infinite.
    """

    mean: float

    relative: float | None
    """The mean over the baseline's mean."""

    standard_error: float | None

    ci95: tuple[float, float] | None
    """The 95 % interval by Student's t."""

    p_value: float | None
    """Of no difference, by Student's t."""

    degrees_of_freedom: int | None
    confidence: float

    interval: tuple[float, float] | None
    """The two-sided interval at ``confidence``: by the bootstrap if there was one, else by Student's t."""

    bootstrap: Bootstrap | None
    unit: str


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many rows were scored under both models, and what became of the others.

    ``won``, ``lost`` and ``tied`` add up to the paired rows that have a weight.
    """

    paired: int

    won: int
    """The candidate's loss is smaller."""

    lost: int
    tied: int

    baseline_only: int
    """Scored under the baseline alone."""

    candidate_only: int
    infinite_baseline: int
    infinite_candidate: int


@dataclass(frozen=True, slots=True)
class ClassDifference:
    """One row of the per-class table: mean losses by sample weights."""

    class_: str
    """``class`` in the JSON."""

    count: int
    baseline: float | None
    candidate: float | None
    difference: float | None
    standard_error: float | None
    won: int | None
    lost: int | None
    tied: int | None


@dataclass(frozen=True, slots=True)
class SliceDifference:
    """One slice: the rows with one value of a column, or with a number in one bin."""

    column: str

    value: str | None
    """Null for the rows that have none."""

    count: int
    baseline: float | None
    candidate: float | None
    difference: float | None
    standard_error: float | None
    won: int
    lost: int
    tied: int

    @property
    def name(self) -> str:
        """What reports call it: ``COLUMN=VALUE``."""
        return f"{self.column}={MISSING_SHOWN if self.value is None else self.value}"


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One of the rows that changed most: both losses (unweighted), and candidate − baseline."""

    row: int
    id: str | None
    label: str | None
    baseline: float
    candidate: float
    difference: float


@dataclass(frozen=True, slots=True)
class Change:
    """Which rows changed most."""

    top_percent_share: float | None
    """About what share of Σ|d| the 1 % of rows that changed most carry; null below 100 rows, or with an infinite d."""

    improved: tuple[ChangedRow, ...]
    worsened: tuple[ChangedRow, ...]

    percentiles: tuple[float, ...] = ()
    """The differences of weighted losses, sorted: that of the row with 0, 1, … 100 % of the others below it, to 2 % or
    so of itself."""


@dataclass(frozen=True, slots=True)
class ComparisonVerdict:
    """What the comparison came to. Of several candidates ``outcome``, ``text`` and ``rows_needed`` are of the first."""

    outcome: ComparisonOutcome

    text: str
    """The outcome in a sentence."""

    margin: float | None
    """The regression allowed, in the unit of the loss."""

    relative_margin: float | None
    """The same as a share of the baseline's mean, if it was given so."""

    rows_needed: int | None
    """About how many rows would settle an undecided outcome; null where it is decided, or no number would do."""

    passed: bool | None
    """Whether every check is; null where there is no gate."""

    checks: tuple[Check, ...]
    """One for each candidate; of several, ``subject`` is its path."""


@dataclass(frozen=True, slots=True)
class ToBest:
    """A model − the best one, on the same rows, by Student's t; null as in ``Difference``."""

    mean: float
    standard_error: float | None
    interval: tuple[float, float] | None
    p_value: float | None

    p_adjusted: float | None
    """The p-value after Holm's adjustment for all models that are held against the best."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the leaderboard: a model, ranked by its mean loss over the rows scored under every model.

    ``outcome``, ``text`` and ``passed`` are the verdict about a candidate, null for the baseline.
    """

    rank: int
    path: str
    mean: float

    difference: Difference | None
    """To the baseline; null for the baseline itself."""

    to_best: ToBest | None
    """Null for the best, and for all if the best mean is infinite."""

    indistinguishable: bool
    """Whether it cannot be told from the best: ``p_adjusted`` is at least 1 − confidence, or there are too few rows.

    True of the best, and never of a model with an infinite mean.
    """

    outcome: ComparisonOutcome | None
    text: str | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole result. With several candidates the first is told of in detail; else ``leaderboard`` is empty."""

    celoss_version: str
    inputs: ComparedInputs
    spec: ComparedSpecs
    pairing: RowPairing
    clusters: Clusters | None
    baseline: Loss
    candidate: Loss
    difference: Difference
    rows: RowCounts
    per_class: tuple[ClassDifference, ...]
    slices: tuple[SliceDifference, ...]
    change: Change
    warnings: tuple[Notice, ...]
    verdict: ComparisonVerdict
    leaderboard: tuple[Standing, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    """What the user noted about the run (``--tag``)."""

    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python; non-finite numbers stay floats (``forms/json.py`` spells them)."""
        return document_of(self)

    @property
    def candidates(self) -> tuple[Input, ...]:
        """The files of all candidates, in the order given."""
        return (self.inputs.candidate, *self.inputs.others)

    def per_class_frame(self) -> pd.DataFrame:
        """Return the per-class table as a DataFrame, one row a class, columns named as in the JSON."""
        return frame_of(self.per_class, ClassDifference)


class ComparisonOutcome(StrEnum):
    """What a comparison came to.

    ``SAME``: every row has the same loss under both models, but for rounding. ``INFINITE``: a loss is, so that there is
    no interval.
    """

    BETTER = "better"
    WORSE = "worse"
    NO_WORSE = "no_worse"
    SAME = "same"
    UNDECIDED = "undecided"
    INFINITE = "infinite"
