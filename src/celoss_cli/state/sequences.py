"""Sequences of tokens of which each has one loss: what is counted of them, and what their losses look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from celoss_cli.state.evidence import Sighting
from celoss_cli.state.exact_sum import ExactSums, Floats
from celoss_cli.state.id_sample import IdSample
from celoss_cli.state.worst import worst_of

UNITS = ("token", "byte", "char", "word", "piece")
"""The units that are counted besides the one of the mean; pieces are words by ``re.split``, with empty ones."""

MOST_KEPT = 1 << 20
"""The most sequences whose losses are kept for the median."""

NOISE = 1e-4
"""A probability of the truth above 1 by a logarithm up to this was rounded so."""


class WorstToken(NamedTuple):
    """One token of a sequence."""

    position: int
    text: str | None
    loss: float


class WorstSequence(NamedTuple):
    """One sequence among the worst, by its loss per unit; losses in nats."""

    row: int
    loss: float
    total: float
    units: float
    p_min: float
    id: str | None
    tokens: tuple[WorstToken, ...]

    @property
    def rank(self) -> tuple[float, int]:
        """What sequences are ordered by: the largest loss per unit first, then file order."""
        return (-self.loss, self.row)


class WorstSequences(NamedTuple):
    """At most ``size`` sequences, worst first. ``merge`` is associative and commutative on disjoint rows."""

    size: int
    rows: tuple[WorstSequence, ...] = ()

    def merge(self, other: WorstSequences) -> WorstSequences:
        """Return the worst of both."""
        return WorstSequences(self.size, worst_of(self.rows, other.rows, self.size))

    def shifted(self, rows: int) -> WorstSequences:
        """Return the same sequences, numbered ``rows`` higher."""
        return WorstSequences(self.size, tuple(row._replace(row=row.row + rows) for row in self.rows))


class TokenEvidence(NamedTuple):
    """What the tokens say of what the file holds. ``merge`` is associative, with ``TokenEvidence()`` as identity."""

    low: float = np.inf
    """The smallest value, as written, of the tokens scored."""
    high: float = -np.inf
    above: Sighting | None = None
    """The first value above probability 1 by more than noise, and how many there are."""
    noise: int = 0
    """How many are above it by no more."""
    sentinels: Mapping[float, int] = {}
    """How often each value that may stand for "none" occurs."""
    zero_first: int = 0
    """How many lists begin with exactly 0."""
    lists: int = 0
    """How many lists have a value."""
    runs: Mapping[float, int] = {}
    """How many lists end in two or more of one value."""
    shortest: int = 1 << 62
    """The length of the shortest list that has a value."""
    longest: int = 0

    def merge(self, other: TokenEvidence) -> TokenEvidence:
        """Return the evidence of both sets of tokens."""
        above = self.above if other.above is None else other.above
        if self.above is not None and other.above is not None:
            above = self.above.merge(other.above)
        return TokenEvidence(
            min(self.low, other.low),
            max(self.high, other.high),
            above,
            self.noise + other.noise,
            added(self.sentinels, other.sentinels),
            self.zero_first + other.zero_first,
            self.lists + other.lists,
            added(self.runs, other.runs),
            min(self.shortest, other.shortest),
            max(self.longest, other.longest),
        )

    def shifted(self, rows: int) -> TokenEvidence:
        """Return the same evidence for rows that start ``rows`` further down the file."""
        return self if self.above is None else self._replace(above=self.above._replace(row=self.above.row + rows))


class SequenceCounts(NamedTuple):
    """How many tokens and sequences there are, and what became of them."""

    sequences: int = 0
    """Sequences with something to count."""
    empty: int = 0
    """Those without."""
    tokens: int = 0
    """Tokens scored."""
    masked: int = 0
    """Tokens left out by their label."""
    skipped: int = 0
    """Tokens left out at the start."""
    first: int = 0
    """First tokens, which nothing predicts."""
    dropped: int = 0
    """Other tokens without a value, left out by ``--invalid drop``."""
    infinite: int = 0
    """Tokens with an infinite loss."""
    clipped: int = 0
    """Tokens that a clip changed."""
    uncounted: int = 0
    """First tokens that cost nothing, and whose bytes are counted all the same."""
    untold: int = 0
    """Sequences that cost something and have no byte of text to count that by, where others have."""

    def plus(self, other: SequenceCounts) -> SequenceCounts:
        """Return the counts of both."""
        return SequenceCounts(*(a + b for a, b in zip(self, other, strict=True)))


class SequenceState(NamedTuple):
    """What is known of sequences beside their summed loss, which a ``LossState`` holds. ``merge`` is associative."""

    counts: SequenceCounts
    evidence: TokenEvidence
    units: ExactSums
    """Σ w·n for each of ``UNITS``; 0 where a unit is not known."""
    means: ExactSums
    """Σ w·l of the finite losses per unit l, Σ w of them, Σ w·exp(l), and Σ w·D."""
    second_half: ExactSums
    """The loss of the second half of the tokens of each list, and how many they are; only where it is asked for."""
    losses: Floats | None
    """The loss per unit of each sequence, in file order; ``None`` beyond ``MOST_KEPT``."""
    worst: WorstSequences
    ids: IdSample
    """Some of the ids, where ``--id`` says which these are."""

    def merge(self, other: SequenceState) -> SequenceState:
        """Return the state of both sets of sequences."""
        losses = None
        if self.losses is not None and other.losses is not None:
            together = self.losses.size + other.losses.size
            losses = np.concatenate([self.losses, other.losses]) if together <= MOST_KEPT else None
        return SequenceState(
            self.counts.plus(other.counts),
            self.evidence.merge(other.evidence),
            self.units.merge(other.units),
            self.means.merge(other.means),
            self.second_half.merge(other.second_half),
            losses,
            self.worst.merge(other.worst),
            self.ids.merge(other.ids),
        )

    def shifted(self, rows: int) -> SequenceState:
        """Return the same state for rows that start ``rows`` further down the file."""
        return self._replace(
            evidence=self.evidence.shifted(rows), worst=self.worst.shifted(rows), ids=self.ids.shifted(rows)
        )


def added(a: Mapping[float, int], b: Mapping[float, int]) -> Mapping[float, int]:
    """Return the counts of both."""
    return {value: a.get(value, 0) + b.get(value, 0) for value in (*a, *b)} if b else a
