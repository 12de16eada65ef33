"""The scores of some rows as log-probabilities, probabilities and powers, each made when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import assert_never

import numpy as np

from celoss_cli.kernels.classes import first_of
from celoss_cli.kernels.functions import Softmax, exp, log, log1mexp, log1p, softmax, softplus, sum_over_classes
from celoss_cli.kernels.multiclass import true_index
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.request import InputKind
from celoss_cli.scoring.chunk import Chunk

_SMALL = 1e-3  # 1 + s has s to 13 digits above it


class LogScores:
    """Some rows, n of them with C classes: two where a single column speaks of the positive one.

    Nothing is written to the scores given.
    """

    def __init__(self, kind: InputKind, scores: Floats) -> None:
        """``scores`` are (C, n), or (n,) where one column speaks of the positive class."""
        self._kind = kind
        self._single = scores.ndim == 1
        self._scores = scores

    @classmethod
    def of(cls, kind: InputKind, chunk: Chunk) -> LogScores:
        """Return the rows of a chunk."""
        block = chunk.scores if chunk.axis == 0 else np.ascontiguousarray(chunk.scores.T)
        return cls(kind, block.reshape(-1) if block.shape[0] == 1 else block)

    @cached_property
    def x(self) -> Floats:
        """(C, n) log-probabilities, up to a number that is the same for all classes of a row."""
        match self._kind:
            case InputKind.PROBS:
                if self._single:
                    return np.stack([log1p(-self._scores), log(self._scores)])
                return log(self._scores)
            case InputKind.LOGPROBS:
                return np.stack([log1mexp(self._scores), self._scores]) if self._single else self._scores
            case InputKind.LOGITS:
                return np.stack([np.zeros_like(self._scores), self._scores]) if self._single else self._scores
            case _:
                assert_never(self._kind)

    @cached_property
    def p(self) -> Floats:
        """(C, n) probabilities as they are: a row of them may miss 1 by its rounding."""
        if self._kind is InputKind.LOGITS and not self._single:
            return self.softmax.p
        if self._kind is InputKind.PROBS and not self._single:
            return self._scores
        if self._kind is InputKind.LOGITS:
            with np.errstate(over="ignore"):
                positive = 1.0 / (1.0 + exp(-self._scores))
        else:
            positive = self._scores if self._kind is InputKind.PROBS else exp(self._scores)
        return np.stack([1.0 - positive, positive]) if self._single else positive

    @cached_property
    def softmax(self) -> Softmax:
        """What the log-probabilities come to, each row less its largest."""
        return softmax(self.x)

    @property
    def best(self) -> Floats:
        """(n,) the largest of a row's log-probabilities."""
        return self.softmax.best

    @property
    def powers(self) -> Floats:
        """(C, n) e^(x − best)."""
        return self.softmax.powers

    @property
    def total(self) -> Floats:
        """(n,) the sum of a row's powers."""
        return self.softmax.total

    @cached_property
    def predicted(self) -> Codes:
        """(n,) the most probable class: ties go to the first, a single p = 0.5 is negative."""
        if self._single:
            predicted: Codes = (self.p[1] > 0.5).astype(np.intp)
            return predicted
        if self._kind is InputKind.PROBS:
            return first_of(self._scores == self._scores.max(axis=0))
        return self.softmax.predicted

    def losses(self, codes: Codes) -> Floats:
        """Return the loss (n,) of rows with class ``codes`` (n,), in nats."""
        flat, index = self.x.reshape(-1), true_index(codes, self.x.shape[0], 0)
        truth = flat.take(index)
        if self._kind is not InputKind.LOGITS:
            return 0.0 - truth
        if self.x.shape[0] == 2:
            return softplus(flat.take(true_index(1 - codes, 2, 0)) - truth)
        loss: Floats = log(self.total) - (truth - self.best)
        return loss

    def losses_at(self, places: Codes, codes: Codes) -> Floats:
        """Return the loss (k,) of the rows at ``places`` (k,), with class ``codes`` (k,), in nats."""
        if self._kind is not InputKind.LOGITS:  # the logarithms of a few rows, not of all
            return LogScores(self._kind, self._scores[..., places]).losses(codes)
        truth: Floats = self.x[codes, places]
        if self.x.shape[0] == 2:
            return softplus(self.x[1 - codes, places] - truth)
        loss: Floats = log(self.total[places]) - (truth - self.best[places])
        return loss

    def top_log_odds(self) -> Floats:
        """Return the log odds (n,) of the most probable class: −log Σ e^(x_c − best) over the others.

        The class itself, whose power is 1, stays out of the sum where it would leave nothing of a small one.
        """
        others = self.total - 1.0
        few = np.flatnonzero(others < _SMALL)
        if few.size:
            powers = self.powers[:, few]
            powers[self.predicted[few], np.arange(few.size)] = 0.0
            others[few] = sum_over_classes(powers, 0)
        return 0.0 - log(others)
