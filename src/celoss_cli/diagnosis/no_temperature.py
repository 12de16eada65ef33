"""Why no temperature is best where 1/T had better be 0 or less: a reversed order, a shift, one score for all."""

from __future__ import annotations

import numpy as np

from celoss_cli.diagnosis.biases import BiasFit
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.left_out import Reason
from celoss_cli.diagnosis.logistic import NoOverlap, NotSettled, fit
from celoss_cli.diagnosis.looking import Looked
from celoss_cli.statistics.skewed_mean import NORMAL_975


def constant(groups: Groups) -> bool:
    """Return whether all rows that have log odds have the same."""
    z = groups.z[np.isfinite(groups.z)]
    return z.size > 0 and bool(z.min() == z.max())


def why_no_temperature(groups: Groups) -> Reason:
    """Return why the best 1/T of two classes is not above 0, or not by more than chance."""
    if groups.ones in (0, groups.n):
        return Reason.ONE_CLASS
    try:
        joint = fit(groups, intercept=True, slope=True)
    except NoOverlap as error:
        return Reason.SHIFTED if error.reason is Reason.SEPARATION else error.reason
    except NotSettled:
        return Reason.NO_FIT
    half = NORMAL_975 * joint.standard_errors[1]
    if joint.slope + half < 0.0:
        return Reason.REVERSED
    return Reason.SHIFTED if joint.slope - half > 0.0 else Reason.UNINFORMATIVE


def why_below_zero(looked: Looked, biased: BiasFit | None) -> Reason:
    """Return why the loss of several classes rises with 1/T; ``biased`` is the temperature beside class biases.

    With weights no rows are kept that would tell a reversed order from scores that are off as a whole.
    """
    sample = looked.first.sample
    if sample is None or not sample.size:
        return Reason.WRONG_WAY
    if bool((sample.scores == sample.scores[:, :1]).all()):
        return Reason.CONSTANT_SCORES
    return Reason.SHIFTED if biased is not None and biased.beta > 0.0 else Reason.REVERSED
