"""What the score columns hold: the judgement once every row has spoken."""

from __future__ import annotations

import math

import numpy as np

from celoss_cli.detection.flaws import raise_first_flaw
from celoss_cli.detection.reading import NEAR, Reading, named_log_odds, named_odds, named_percent
from celoss_cli.errors import AmbiguousData, DataError, InvalidScores
from celoss_cli.layout import Layout
from celoss_cli.layout.location import Locator
from celoss_cli.layout.names import may_say_truth
from celoss_cli.request import InputKind, Request
from celoss_cli.spelling import rows_in_words
from celoss_cli.state.evidence import Evidence, Flaw, Sighting

_ENDS, _MOSTLY_OUTER, _FEWEST_BOUNDED = 0.95, 1.0 / 3.0, 20
"""So many scores from -1 to 1 that come so near to both ends, with a mean square above that of an even spread."""

_SAME_SUM = 2e-3  # of the sum: what rounding each share to a whole number leaves of one thousand


def judge(
    reading: Reading, seen: Evidence, layout: Layout, request: Request, at: Locator, *, independent: bool = False
) -> Reading:
    """Return the reading that all rows support: the same if they agree with it, another if they contradict it.

    Raises the error of the first bad row in file order, AmbiguousData where the rows support several readings.
    The decision to show is ``describe(reading, …)``.
    """
    raise_first_flaw(seen, at)
    if not seen.rows:
        return reading
    single = independent or layout.single
    if not reading.given:
        _refuse_odds(layout, at)
    outside = seen.flaws.get(Flaw.OUTSIDE)
    if outside is not None or (reading.input is InputKind.LOGITS and may_hold_sentinels(seen)):
        _refuse_sentinels(reading, seen, request, at, single=single)
    if outside is not None and not (reading.given and reading.input is InputKind.PROBS and request.clip is not None):
        return _outside(reading, outside, seen, layout, single, at)
    if single and not independent and reading.input is InputKind.PROBS:
        _refuse_of_truth(seen, layout, request, at)
    if reading.given:
        return reading
    if reading.input is InputKind.LOGITS:
        return _judge_logits(reading, seen, layout, single, at)
    if reading.input is InputKind.PROBS and not seen.fractional:
        raise InvalidScores(
            "all scores are exactly 0 or 1: these are hard predictions or one-hot labels, not probabilities",
            code="hard_predictions",
            where=at.where(None, None),
            hint="score the model's probabilities or logits; --input probs if 0 and 1 are meant as probabilities",
        )
    if reading.input is InputKind.PROBS and single and not reading.percent and named_percent(layout):
        raise _ambiguous(
            f"the column is called a percentage, but no score is above 1 (up to {seen.high:g}): 1 may be 1 % or 100 %",
            at,
            "--input probs if 1 is 100 %; if it is 1 %, divide by 100 in the file",
        )
    far = seen.flaws.get(Flaw.FAR_ROW)
    if far is not None and not request.allows_any_sum:
        raise _far_from_one(reading, far, seen, layout, at)
    return reading


def may_hold_sentinels(seen: Evidence) -> bool:
    """Whether logits may hold a number for a missing score: a whole one at an end of the range, or -1. Hardly ever."""
    return float(seen.low).is_integer() or float(seen.high).is_integer() or bool((seen.sample.scores == -1.0).any())


def _refuse_sentinels(reading: Reading, seen: Evidence, request: Request, at: Locator, *, single: bool) -> None:
    """Raise for a number that stands for missing scores, unless ``--input`` says that it is one, or it is limited."""
    if reading.given and (reading.input is not InputKind.PROBS or request.clip is not None):
        return
    from celoss_cli.detection.sentinels import said_of, sentinel_in, sentinel_outside

    logits = reading.input is InputKind.LOGITS
    found = sentinel_in(seen, single=single) if logits else sentinel_outside(seen)
    if found is not None:
        raise InvalidScores(
            said_of(found),
            code="sentinel_scores",
            where=at.where(found.row, 0 if single else None),
            hint="leave the cells of such rows empty and pass --invalid drop, or keep the rows out with --where "
            "COLUMN=VALUE" + ("; --input logits if it is a score all the same" if logits else ""),
        )


def _refuse_of_truth(seen: Evidence, layout: Layout, request: Request, at: Locator) -> None:
    """Raise for a column that may be called the probability of the truth, and holds what only that would hold."""
    if not perhaps_of_truth(request, layout) or not seen.sample.size:
        return
    from celoss_cli.detection.of_truth import looks_so

    scores, codes = seen.sample.scores[0], seen.sample.codes
    known = codes >= 0
    if looks_so(scores[known], codes[known]):
        raise _ambiguous(
            f"column {layout.scores[0].name!r} may be the probability of the truth of each row, and not of one class: "
            "it is high for either class, and for one class worse than the class frequencies",
            at,
            "write the probability of one class in every row; if it is that of one class: --positive CLASS",
        )


