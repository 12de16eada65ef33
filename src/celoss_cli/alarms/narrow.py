"""One column in a narrow range under a name that does not settle it: logits from 0 to 1, or numbers from -1 to 1."""

from __future__ import annotations

import numpy as np

from celoss_cli.alarms.look import Alarm, Look, surprisals_of
from celoss_cli.alarms.rule import EVIDENCE, numbers, of_truth
from celoss_cli.alarms.units import parts_better_than_logits
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.request import InputKind

_FEWEST_ROWS = 20

_AT_THE_ENDS = 0.01  # so near to 0 or 1 lie the probabilities of a model that is far too sure, and few logits

_MOST_THERE = 0.05  # of the rows

_LEAST = 1e-6

_SURE = 3.0  # nats over all rows

_GAIN = 1.5  # nats over all rows: as logits, uniform numbers that know nothing gain so much in 1 file of 300

_STEPS = 8  # of Newton's method


def maybe_logits(look: Look) -> list[Alarm]:
    """Return the alarm that probabilities by their range alone may be logits: so read they are no longer refuted.

    As probabilities they do worse than the class frequencies, and that is no chance; as logits better. Logits from 0 to
    1 say little, some 0.01 nats a row, so they need not be far better than the frequencies.
    """
    scores = look.scores[0].clip(_LEAST, 1.0 - _LEAST)
    ends = float(((scores < _AT_THE_ENDS) | (scores > 1.0 - _AT_THE_ENDS)).mean())
    if look.size < _FEWEST_ROWS or ends > _MOST_THERE or parts_better_than_logits(look):
        return []
    other = surprisals_of(look.scores, InputKind.LOGITS)
    means = look.beside(of_truth(other, look.codes))
    if (
        means.effective * (means.prior - means.other) < _GAIN
        or means.effective * (means.now - means.prior) < EVIDENCE / 2.0
    ):
        return []
    if means.effective * (_shifted_loss(scores, look.codes) - means.other) < _SURE:
        return []
    text = (
        f"all scores lie in [0, 1], where logits can lie as well, and {numbers(means, look.base, 'as logits')}: "
        "--input logits, or --input probs if they are probabilities"
    )
    return [Alarm("maybe_logits", text, means.now, means.other, "--input logits")]


def _shifted_loss(scores: Floats, codes: Codes) -> float:
    """Return the mean loss of probabilities (n,) whose log-odds are all shifted alike, by what suits them best.

    So are those of a model that was fitted where the classes were balanced.
    """
    odds = np.log(scores) - np.log1p(-scores)
    truth, shift = float(codes.mean()), 0.0
    for _ in range(_STEPS):
        shares = 1.0 / (1.0 + np.exp(-odds - shift))
        shift += (truth - float(shares.mean())) / max(1e-9, float((shares * (1.0 - shares)).mean()))
    return float(np.logaddexp(0.0, np.where(codes == 1, -1.0, 1.0) * (odds + shift)).mean())


def maybe_bounded(look: Look) -> list[Alarm]:
    """Return the alarm that logits from -1 to 1 may be tanh or a cosine.

    Either (1 + s) / 2 explains far more as it stands, or the many scores of the file come to both ends and end there.
    """
    low, high = look.span
    if look.size < _FEWEST_ROWS or max(-low, high) < _NEAR_ONE:
        return []
    other = surprisals_of((1.0 + look.scores) / 2.0, InputKind.PROBS)
    means = look.beside(of_truth(other, look.codes))
    if means.beats(min(means.prior, means.now)):
        how = numbers(means, look.base, "with (1 + s) / 2 as the probability")
    elif look.size >= _MANY_ROWS and min(-low, high) >= (_AT_ONE if _come_near(look.scores[0]) else _AT_THE_VERY_END):
        how = f"they come to both ends of it ({low:g} to {high:g})"
    else:
        return []
    text = (
        f"no score is outside [-1, 1], and {how}: tanh or a cosine is so, and no logit. If (1 + s) / 2 is a "
        "probability, write that in the file; --input logits if these are logits"
    )
    return [Alarm("maybe_bounded", text, means.now, means.other, None)]


def _come_near(scores: Floats) -> bool:
    """Whether several scores come near to either end, where the tails of logits grow thin."""
    return min(int((scores > _NEARBY).sum()), int((scores < -_NEARBY).sum())) >= _SEVERAL


_NEAR_ONE = 0.8  # what the largest score reaches

_MANY_ROWS = 100

# Logits whose range happens to be 1 do not come so near to 1 and to -1, and end there: in one file of a hundred.
_AT_ONE, _AT_THE_VERY_END = 0.98, 0.99

_NEARBY, _SEVERAL = 0.9, 4
