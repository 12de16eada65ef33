"""When another reading is so much better that neither chance nor an honest bad model explains it.

A likelihood ratio between two readings is a bet whose fair price is 1 if the first is right, so it exceeds 1/α with
probability at most α (Markov; G. Shafer, "Testing by betting", 2021). With M other readings to choose from the price
is M. Two kinds of honest file are protected in this way, each with α = e^−EVIDENCE, whatever the number of rows:

- scores that say nothing of the labels: the other reading has to beat the class frequencies of the very rows looked at
  by EVIDENCE + ln M nats in all. (With the best frequencies in hindsight the bet only gets dearer.)
- scores that are right as they are read: the present reading has to lose to those frequencies, and with that it has
  lost to the other reading by as much.

The bet supposes independent rows. Where neighbours are alike (two series that drift can agree or disagree for a long
time) rows count as the fewer independent ones that a first-order autocorrelation makes of them.

A model that has learnt something and is only too sure of itself loses under the other reading even more. One that is
really worse than knowing nothing, by little, is kept out by ``SKILL``: the other reading has to explain a part of what
the labels leave open.
"""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.functions import exp, log
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.request import Base
from celoss_cli.spelling import rows_in_words
from celoss_cli.tuples import NamedTuple

EVIDENCE = 16.0  # nats: one file in nine million

SKILL = 0.1  # of the entropy of the labels


class Means(NamedTuple):
    """Mean losses of the same rows, in nats: as read now, under the other reading, and of the class frequencies.

    ``effective`` is how many independent rows the ``rows`` are worth.
    """

    now: float
    other: float
    prior: float
    rows: int
    effective: float

    def far_better(self, ways: float) -> bool:
        """Whether the other reading, one of exp(``ways``), is better beyond chance and beyond honest bad models."""
        return self.now > self.prior and self.beats(self.prior, ways)

    def beats(self, loss: float, ways: float = 0.0) -> bool:
        """Whether the other reading is better than a mean ``loss`` beyond chance, and explains something."""
        gain = loss - self.other
        return self.prior - self.other >= SKILL * self.prior and self.effective * gain >= EVIDENCE + ways


def entropy(codes: Codes) -> float:
    """Return the entropy of the class frequencies, in nats: the loss of the best constant guess."""
    counts = np.bincount(codes)
    shares = counts[counts > 0] / codes.shape[0]
    return max(0.0, float(-(shares * log(shares)).sum()))


def of_truth(surprisals: Floats, codes: Codes) -> Floats:
    """Return the surprisal of the true class (n,)."""
    losses: Floats = surprisals[codes, np.arange(codes.shape[0])]
    return losses


def compared(now: Floats, other: Floats, codes: Codes) -> Means:
    """Return the means of two readings' losses (n,) beside the class frequencies of ``codes`` (n,)."""
    rows = int(codes.shape[0])
    return Means(float(now.mean()), float(other.mean()), entropy(codes), rows, _effective(other))


def numbers(means: Means, base: Base, how: str) -> str:
    """Return both numbers in words, in the unit of the report; ``how`` names the other reading."""
    rows, now, other = rows_in_words(means.rows), means.now / base.nats, means.other / base.nats
    return f"over the {rows} looked at the mean loss is {now:.4g} {base.unit}, and would be {other:.4g} {how}"


def _effective(losses: Floats) -> float:
    """Return how many independent rows have a mean as sure as that of ``losses`` (n,): n (1 − ρ)/(1 + ρ).

    ρ is that of the losses or of the probabilities, in which single large losses hide nothing; whichever is larger.
    """
    alike = max(0.0, _autocorrelation(losses), _autocorrelation(exp(-losses)))
    return float(losses.shape[0] * (1.0 - alike) / (1.0 + alike))


def _autocorrelation(values: Floats) -> float:
    """Return how alike neighbours are: the correlation of each value with the next one, 0 where all are the same."""
    centred = values - values.mean()
    spread = float(np.dot(centred, centred))
    return float(np.dot(centred[1:], centred[:-1])) / spread if spread > 1e-12 else 0.0