def perhaps_of_truth(request: Request, layout: Layout) -> bool:
    """Whether the name of the first score can mean the probability of the truth, and neither a flag nor a tool says."""
    named = bool(request.classes) or request.positive is not None or layout.tool is not None
    return not named and may_say_truth(layout.scores[0].name)


def _ambiguous(message: str, at: Locator, hint: str, code: str = "input_ambiguous") -> AmbiguousData:
    return AmbiguousData(message, code=code, where=at.where(None, None), hint=hint)


def _judge_logits(reading: Reading, seen: Evidence, layout: Layout, single: bool, at: Locator) -> Reading:
    if single and seen.high <= 0.0 and not reading.named:
        raise _ambiguous(
            f"all scores are ≤ 0 (from {seen.low:g} to {seen.high:g}): log-probabilities or logits", at,
            "say which: --input logprobs or --input logits",
        )  # fmt: skip
    if single and -1.0 <= seen.low <= -_ENDS and _ENDS <= seen.high <= 1.0:
        _refuse_bounded(seen, at)
    if seen.low >= 0.0 and not (single and reading.named):
        if single and seen.high > 1.0:
            raise _never_negative(seen, at)
        if not single and 0.0 < seen.most_sum <= seen.least_sum * (1.0 + _SAME_SUM) and seen.rows > 1:
            raise _constant_sum(seen, layout, at)
        if not single and not reading.named:
            _refuse_counts_and_odds(seen, at)
    share = seen.plausible / seen.rows if seen.rows else 0.0
    if share > (0.9 if single else 0.1) and not reading.named:
        raise _ambiguous(
            f"{share:.0%} of the rows looked at could be probabilities, but the scores range from {seen.low:g} to "
            f"{seen.high:g}",
            at,
            "say what they are: --input logits, or --input probs to be shown the rows that are none",
        )
    return reading


def _refuse_bounded(seen: Evidence, at: Locator) -> None:
    """Raise for scores that fill the range from -1 to 1, and lie near its ends rather than near 0: no logits do."""
    scores = seen.sample.scores
    if scores.size >= _FEWEST_BOUNDED and float((scores * scores).mean()) > _MOSTLY_OUTER:
        raise _ambiguous(
            f"no score is outside [-1, 1] (from {seen.low:g} to {seen.high:g}), and most lie near the ends: tanh, a "
            "cosine or a vote is so, and a logit is not",
            at,
            "if (1 + s) / 2 is a probability, write that in the file; --input logits if these are logits",
        )


def _never_negative(seen: Evidence, at: Locator) -> DataError:
    """Return the error that one column of logits has no negative one: no model is so sure of one class."""
    return _ambiguous(
        f"no negative value occurs among {rows_in_words(seen.rows)}, and the scores go up to {seen.high:g}: they could "
        "be percentages, counts, odds or logits",
        at,
        "--input logits if they are logits; percentages are to be divided by 100, counts by the largest possible, odds "
        "by 1 + odds",
    )


def _refuse_odds(layout: Layout, at: Locator) -> None:
    """Raise for a column that is called odds, or their logarithm to another base than e."""
    if named_odds(layout):
        raise _ambiguous(
            "the column is called odds: p / (1 − p), which is neither a probability nor a logit", at,
            "write odds / (1 + odds), or their logarithm, which is a logit; --input if the name is wrong",
        )  # fmt: skip
    if (base := named_log_odds(layout)) is not None:
        raise _ambiguous(
            f"the column is called the base-{base} logarithm of odds, and a logit is their natural one", at,
            f"multiply it by ln {base} = {math.log(int(base)):.15g}; --input logits if the name is wrong",
        )  # fmt: skip


def _refuse_counts_and_odds(seen: Evidence, at: Locator) -> None:
    """Raise for several columns without a negative number that are votes, or odds; logits are hardly ever so."""
    if seen.whole and seen.rows > 1:
        raise _ambiguous(
            f"all scores are whole numbers and none is negative (rows sum to {seen.least_sum:g} up to "
            f"{seen.most_sum:g}): counts or votes, not logits",
            at,
            "--input probs --renormalize divides each row by its sum",
        )
    scores = seen.sample.scores
    if seen.sample.size > 1 and bool((np.abs((scores / (1.0 + scores)).sum(axis=0) - 1.0) <= _SAME_SUM).all()):
        raise _ambiguous(
            "no score is negative, and s / (1 + s) sums to 1 in every row looked at: the scores are odds, not logits",
            at,
            "write odds / (1 + odds), or their logarithms, which are logits",
        )


