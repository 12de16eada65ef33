"""How the probabilities differ from what happens: the parts of a diagnosis that speak of calibration."""

from __future__ import annotations

from typing import NamedTuple


class InTheLarge(NamedTuple):
    """What is predicted on average, and what happens (two classes)."""

    base_rate: float
    """The share of the positive class."""

    mean_p: float
    """The mean of P(positive)."""

    ratio: float | None
    """base_rate / mean_p, O/E; null where nothing is expected."""

    ratio_ci95: tuple[float, float] | None

    z: float | None
    """(O − E) / √Σ p(1 − p): standard normal if the probabilities are right."""


class Cox(NamedTuple):
    """logit q = intercept + slope · logit p, by maximum likelihood (two classes)."""

    slope: float
    """Below 1 the probabilities are too extreme, above 1 too timid."""

    slope_ci95: tuple[float, float]
    """With the sandwich variance."""

    intercept: float

    shift: float | None
    """The intercept where the slope is fixed at 1: calibration in the large. Null where scores lie so far apart that it
    would hang on one or two rows."""

    p_value: float
    """Of the test that both are as they should be, with two degrees of freedom."""

    without_logit: int
    """Rows at probability 0 or 1, left out of this fit."""


class CurvePoint(NamedTuple):
    """One step of the calibration curve."""

    p: float
    """The mean of what is predicted in the step."""

    frequency: float
    """What happens there."""

    rows: int
    low: float
    """The 5 % end of what a calibrated model would show."""

    high: float
    """The 95 % end."""


class Corp(NamedTuple):
    """The calibration curve by isotonic regression, and what the mean loss is made of.

    mean = miscalibration − discrimination + uncertainty.
    """

    of: str
    """``positive``: of P(positive), whose loss is the loss. ``top_label``: of the confidence, and its own log loss."""

    uncertainty: float
    """The loss of knowing the base rate only."""

    discrimination: float
    """What the order of the scores saves."""

    miscalibration: float
    """What the curve would save on these rows; infinite if the loss is."""

    null_mean: float
    """The mean miscalibration over labels drawn from the probabilities: what a calibrated model would show."""

    null_sd: float
    draws: int

    debiased: float
    """miscalibration − null_mean; may be negative."""

    curve: tuple[CurvePoint, ...]


class Bin(NamedTuple):
    """One bin of probabilities."""

    low: float
    high: float
    rows: int

    mean_p: float | None
    """Null in a bin without rows."""

    frequency: float | None


class CalibrationError(NamedTuple):
    """An expected calibration error in 15 bins of equal width, beside what chance shows."""

    value: float

    null: float
    """What a calibrated model with these probabilities would show on average."""

    null_sd: float

    over: float
    """The part from bins that predict too much."""

    under: float
    """The part from bins that predict too little; over + under = value."""

    bins: tuple[Bin, ...]


class Ece(NamedTuple):
    """The calibration errors."""

    top_label: CalibrationError
    """Of the most probable class: what ``--max-ece`` judges."""

    positive: CalibrationError | None
    """Of P(positive); null with more than two classes."""

    rms_debiased: float | None
    """The root mean square error in 15 bins of equal mass, chance removed; of P(positive), or of the top label."""

    equal_mass: tuple[Bin, ...]
    """The bins that it is taken over."""


class ClassBalance(NamedTuple):
    """How often a class is predicted, and how often it happens."""

    name: str
    rows: int

    mean_p: float
    frequency: float

    z: float | None
    """(Σ p − rows) / √Σ p(1 − p); null where nothing is uncertain. Above 0 it is predicted too often."""


class TemperaturePoint(NamedTuple):
    """The mean loss of these rows at one temperature."""

    t: float
    loss: float


class Temperature(NamedTuple):
    """The temperature that is best for these rows: above 1 the probabilities are too extreme."""

    t: float

    t_ci95: tuple[float, float] | None
    """With the sandwich variance, on the scale of log T."""

    curve: tuple[TemperaturePoint, ...]
