"""The headline: what there is to say of the loss in one sentence, for someone who does not know the methods."""

from __future__ import annotations

import math
from collections.abc import Sequence

from celoss_cli.diagnosis.fixes import Fixes
from celoss_cli.diagnosis.left_out import Reason
from celoss_cli.diagnosis.verdicts import FixVerdict, Gained
from celoss_cli.results.diagnosis import Fix, Headline

_FITS = {
    "temperature": "one temperature",
    "shift": "one shift of the log odds",
    "logistic": "a shift and a slope of the log odds",
    "class_biases": "a bias for each class",
    "temperature_biases": "a temperature and a bias for each class",
}


_OPENINGS: dict[str, str] = {
    Reason.SEPARATION: (
        "These rows are told apart without fail: more extreme probabilities would cost less on them. "
        "How extreme they should be cannot be told."
    ),
    Reason.REVERSED: (
        "The scores say the opposite of what happens: labels or the sign of the scores may be swapped "
        "(--positive names the positive class)."
    ),
    Reason.ONE_CLASS: "Only one class occurs: how extreme the probabilities should be cannot be told.",
    Reason.CONSTANT_SCORES: "The scores do not differ enough to tell how extreme they should be.",
    Reason.UNINFORMATIVE: (
        "The scores do not tell the classes apart: knowing only how often each occurs would do as well."
    ),
    Reason.WRONG_WAY: "These scores cost more than none: they are reversed, or too high or too low as a whole.",
    Reason.NO_FIT: "Whether recalibration would help cannot be told here: what is left out says why.",
}
"""What is said first where no temperature is best, by the reason."""

_FINAL = (Reason.SEPARATION, Reason.REVERSED, Reason.WRONG_WAY, Reason.ONE_CLASS, Reason.UNINFORMATIVE, Reason.NO_FIT)
"""Of these there is nothing more to say where no fix helps."""

_OF_ALL = (Reason.REVERSED, Reason.UNINFORMATIVE)
"""These say more of the scores than the direction of a fix that helps."""


def headline_of(fixes: Fixes, rows: int, infinite: int, prior: float | None = None) -> Headline:
    """Return the headline of rows, of which ``infinite`` have probability 0 for their truth.

    ``prior`` is the loss of the class frequencies, where it is known.
    """
    if infinite:
        return _of_infinite(fixes, infinite, rows, prior)
    reason = next((one.reason for one in fixes.left_out if one.part == "temperature"), None)
    opening = _OPENINGS.get(reason, "") if reason else ""
    best = fixes.recommended
    if best is not None:
        fix = next(one for one in fixes.fixes if one.name == best.name)
        way = opening if reason in _OF_ALL else f"{_direction(fix, fixes.fixes)}."
        text = f"{way} {_saving(best, fixes.loss, fix.verdict)}."
        left = fixes.loss - best.gain
        if prior is not None and left > prior * (1.0 + _NO_SHARE):
            text += f" What is left, {left:.4g} nats, is still more than the {prior:.4g} of knowing only {_OFTEN}."
        return Headline(fix.verdict, best.name, text)
    if reason in _FINAL:
        return Headline(FixVerdict.TOO_FEW_ROWS.value, None, opening)
    found = _of_gains(fixes, rows)
    return found._replace(text=f"{opening} {found.text}") if opening else found


def _of_gains(fixes: Fixes, rows: int) -> Headline:
    """Return the headline where nothing is recommended: too little to gain, or too few rows to tell."""
    gained = [one for one in fixes.gained if one.name != "isotonic"]
    if not gained:
        text = "Whether recalibration would help cannot be told here: what is left out says why."
        return Headline(FixVerdict.TOO_FEW_ROWS.value, None, text)
    nothing = [fix for fix in fixes.fixes if fix.verdict == FixVerdict.NOTHING_TO_GAIN]
    if len(nothing) == len([fix for fix in fixes.fixes if fix.name != "isotonic"]) or (
        nothing and all(fix.verdict == FixVerdict.NOTHING_TO_GAIN for fix in fixes.fixes if fix.name in _MAIN)
    ):
        most = max(one.ci95[1] for one in gained if one.name in {fix.name for fix in nothing})
        saved = _share(max(0.0, most), fixes.loss)
        saved = saved if saved == "nothing" else f"at most {saved}"
        text = f"Calibration is not the problem: recalibration would save {saved}."
        return Headline(FixVerdict.NOTHING_TO_GAIN.value, None, text)
    most_saving = max(gained, key=lambda one: one.gain)
    low, high = most_saving.ci95
    text = (
        f"{rows:,} {'row is' if rows == 1 else 'rows are'} too few to tell whether recalibration would help: "
        f"{_FITS[most_saving.name]} would save between {_number(low)} and {_number(high)} nats a row."
    )
    return Headline(FixVerdict.TOO_FEW_ROWS.value, None, text)


