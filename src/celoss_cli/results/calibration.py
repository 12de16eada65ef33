"""A fix of the probabilities as a value: what celoss calibrate fits and applies, and the attributes of its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from celoss_cli.request import InputKind, Task
from celoss_cli.results.document import Notice, document_of

SCHEMA = "celoss.calibration"

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class CalibratedScores:
    """The scores that a fix is for."""

    task: Task
    """``binary`` or ``multiclass``."""
    input: InputKind
    """What they are: ``probs``, ``logits`` or ``logprobs``."""
    percent: bool
    """Whether they are percentages."""
    classes: tuple[str, ...]
    """The classes; of a single column (negative, positive)."""
    columns: tuple[str, ...]
    """The columns that held them: one for each class, one about the positive class, or one of vectors."""


@dataclass(frozen=True, slots=True)
class FittedOn:
    """The rows that a fix was fitted on."""

    path: str
    """The file of their scores."""
    rows: int
    """How many there are."""
    digest: str
    """Which they are: a digest of ids and labels, or where there are no ids of the labels in their order."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the fix is to save on new rows like those it was fitted on, in nats a row: as ``celoss diagnose`` says."""

    loss: float
    """The mean loss of the rows without the fix."""
    loss_after: float
    """What new rows would cost with it."""
    gain: float
    """What it saves on them: corrected for being fitted on these."""
    gain_ci95: tuple[float, float]
    """The 95% interval of that."""
    gain_in_sample: float
    """What it saves on the rows themselves, which is too good."""
    p_value: float | None
    """Of the test that nothing is to be mended."""
    verdict: str
    """``helps``, ``probably_helps``, ``nothing_to_gain``, ``too_few_rows`` or ``no_better``."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fix, fitted: ``celoss calibrate fit`` writes it, and whatever takes ``--calibration`` reads it."""

    celoss_version: str
    """The version of celoss that fitted it."""
    method: str
    """``temperature``: log-probabilities divided by t; or ``logistic``: log odds z become intercept + slope · z."""
    parameters: dict[str, float]
    """``t``, or ``intercept`` and ``slope``; of the positive class, the second one."""
    scores: CalibratedScores
    """What it is for."""
    fitted_on: FittedOn
    """The rows it was fitted on."""
    promise: Promise
    """What it is to save on new rows."""
    warnings: tuple[Notice, ...] = ()
    """What the reader should know."""
    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as a dictionary."""
        return document_of(self)

    @property
    def said(self) -> str:
        """The method and its parameters in a few words."""
        if self.method == "temperature":
            return f"temperature {self.parameters['t']:.4g}"
        intercept, slope = self.parameters["intercept"], self.parameters["slope"]
        return f"logistic {'−' if intercept < 0.0 else ''}{abs(intercept):.4g} + {slope:.4g} z"
