"""The result: a frozen tree whose attributes are named as in the JSON contract (``celoss.evaluation`` 1.x)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celoss_cli.results.convention import ConventionUsed
from celoss_cli.results.document import Notice, document_of, frame_of
from celoss_cli.results.metrics import Metrics
from celoss_cli.spec import Spec
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    import pandas as pd

    from celoss_cli.results.clusters import Clusters
    from celoss_cli.results.per_row import PerRow
    from celoss_cli.results.sequences import BitsPer, Sequences

SCHEMA = "celoss.evaluation"

SCHEMA_VERSION = "1.1"

MISSING_SHOWN = "(missing)"
"""What the slice of the rows without a value is called."""


class Input(NamedTuple):
    """One input as it was read."""

    path: str
    """As given; ``-`` is standard input."""

    format: str
    """As detected."""

    rows: int
    """How many rows of data it has."""


class Inputs(NamedTuple):
    """The prediction file, and the label file when it is a second one."""

    predictions: Input
    labels: Input | None

    @property
    def by_role(self) -> list[tuple[str, Input]]:
        """The files there are, each with what it is."""
        roles = (("predictions", self.predictions), ("labels", self.labels))
        return [(role, source) for role, source in roles if source is not None]


class DenominatorUsed(NamedTuple):
    """What the sum of the losses was divided by."""

    kind: str
    """``weights`` or ``count``."""

    value: float


class Loss(NamedTuple):
    """The loss. Numbers are in ``unit``, unless they say otherwise."""

    mean: float
    sum: float

    standard_error: float | None
    """Of the mean; null with fewer than two rows, or an infinite mean."""

    ci95: tuple[float, float] | None
    """The 95 % interval of the mean; null where there is no standard error."""

    unit: str
    """nats, bits or hartleys."""

    perplexity: float
    """exp of the mean in nats."""

    log_likelihood: float
    """−Σ l without weights, in nats."""

    denominator: DenominatorUsed

    worst_percent_share: float | None = None
    """About what share of the total the worst 1 % of the rows carry; null below 100 rows."""

    per: str | None = None
    """What the mean is over where rows are sequences: token, byte, char, word, sequence, or a column of counts.

    Null where each row has a loss of its own.
    """

    units: float | None = None
    """How many of these there are; with weights, their sum."""

    sequences: int | None = None
    """How many sequences have some."""

    bits_per: BitsPer | None = None
    """The same loss in bits per each unit that the file counts."""


class Counts(NamedTuple):
    """How many rows there were, and what became of them."""

    rows: int
    """Read."""

    scored: int

    ignored: int
    """Dropped, or not selected."""

    infinite: int
    """Scored, with an infinite loss."""

    clipped: int
    """Scored, and changed by ``--clip``."""

    unmatched: int = 0
    """Ignored, because the label file does not have their id."""

    unmatched_labels: int = 0
    """Rows of the label file whose id no prediction has."""

    unknown_class: int = 0
    """With a label that names no class: ignored, or with an infinite loss."""

    weightless: int = 0
    """Scored, with a weight of 0: no rows that the interval follows from."""

    tokens: int | None = None
    """Tokens scored, where rows are lists of them; then ``infinite`` and ``clipped`` count tokens."""

    masked: int | None = None
    """Tokens left out by their label."""

    skipped: int | None = None
    """Tokens left out at the start by ``--skip``."""

    first_without_probability: int | None = None
    """First tokens of a list, which nothing predicts."""

    without_probability: int | None = None
    """Other tokens without a value, left out by ``--invalid drop``."""

    empty: int | None = None
    """Sequences without a unit, or of which no token is scored: they are left out of the mean."""


class Baselines(NamedTuple):
    """The loss of guesses that look at no input."""

    uniform: float
    """Every class is equally probable."""

    prior: float
    """The best constant guess: the class frequencies."""

    skill_vs_prior: float | None
    """1 − loss / prior, the D² of scikit-learn; null where the prior is 0."""


class ClassResult(NamedTuple):
    """One row of the per-class table. Null is what a class without rows does not have."""

    class_: str
    """``class`` in the JSON."""

    count: int  # type: ignore[assignment]  # tuple has a method of that name, which nobody needs here
    weight: float
    """The class weight."""

    mean_loss: float | None

    loss_share: float | None
    """The share of the total loss."""

    recall: float | None


class SliceResult(NamedTuple):
    """The loss of one slice: the rows with one value of a column, or with a number in one bin.

    The mean is taken as that of all rows is; class weights that follow from the rows are those of all rows. Null is
    what a slice without scored rows, or with an infinite mean, does not have.
    """

    column: str

    value: str | None
    """Null for the rows that have none."""

    rows: int
    """Those that ``--where`` selects."""

    scored: int

    weight: float
    """The total weight of the scored rows, as it counts in the denominator of the mean."""

    mean_loss: float | None
    standard_error: float | None

    loss_share: float | None
    """The share of the total loss."""

    infinite: int
    """How many rows have an infinite loss."""

    accuracy: float | None

    @property
    def name(self) -> str:
        """What checks and reports call it: ``COLUMN=VALUE``."""
        return f"{self.column}={MISSING_SHOWN if self.value is None else self.value}"


class WorstRow(NamedTuple):
    """One of the rows with the largest loss."""

    row: int
    """The data row of the prediction file, counted from 0."""

    id: str | None
    label: str
    loss: float
    p_true: float
    predicted: str
    p_predicted: float


class Check(NamedTuple):
    """One limit, and whether it was met."""

    name: str
    """The option, as a Python name."""

    limit: float

    value: float
    """What was held against the limit."""

    passed: bool

    subject: str | None = None
    """The class, or the slice as ``COLUMN=VALUE``, that the value is of; ``None`` where it is of all rows."""

    asked: str | None = None
    """What the limit was given for: a class or slice, the column of slices, or ``None`` for all rows and for the worst.

    It is the same from run to run; which class or slice is the worst need not be.
    """


class Skipped(NamedTuple):
    """A slice that a limit for the worst slice did not judge, because too few of its rows were scored."""

    name: str
    subject: str
    scored: int


class Verdict(NamedTuple):
    """What the gate came to."""

    passed: bool
    """Whether every check is."""

    checks: tuple[Check, ...]

    skipped: tuple[Skipped, ...] = ()
    """The slices that were not judged."""


class BaselineUsed(NamedTuple):
    """The earlier report that this one is held against."""

    path: str

    mean: float
    """Its mean loss."""

    difference: float
    """By how much the mean of this report is larger."""

    same_rows: bool | None = None
    """Whether both are of the same rows, by their digests; null where one of them has none."""

    standard_error: float | None = None
    """Of other rows: that of the difference, as between independent rows; null otherwise."""

    df: float | None = None
    """Of other rows: Welch's degrees of freedom."""

    ci95: tuple[float, float] | None = None
    """Of other rows: the 95 % interval of the difference."""


