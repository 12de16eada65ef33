"""What the score columns hold, as a decision with its evidence."""

from __future__ import annotations

import numpy as np

from celoss_cli.detection.precision import WrittenPrecision
from celoss_cli.detection.reading import Reading, contradicting_name, named_margins, named_percent
from celoss_cli.layout import Layout
from celoss_cli.request import InputKind
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import rows_in_words
from celoss_cli.state.evidence import Evidence

_ZERO = 1e-5  # of the largest score: what printing with six digits leaves


def describe(
    reading: Reading, seen: Evidence, layout: Layout, precision: WrittenPrecision, *, independent: bool
) -> Decision:
    """Return the decision about the input as the output shows it, with the evidence of all rows."""
    span = f"{seen.low:.6g} to {seen.high:.6g} over {rows_in_words(seen.rows)}"
    single = independent or layout.single
    if reading.given:
        return Decision("input", reading.input.value, How.GIVEN, f"--input; scores from {span}")
    guess = False
    name = f"column name {layout.scores[0].name!r}"
    if reading.percent and reading.named:
        what = "percentages" if named_percent(layout) else "a probability, with numbers up to 100: percentages"
        evidence, guess = f"{name}: {what}, divided by 100; then {span}", True
    elif reading.named and (single or layout.input is not None):
        evidence = f"{name if layout.tool is None else f'layout: {layout.tool}'}; scores from {span}"
    elif reading.percent:
        evidence, guess = f"rows sum to 100: percentages, divided by 100; then {span}", True
    elif reading.input is InputKind.PROBS and single:
        evidence, guess = f"scores from {span}; a logit could lie there too", True
    elif reading.input is InputKind.PROBS:
        sums = f"rows sum to 1 within {_bound(seen, precision)}"
        evidence = f"scores from {span}; {sums}"
        other = contradicting_name(reading, layout)
        if other is not None:
            evidence, guess = f"{evidence}, though column {layout.scores[0].name!r} is called {other.noun}", True
    elif reading.input is InputKind.LOGPROBS:
        evidence = f"scores from {span}; exp of them sums to 1 within {_bound(seen, precision)}"
    elif not single and named_margins(layout) and not _sum_to_zero(seen):
        evidence, guess = f"{name}; scores from {span}; margins of one-vs-rest classifiers are no logits", True
    else:
        evidence = f"scores from {span}, so not probabilities"
    flag = None if reading.percent else "--input"  # there is none that says percentages
    return Decision("input", reading.input.value, How.DETECTED, evidence, flag, guess)


def _sum_to_zero(seen: Evidence) -> bool:
    """Whether all rows looked at sum to 0, as the logits of a multinomial model do, and margins do not."""
    scores = seen.sample.scores
    return bool(seen.sample.size and np.abs(scores.sum(axis=0)).max() <= _ZERO * max(1.0, np.abs(scores).max()))


def _bound(seen: Evidence, precision: WrittenPrecision) -> str:
    if seen.deviating:
        return f"{seen.deviation:.2g}"
    return f"{seen.deviation:.1g} ({precision.source})"
