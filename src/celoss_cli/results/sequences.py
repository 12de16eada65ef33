"""Sequences of tokens in a result: the loss by every unit, and the sequences one by one."""

from __future__ import annotations

from typing import NamedTuple


class BitsPer(NamedTuple):
    """The total loss in bits over the number of each unit. Null where the file does not count it."""

    token: float | None
    byte: float | None
    """Of UTF-8."""

    char: float | None
    """Code points."""

    word: float | None
    """Parted by white space."""

    sequence: float | None


class WorstToken(NamedTuple):
    """One of the tokens of a sequence with the largest loss."""

    position: int
    """Its place in the list, counted from 0."""

    token: str | None
    """As the list beside the scores has it."""

    loss: float


class WorstSequence(NamedTuple):
    """One of the sequences with the largest loss per unit."""

    row: int
    """The data row, counted from 0."""

    id: str | None
    loss: float
    """Per unit."""

    sum: float
    units: float
    p_min: float
    """The smallest probability of a token."""

    tokens: tuple[WorstToken, ...]


class Sequences(NamedTuple):
    """The sequences one by one. Losses are per unit; null where a sequence has an infinite loss."""

    mean: float | None
    """The mean over sequences, each counting by its own weight, whatever its length."""

    median: float | None
    """Likewise; null beyond a million sequences."""

    uncounted_first: int
    """First tokens that cost nothing, and whose bytes are counted: per byte the mean is a lower bound then."""

    tokens_per_byte: float | None

    worst: tuple[WorstSequence, ...]
