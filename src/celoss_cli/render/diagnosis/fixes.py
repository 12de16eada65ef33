"""What would fix the loss, as the lines of a table: each way with what it would save, and whether that is sure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from celoss_cli.render import numbers
from celoss_cli.render.diagnosis.reading import HELPING, at_width, ends, signed, without_noise
from celoss_cli.results.diagnosis import Diagnosis, Fix

TITLES = ("fix", "loss after", "saves", "95%", "")

_VERDICTS = {
    "nothing_to_gain": "nothing to gain",
    "helps": "helps",
    "probably_helps": "probably helps",
    "too_few_rows": "too few rows to tell",
    "cannot": "cannot move a probability of 0",
    "no_better": "no better",
}


def lines(diagnosis: Diagnosis) -> list[tuple[str, ...]]:
    """Return the cells of one line a fix, as ``TITLES``: what is recommended first, then what saves most."""
    fixes = sorted(diagnosis.fixes, key=lambda fix: (not _recommended(fix, diagnosis), -_size(fix.gain)))
    after = [_with_minus(loss) for loss in numbers.column([fix.loss_after for fix in fixes], digits=5)]
    gains = _gains([None if fix.gain is None else without_noise(fix.gain) for fix in fixes])
    intervals = ["–" if fix.gain_ci95 is None else ends(*fix.gain_ci95) for fix in fixes]
    return [
        (called(fix, fixes), loss, gain, interval, verdict(fix))
        for fix, loss, gain, interval in zip(fixes, after, gains, intervals, strict=True)
    ]


def called(fix: Fix, fixes: Sequence[Fix] = ()) -> str:
    """Return what a fix is called, with the numbers that were fitted; ``fixes`` are those it may come after."""
    own = _fitted(fix)
    if fix.after is None:
        return own
    first = next((one for one in fixes if one.name == fix.after and one.after is None), None)
    return f"{fix.after.replace('_', ' ') if first is None else _fitted(first)}, then {own}"


def verdict(fix: Fix) -> str:
    """Return the verdict on a fix in words."""
    word = _VERDICTS.get(fix.verdict, fix.verdict.replace("_", " "))
    return word if fix.no_better_than is None else f"{word} than {fix.no_better_than.replace('_', ' ')}"


def notes(diagnosis: Diagnosis) -> list[str]:
    """Return what has to be said of the numbers in the table."""
    fitted = [fix for fix in diagnosis.fixes if fix.gain is not None]
    if not fitted:
        return []
    said = ["For new rows like these, each fix fitted on all of these: on the same rows it would flatter itself."]
    mean = diagnosis.loss.mean
    gain = max((fix.gain or 0.0 for fix in fitted if _recommended(fix, diagnosis)), default=0.0)
    if math.isfinite(mean) and mean > 0 and gain > 0:
        said[0] += f" About {numbers.percent(gain / mean, 2)} of the loss is to be had."
    if any(fix.name == "isotonic" and fix.gain_ci95 is not None for fix in fitted):
        said.append("The interval of isotonic is from splits of these rows, and only approximate.")
    extreme = diagnosis.temperature is not None and diagnosis.temperature.t > 1
    if extreme and any(fix.verdict in HELPING for fix in fitted):
        told = "look at the rows that contradict their label first"
        told = told if diagnosis.contradictions is not None else "look at the rows that cost most first"
        said.append(f"Wrong labels look like overconfidence, too: {told}.")
    return said


def _recommended(fix: Fix, diagnosis: Diagnosis) -> bool:
    return fix.name == diagnosis.headline.fix and fix.verdict in HELPING


def _size(gain: float | None) -> float:
    return math.inf if gain is None else gain  # what cannot be done stands above what can


def _fitted(fix: Fix) -> str:
    known = fix.parameters
    match fix.name:
        case "temperature" if "t" in known:
            return f"temperature {numbers.significant(known['t'], 3)}"
        case "shift" if "shift" in known:
            return f"shift {signed(known['shift'])}"
        case "logistic" if "intercept" in known and "slope" in known:
            return f"logistic {signed(known['intercept'])} {_plus(known['slope'])} z"
        case "isotonic" if "blocks" in known:
            steps = round(known["blocks"])
            return f"isotonic, {numbers.count(steps)} {'step' if steps == 1 else 'steps'}"
        case "floor" if "epsilon" in known:
            return f"floor {_power(known['epsilon'])}"
        case "temperature_biases" if "t" in known:
            return f"temperature {numbers.significant(known['t'], 3)} and class biases"
        case _:
            return fix.name.replace("_", " ")


def _with_minus(number: str) -> str:
    return f"−{number[1:]}" if number.startswith("-") else number


def _plus(value: float) -> str:
    return f"{'−' if value < 0 else '+'} {numbers.significant(abs(value), 3)}"


def _power(epsilon: float) -> str:
    """Return a power of two as one."""
    if not epsilon > 0:
        return numbers.significant(epsilon, 3)
    exponent = math.log2(epsilon)
    return f"2^{round(exponent)}" if exponent == round(exponent) else numbers.significant(epsilon, 3)


def _gains(gains: Sequence[float | None]) -> list[str]:
    """Return what fixes save, at the decimals that the largest needs; what costs more is negative."""
    largest = max((abs(gain) for gain in gains if gain is not None and math.isfinite(gain)), default=0.0)
    shown = iter(at_width([gain for gain in gains if gain is not None], largest / 10))  # at its width: three digits
    return ["–" if gain is None else next(shown) for gain in gains]
