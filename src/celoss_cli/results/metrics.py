"""Other measures of the rows that were scored, as the JSON of an evaluation names them."""

from __future__ import annotations

from celoss_cli.tuples import NamedTuple


class ChanceError(NamedTuple):
    """The calibration error that chance alone would show on these rows, were the model calibrated."""

    mean: float
    sd: float
    """Its standard deviation."""


class CalibrationBin(NamedTuple):
    """The rows whose probability lies in (low, high]. Null is what a bin without rows does not have."""

    low: float
    high: float

    weight: float
    """How many rows there are; with sample weights, their sum."""

    mean_p: float | None
    """What is predicted, on average."""

    frequency: float | None
    """How often it happens."""

    spread: float | None
    """The standard deviation of ``frequency`` by chance, were the model calibrated; null as that of ``ece_null``."""


class Metrics(NamedTuple):
    """Other measures of the same rows. Soft labels have only the Brier score."""

    accuracy: float | None
    """The share of rows whose most probable class is the true one."""

    brier: float
    """The Brier score in its multiclass form: summed over classes, 0 to 2."""

    ece: float | None
    """The expected calibration error of the most probable class, in 15 bins of equal width."""

    ece_null: ChanceError | None = None
    """What ``ece`` a calibrated model would show by chance; null where rows are not independent."""

    ece_positive: float | None = None
    """Two classes: the same error of the probability of ``spec.positive``, or of the second class.

    Null, as what belongs to it, where ``--positive`` names the first of two columns.
    """

    ece_positive_null: ChanceError | None = None
    """What ``ece_positive`` a calibrated model would show by chance; null where rows are not independent."""

    mean_positive: float | None = None
    """Two classes: the mean probability of the positive class."""

    rate_positive: float | None = None
    """Two classes: the share of the positive class."""

    bins: tuple[CalibrationBin, ...] = ()
    """The bins of ``ece_positive`` where there is one, of ``ece`` otherwise."""
