"""Why the loss is what it is, in sentences: what every form of a diagnosis says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from celoss_cli.gate.miscalibration import judged_fix, miscalibration_of
from celoss_cli.render import numbers
from celoss_cli.render.forms.remark import Remark, Tone
from celoss_cli.render.text import called
from celoss_cli.results.diagnosis import Contradictions, Diagnosis
from celoss_cli.results.evaluation import Check
from celoss_cli.results.miscalibration import CalibrationError, ClassBalance, Corp, Cox, InTheLarge, Temperature

_CHANCE = 1.645  # standard deviations above what chance shows: 5% of calibrated models are further

_FEW_EFFECTIVE_ROWS = 100

_NOISE = 1e-12

_ODD_CLASS = 3.0  # |z| from which a class is named

_MOST_CLASSES = 5

HELPING = ("helps", "probably_helps")
"""The verdicts on a fix that saves something."""

_TONES = {"nothing_to_gain": Tone.GOOD, "cannot": Tone.BAD}

_PARTS = {
    "in_the_large": "mean prediction",
    "cox": "slope and shift",
    "corp": "calibration curve",
    "ece": "calibration error (ECE)",
    "classes": "balance of the classes",
    "fixes": "what would fix it",
    "distribution": "where the loss is",
    "contradictions": "rows that contradict their label",
}
"""What the fields of a diagnosis are called; a part with another name is called by that."""


def headline(diagnosis: Diagnosis) -> Remark:
    """Return what there is to say in one sentence."""
    return Remark(diagnosis.headline.text, tone=_TONES.get(diagnosis.headline.verdict, Tone.PLAIN))


def source(diagnosis: Diagnosis) -> str:
    """Return what was diagnosed: rows, task and kind of input."""
    spec, loss = diagnosis.spec, diagnosis.loss
    return f"{numbers.rows(loss.rows)}, {spec.task.value}, {spec.input.noun}"


def files(diagnosis: Diagnosis) -> list[str]:
    """Return what the files are called."""
    return [called(source.path) for _, source in diagnosis.inputs.by_role]


def mean(diagnosis: Diagnosis) -> str:
    """Return the mean loss with its unit."""
    return f"{numbers.significant(diagnosis.loss.mean)} nats"


def why(diagnosis: Diagnosis) -> list[Remark]:
    """Return where the loss comes from, sentence by sentence."""
    found: list[Remark] = [*_infinite(diagnosis)]
    if diagnosis.corp is not None:
        found.append(Remark(_parts(diagnosis, diagnosis.corp)))
    if diagnosis.in_the_large is not None:
        found.append(Remark(_in_the_large(diagnosis, diagnosis.in_the_large)))
    if diagnosis.cox is not None:
        found.append(Remark(_cox(diagnosis.cox, diagnosis.in_the_large)))
    if diagnosis.ece is not None:
        if diagnosis.ece.positive is not None:
            found.append(Remark(_ece("P(positive)", diagnosis.ece.positive)))
        found.append(Remark(_ece("the top label", diagnosis.ece.top_label)))
    if diagnosis.cox is None and diagnosis.temperature is not None:
        found.append(Remark(_temperature(diagnosis, diagnosis.temperature)))
    return found or [Remark("That cannot be told here: what is left out says why.")]


def odd_classes(diagnosis: Diagnosis) -> list[ClassBalance]:
    """Return the classes that are predicted far too often or too seldom, the farthest first."""
    if len(diagnosis.spec.classes) == 2:  # said by the mean prediction already
        return []
    odd = [one for one in diagnosis.classes if one.z is not None and abs(one.z) > _ODD_CLASS]
    return sorted(odd, key=lambda one: -abs(one.z or 0.0))[:_MOST_CLASSES]


def outside_the_band(corp: Corp) -> str:
    """Return how many rows are where the curve leaves the band of a calibrated model."""
    rows = sum(point.rows for point in corp.curve)
    outside = sum(point.rows for point in corp.curve if not point.low <= point.frequency <= point.high)
    what = "the truth" if corp.of == "positive" else "being right"
    if not outside:
        return f"The curve of {what} stays inside the band that 90% of calibrated models keep to."
    share = numbers.percent(outside / rows, 2)
    return f"The curve of {what} leaves the band that 90% of calibrated models keep to, with {share} of the rows."


def where(diagnosis: Diagnosis) -> list[Remark]:
    """Return how the loss is spread over the rows."""
    spread = diagnosis.distribution
    if spread is None:
        return []
    rows, found = diagnosis.loss.rows, []
    if spread.half_rows is not None:
        share = numbers.percent(spread.half_rows / rows, 3)
        found.append(Remark(f"Half of it is in {numbers.rows(spread.half_rows)} of {numbers.count(rows)} ({share})."))
    if spread.deciles and math.isfinite(spread.deciles[0]):
        found.append(Remark(f"The costliest tenth of the rows carries {numbers.percent(spread.deciles[0], 3)}."))
    if spread.effective_rows is not None:
        effective = round(spread.effective_rows)
        text = f"The mean rests on about {numbers.count(effective)} effective {'row' if effective == 1 else 'rows'}"
        few = spread.effective_rows < _FEW_EFFECTIVE_ROWS
        found.append(Remark(f"{text}: too few to trust its interval." if few else f"{text}."))
    return found


def contradictions(found: Contradictions) -> str:
    """Return how many rows contradict their label, beside how many would anyway."""
    by_chance = f"{_whole(found.expected)} ± {_whole(found.expected_sd)}"
    said = "no row contradicts its" if not found.count else f"{numbers.rows(found.count)} contradict their"
    text = f"{'1 row contradicts its' if found.count == 1 else said} label"
    text = f"{text[:1].upper()}{text[1:]}; if the probabilities were right, {by_chance} would"
    if found.count > found.expected + 2 * found.expected_sd:
        return f"{text}: the labels or the probabilities are wrong."
    if found.count < found.expected - 2 * found.expected_sd:
        return f"{text}: the probabilities are less sure than these labels bear out."
    return f"{text}: no sign that either is wrong."


def left_out(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """Return what these rows do not have, and why: parts that have one reason together."""
    parts: dict[str, list[str]] = {}
    for one in diagnosis.left_out:
        parts.setdefault(one.message, []).append(_PARTS.get(one.part, one.part.replace("_", " ")))
    return [(", ".join(names), message) for message, names in parts.items()]


def verdict(diagnosis: Diagnosis) -> list[Remark]:
    """Return one sentence a check of the gate, led by PASS or FAIL."""
    return [] if diagnosis.verdict is None else [_on_check(diagnosis, check) for check in diagnosis.verdict.checks]


def _on_check(diagnosis: Diagnosis, check: Check) -> Remark:
    option = f"--{check.name.replace('_', '-')}"
    fix = judged_fix(diagnosis)
    what = f"recalibration ({fix})"
    exact = numbers.exactly(check.limit)
    limit = exact if len(exact) <= numbers.DIGITS + 2 else numbers.significant(check.limit, _digits(check))
    limit = f"{limit} ({option})"
    if check.passed:
        return Remark(f"{what} would save {_value(check)}, within the limit of {limit}", "PASS", Tone.GOOD)
    if diagnosis.loss.infinite:
        text = f"{_with_truth_at_0(diagnosis)}, which never passes; the limit is {limit}"
        return Remark(text, "FAIL", Tone.BAD)
    if not diagnosis.loss.rows:
        return Remark(f"no row was scored, and nothing scored never passes a limit ({option})", "FAIL", Tone.BAD)
    if miscalibration_of(diagnosis) is None:
        why = next((f" ({one.message})" for one in diagnosis.left_out if one.part in (fix, "fixes")), "")
        text = f"what {what} would save is not known here{why}, and what is missing never passes; the limit is {limit}"
        return Remark(text, "FAIL", Tone.BAD)
    return Remark(f"{what} would save {_value(check)}, above the limit of {limit}", "FAIL", Tone.BAD)


def _value(check: Check) -> str:
    return numbers.significant(check.value, _digits(check)) if check.value else "nothing"


def _digits(check: Check) -> int:
    return numbers.digits_beside(check.value, check.limit)


def _infinite(diagnosis: Diagnosis) -> Iterator[Remark]:
    if diagnosis.loss.infinite:
        text = f"{_with_truth_at_0(diagnosis)}: the loss is infinite, and no recalibration moves a 0"
        yield Remark(text, tone=Tone.BAD)


def _with_truth_at_0(diagnosis: Diagnosis) -> str:
    count, rows = diagnosis.loss.infinite, numbers.rows(diagnosis.loss.rows)
    return f"{numbers.count(count)} of {rows} {'gives' if count == 1 else 'give'} the truth probability 0"


def _parts(diagnosis: Diagnosis, corp: Corp) -> str:
    """Return what the loss is made of: what knowing only the frequency costs, less ranking, plus miscalibration."""
    if corp.of == "positive":
        what, knowing, ranking = "loss", "knowing only the frequency", "ranking"
    else:
        what, knowing, ranking = "whether the top label is right:", "knowing only how often it is", "confidence"
    if not math.isfinite(corp.miscalibration):
        least = corp.uncertainty - corp.discrimination
        costs, left = numbers.column([corp.uncertainty, least], digits=4)
        return f"{what} inf; {knowing} costs {costs}, and the best recalibration by these rows would leave {left}"
    whole = corp.uncertainty - corp.discrimination + corp.miscalibration
    if corp.of == "positive":
        whole = diagnosis.loss.mean
    own = without_noise(max(corp.debiased, 0.0))
    saved = without_noise(corp.uncertainty + own - whole)
    shown = at_width(
        (whole, corp.uncertainty, abs(saved), own), max(whole, corp.uncertainty) / 100
    )  # four digits of it
    sign = "−" if saved >= 0 else "+"
    last = f"{shown[3]} (miscalibration, chance removed)" if own else "0 (miscalibration: what chance shows, or less)"
    return f"{what} {shown[0]} = {shown[1]} ({knowing}) {sign} {shown[2]} ({ranking}) + {last}"


def _in_the_large(diagnosis: Diagnosis, found: InTheLarge) -> str:
    positive = diagnosis.spec.positive or diagnosis.spec.classes[-1]
    predicted, happens = numbers.percent(found.mean_p), numbers.percent(found.base_rate)
    text = f"predicts {predicted} on average, and {happens} happens (class {positive})"
    if found.ratio is None:
        return text
    if found.ratio_ci95 is None:
        return f"{text}: observed/expected {numbers.significant(found.ratio, 3)}"
    return f"{text}: observed/expected {_between(found.ratio, found.ratio_ci95)}"


def _cox(found: Cox, large: InTheLarge | None) -> str:
    slope = f"slope {_between(found.slope, found.slope_ci95)}"
    shift = "" if found.shift is None else f", shift {signed(found.shift)}"
    text = f"{slope}{shift}: {' and '.join(_directions(found, large))}"
    if found.without_logit:
        text += f"; without {numbers.rows(found.without_logit)} at probability 0 or 1"
    return text


def _directions(found: Cox, large: InTheLarge | None) -> list[str]:
    """Return in which way the probabilities are off, if they are by more than chance."""
    if found.p_value >= 0.05:
        return ["no sign that they are off by more than chance"]
    said = []
    if large is not None and large.ratio_ci95 is not None:
        said += ["too high"] if large.ratio_ci95[1] < 1 else ["too low"] if large.ratio_ci95[0] > 1 else []
    low, high = found.slope_ci95
    if high < 0:
        return [*said, "in reversed order"]
    if low <= 0:
        return [*said, "no sign that they tell the classes apart"]
    said += ["too extreme (overconfident)"] if high < 1 else ["too timid (underconfident)"] if low > 1 else []
    return said or ["off by more than chance, in no single direction"]


def _ece(of: str, found: CalibrationError) -> str:
    values = [without_noise(value) for value in (found.value, found.null, found.null_sd)]
    value, null, spread = at_width(values, values[2])
    text = f"ECE of {of} {value} ({null} ± {spread} if calibrated): "
    if values[0] <= found.null + _CHANCE * found.null_sd:
        return f"{text}chance alone shows as much"
    over, under = at_width((found.over, found.under), max(found.over, found.under))
    if of == "the top label":
        return f"{text}{over} too sure, {under} not sure enough"
    return f"{text}{over} too high, {under} too low"


def _temperature(diagnosis: Diagnosis, found: Temperature) -> str:
    """Return how much of the loss one temperature takes away: a lower bound on what miscalibration costs."""
    t = numbers.significant(found.t, 3) if found.t_ci95 is None else _between(found.t, found.t_ci95)
    fix = next((fix for fix in diagnosis.fixes if fix.name == "temperature"), None)
    after = "" if fix is None or fix.after is None else f", after a {fix.after},"
    text = f"temperature{after} {t}: {_sureness(found, None if fix is None else fix.verdict)}"
    mean = diagnosis.loss.mean
    if fix is None or fix.gain is None or fix.verdict not in HELPING or not 0 < mean < math.inf:
        return text
    share = numbers.percent(fix.gain / mean, 2)
    return f"{text}; at least {numbers.significant(fix.gain, 3)} of the loss ({share}) is miscalibration"


def _sureness(found: Temperature, verdict: str | None) -> str:
    if found.t_ci95 is not None and found.t_ci95[0] <= 1 <= found.t_ci95[1]:
        return "as sure as it should be, within what chance allows"
    way = "too extreme" if found.t > 1 else "too timid"
    if verdict == "nothing_to_gain":
        return f"the probabilities are {way}, by too little to matter"
    if verdict == "too_few_rows":
        return f"the probabilities look {way}, and too few rows tell"
    return f"the probabilities are {way}"


def _between(value: float, interval: tuple[float, float]) -> str:
    """Return a number with its interval, all at the same decimals."""
    low, high = interval
    shown, *both = at_width((value, low, high), high - low)
    return f"{shown} ({' to '.join(both)})"


def signed(value: float, digits: int = 3) -> str:
    """Return a number that may be negative, with a true minus sign."""
    value = without_noise(value)
    return f"{'−' if value < 0 else ''}{numbers.significant(abs(value), digits)}"


def without_noise(value: float) -> float:
    """Return a loss, a share of 1 or a shift of log odds, 0 where it is what rounding leaves of nothing."""
    return 0.0 if abs(value) < _NOISE else value


def ends(low: float, high: float) -> str:
    """Return both ends of an interval, at the decimals its width is worth; what is not 0 is never shown as 0."""
    return " to ".join(at_width((without_noise(low), without_noise(high)), without_noise(high - low)))


def at_width(values: Sequence[float], width: float) -> list[str]:
    """Return numbers with the decimals at which ``width`` has two digits, or more where one would be shown as 0."""
    if not (math.isfinite(width) and width > 0):
        return [signed(value) for value in values]
    decimals = max(0, 1 - math.floor(math.log10(width)))
    return [_fixed(value, decimals) for value in values]


def _fixed(value: float, decimals: int) -> str:
    size = f"{abs(value):,.{decimals}f}"
    if value and not size.strip("0.,"):
        size = numbers.significant(abs(value), 1)
    return f"{'−' if value < 0 else ''}{size}"


def _whole(value: float) -> str:
    return numbers.count(round(value)) if value >= 10 or value == 0 else numbers.significant(value, 2)
