"""What alarms look at: some rows as they were scored, and which choices the user has made already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

import numpy as np

from celoss_cli.alarms.rule import Means, compared, of_truth
from celoss_cli.kernels import surprisal
from celoss_cli.kernels.functions import sum_over_classes
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.request import Base, InputKind
from celoss_cli.state.sample import Sample
from celoss_cli.tuples import NamedTuple

MOST = 36.0
"""Nats that a row can count for: about −ln of the rounding of a double. One row of loss inf must not decide."""


class Alarm(NamedTuple):
    """Another reading that is far better: on the same rows the mean loss is ``now``, and would be ``other``, in nats.

    ``flag`` chooses the other reading; ``None`` where only the file can be corrected. ``against_choice``: a flag of the
    user's says how it is, so this is a warning and never an error.
    """

    code: str
    message: str
    now: float
    other: float
    flag: str | None
    against_choice: bool = False


class Chosen(NamedTuple):
    """Which choices the user has made: about these nothing is to be said, but that the classes are in another order.

    ``vouched``: a flag, or the name of their column, says what the scores are. ``perhaps_of_truth``: no flag does, and
    the name of the only one can mean the probability of the truth. ``weak_label``: that of the label can mean
    what was predicted: ``label``.
    """

    classes: bool = False
    label: bool = False
    input: bool = False
    pairing: bool = False
    scores: bool = False
    vouched: bool = True
    perhaps_of_truth: bool = False
    weak_label: bool = False


class Look(NamedTuple):
    """The rows looked at, n of them, under the reading that was settled on."""

    surprisals: Floats
    """−log p of every class in nats, (C, n), at most ``MOST``; C = 2 for a single column."""
    scores: Floats
    """The scores of the file, (C, n) or (1, n)."""
    codes: Codes
    """The classes of the rows, (n,)."""
    rows: Codes
    """Their numbers in the file, (n,), ascending."""
    input: InputKind
    """What the scores were read as."""
    spellings: tuple[str, ...]
    """What a label is to spell for each class."""
    chosen: Chosen
    """Which choices the user has made."""
    beaten: bool
    """Whether the class frequencies of the whole file have a smaller loss than the predictions."""
    named: bool
    """Whether a label is a name, not one-hot columns."""
    two_files: bool
    """Whether labels come from a file of their own."""
    base: Base
    """The unit of the report."""
    others: Callable[[], Mapping[str, Codes]]
    """Gives the codes (n,) of other columns that could be the label: −1 where a cell names no class or is not known."""
    span: tuple[float, float] = (-np.inf, np.inf)
    """The smallest and the largest score of the whole file."""
    first: Callable[[], Look] | None = None
    """Gives the look at the first rows, the only ones whose other columns are known; ``None`` if it is this one."""

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.codes.shape[0])

    @property
    def losses(self) -> Floats:
        """The surprisal of the true class of each row in nats, (n,)."""
        return of_truth(self.surprisals, self.codes)

    def beside(self, other: Floats) -> Means:
        """Return the means of the losses and of those of another reading of the same rows, ``other`` (n,)."""
        return compared(self.losses, other, self.codes)

    @property
    def single(self) -> bool:
        """Whether one number a row speaks of the positive class."""
        return int(self.scores.shape[0]) == 1

    @property
    def opening(self) -> Look:
        """The look at the first rows of the file, of which the cells of other columns are known."""
        return self if self.first is None else self.first()


def look_at(
    sample: Sample,
    input: InputKind,
    spellings: tuple[str, ...],
    chosen: Chosen,
    *,
    beaten: bool,
    named: bool,
    two_files: bool,
    base: Base,
    others: Callable[[], Mapping[str, Codes]],
    span: tuple[float, float] = (-np.inf, np.inf),
    first: Callable[[], Look] | None = None,
) -> Look:
    """Return the look at ``sample``, whose scores were read as ``input``."""
    known = sample.codes >= 0
    scores, codes, rows = sample.scores, sample.codes, sample.rows
    if not known.all():
        scores, codes, rows = scores[:, known], codes[known], rows[known]
    surprisals = surprisals_of(scores, input)
    return Look(
        surprisals, scores, codes, rows, input, spellings, chosen, beaten, named, two_files, base, others, span, first
    )


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
