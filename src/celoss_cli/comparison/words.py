"""What a comparison came to, in a sentence."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from celoss_cli.comparison.difference import Blind
from celoss_cli.results.comparison import ComparisonOutcome, Difference, RowCounts

_MOST_DIGITS = 17


class Finding(NamedTuple):
    """What the sentence is made of; ``needed`` is about how many rows would tell."""

    outcome: ComparisonOutcome
    difference: Difference
    rows: RowCounts
    margin: float | None
    needed: int | None
    blind: Blind | None = None


def in_words(finding: Finding) -> str:
    """Return the verdict as a sentence for people."""
    difference, margin = finding.difference, finding.margin
    match finding.outcome:
        case ComparisonOutcome.BETTER:
            return f"better: the mean loss falls by {_size(difference)} ({_interval(difference)})"
        case ComparisonOutcome.WORSE:
            beyond = "" if margin is None else f", and a rise of {margin:.6g} is allowed"
            return f"worse: the mean loss rises by {_size(difference)} ({_interval(difference)}){beyond}"
        case ComparisonOutcome.NO_WORSE:
            return (
                f"no worse than the margin: the mean loss rises by at most {_end(difference, 1, margin)} "
                f"({_interval(difference, margin)}), and {margin:.6g} is allowed"
            )
        case ComparisonOutcome.SAME:
            rounding = ", but for rounding" if finding.rows.won or finding.rows.lost else ""
            return f"no difference: every row has the same loss under both models{rounding}"
        case ComparisonOutcome.INFINITE:
            return f"no verdict: {_infinite(finding.rows)}, so that the means cannot be compared"
        case ComparisonOutcome.UNDECIDED:
            return f"not enough rows to tell: {_undecided(finding)}"
        case _:
            assert_never(finding.outcome)


def _undecided(finding: Finding) -> str:
    difference, margin, needed = finding.difference, finding.margin, finding.needed
    if difference.interval is None:
        return "fewer than two independent rows have no interval"
    if finding.blind is Blind.NO_ERRORS:
        return (
            f"neither model has an error in {finding.rows.paired:,} rows, so that the surer one looks better "
            f"({difference.mean:+.6g}); what an error costs either of them these rows do not say"
        )
    if finding.blind is Blind.TIES:
        return f"all rows differ by the same {difference.mean:+.6g}, so that nothing says how far others may vary"
    if margin is None:
        chance = "" if difference.p_value is None else f", p = {difference.p_value:.2g}"
        text = f"a difference of {difference.mean:+.6g} may be chance ({_interval(difference)}{chance})"
        return text if needed is None else f"{text}; about {needed:,} rows would tell one of that size"
    if difference.interval[0] > 0.0:
        low, high = (_end(difference, end, margin) for end in (0, 1))
        rise = f"by {low} to {high} (the {_percent(difference)} interval)"
        return f"the candidate is worse, but its mean loss may rise {rise}, and {margin:.6g} is allowed"
    text = (
        f"the mean loss may rise by {_end(difference, 1, margin)} ({_interval(difference, margin)}), and {margin:.6g} "
    )
    text += "is allowed"
    if needed is None:
        return text
    if needed > finding.rows.paired:
        return f"{text}; about {needed:,} rows would tell, if the models are equal"
    return f"{text}; there are rows enough to pass a model that is equal: this one may be a little worse"


def _infinite(rows: RowCounts) -> str:
    sides = ((rows.infinite_baseline, "baseline"), (rows.infinite_candidate, "candidate"))
    return " and ".join(
        f"the {side} gives the truth of {count:,} {'row' if count == 1 else 'rows'} probability 0"
        for count, side in sides
        if count
    )


def _size(difference: Difference) -> str:
    return f"{abs(difference.mean):.6g} {difference.unit}"


def _interval(difference: Difference, margin: float | None = None) -> str:
    low, high = (_end(difference, end, margin, "+") for end in (0, 1))
    return f"{_percent(difference)} interval {low} to {high}"


def _percent(difference: Difference) -> str:
    return f"{100 * difference.confidence:.6g}%"


def _end(difference: Difference, end: int, margin: float | None, sign: str = "") -> str:
    """Return an end of the interval at the digits that show on which side of the margin it is."""
    value = 0.0 if difference.interval is None else difference.interval[end]
    limit = 0.0 if margin is None else margin
    for digits in range(6, _MOST_DIGITS + 1):
        text = f"{value:{sign}.{digits}g}"
        shown = float(text)
        if (shown < limit, shown > limit) == (value < limit, value > limit):
            break
    return text
