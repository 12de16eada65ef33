"""What would fix it: each fix that is defined for the rows, fitted, corrected for its own rows, judged."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from celoss_cli.diagnosis.biases import MOST_CLASSES, AlikeRows, BiasFit, NoFit, fit_biases
from celoss_cli.diagnosis.clusters import FITS, over_clusters
from celoss_cli.diagnosis.cross_fit import blocks_of, cross_fitted, isotonic_losses
from celoss_cli.diagnosis.floor import FREQUENCIES, floor_as_fix, leaves_more
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.left_out import HANGS_ON_FEW, TOO_LARGE, Reason, too_few, without
from celoss_cli.diagnosis.logistic import LogisticFit, NoOverlap, NotSettled, fit
from celoss_cli.diagnosis.looking import Looked, probabilities_of
from celoss_cli.diagnosis.no_temperature import constant, why_below_zero, why_no_temperature
from celoss_cli.diagnosis.temperature import LOOSEST
from celoss_cli.diagnosis.verdicts import (
    WORTH,
    Ahead,
    FixVerdict,
    Gained,
    no_better_than,
    of_all,
    recommended,
    verdict_of,
)
from celoss_cli.kernels.functions import log
from celoss_cli.kernels.outcome import Floats
from celoss_cli.request import InputKind, Margin
from celoss_cli.results.diagnosis import Fix, LeftOut
from celoss_cli.statistics.chi_square import upper_tail

_ODD = 16.0  # from such a β on the scores are fitted at a scale of their own

_LARGEST = 1e12  # nats: of a larger loss what a fix leaves of it has no digit left

_OVERTURNED = 100.0  # nats a row: a fit that costs so much where its rows are left out hangs on one of them

FEWEST_ROWS = 20
"""Below, a fold of four fifths says nothing of an isotonic curve."""


class Fixes(NamedTuple):
    """The fixes, as the result has them, and what became of the others."""

    fixes: tuple[Fix, ...]
    recommended: Gained | None
    gained: tuple[Gained, ...]
    """Those with a gain, in the same order."""
    left_out: tuple[LeftOut, ...]
    loss: float
    """The mean loss that the gains are taken from: after the floor, where there is one."""
    t_ci95: tuple[float, float] | None = None
    """Of the best temperature."""
    groups: Groups | None = None
    """The scores that the fixes were fitted to, with two classes."""


def no_fixes(loss: float, names: tuple[str, ...] = ()) -> Fixes:
    """Return that nothing can be fitted: not for want of rows, but since ``names`` move no probability of 0."""
    cannot = (
        Fix(
            name=name,
            after=None,
            parameters={},
            degrees=1,
            gain_in_sample=None,
            optimism=None,
            gain=None,
            gain_ci95=None,
            loss_after=None,
            p_value=None,
            verdict=FixVerdict.CANNOT.value,
        )
        for name in names
    )
    return Fixes(tuple(cannot), None, (), (), loss)


class _Found(NamedTuple):
    gained: Gained
    parameters: dict[str, float]
    ahead: Ahead | None = None
    """Of the logistic, for an isotonic curve: cross-fitted, it cannot be held against the others row by row."""


@np.errstate(over="ignore", invalid="ignore")  # what is not finite is left out
def fixes_of_two(groups: Groups, looked: Looked, loss: float, worth: Margin | None = None) -> Fixes:
    """Return the fixes of rows with two classes, whose mean loss is ``loss``.

    Where rows have probability 0 for their truth the floor comes first, and the other fixes are fitted to what it
    leaves; their gains are what they save beyond it. Less than ``worth`` is nothing to gain.
    """
    after: str | None = None
    if looked.floor is not None:
        groups, loss, after = groups.floored(looked.floor.epsilon), looked.floor.loss, "floor"
    left_out: list[LeftOut] = []
    found: list[_Found] = []
    against: Floats | None = None
    t_ci95: tuple[float, float] | None = None
    for name, intercept, slope in FITS:
        if groups.n < 2 + intercept + slope:
            left_out.append(too_few(name, groups.n))
            continue
        try:
            fitted = fit(groups, intercept=intercept, slope=slope)
            if name == "temperature" and fitted.slope <= 0.0 and constant(groups):
                raise NoOverlap(Reason.CONSTANT_SCORES)  # a shift mends one score for all rows, and says how it is off
        except NoOverlap as error:
            left_out.append(without(name, Reason.ONE_CLASS if groups.ones in (0, groups.n) else error.reason))
            continue
        except NotSettled:
            left_out.append(without(name, Reason.NO_FIT, None if slope else HANGS_ON_FEW))
            continue
        if looked.clustered:
            over = None if looked.clusters is None else over_clusters(fitted, name, looked.clusters)
            if over is None:
                left_out.append(without(name, Reason.TOO_FEW_CLUSTERS))
                continue
            fitted = over
        if name == "temperature" and not 0.0 < fitted.standard_errors[1] < LOOSEST * fitted.slope:
            left_out.append(without(name, why_no_temperature(groups)))
            continue
        found.append(_Found(_gained_by(name, fitted, groups), _parameters(name, fitted)))
        if name == "logistic":
            against = fitted.corrected
        if name == "temperature":
            t_ci95 = fitted.t_ci95
    if looked.clustered:
        left_out.append(without("isotonic", Reason.CLUSTERS))
    elif groups.weighed is not None:
        left_out.append(without("isotonic", Reason.WEIGHTS))
    elif groups.n < FEWEST_ROWS:
        left_out.append(too_few("isotonic", groups.n))
    elif groups.ones in (0, groups.n):
        left_out.append(without("isotonic", Reason.ONE_CLASS))
    else:
        found.append(_isotonic(groups, against))
    return _judged(found, left_out, loss, after, looked, worth)._replace(t_ci95=t_ci95, groups=groups)


@np.errstate(over="ignore", invalid="ignore")
def fixes_of_several(
    looked: Looked, loss: float, kind: InputKind, classes: tuple[str, ...], worth: Margin | None = None
) -> Fixes:
    """Return the fixes of rows with more than two ``classes``, or with weights.

    Gains are taken from probabilities that sum to 1 in every row: what a row misses of that is no miscalibration.
    Class biases, and what they are held against, rest on the sample: with more rows than that, their gain is that of a
    fit to the sample. Less than ``worth`` is nothing to gain.
    """
    after = None if looked.floor is None else "floor"
    loss = loss if looked.floor is None else looked.floor.loss
    left_out: list[LeftOut] = []
    found: list[_Found] = []
    pairs = _on_sample(looked, kind, len(classes), left_out)
    fitted, reason = looked.temperature, looked.no_temperature
    if fitted is not None:
        corrected = pairs["temperature"].corrected if "temperature" in pairs else np.empty(0)
        stands_for = of_all(corrected.shape[0])
        gained = Gained(
            "temperature", 1, fitted.gain_in_sample, fitted.optimism, fitted.standard_error, fitted.p_value,
            corrected, *stands_for, fitted.quantile,
        )  # fmt: skip
        found.append(_Found(gained, {"t": 1.0 / fitted.beta}))
    else:
        reason = reason or Reason.NO_FIT
        if reason is Reason.REVERSED:
            reason = why_below_zero(looked, pairs.get("temperature_biases"))
        said = "every row is right, and the loss falls on and on" if reason is Reason.SEPARATION else None
        few = reason is Reason.TOO_FEW_ROWS
        left_out.append(too_few("temperature", 0) if few else without("temperature", reason, said))
    names = [name for name in ("class_biases", "temperature_biases") if name in pairs]
    if "temperature_biases" in names and not pairs["temperature_biases"].beta > 0.0:
        names.remove("temperature_biases")
        left_out.append(without("temperature_biases", reason or Reason.UNINFORMATIVE))
    found += [_biases(name, pairs[name], classes) for name in names]
    judged = _judged(found, left_out, loss, after, looked, worth)
    return judged._replace(t_ci95=None if fitted is None else fitted.ci95)


def _judged(
    found: list[_Found],
    left_out: list[LeftOut],
    loss: float,
    after: str | None,
    looked: Looked,
    worth: Margin | None,
) -> Fixes:
    """Return the fixes with their verdicts: those whose numbers hold, beside so large a loss as there may be."""
    holding = [
        one
        for one in found
        if loss <= _LARGEST and one.gained.optimism < _OVERTURNED and all(map(math.isfinite, one.gained.ci95))
    ]
    names = {one.gained.name for one in holding}
    for one in found:
        if one.gained.name not in names:
            few = HANGS_ON_FEW if one.gained.name == "shift" else None
            left_out.append(without(one.gained.name, Reason.NO_FIT, few if loss <= _LARGEST else TOO_LARGE))
    found, gained = holding, [one.gained for one in holding]
    verdicts = [verdict_of(one, loss, WORTH if worth is None else worth) for one in gained]
    # What is compared has to be known row by row, on the same rows.
    known = [one.corrected.size > 0 for one in gained]
    hidden = no_better_than(
        [one for one, is_known in zip(gained, known, strict=True) if is_known],
        [verdict for verdict, is_known in zip(verdicts, known, strict=True) if is_known],
    )
    simpler = iter(hidden)
    fixes: list[Fix] = []
    for place, (one, is_known) in enumerate(zip(found, known, strict=True)):
        other = next(simpler) if is_known else _hidden_curve(one, verdicts[place], fixes)
        helps = verdicts[place] in (FixVerdict.HELPS, FixVerdict.PROBABLY_HELPS)
        if after is not None and helps and leaves_more(loss - one.gained.gain, looked.prior):
            other = FREQUENCIES
        if other is not None:
            verdicts[place] = FixVerdict.NO_BETTER
        fixes.append(_fix(one, verdicts[place], other, loss, after))
    best = recommended(
        [one for one in gained if one.name != "isotonic"],
        [verdict for one, verdict in zip(gained, verdicts, strict=True) if one.name != "isotonic"],
    )
    if looked.floor is not None:
        fixes.insert(0, floor_as_fix(looked.floor, looked.prior))
    return Fixes(tuple(fixes), best, tuple(gained), tuple(left_out), loss)


def _hidden_curve(one: _Found, verdict: FixVerdict, before: list[Fix]) -> str | None:
    """Return the simpler fix that a curve is no better than: the logistic, or what is as good as that."""
    if one.ahead is None or one.ahead.clear or verdict is not FixVerdict.HELPS:
        return None
    logistic = next((fix for fix in before if fix.name == "logistic"), None)
    if logistic is None or logistic.verdict in (FixVerdict.NOTHING_TO_GAIN, FixVerdict.TOO_FEW_ROWS):
        return None
    return logistic.no_better_than or logistic.name


def _fix(one: _Found, verdict: FixVerdict, other: str | None, loss: float, after: str | None) -> Fix:
    gained = one.gained
    return Fix(
        name=gained.name,
        after=after,
        parameters=one.parameters,
        degrees=gained.degrees,
        gain_in_sample=gained.in_sample,
        optimism=gained.optimism,
        gain=gained.gain,
        gain_ci95=gained.ci95,
        loss_after=loss - gained.gain,
        p_value=gained.p_value,
        verdict=verdict.value,
        no_better_than=other,
    )


def _gained_by(name: str, fitted: LogisticFit, groups: Groups) -> Gained:
    return Gained(
        name,
        fitted.degrees,
        fitted.gain_in_sample,
        fitted.optimism,
        fitted.standard_error,
        fitted.p_value,
        fitted.corrected,
        *(fitted.units or (groups.weights, groups.squares)),
        fitted.quantile,
    )


def _parameters(name: str, fitted: LogisticFit) -> dict[str, float]:
    if name == "temperature":
        return {"t": 1.0 / fitted.slope}
    if name == "shift":
        return {"shift": fitted.intercept}
    return {"intercept": fitted.intercept, "slope": fitted.slope}


def _isotonic(groups: Groups, against: Floats | None) -> _Found:
    """Return the isotonic fix: its gain is cross-fitted, so that its row-by-row correction is not known."""
    before = groups.losses()
    fitted = isotonic_losses(groups)
    known = np.zeros_like(before) if against is None else against
    crossed = cross_fitted(groups, before, fitted, known)
    in_sample = groups.mean(before - fitted(groups.rows))
    blocks = blocks_of(groups)
    gained = Gained(
        "isotonic", blocks, in_sample, in_sample - crossed.gain, crossed.standard_error, None, np.empty(0), *of_all(0)
    )
    ahead = None if against is None else Ahead(crossed.ahead, crossed.ahead_error)
    return _Found(gained, {"blocks": float(blocks)}, ahead)


def _biases(name: str, fitted: BiasFit, classes: tuple[str, ...]) -> _Found:
    m = int(fitted.corrected.shape[0])
    p_value = upper_tail(2.0 * m * fitted.gain_in_sample, fitted.degrees)
    gained = Gained(
        name, fitted.degrees, fitted.gain_in_sample, fitted.optimism, fitted.standard_error, p_value,
        fitted.corrected, *of_all(m),
    )  # fmt: skip
    parameters = {f"bias_{name}": float(bias) for name, bias in zip(classes, fitted.biases, strict=True)}
    return _Found(gained, {"t": 1.0 / fitted.beta, **parameters} if name == "temperature_biases" else parameters)


def _on_sample(looked: Looked, kind: InputKind, classes: int, left_out: list[LeftOut]) -> dict[str, BiasFit]:
    """Return what is fitted to the sample: temperature, to hold the others against, and class biases."""
    sample = looked.first.sample
    if looked.clustered:
        left_out += [without(name, Reason.CLUSTERS) for name in ("class_biases", "temperature_biases")]
    if sample is None or not sample.size or looked.clustered:
        return {}
    sample = sample.in_file_order()
    x, codes = sample.scores, sample.codes.astype(np.intp)
    if looked.floor is not None:
        x = log(np.maximum(probabilities_of(sample, kind), looked.floor.epsilon))
    possible = x[codes, np.arange(codes.shape[0])] > -np.inf
    x, codes = x[:, possible], codes[possible]
    wanted = [("temperature", True, False)]
    if classes <= MOST_CLASSES:
        wanted += [("class_biases", False, True), ("temperature_biases", True, True)]
    else:
        message = f"{classes:,} classes are more than {MOST_CLASSES}: biases would rest on too few rows each"
        left_out += [without(name, Reason.TOO_MANY_CLASSES, message) for name in ("class_biases", "temperature_biases")]
    found: dict[str, BiasFit] = {}
    scale = 1.0
    if looked.temperature is not None and not 1.0 / _ODD < looked.temperature.beta < _ODD:
        scale = 2.0 ** round(math.log2(looked.temperature.beta))
    for name, temperature, biases in wanted:
        parameters = temperature + biases * (classes - 1)
        if codes.shape[0] <= parameters + 1:
            left_out.append(too_few(name, codes.shape[0]))
            continue
        try:
            found[name] = fit_biases(x, codes, temperature=temperature, biases=biases, scale=scale)
        except AlikeRows:
            left_out.append(without(name, Reason.CONSTANT_SCORES))
        except NoFit:
            if name != "temperature":
                message = "a class has no rows, or is told from the others without fail: no bias is best"
                left_out.append(without(name, Reason.SEPARATION, message))
    return found
