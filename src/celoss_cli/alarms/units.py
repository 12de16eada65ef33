"""Are the scores something else: probabilities read as logits, logits as probabilities, another base, another sign?"""

from __future__ import annotations

import math

import numpy as np

from celoss_cli.alarms.look import Alarm, Look, surprisals_of
from celoss_cli.alarms.rule import entropy, numbers, of_truth
from celoss_cli.kernels.functions import exp, sum_over_classes
from celoss_cli.kernels.outcome import Floats
from celoss_cli.request import InputKind

_NORMALISED = 1e-3  # of sums that only one base can bring to 1 in every row

_PARTED = 4.0  # nats over all rows: three frequencies chosen in hindsight gain one or two by chance


# What log-probabilities can be written in besides natural logarithms: the factor that makes them natural, and a name.
# A person may extend these.
UNITS = (
    (math.log(2.0), "base-2 logarithms of probabilities", "--input log2probs"),
    (math.log(10.0), "base-10 logarithms of probabilities", "--input log10probs"),
    (-1.0, "negative log-probabilities", "--input nll"),
    (-math.log(2.0), "negative base-2 logarithms of probabilities", "multiply them by -ln 2 = -0.693147"),
    (-math.log(10.0), "negative base-10 logarithms of probabilities", "multiply them by -ln 10 = -2.302585"),
)

SCALES = (1.0, 100.0, 255.0, 1000.0)
"""What probabilities in one column can be shares of: 1, percent, a byte, per mille."""


def other_units(look: Look) -> list[Alarm]:
    """Return the alarm that scores read as logits are normalised in another unit, or are probabilities."""
    alarm = _scaled(look) if look.single else _other_base(look)
    return [] if alarm is None else [alarm]


def _other_base(look: Look) -> Alarm | None:
    """Return the alarm that every row sums to 1 as powers of another base. No chance does that."""
    for factor, what, cure in UNITS:
        with np.errstate(over="ignore"):
            sums = sum_over_classes(exp(look.scores * factor), 0)
        if not bool((np.abs(sums - 1.0) <= _NORMALISED).all()):
            continue
        other = surprisals_of(look.scores * factor, InputKind.LOGPROBS)
        means = look.beside(of_truth(other, look.codes))
        text = f"in every row looked at the scores are {what}; {numbers(means, look.base, 'read so')}: {cure}"
        return Alarm("log_base", text, means.now, means.other, None)
    return None


def _scaled(look: Look) -> Alarm | None:
    """Return the alarm that one column without a negative number, called logits by its name, is probabilities.

    They may be written on a scale of their own: the smallest usual one that holds them all is tried.
    """
    high = float(look.scores.max())
    scale = next((scale for scale in SCALES if high <= scale), high)
    other = surprisals_of(look.scores / scale, InputKind.PROBS)
    means = look.beside(of_truth(other, look.codes))
    # Read as logits they say too little, but nothing false: this reading need not be worse than the frequencies.
    if not means.beats(min(means.prior, means.now)):
        return None
    if scale > 1.0:
        text = f"no score is negative; {numbers(means, look.base, f'divided by {scale:g}')}: divide them in the file"
        return Alarm("logits_are_shares", text, means.now, means.other, None)
    text = f"{numbers(means, look.base, 'as probabilities')}, which all of them can be: --input probs"
    return Alarm("logits_are_probabilities", text, means.now, means.other, "--input probs")


def probabilities_are_logits(look: Look) -> Alarm | None:
    """Return the alarm that one column of numbers from 0 to 1 is far better read as logits.

    A model that is far too sure of itself gains by that as well, for logits from 0 to 1 say nothing with certainty. But
    then its scores part the classes better than such logits can, and are none.
    """
    if not look.single or look.input is not InputKind.PROBS or parts_better_than_logits(look):
        return None
    return _as(look, surprisals_of(look.scores, InputKind.LOGITS), "probabilities_are_logits", "as logits", "logits")


def parts_better_than_logits(look: Look) -> bool:
    """Whether the class frequencies of low, middling and high scores explain more than these scores as logits do."""
    scores = look.scores[0]
    loss = float(of_truth(surprisals_of(look.scores, InputKind.LOGITS), look.codes).sum())
    thirds = (scores > 1.0 / 3.0).astype(np.intp) + (scores > 2.0 / 3.0)
    left = sum(entropy(part) * part.size for third in range(3) if (part := look.codes[thirds == third]).size)
    return bool(loss - left > _PARTED)


def scores_negated(look: Look) -> Alarm | None:
    """Return the alarm that the smallest score is the best one: distances and energies are so."""
    if look.single or look.input is not InputKind.LOGITS or bool(np.isneginf(look.scores).any()):
        return None  # the negative of −inf is no score
    other = surprisals_of(-look.scores, InputKind.LOGITS)
    return _as(look, other, "scores_negated", "with their sign changed", None)


def _as(look: Look, other: Floats, code: str, how: str, kind: str | None) -> Alarm | None:
    means = look.beside(of_truth(other, look.codes))
    if not means.far_better(0.0):
        return None
    flag = None if kind is None else f"--input {kind}"
    cure = flag or "the smallest score seems to be the best one; change the sign in the file"
    return Alarm(code, f"{numbers(means, look.base, how)}: {cure}", means.now, means.other, flag)