_NO_SHARE = 1e-12  # of the loss: what rounding makes

_OFTEN = "how often each class occurs"

_HELPING = (FixVerdict.HELPS, FixVerdict.PROBABLY_HELPS, FixVerdict.NO_BETTER)

_MAIN = ("temperature", "shift", "logistic")


def _of_infinite(fixes: Fixes, infinite: int, rows: int, prior: float | None) -> Headline:
    said = (
        f"{infinite:,} of {rows:,} rows have probability 0 for what is true"
        if infinite > 1
        else f"1 of {rows:,} rows has probability 0 for what is true"
    )
    floor = next((fix for fix in fixes.fixes if fix.name == "floor"), None)
    if floor is None:
        return Headline(FixVerdict.CANNOT.value, None, f"{said}: the loss is infinite, and nothing here can mend it.")
    text = (
        f"{said}: the loss is infinite. With no probability below {floor.parameters['epsilon']:.2g} it would be about "
    )
    text += f"{floor.loss_after:.4g} nats on new rows"
    best, left = fixes.recommended, floor.loss_after
    if best is not None:
        left = fixes.loss - best.gain
        text += f", and with {_FITS[best.name]} after that {left:.4g}"
    if prior is not None and left is not None and left > prior:
        text += f", still more than the {prior:.4g} of knowing only {_OFTEN}"
        return Headline(FixVerdict.CANNOT.value, None, f"{text}: nothing here mends these scores.")
    return Headline(FixVerdict.CANNOT.value, "floor", f"{text}.")


def _direction(fix: Fix, others: Sequence[Fix]) -> str:
    """Say which way the probabilities are wrong, as far as the fix tells."""
    parameters = fix.parameters
    slope = parameters.get("slope", 1.0 / parameters["t"] if "t" in parameters else 1.0)
    extreme = "too extreme" if slope < 1.0 else "too timid" if slope > 1.0 else "off"
    if fix.name == "temperature":
        return f"The probabilities are {extreme}"
    if fix.name == "shift":
        return f"The probabilities are {_level(fix)}"
    if fix.name == "logistic":
        level = next((_level(one) for one in others if one.name == "shift" and one.verdict in _HELPING), "")
        return f"The probabilities are {level} and {extreme}" if level else f"The probabilities are off, and {extreme}"
    if fix.name == "temperature_biases" and extreme != "off":
        return f"Some classes are predicted too often, others too rarely, and all of them {extreme}"
    return "Some classes are predicted too often, others too rarely"


def _level(shift: Fix) -> str:
    return f"too {'high' if shift.parameters['shift'] < 0.0 else 'low'}"


def _saving(best: Gained, loss: float, verdict: str) -> str:
    low, high = best.ci95
    would = "would" if verdict == FixVerdict.HELPS else "would probably"
    what = f"Recalibration ({_FITS[best.name]}) {would} save {_share(best.gain, loss)} on new rows like these"
    return f"{what} ({_number(low)} to {_number(high)} nats a row)"


def _share(gain: float, loss: float) -> str:
    if not loss:
        return f"{_number(gain)} nats a row"
    share = gain / loss
    if abs(share) < _NO_SHARE:
        return "nothing"
    percent = 100.0 * share
    if not 99.5 <= percent < 100.0:
        return f"{percent:.2g}% of the loss" if percent < 99.5 else f"{percent:.0f}% of the loss"
    digits = 2 - math.floor(math.log10(100.0 - percent))
    return f"{percent:.{min(digits, 12)}g}% of the loss"


def _number(value: float) -> str:
    return f"{'−' if value < 0.0 else ''}{abs(value):.2g}"