def _constant_sum(seen: Evidence, layout: Layout, at: Locator) -> DataError:
    """Return the error that all rows of non-negative scores have the same sum, as shares have and logits have not."""
    total, scores = f"{seen.most_sum:.6g}", seen.sample.scores
    classes = scores.shape[0]
    numbers = np.arange(classes)[:, None]
    ranks = [first for first in (0, 1) if classes > 1 and (np.sort(scores, axis=0) == numbers + first).all()]
    if ranks:
        return _ambiguous(
            f"every row looked at holds the numbers from {ranks[0]} to {ranks[0] + classes - 1} in some order: ranks "
            "or class numbers, not scores",
            at,
            "name the columns that hold scores with --pred; --input logits if these are scores",
            code="ranks_or_classes",
        )
    from celoss_cli.detection.sums import with_other_columns

    what, hint = with_other_columns(
        f"no score is negative and every row sums to {total}: counts or shares, not logits",
        "--input probs --renormalize divides each row by its sum; --input logits if they are logits",
        seen,
        layout,
    )
    return _ambiguous(what, at, hint)


def _outside(reading: Reading, outside: Sighting, seen: Evidence, layout: Layout, single: bool, at: Locator) -> Reading:
    """Return another reading where values are no probabilities. Raises where that is a fault, or not to be told."""
    what = "a log-probability" if reading.input is InputKind.LOGPROBS else "a probability"
    bound = "above 0" if reading.input is InputKind.LOGPROBS else "outside [0, 1]"
    nearly = reading.input is InputKind.PROBS and NEAR[0] <= seen.low and seen.high <= NEAR[1]
    clip = "limits them to [EPS, 1 − EPS], counted"
    if reading.given:
        counts = reading.input is InputKind.PROBS and not single and seen.low >= 0.0
        otherwise = "leave --input out to have it detected"
        if nearly:
            otherwise = f"--clip EPS beside it {clip}"
        elif seen.low < 0.0 and not counts:
            otherwise += ", or pass --input logits"
        raise InvalidScores(
            f"{outside.value!r} is not {what}: {bound} ({rows_in_words(outside.count)} so)",
            code="not_probabilities",
            where=at.where(outside.row, outside.column),
            hint=otherwise + ("; --renormalize divides counts by the sum of their row" if counts else ""),
        )
    if nearly and not reading.percent:
        raise AmbiguousData(
            f"{outside.value!r} is not a probability, but the scores range from {seen.low:g} to {seen.high:g}, which "
            f"is no range of logits ({rows_in_words(outside.count)} of {seen.rows:,} outside [0, 1])",
            code="nearly_probabilities",
            where=at.where(outside.row, outside.column),
            hint=f"--input probs --clip EPS {clip}",
        )
    up_to_100 = single and reading.input is InputKind.PROBS and seen.low >= 0.0 and 1.0 < seen.high <= 100.0
    called = named_percent(layout) or (reading.named and 2 * outside.count > seen.rows)
    if up_to_100 and called and not reading.percent:
        return Reading(InputKind.PROBS, percent=True, named=True)
    fine = seen.rows - outside.count
    if reading.named or reading.percent or reading.seen or 2 * fine > seen.rows:
        value = outside.value
        if reading.percent:
            what, value = "a percentage", float(f"{100.0 * float(value):.15g}")
        why = "the column is named so" if reading.named else f"{rows_in_words(fine)} of {seen.rows:,} could hold such"
        raise AmbiguousData(
            f"{value!r} is not {what}, but {why}",
            code="input_ambiguous",
            where=at.where(outside.row, outside.column),
            hint="correct the row, or say what the scores are with --input logits",
        )
    return Reading(InputKind.LOGITS)


def _far_from_one(reading: Reading, far: Sighting, seen: Evidence, layout: Layout, at: Locator) -> DataError:
    total = f"{float(far.value):.6g}"
    also = f" ({rows_in_words(far.count)} of {seen.rows:,} so)"
    if reading.input is InputKind.LOGPROBS:
        hint = "pass --input logits if they are unnormalised, --renormalize to divide each row by its sum"
        what = f"the probabilities exp(score) sum to {total}, not to 1{also}"
    else:
        from celoss_cli.detection.sums import with_other_columns

        what, hint = with_other_columns(
            f"the scores lie in [0, 1] but sum to {total}, not to 1{also}",
            "independent sigmoids and logits look like this: pass --input logits if they are logits, "
            "--renormalize to divide each row by its sum, --input probs to take them as they stand",
            seen,
            layout,
        )
    return InvalidScores(what, code="not_distributions", where=at.where(far.row, None), hint=hint)
