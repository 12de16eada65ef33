"""Rows whose probabilities point to another class than their label, by the rule of confident learning."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.classes import first_of, how_many
from celoss_cli.kernels.compiled import CORE, as_buffer
from celoss_cli.kernels.elementary import FEW_CLASSES
from celoss_cli.kernels.functions import sum_over_classes
from celoss_cli.kernels.outcome import Mask
from celoss_cli.state.exact_sum import Accumulator, Codes, ExactSums, Floats
from celoss_cli.state.merging import merged
from celoss_cli.state.worst import Candidate, WorstAccumulator, WorstState

MOST_CLASSES = 256
"""With more of them the pairs are not counted."""

SLACK = 1e-6
"""By how much a probability may miss its threshold: cleanlab's constant, and its least threshold."""

_GRID = -37


Losses = Callable[[Codes, Codes], Floats]

RowOf = Callable[[int], tuple[int, str | None]]


class Judgement(NamedTuple):
    """What the rule says of n rows, all (n,)."""

    flagged: Mask
    """Whether the row contradicts its label."""
    guess: Codes
    """The class that it points to; −1 where it points to none."""
    expected: Floats
    """The probability that the row would be flagged if its label were drawn from its probabilities."""


def judged(p: Floats, best: Codes, codes: Codes, thresholds: Floats) -> Judgement:
    """Return what confident learning says of rows with probabilities ``p`` (C, n) and class ``codes`` (n,).

    ``best`` (n,) is the most probable class of each. Class c is confident in a row if p_c ≥ t_c − 1e-6, with the
    ``thresholds`` t (C,). The guess is the only confident
    class, or the most probable class of the row where several are. A row is flagged if its guess is another class than
    its label, and its label is not the most probable class either, given 1e-6 more (C. Northcutt, L. Jiang, I. Chuang,
    "Confident learning", JAIR 2021; as cleanlab's ``filter_by="confident_learning"`` does it).

    With the label c drawn from the row itself nothing of this changes but c: it would be flagged unless c is the guess,
    or is the most probable class within 1e-6.
    """
    if p.shape[0] == 2:
        return _judged_of_two(p, codes, thresholds)
    columns = np.arange(codes.shape[0])
    confident = p >= (thresholds - SLACK)[:, None]
    several = how_many(confident)
    top = p[best, columns]
    guess = np.where(several == 1, first_of(confident), best)
    guess[several == 0] = -1
    p_guess = np.where(guess < 0, 0.0, p[guess, columns])
    near = how_many(p >= top - 2.0 * SLACK) > 1
    expected = np.where(guess < 0, 0.0, 1.0 - p_guess - np.where(guess == best, 0.0, top))
    some = np.flatnonzero(near & (guess >= 0))
    if some.size:
        close = p[:, some] + SLACK > top[some]
        close[guess[some], np.arange(some.size)] = True
        expected[some] = 1.0 - sum_over_classes(np.where(close, p[:, some], 0.0), 0)
    raised = p[codes, columns] + SLACK
    behind = (raised < top) | ((raised == top) & (best < codes))
    flagged = (guess >= 0) & (guess != codes) & behind
    return Judgement(flagged, guess, np.clip(expected, 0.0, 1.0))


def _judged_of_two(p: Floats, codes: Codes, thresholds: Floats) -> Judgement:
    """Return the same for two classes, in truth values alone."""
    zero, one = p[0] >= thresholds[0] - SLACK, p[1] >= thresholds[1] - SLACK
    ahead = p[1] > p[0]
    guess_one = one & (ahead | ~zero)
    guess_zero = zero & ~guess_one
    if_zero = guess_one & (p[0] + SLACK < p[1])  # would be flagged with label 0
    if_one = guess_zero & (p[1] + SLACK <= p[0])
    flagged = np.where(codes == 1, if_one, if_zero)
    guess = guess_one.astype(np.intp)
    guess -= ~(guess_one | guess_zero)
    return Judgement(flagged, guess, p[0] * if_zero + p[1] * if_one)


