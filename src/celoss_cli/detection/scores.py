"""What the score columns hold: a first opinion from the first rows, and the judgement once every row has spoken."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from celoss_cli.errors import AmbiguousData, DataError, InvalidLabels, InvalidScores, InvalidWeights
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout import Layout
from celoss_cli.layout.location import Locator
from celoss_cli.layout.names import plain
from celoss_cli.request import InputKind, Request
from celoss_cli.spec import Decision, How
from celoss_cli.state.evidence import FAR, Evidence, Flaw, Sighting

# What the words of a column's name say of a single score; the first that is found counts. Words, not letters: the
# probability of a draw is no raw score.
_NAMED = (
    ("logprob logprobs log_prob log_probs log_proba logproba logp log_p log_softmax logsoftmax loglik log_likelihood "
     "loglikelihood", InputKind.LOGPROBS),
    ("logit logits raw decision_function margin", InputKind.LOGITS),
    ("prob probs proba probability probabilities softmax sigmoid likelihood confidence", InputKind.PROBS),
)  # fmt: skip


class Reading(NamedTuple):
    """One way to read the scores: ``percent`` divides them by 100 first. ``given`` by a flag, or ``named`` so.

    ``seen``: most of the first rows are distributions, so that what contradicts this is no other reading but a fault.
    """

    input: InputKind
    percent: bool = False
    given: bool = False
    named: bool = False
    seen: bool = False


_MOST_EXPLAINED = 0.1

_PERCENT = frozenset({"percent", "percents", "percentage", "percentages", "pct", "perc"})

_SAME_SUM = 2e-3  # of the sum: what rounding each share to a whole number leaves of one thousand


_LONG_LOGS = 1e-11  # the rounding of a logarithm of 5e4 nats, in float64


class Precision(NamedTuple):
    """How exactly the scores are written: ``tolerance`` is how far that alone can move the sum of a row from 1."""

    tolerance: float
    source: str

    def of_sums(self, *, percent: bool) -> float:
        """Return the tolerance for sums of probabilities; few digits explain much, but not everything."""
        return min(self.tolerance / 100.0 if percent else self.tolerance, _MOST_EXPLAINED)


def first_reading(head: Floats, layout: Layout, request: Request, *, independent: bool = False) -> Reading:
    """Return how to read the scores, going by the first rows alone: ``head`` (n, C), which may be empty.

    ``independent`` scores speak of one label each, and need not sum to anything.
    Never raises: what these rows leave open is judged by ``judge`` on the evidence of all rows.
    """
    if request.input is not None:
        return Reading(request.input, given=True)
    named = _named_input(layout)
    if layout.input is not None and not independent:
        return Reading(layout.input, named=True)
    rows = head[np.isfinite(head).all(axis=1)]
    if not rows.size:
        return Reading(named or InputKind.PROBS, named=named is not None)
    if head.shape[1] == 1 or independent:
        return _first_reading_single(rows, named, percent=_named_percent(layout))
    low, high = rows.min(), rows.max()
    sums = rows.sum(axis=1)
    inside = (rows >= 0.0).all(axis=1) & (rows <= 1.0 + FAR).all(axis=1)
    distributions = inside & (np.abs(sums - 1.0) <= FAR)
    if distributions.mean() > 0.5:
        return Reading(InputKind.PROBS, seen=True)
    if low >= 0.0 and high <= 1.0 and named is not InputKind.LOGITS:
        return Reading(InputKind.PROBS)
    percentages = (rows >= 0.0).all(axis=1) & (np.abs(sums - 100.0) <= 100.0 * FAR)
    if percentages.mean() > 0.5:
        return Reading(InputKind.PROBS, percent=True)
    if high <= 0.0:
        logsums = np.log(np.exp(rows).sum(axis=1, where=rows > -745.0, initial=1e-320))
        if np.abs(logsums).max() <= FAR:
            return Reading(InputKind.LOGPROBS)
    return Reading(InputKind.LOGITS)


def _first_reading_single(rows: Floats, named: InputKind | None, *, percent: bool) -> Reading:
    inside = (rows >= 0.0) & (rows <= 1.0)
    if percent and named in (None, InputKind.PROBS) and rows.min() >= 0.0 and 1.0 < rows.max() <= 100.0:
        return Reading(InputKind.PROBS, percent=True, named=True)
    if named is not None:
        return Reading(named, named=True)
    return Reading(InputKind.PROBS if inside.mean() > 0.9 else InputKind.LOGITS)


def _named_input(layout: Layout) -> InputKind | None:
    if layout.input is not None:
        return layout.input
    spaced = re.sub(r"(?<=[A-Za-z])(?=[0-9])", "_", layout.scores[0].name)
    words = f"_{plain(spaced)}_"
    for names, kind in _NAMED:
        if any(f"_{name}_" in words for name in names.split()):
            return kind
    return None


def _named_percent(layout: Layout) -> bool:
    """Whether the names of all score columns say that they hold percentages."""
    return all("%" in column.name or not _PERCENT.isdisjoint(plain(column.name).split("_")) for column in layout.scores)


def precision_of(head: Floats, layout: Layout, *, text: bool) -> Precision:
    """Return how far the dtype or the printed digits let the sum of a row of C probabilities stray from 1."""
    width = head.shape[1]
    column = layout.scores[0]
    if text:
        digits = max((column.digits or 0 for column in layout.scores), default=0)
        printed = width * 0.5 * 10.0**-digits
        if digits >= 6:  # float32 prints with 6 to 9 digits, or with 17 once widened
            printed = max(printed, _rounding(np.float32, width) if digits <= 9 or _is_float32(head) else 0.0)
        return Precision(
            max(printed, _rounding(np.float64, width)),
            f"{digits} printed digit{'' if digits == 1 else 's'}",
        )
    kind = column.dtype
    if "float16" in kind or "halffloat" in kind:
        return Precision(_rounding(np.float16, width), "float16")
    if "float32" in kind or kind == "float" or "<float>" in kind or "float[" in kind or _is_float32(head):
        return Precision(_rounding(np.float32, width), "float32")
    return Precision(_rounding(np.float64, width), kind)


def _rounding(dtype: type[np.floating], width: int) -> float:
    """Return the room for rounding each of ``width`` probabilities, and for a softmax computed in that dtype.

    Naive Bayes takes the exponential of log-probabilities of many thousand nats, which it has to some 1e-13 only.
    """
    room = float(np.finfo(dtype).eps) * (8.0 + width)
    return max(room, _LONG_LOGS) if dtype is np.float64 else room


def _is_float32(head: Floats) -> bool:
    """Whether all values are float32 numbers, though stored or printed wider."""
    with np.errstate(over="ignore"):
        return bool(head.size) and bool((head.astype(np.float32).astype(np.float64) == head).all())


def judge(
    reading: Reading, seen: Evidence, layout: Layout, request: Request, at: Locator, *, independent: bool = False
) -> Reading:
    """Return the reading that all rows support: the same if they agree with it, another if they contradict it.

    Raises the error of the first bad row in file order, AmbiguousData where the rows support several readings.
    The decision to show is ``describe(reading, …)``.
    """
    _raise_first_flaw(seen, at)
    if not seen.rows:
        return reading
    single = independent or (len(layout.scores) == 1 and not layout.vector)
    outside = seen.flaws.get(Flaw.OUTSIDE)
    if outside is not None:
        return _outside(reading, outside, seen, single, at)
    if reading.given:
        return reading
    if reading.input is InputKind.LOGITS:
        return _judge_logits(reading, seen, single, at)
    if reading.input is InputKind.PROBS and not seen.fractional:
        raise InvalidScores(
            "all scores are exactly 0 or 1: these are hard predictions or one-hot labels, not probabilities",
            code="hard_predictions",
            where=at.where(None, None),
            hint="score the model's probabilities or logits; --input probs if 0 and 1 are meant as probabilities",
        )
    far = seen.flaws.get(Flaw.FAR_ROW)
    if far is not None and not request.allows_any_sum:
        raise _far_from_one(reading, far, seen, at)
    return reading


def _judge_logits(reading: Reading, seen: Evidence, single: bool, at: Locator) -> Reading:
    if single and seen.high <= 0.0 and not reading.named:
        raise AmbiguousData(
            f"all scores are ≤ 0 (from {seen.low:g} to {seen.high:g}): log-probabilities or logits",
            code="input_ambiguous",
            where=at.where(None, None),
            hint="say which: --input logprobs or --input logits",
        )
    if seen.low >= 0.0 and not (single and reading.named):
        if single and seen.high > 1.0:
            raise _never_negative(seen, at)
        if not single and 0.0 < seen.most_sum <= seen.least_sum * (1.0 + _SAME_SUM) and seen.rows > 1:
            raise _constant_sum(seen, at)
    share = seen.plausible / seen.rows if seen.rows else 0.0
    if share > (0.9 if single else 0.1) and not reading.named:
        raise AmbiguousData(
            f"{share:.0%} of the rows looked at could be probabilities, but the scores range from {seen.low:g} to "
            f"{seen.high:g}",
            code="input_ambiguous",
            where=at.where(None, None),
            hint="say what they are: --input logits, or --input probs to be shown the rows that are none",
        )
    return reading


def _never_negative(seen: Evidence, at: Locator) -> DataError:
    """Return the error that one column of logits has no negative one: no model is so sure of one class."""
    return AmbiguousData(
        f"no negative value occurs among {_rows(seen.rows)}, and the scores go up to {seen.high:g}: they could be "
        "percentages, counts or logits",
        code="input_ambiguous",
        where=at.where(None, None),
        hint="--input logits if they are logits; percentages are to be divided by 100, counts by the largest possible",
    )


def _constant_sum(seen: Evidence, at: Locator) -> DataError:
    """Return the error that all rows of non-negative scores have the same sum, as shares have and logits have not."""
    total, scores = f"{seen.most_sum:.6g}", seen.sample.scores
    classes = scores.shape[0]
    numbers = np.arange(classes)[:, None]
    ranks = [first for first in (0, 1) if classes > 1 and (np.sort(scores, axis=0) == numbers + first).all()]
    if ranks:
        return AmbiguousData(
            f"every row looked at holds the numbers from {ranks[0]} to {ranks[0] + classes - 1} in some order: ranks "
            "or class numbers, not scores",
            code="ranks_or_classes",
            where=at.where(None, None),
            hint="name the columns that hold scores with --pred; --input logits if these are scores",
        )
    return AmbiguousData(
        f"no score is negative and every row sums to {total}: counts or shares, not logits",
        code="input_ambiguous",
        where=at.where(None, None),
        hint="--input probs --renormalize divides each row by its sum; --input logits if they are logits",
    )


def _outside(reading: Reading, outside: Sighting, seen: Evidence, single: bool, at: Locator) -> Reading:
    what = "a log-probability" if reading.input is InputKind.LOGPROBS else "a probability"
    bound = "above 0" if reading.input is InputKind.LOGPROBS else "outside [0, 1]"
    if reading.given:
        counts = reading.input is InputKind.PROBS and not single and seen.low >= 0.0
        raise InvalidScores(
            f"{outside.value!r} is not {what}: {bound} ({_rows(outside.count)} so)",
            code="not_probabilities",
            where=at.where(outside.row, outside.column),
            hint="leave --input out to have it detected, or pass --input logits"
            + ("; --renormalize divides counts by the sum of their row" if counts else ""),
        )
    fine = seen.rows - outside.count
    if reading.named or reading.percent or reading.seen or 2 * fine > seen.rows:
        value = outside.value
        if reading.percent:
            what, value = "a percentage", float(f"{100.0 * float(value):.15g}")
        why = "the column is named so" if reading.named else f"{_rows(fine)} of {seen.rows:,} could hold such"
        raise AmbiguousData(
            f"{value!r} is not {what}, but {why}",
            code="input_ambiguous",
            where=at.where(outside.row, outside.column),
            hint="correct the row, or say what the scores are with --input logits",
        )
    return Reading(InputKind.LOGITS)


def _far_from_one(reading: Reading, far: Sighting, seen: Evidence, at: Locator) -> DataError:
    total = f"{float(far.value):.6g}"
    if reading.input is InputKind.LOGPROBS:
        hint = "pass --input logits if they are unnormalised, --renormalize to divide each row by its sum"
        what = f"the probabilities exp(score) sum to {total}, not to 1"
    else:
        what = f"the scores lie in [0, 1] but sum to {total}, not to 1"
        hint = (
            "independent sigmoids and logits look like this: pass --input logits if they are logits, "
            "--renormalize to divide each row by its sum, --input probs to take them as they stand"
        )
    return InvalidScores(
        f"{what} ({_rows(far.count)} of {seen.rows:,} so)",
        code="not_distributions",
        where=at.where(far.row, None),
        hint=hint,
    )


def _raise_first_flaw(seen: Evidence, at: Locator) -> None:
    """Raise for the first row, in file order, that no reading could score."""
    fatal = [(sighting.row, flaw) for flaw, sighting in seen.flaws.items() if flaw in _ERRORS]
    if not fatal:
        return
    _, flaw = min(fatal, key=lambda item: (item[0], item[1].value))
    sighting = seen.flaws[flaw]
    error, message, code, hint = _ERRORS[flaw]
    also = f" ({_rows(sighting.count)} so)" if sighting.count > 1 else ""
    side = at.labels if flaw is Flaw.MISSING_LABEL else at.weights if flaw is Flaw.BAD_WEIGHT else at
    raise error(
        message.format(value=sighting.value) + also,
        code=code,
        where=side.where(sighting.row, sighting.column),
        hint=hint,
    )


_ERRORS: dict[Flaw, tuple[type[DataError], str, str, str]] = {
    Flaw.NAN: (InvalidScores, "the score is NaN or empty", "nan_score", "--invalid drop leaves such rows out, counted"),
    Flaw.INFINITE: (
        InvalidScores,
        "the score is {value:g}; only logits and log-probabilities may be -inf, and none may be inf",
        "infinite_score",
        "check how the file was written; --input logits if these are logits",
    ),
    Flaw.ZERO_ROW: (
        InvalidScores,
        "the probabilities of the row are all 0",
        "zero_row",
        "no class can have been predicted: check how the file was written",
    ),
    Flaw.RULED_OUT: (
        InvalidScores,
        "every class has the score -inf",
        "ruled_out_row",
        "no class can have been predicted: check how the file was written",
    ),
    Flaw.MISSING_LABEL: (
        InvalidLabels,
        "the label is missing",
        "missing_label",
        "--invalid drop leaves such rows out, counted",
    ),
    Flaw.BAD_WEIGHT: (
        InvalidWeights,
        "the sample weight is {value:g}; weights must be between 0 and 1e150",
        "bad_weight",
        "correct it, or name another column with --sample-weight",
    ),
}


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def describe(reading: Reading, seen: Evidence, layout: Layout, precision: Precision, *, independent: bool) -> Decision:
    """Return the decision about the input as the output shows it, with the evidence of all rows."""
    span = f"{seen.low:.6g} to {seen.high:.6g} over {_rows(seen.rows)}"
    single = independent or (len(layout.scores) == 1 and not layout.vector)
    if reading.given:
        return Decision("input", reading.input.value, How.GIVEN, f"--input; scores from {span}")
    guess = False
    if reading.percent and reading.named:
        evidence, guess = f"column name {layout.scores[0].name!r}: percentages, divided by 100; then {span}", True
    elif reading.named:
        said = f"column name {layout.scores[0].name!r}" if layout.tool is None else f"layout: {layout.tool}"
        evidence = f"{said}; scores from {span}"
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
    else:
        evidence = f"scores from {span}, so not probabilities"
    return Decision("input", reading.input.value, How.DETECTED, evidence, "--input", guess)


def contradicting_name(reading: Reading, layout: Layout) -> InputKind | None:
    """Return what the scores are by the name of their column, if the rows alone made them probabilities."""
    if reading.given or reading.named or reading.input is not InputKind.PROBS or reading.percent:
        return None
    named = _named_input(layout)
    return named if named in (InputKind.LOGITS, InputKind.LOGPROBS) else None


def _bound(seen: Evidence, precision: Precision) -> str:
    if seen.deviating:
        return f"{seen.deviation:.2g}"
    return f"{seen.deviation:.1g} ({precision.source})"
