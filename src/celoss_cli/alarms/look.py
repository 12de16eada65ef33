"""What alarms look at: the first rows as they were scored, and which choices the user has made already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, assert_never

import numpy as np

from celoss_cli.kernels import surprisal
from celoss_cli.kernels.functions import sum_over_classes
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.request import Base, InputKind
from celoss_cli.state.sample import Sample

MOST = 36.0
"""Nats that a row can count for: about −ln of the rounding of a double. One row of loss inf must not decide."""


class Alarm(NamedTuple):
    """Another reading that is far better: on the same rows the mean loss is ``now``, and would be ``other``, in nats.

    ``flag`` chooses the other reading; ``None`` where only the file can be corrected.
    """

    code: str
    message: str
    now: float
    other: float
    flag: str | None


class Settled(NamedTuple):
    """Which choices the user has made: about these nothing is to be said."""

    classes: bool = False
    label: bool = False
    input: bool = False
    pairing: bool = False
    scores: bool = False


class Look(NamedTuple):
    """The rows looked at, n of them, under the reading that was settled on.

    ``surprisals`` (C, n) are −log p of every class in nats, at most ``MOST`` (C = 2 for a single column);
    ``scores`` (C, n) or (1, n) are those of the file, ``codes`` (n,) the classes of the rows, ``rows`` (n,) their
    numbers. ``spellings`` has what a label is to spell for each class. ``others()`` gives the codes (n,) of other
    columns that could be the label, −1 where a cell names no class. ``beaten`` says whether the class frequencies of
    the whole file have a smaller loss than the predictions, ``named`` whether a label is a name, not one-hot columns,
    ``two_files`` whether labels come from a file of their own. ``base`` is that of the report.
    """

    surprisals: Floats
    scores: Floats
    codes: Codes
    rows: Codes
    input: InputKind
    spellings: tuple[str, ...]
    settled: Settled
    beaten: bool
    named: bool
    two_files: bool
    base: Base
    others: Callable[[], Mapping[str, Codes]]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.codes.shape[0])

    @property
    def single(self) -> bool:
        """Whether one number a row speaks of the positive class."""
        return int(self.scores.shape[0]) == 1


def look_at(
    sample: Sample,
    input: InputKind,
    spellings: tuple[str, ...],
    settled: Settled,
    *,
    beaten: bool,
    named: bool,
    two_files: bool,
    base: Base,
    others: Callable[[], Mapping[str, Codes]],
) -> Look:
    """Return the look at ``sample``, whose scores were read as ``input``."""
    known = sample.codes >= 0
    scores, codes, rows = sample.scores, sample.codes, sample.rows
    if not known.all():
        scores, codes, rows = scores[:, known], codes[known], rows[known]
    surprisals = surprisals_of(scores, input)
    return Look(surprisals, scores, codes, rows, input, spellings, settled, beaten, named, two_files, base, others)


def surprisals_of(scores: Floats, input: InputKind) -> Floats:
    """Return −log p of every class (C, n), at most ``MOST``; rows of probabilities are divided by their sums."""
    if scores.shape[0] == 1:
        flat = scores[0]
        match input:
            case InputKind.PROBS:
                found = surprisal.binary_surprisals_from_probabilities(flat)
            case InputKind.LOGITS:
                found = surprisal.binary_surprisals_from_logits(flat)
            case InputKind.LOGPROBS:
                found = surprisal.binary_surprisals_from_log_probabilities(flat)
            case _:
                assert_never(input)
    else:
        match input:
            case InputKind.PROBS:
                found = surprisal.surprisals_from_probabilities(scores / sum_over_classes(scores, 0))
            case InputKind.LOGITS | InputKind.LOGPROBS:  # log-probabilities are logits that are normalised already
                found = surprisal.surprisals_from_logits(scores.copy())
            case _:
                assert_never(input)
    return np.minimum(found, MOST, out=found)