class ContradictionState(NamedTuple):
    """``flagged`` counts rows; ``expected`` has Σ q and Σ q(1 − q) of the probabilities q to be flagged by chance.

    ``pairs`` (C·C,) counts rows by label and guess, flagged or not, with at most 256 classes; ``worst`` are flagged
    rows with the largest loss. ``merge`` is addition.
    """

    flagged: int
    expected: ExactSums
    pairs: tuple[int, ...]
    worst: WorstState

    def merge(self, other: ContradictionState) -> ContradictionState:
        """Return the state of both sets of rows."""
        return merged(self, other)

    def shifted(self, rows: int) -> ContradictionState:
        """Return the same for rows that start ``rows`` further down the file."""
        return self._replace(worst=self.worst.shifted(rows))


class ContradictionAccumulator:
    """Takes blocks of probabilities and leaves a ``ContradictionState``. Not thread-safe: one per partition."""

    def __init__(self, thresholds: Floats, top: int) -> None:
        self._thresholds = thresholds
        self._classes = thresholds.shape[0] if thresholds.shape[0] <= MOST_CLASSES else 0
        self._flagged = 0
        self._expected = [Accumulator(1, grid=_GRID) for _ in range(2)]
        self._pairs = np.zeros(self._classes**2, dtype=np.int64)
        self._worst = WorstAccumulator(top)

    def add(self, p: Floats, best: Codes, codes: Codes, losses: Losses, row: RowOf, first: Mask | None) -> None:
        """Add rows with probabilities ``p`` (C, n), most probable class ``best`` (n,) and class ``codes`` (n,).

        ``losses`` gives the loss of those at some places, given their classes, in nats; ``row`` says number and id of
        one; where rows stand here several times, ``first`` (n,) says which are listed.
        """
        flagged, guess = self._judged(p, best, codes)
        places = np.flatnonzero(flagged if first is None else flagged & first)
        if not places.size:
            return
        loss = losses(places, codes[places])

        def describe(positions: list[int]) -> list[Candidate]:
            return [_candidate(int(places[k]), p, codes, guess, float(loss[k]), row) for k in positions]

        self._worst.add(loss, float(loss.max()), describe)

    def _judged(self, p: Floats, best: Codes, codes: Codes) -> tuple[Mask, Codes]:
        """Return which rows are flagged (n,), and the guess of each (n,); add up what is counted of them."""
        if CORE is not None and p.shape[0] <= FEW_CLASSES:
            flags, guess = np.empty(codes.shape[0], dtype=bool), np.empty(codes.shape[0], dtype=np.int64)
            quanta = np.zeros(2, dtype=np.int64)
            whole, named, wanted = as_buffer(p, np.float64), as_buffer(best, np.int64), as_buffer(codes, np.int64)
            least = self._thresholds - SLACK
            self._flagged += CORE.contradictions(whole, named, wanted, least, SLACK, guess, flags, self._pairs, quanta)
            for sums, added in zip(self._expected, quanta.tolist(), strict=True):
                sums.add_quanta(_GRID, added)
            return flags, guess
        found = judged(p, best, codes, self._thresholds)
        chances = found.expected
        self._expected[0].add(chances, peak=1.0)
        self._expected[1].add(chances * (1.0 - chances), peak=1.0)
        if self._classes:
            counted = found.guess >= 0
            pairs = (codes * np.intp(self._classes) + found.guess)[counted]
            self._pairs += np.bincount(pairs, minlength=self._pairs.shape[0])
        self._flagged += int(np.count_nonzero(found.flagged))
        return found.flagged, found.guess

    def finish(self) -> ContradictionState:
        """Return the state of all rows added so far."""
        expected = ExactSums(tuple(units for one in self._expected for units in one.finish().units))
        return ContradictionState(self._flagged, expected, tuple(self._pairs.tolist()), self._worst.finish())


def _candidate(
    place: int,
    p: Floats,
    codes: Codes,
    guess: Codes,
    loss: float,
    row: RowOf,
) -> Candidate:
    number, name = row(place)
    label = int(codes[place])
    return Candidate(
        row=number,
        loss=loss,
        label=label,
        p_true=float(p[label, place]),
        predicted=int(guess[place]),
        p_predicted=float(p[int(guess[place]), place]),
        id=name,
    )
