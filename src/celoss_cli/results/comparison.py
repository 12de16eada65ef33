"""Two models on the same rows: a frozen tree named as in the JSON contract (``celoss.comparison`` 1.x)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from celoss_cli.results.document import Notice, document_of, frame_of
from celoss_cli.results.evaluation import MISSING_SHOWN, Check, Input, Loss
from celoss_cli.spec import Spec

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "celoss.comparison"

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class ComparedInputs:
    """The prediction files, and the label file if they share one; ``others`` are further candidates."""

    baseline: Input
    candidate: Input
    labels: Input | None
    others: tuple[Input, ...] = ()

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
    """How rows found each other: ``by`` is id or position; ``columns`` make the id, ``evidence`` says why."""

    by: str
    columns: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class Clusters:
    """The rows that are not independent: one cluster for each value of ``column``, or leading index of an array."""

    column: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The percentile interval of the mean difference over ``replicates`` samples of the rows, or of the clusters."""

    replicates: int
    seed: int
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Difference:
    """Candidate − baseline, in the unit of the loss; negative is better.

    ``relative`` is the mean over the baseline's. ``interval`` is the two-sided one at ``confidence``, by the bootstrap
    if there was one, else by Student's t with ``degrees_of_freedom``; ``ci95`` is always t's. Null with fewer than two
    rows, or where a loss is infinite.
    """

    mean: float
    relative: float | None
    standard_error: float | None
    ci95: tuple[float, float] | None
    p_value: float | None
    degrees_of_freedom: int | None
    confidence: float
    interval: tuple[float, float] | None
    bootstrap: Bootstrap | None
    unit: str


@dataclass(frozen=True, slots=True)
class RowCounts:
    """The rows scored under both models, and what became of the others.

    ``won`` are those where the candidate's loss is smaller; the three add up to the ``paired`` rows that have a weight.
    ``baseline_only`` and ``candidate_only`` were scored under one model; an infinite loss may be of either, or of both.
    """

    paired: int
    won: int
    lost: int
    tied: int
    baseline_only: int
    candidate_only: int
    infinite_baseline: int
    infinite_candidate: int


@dataclass(frozen=True, slots=True)
class ClassDifference:
    """One row of the per-class table: mean losses by sample weights. ``class_`` is ``class`` in the JSON."""

    class_: str
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
    """One slice: the rows with one value of a column, or with a number in one bin. ``value`` is null for none."""

    column: str
    value: str | None
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
    """Where the change is: about what share of Σ|d| the 1 % of rows that changed most carry, and which they are.

    The share is null below 100 rows, or where a loss is infinite.
    """

    top_percent_share: float | None
    improved: tuple[ChangedRow, ...]
    worsened: tuple[ChangedRow, ...]


@dataclass(frozen=True, slots=True)
class ComparisonVerdict:
    """What the comparison came to, in a word and in words, and whether the gate is passed (null: there is none).

    ``margin`` is the regression allowed, in the unit of the loss, and ``relative_margin`` the share of the baseline's
    mean it was given as, if it was. ``rows_needed`` is about how many rows would settle
    what is undecided, null where nothing is, or no number would do. Of several candidates ``outcome``, ``text`` and
    ``rows_needed`` are those of the first; ``checks`` has one for each (``subject`` is its path), and all must pass.
    """

    outcome: Outcome
    text: str
    margin: float | None
    relative_margin: float | None
    rows_needed: int | None
    passed: bool | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class ToBest:
    """A model − the best one, by the same rows: the interval and p-value by Student's t, null as in ``Difference``.

    ``p_adjusted`` is the p-value after Holm's adjustment for all models that are held against the best.
    """

    mean: float
    standard_error: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    p_adjusted: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the leaderboard: a model, ranked by its mean loss over the rows scored under every model.

    ``difference`` is to the baseline, null for the baseline itself; ``to_best`` null for the best, and where the best
    mean is infinite: then none is. ``indistinguishable`` from the best: ``p_adjusted`` is at least 1 − confidence, or
    there are too few rows for one. The best is, a model with an infinite mean never. ``outcome``, ``text`` and
    ``passed`` are the verdict about a candidate, null for the baseline.
    """

    rank: int
    path: str
    mean: float
    difference: Difference | None
    to_best: ToBest | None
    indistinguishable: bool
    outcome: Outcome | None
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


class Outcome(StrEnum):
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
