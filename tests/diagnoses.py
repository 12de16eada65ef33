"""Diagnoses made by hand, for the tests of what is shown of one and of its gate."""

from __future__ import annotations

import math
from collections.abc import Callable

from celoss_cli.request import InputKind, Task
from celoss_cli.results.diagnosis import (
    Bar,
    Confusion,
    ContradictingRow,
    Contradictions,
    DiagnosedLoss,
    Diagnosis,
    Distribution,
    Fix,
    Headline,
    LeftOut,
)
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import Check, Input, Inputs, Verdict
from celoss_cli.results.miscalibration import (
    Bin,
    CalibrationError,
    ClassBalance,
    Corp,
    Cox,
    CurvePoint,
    Ece,
    InTheLarge,
    Temperature,
    TemperaturePoint,
)
from celoss_cli.spec import Columns, Spec


def a_fix(name: str, gain: float | None, verdict: str = "helps", **more: object) -> Fix:
    """A fix that would save so much, with the numbers that nobody looks at made up from it."""
    known: dict[str, object] = {
        "after": None,
        "parameters": {},
        "degrees": 1,
        "gain_in_sample": None if gain is None else gain + 0.0001,
        "optimism": None if gain is None else 0.0001,
        "gain": gain,
        "gain_ci95": None if gain is None else (gain - 0.002, gain + 0.0022),
        "loss_after": None if gain is None else 0.619093 - gain,
        "p_value": None if gain is None else 1e-9,
    }
    return Fix(name=name, verdict=verdict, **{**known, **more})  # type: ignore[arg-type]  # any field


def _bins(count: int, rows: int) -> tuple[Bin, ...]:
    """A hill of rows over [0, 1], predicted five points too high."""
    weights = [math.exp(-(((i + 0.5) / count - 0.6) ** 2) * 8) for i in range(count)]
    total = sum(weights)
    return tuple(
        Bin(i / count, (i + 1) / count, round(rows * weight / total), (i + 0.5) / count, (i + 0.2) / count)
        for i, weight in enumerate(weights)
    )