class Evaluation(NamedTuple):
    """The whole result. ``metrics``, ``per_class`` and ``worst`` are empty when only the mean was asked for."""

    celoss_version: str
    inputs: Inputs
    spec: Spec
    loss: Loss
    counts: Counts
    baselines: Baselines | None
    metrics: Metrics | None
    per_class: tuple[ClassResult, ...]
    worst: tuple[WorstRow, ...]
    warnings: tuple[Notice, ...]
    verdict: Verdict | None = None
    slices: tuple[SliceResult, ...] = ()
    convention: ConventionUsed | None = None
    sequences: Sequences | None = None
    baseline: BaselineUsed | None = None
    tags: dict[str, str] = {}  # noqa: RUF012  never changed
    """What the user noted about the run (``--tag``)."""

    digest: str | None = None
    """Names the rows: with ids which ids and labels there are, otherwise the labels in their order. Null if not known.

    It is known where the result is stored. Scores take no part in it.
    """

    clusters: Clusters | None = None
    """What the standard error and the interval run over, where rows are not independent; null where they are."""

    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    per_row: PerRow | None = None
    """What each row came to, where the caller of ``evaluate`` asked for it; in no document."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python; non-finite numbers stay floats (``forms/json.py`` spells them)."""
        return document_of(self, last="verdict")

    def per_class_frame(self) -> pd.DataFrame:
        """Return the per-class table as a DataFrame, one row a class, columns named as in the JSON."""
        return frame_of(self.per_class, ClassResult)

    def slices_frame(self) -> pd.DataFrame:
        """Return the slices as a DataFrame, one row a slice, columns named as in the JSON."""
        return frame_of(self.slices, SliceResult)
