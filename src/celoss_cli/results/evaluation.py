"""The result: a frozen tree whose attributes are named as in the JSON contract (``celoss.evaluation`` 1.x)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from celoss_cli.results.document import Notice, document_of, frame_of
from celoss_cli.spec import Spec

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "celoss.evaluation"

SCHEMA_VERSION = "1.1"

MISSING_SHOWN = "(missing)"
"""What the slice of the rows without a value is called."""


class Input(NamedTuple):
    """One input as it was read: the path as given, the detected format, the number of data rows."""

    path: str
    format: str
    rows: int


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
    """What the sum was divided by: ``kind`` is weights or count."""

    kind: str
    value: float


class Loss(NamedTuple):
    """The loss, in ``unit``, except ``perplexity`` (exp of the mean in nats) and ``log_likelihood`` (−Σ l, nats).

    ``worst_percent_share`` is about what share of the total the worst 1 % of the rows carry; null below 100 rows.
    """

    mean: float
    sum: float
    standard_error: float | None
    ci95: tuple[float, float] | None
    unit: str
    perplexity: float
    log_likelihood: float
    denominator: DenominatorUsed
    worst_percent_share: float | None = None


class Counts(NamedTuple):
    """Rows read, scored, ignored (dropped or not selected), with infinite loss, and changed by ``--clip``.

    ``unmatched`` are the ignored ones whose id the label file does not have, ``unmatched_labels`` the rows of that file
    whose id no prediction has; ``unknown_class`` those whose label names no class, ignored or with infinite loss.
    """

    rows: int
    scored: int
    ignored: int
    infinite: int
    clipped: int
    unmatched: int = 0
    unmatched_labels: int = 0
    unknown_class: int = 0


class Baselines(NamedTuple):
    """The loss of a uniform guess, of the best constant guess, and the skill 1 − loss/prior (D² of scikit-learn)."""

    uniform: float
    prior: float
    skill_vs_prior: float | None


class Metrics(NamedTuple):
    """Accuracy, Brier score (multiclass form) and top-label ECE (15 equal-width bins). Soft labels have only Brier."""

    accuracy: float | None
    brier: float
    ece: float | None


class ClassResult(NamedTuple):
    """One row of the per-class table. ``class_`` is ``class`` in the JSON. Null where the class has no rows."""

    class_: str
    count: int  # type: ignore[assignment]  # tuple has a method of that name, which nobody needs here
    weight: float
    mean_loss: float | None
    loss_share: float | None
    recall: float | None


class SliceResult(NamedTuple):
    """The loss of one slice: the rows with one value of a column, or with a number in one bin.

    ``value`` is null for the rows without one. ``rows`` are those that ``--where`` selects, of which ``scored`` were;
    ``weight`` is their total weight, as it counts in the denominator of the mean. The mean is taken as that of the
    whole is. Null is what a slice without scored rows, or with an infinite mean, does not have.
    """

    column: str
    value: str | None
    rows: int
    scored: int
    weight: float
    mean_loss: float | None
    standard_error: float | None
    loss_share: float | None
    infinite: int
    accuracy: float | None

    @property
    def name(self) -> str:
        """What checks and reports call it: ``COLUMN=VALUE``."""
        return f"{self.column}={MISSING_SHOWN if self.value is None else self.value}"


class WorstRow(NamedTuple):
    """One of the rows with the largest loss. ``row`` is the 0-based data row of the prediction file."""

    row: int
    id: str | None
    label: str
    loss: float
    p_true: float
    predicted: str
    p_predicted: float


class Check(NamedTuple):
    """One limit, the value it was held against, and whether it was met.

    ``subject`` is the class, or the slice as ``COLUMN=VALUE``, that the value is of; ``None`` where it is of all rows.
    ``asked`` is what the limit was given for: the same class or slice, the column of the slices, or ``None`` for all
    rows and for the worst one. So it is the same from run to run, and the subject need not be.
    """

    name: str
    limit: float
    value: float
    passed: bool
    subject: str | None = None
    asked: str | None = None


class Skipped(NamedTuple):
    """A slice that a limit for the worst slice did not judge, because too few of its rows were scored."""

    name: str
    subject: str
    scored: int


class Verdict(NamedTuple):
    """All checks; passed only if every one is. ``skipped`` are the slices that were not judged."""

    passed: bool
    checks: tuple[Check, ...]
    skipped: tuple[Skipped, ...] = ()


class ConventionUsed(NamedTuple):
    """What is meant by the loss: what must be the same where two losses are compared.

    ``class_weight`` is ``balanced``, or the weight of each class by name; ``sample_weight`` says whether rows were
    weighed, ``where`` which rows were chosen. Null and empty stand for what was not asked for.
    """

    base: str
    clip: float | None
    renormalize: bool
    denominator: str
    average: str
    class_weight: str | dict[str, float] | None
    sample_weight: bool
    pos_weight: tuple[float, ...]
    label_smoothing: float
    ignore_index: str | None
    where: tuple[str, ...]
    compat: str | None


class BaselineUsed(NamedTuple):
    """The earlier report that this one is held against: its mean loss, and by how much that of this one is larger."""

    path: str
    mean: float
    difference: float


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
    baseline: BaselineUsed | None = None
    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python; non-finite numbers stay floats (``forms/json.py`` spells them)."""
        return document_of(self, last="verdict")

    def per_class_frame(self) -> pd.DataFrame:
        """Return the per-class table as a DataFrame, one row a class, columns named as in the JSON."""
        return frame_of(self.per_class, ClassResult)

    def slices_frame(self) -> pd.DataFrame:
        """Return the slices as a DataFrame, one row a slice, columns named as in the JSON."""
        return frame_of(self.slices, SliceResult)
