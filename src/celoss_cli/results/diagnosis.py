"""Why the loss is what it is: a frozen tree named as in the JSON contract (``celoss.diagnosis`` 1.x).

Losses and gains are in nats. A part that these rows do not have is null, or empty, and ``left_out`` says why.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from celoss_cli.results.document import Notice, document_of
from celoss_cli.results.evaluation import Inputs, Verdict
from celoss_cli.results.miscalibration import ClassBalance, Corp, Cox, Ece, InTheLarge, Temperature
from celoss_cli.spec import Spec

SCHEMA = "celoss.diagnosis"

SCHEMA_VERSION = "1.0"


class DiagnosedLoss(NamedTuple):
    """The loss that is explained."""

    mean: float
    """That of ``celoss eval`` on the same rows."""

    rows: int
    """Scored."""

    infinite: int
    """Scored, with probability 0 for the truth."""


class Fix(NamedTuple):
    """One way to mend the probabilities, and what it would save on new rows like these."""

    name: str
    """``temperature``, ``shift``, ``logistic``, ``class_biases``, ``temperature_biases``, ``isotonic`` or ``floor``."""

    after: str | None
    """The fix that comes first (``floor``), if one must."""

    parameters: dict[str, float]
    """As fitted on all rows: ``t``; ``shift``; ``intercept``, ``slope``; class biases; ``blocks``; ``epsilon``."""

    degrees: int
    """How many parameters were fitted."""

    gain_in_sample: float | None
    """How much smaller the mean loss of these rows becomes; null where the verdict is ``cannot``."""

    optimism: float | None
    """By how much that is too good for new rows."""

    gain: float | None
    """gain_in_sample − optimism."""

    gain_ci95: tuple[float, float] | None

    loss_after: float | None
    """The mean loss − gain."""

    p_value: float | None
    """Of the likelihood ratio test that nothing needs to be mended; null where there is none (isotonic, floor)."""

    verdict: str
    """``nothing_to_gain``, ``helps``, ``probably_helps``, ``too_few_rows``, ``cannot`` or ``no_better``."""

    no_better_than: str | None = None
    """The simpler fix, where the verdict is ``no_better``; ``class_frequencies`` where a floor leaves more than knowing
    only these would cost."""


class Headline(NamedTuple):
    """What there is to say in one sentence."""

    verdict: str
    """That of the fix that is recommended; of the best one where none is."""

    fix: str | None
    """The name of the fix that is recommended."""

    text: str


class Bar(NamedTuple):
    """One bar of the histogram of losses: those from ``low`` up to, not including, ``high``."""

    low: float
    high: float
    rows: int

    loss_share: float | None
    """Their share of the total; null if that is infinite."""


class Distribution(NamedTuple):
    """Where the loss is, row by row."""

    half_rows: int | None
    """How few rows carry half of the total; null if that is 0 or infinite."""

    effective_rows: float | None
    """(Σ l)² / Σ l²: how many rows the interval of the mean rests on."""

    deciles: tuple[float, ...]
    """The share of the total of each tenth of the rows, the largest losses first."""

    bars: tuple[Bar, ...]


class Confusion(NamedTuple):
    """The rows of one class that are predicted as one class, and what they cost."""

    truth: str

    predicted: str | None
    """Null where there are too many classes to tell the pairs apart: then it stands for every prediction."""

    rows: int
    rows_share: float
    loss_share: float | None


class ContradictingRow(NamedTuple):
    """One row that contradicts its label."""

    row: int
    """The data row of the prediction file, counted from 0."""

    id: str | None
    label: str

    guess: str
    """The class that the probabilities point to."""

    p_label: float
    p_guess: float
    loss: float


class Contradictions(NamedTuple):
    """Rows that contradict their label: the labels, or the probabilities, are wrong."""

    count: int  # type: ignore[assignment]  # tuple has a method of that name, which nobody needs here

    expected: float
    """How many there would be if the probabilities were right."""

    expected_sd: float

    rows: tuple[ContradictingRow, ...]
    """Those with the largest loss."""


class LeftOut(NamedTuple):
    """A part that these rows do not have."""

    part: str
    """The field of ``Diagnosis``, or the name of a fix."""

    reason: str
    """Such as ``weights``, ``soft_labels``, ``one_class``, ``separation``, ``reversed``, ``constant_scores``,
    ``uninformative``, ``shifted``, ``wrong_way``, ``too_few_rows``, ``too_few_clusters``,
    ``clusters``, ``no_fit``."""

    message: str


class Diagnosis(NamedTuple):
    """The whole result."""

    celoss_version: str
    inputs: Inputs
    spec: Spec
    headline: Headline
    loss: DiagnosedLoss

    worth: float
    """A fix that surely saves less, in nats a row, has the verdict ``nothing_to_gain``: ``--worth``."""

    in_the_large: InTheLarge | None
    cox: Cox | None
    corp: Corp | None
    ece: Ece | None
    classes: tuple[ClassBalance, ...]
    temperature: Temperature | None
    fixes: tuple[Fix, ...]
    distribution: Distribution | None
    confusions: tuple[Confusion, ...]
    contradictions: Contradictions | None
    left_out: tuple[LeftOut, ...]
    warnings: tuple[Notice, ...]
    verdict: Verdict | None = None
    tags: dict[str, str] = {}  # noqa: RUF012  never changed
    """What the user noted about the run (``--tag``)."""

    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python; non-finite numbers stay floats (``forms/json.py`` spells them)."""
        return document_of(self, last="verdict")