def _curve(steps: int, rows: int, slope: float = 0.863, shift: float = -0.17) -> tuple[CurvePoint, ...]:
    """A curve with a slope and a shift on the logit scale, in steps of as many rows."""
    found = []
    for i in range(steps):
        p = (i + 0.5) / steps
        z = shift + slope * math.log(p / (1 - p))
        wide = 1.645 * math.sqrt(p * (1 - p) * steps / rows)
        found.append(CurvePoint(p, 1 / (1 + math.exp(-z)), rows // steps, max(0.0, p - wide), min(1.0, p + wide)))
    return tuple(found)


def _bars() -> tuple[Bar, ...]:
    bars = []
    for i in range(16):
        low = 2.0 ** (i - 12)
        rows = round(4000 * math.exp(-(((i - 11) / 3) ** 2)))
        bars.append(Bar(low, 2 * low, rows, min(1.0, rows * low * 1.4 / 5501.0)))
    return tuple(bars)


def binary() -> Diagnosis:
    """The games of specification and tests: probabilities too high and too extreme, a logistic mends them."""
    return Diagnosis(
        celoss_version="0.1.0",
        inputs=Inputs(Input("games.csv", "csv", 8886), None),
        spec=Spec(Task.BINARY, InputKind.PROBS, ("0", "1"), "1", Columns(("prob1",), "outcome"), ()),
        headline=Headline(
            "helps", "logistic", "The probabilities are too high and too extreme; a logistic fit would save 1.1%."
        ),
        loss=DiagnosedLoss(0.619093, 8886, 0),
        worth=0.00619093,
        in_the_large=InTheLarge(0.5717, 0.6193, 0.923, (0.9079, 0.9389), -9.75),
        cox=Cox(0.8627577127, (0.8083, 0.9172), -0.1696495039, -0.2362133135, 1.3e-27, 2),
        corp=Corp("positive", 0.682834, 0.0745669, 0.0108263, 0.0037, 0.0007, 200, 0.0071, _curve(24, 8886)),
        ece=Ece(
            CalibrationError(0.0354608, 0.0099, 0.0028, 0.0341, 0.0013, _bins(15, 8886)),
            CalibrationError(0.0491890, 0.0129, 0.0028, 0.0481, 0.0011, _bins(15, 8886)),
            0.0531804,
            _bins(15, 8886),
        ),
        classes=(ClassBalance("0", 3806, 0.3807, 0.4283, -9.75), ClassBalance("1", 5080, 0.6193, 0.5717, 9.75)),
        temperature=Temperature(
            1.28219343,
            (1.21, 1.36),
            tuple(TemperaturePoint(t, 0.6143 + (math.log(t / 1.282)) ** 2 / 10) for t in (0.25, 0.5, 1.0, 2.0, 4.0)),
        ),
        fixes=(
            a_fix("logistic", 0.00682, parameters={"intercept": -0.1696495, "slope": 0.8627577}, degrees=2),
            a_fix("isotonic", 0.00637, "no_better", parameters={"blocks": 61.0}, no_better_than="logistic"),
            a_fix("shift", 0.00552, parameters={"shift": -0.2362133}),
            a_fix("temperature", 0.0046, parameters={"t": 1.2821934}),
        ),
        distribution=Distribution(2213, 5120.4, (0.26, 0.17, 0.13, 0.11, 0.09, 0.08, 0.06, 0.05, 0.03, 0.02), _bars()),
        confusions=(
            Confusion("0", "0", 2021, 0.2274, 0.151),
            Confusion("0", "1", 1785, 0.2009, 0.371),
            Confusion("1", "1", 4105, 0.4620, 0.302),
            Confusion("1", "0", 975, 0.1097, 0.176),
        ),
        contradictions=Contradictions(
            1240,
            1131.2,
            29.4,
            (
                ContradictingRow(4071, None, "0", "1", 0.021, 0.979, 3.8632),
                ContradictingRow(118, None, "1", "0", 0.034, 0.966, 3.3814),
            ),
        ),
        left_out=(),
        warnings=(),
    )


def judged() -> Diagnosis:
    """The same, with a limit that is not met."""
    return binary()._replace(verdict=Verdict(False, (Check("max_miscalibration", 0.005, 0.00682, False),)))


def multiclass() -> Diagnosis:
    """Four classes, two of them confused, and a file of labels with ids."""
    names = ("VF", "F", "M", "L")
    return binary()._replace(
        inputs=Inputs(Input("jobs.parquet", "parquet", 3467), Input("labels.csv", "csv", 3467)),
        spec=Spec(Task.MULTICLASS, InputKind.LOGITS, names, None, Columns(names, "class"), ()),
        headline=Headline("helps", "temperature", "The model is more sure than it is right; a temperature saves 4.8%."),
        loss=DiagnosedLoss(0.802, 3467, 0),
        in_the_large=None,
        cox=None,
        corp=Corp("top_label", 0.6121, 0.0871, 0.0311, 0.0084, 0.0011, 200, 0.0227, _curve(12, 3467, 0.7, -0.1)),
        ece=Ece(CalibrationError(0.0611, 0.0136, 0.0041, 0.0611, 0.0, _bins(15, 3467)), None, 0.0598, _bins(15, 3467)),
        classes=(
            ClassBalance("VF", 1770, 0.5201, 0.5105, 1.6),
            ClassBalance("F", 1078, 0.3152, 0.3109, 0.7),
            ClassBalance("M", 412, 0.1012, 0.1188, -4.0),
            ClassBalance("L", 207, 0.0635, 0.0597, 1.2),
        ),
        temperature=Temperature(1.4619, (1.39, 1.54), binary().temperature.curve if binary().temperature else ()),
        fixes=(
            a_fix("temperature_biases", 0.0385, degrees=4, parameters={"t": 1.47, "F": -0.1}, loss_after=0.7635),
            a_fix("temperature", 0.0384, parameters={"t": 1.4619}, loss_after=0.7636),
            a_fix("class_biases", 0.0006, "too_few_rows", degrees=3, loss_after=0.8014),
        ),
        distribution=_spread()._replace(half_rows=420, effective_rows=88.6),
        confusions=(
            Confusion("F", "VF", 431, 0.1243, 0.208),
            Confusion("M", "F", 201, 0.058, 0.119),
            Confusion("VF", "VF", 1502, 0.4332, 0.121),
            Confusion("F", "F", 612, 0.1765, 0.088),
            *(Confusion("L", name, 20, 0.0058, 0.01) for name in ("VF", "F", "M")),
        ),
        contradictions=Contradictions(
            66, 71.8, 8.1, (ContradictingRow(17, "job-17", "M", "VF", 1.1e-6, 0.9999991, 13.72),)
        ),
    )


def _spread() -> Distribution:
    found = binary().distribution
    assert found is not None
    return found


def infinite() -> Diagnosis:
    """A tree that is sure, and wrong in three rows: nothing moves a 0, and a floor comes first."""
    nothing = {"gain_in_sample": None, "optimism": None, "gain_ci95": None, "p_value": None}
    return binary()._replace(
        inputs=Inputs(Input("-", "csv", 223), None),
        headline=Headline("cannot", "floor", "3 rows say that the truth is impossible: put a floor under them first."),
        loss=DiagnosedLoss(math.inf, 223, 3),
        in_the_large=InTheLarge(0.0, 0.0, None, None, None),
        cox=_cox()._replace(p_value=0.4, without_logit=31),
        corp=Corp("positive", 0.6659, 0.2301, math.inf, 0.041, 0.012, 200, math.inf, _curve(3, 223)),
        fixes=(
            a_fix("temperature", None, "cannot"),
            a_fix("floor", math.inf, parameters={"epsilon": 2.0**-5}, loss_after=0.4961, **nothing),
            a_fix("temperature", 0.0, "nothing_to_gain", after="floor", parameters={"t": 1.02}, loss_after=0.4961),
        ),
        distribution=Distribution(None, None, (), ()),
        confusions=(),
        contradictions=Contradictions(1, 0.4, 0.6, ()),
    )


def _cox() -> Cox:
    found = binary().cox
    assert found is not None
    return found


def bare() -> Diagnosis:
    """A calibrated model with weights: what needs counts is left out, by name."""
    reason = "rows have weights: this needs counts of rows"
    return binary()._replace(
        headline=Headline("nothing_to_gain", None, "Nothing to gain: no fix would save 1% of the loss."),
        corp=None,
        ece=None,
        cox=_cox()._replace(slope=1.01, slope_ci95=(0.95, 1.08), shift=0.003, p_value=0.81, without_logit=0),
        classes=(),
        fixes=(a_fix("temperature", -0.00002, "nothing_to_gain", parameters={"t": 0.99}),),
        distribution=None,
        confusions=(),
        contradictions=None,
        left_out=(
            LeftOut("corp", "weights", reason),
            LeftOut("ece", "weights", reason),
            LeftOut("isotonic", "weights", "folds are dealt by counts of rows, and rows have weights"),
            LeftOut("contradictions", "weights", reason),
        ),
        verdict=Verdict(False, (Check("max_miscalibration", 0.01, math.nan, False),)),
    )


def hostile() -> Diagnosis:
    """Every text that comes from a file tries something."""
    names = ("[red]bold[/red]", "\x1b[2J\x1b]0;owned\x07|`<b>\n# h1", "=cmd()|' /C calc'!A0")
    whole = multiclass()
    return whole._replace(
        inputs=Inputs(Input("[link=x]\x1b[31m.csv", "csv", 6), Input("caf\udce9 \u202e.csv", "csv", 6)),
        spec=whole.spec._replace(classes=names),
        classes=tuple(ClassBalance(name, 9, 0.5, 0.2, 9.0) for name in names),
        confusions=tuple(Confusion(name, names[0], 3, 0.1, 0.2) for name in names),
        contradictions=Contradictions(
            3, 1.0, 0.5, tuple(ContradictingRow(i, name, name, name, 0.1, 0.9, 2.3) for i, name in enumerate(names))
        ),
        left_out=(LeftOut("class_biases", "rare", "class '[blink]\x1b[5m|' has \u2028 no rows @everyone <script>"),),
        warnings=(Notice("hostile", "column '[blink]\x1b[5m|' holds \u2028 @everyone <script>"),),
    )


SAMPLES: dict[str, Callable[[], Diagnosis]] = {
    "binary": binary,
    "judged": judged,
    "multiclass": multiclass,
    "infinite": infinite,
    "bare": bare,
    "hostile": hostile,
}
