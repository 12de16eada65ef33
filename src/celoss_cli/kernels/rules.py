"""Per-sample losses by the rules of other libraries: what they limit, round and renormalise, as a value.

The default rule is the exact loss, but for the rounding of a large loss of one column; the kernels do it better.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Codes, Floats

FLOAT_TYPES = ("float16", "float32", "float64")

Mask = npt.NDArray[np.bool_]

AnyFloats = npt.NDArray[np.floating[Any]]


class Precision(StrEnum):
    """The floating-point type a library computes in: one of its own, or that of the array it is given."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"
    FILE = "file"


class Complement(StrEnum):
    """How the probability of the negative class comes from a single column p.

    ``FIRST`` forms 1 − p and limits that; ``AFTER_LIMITS`` limits p and forms 1 − p then; ``NEVER`` takes log1p(−p).
    """

    FIRST = "first"
    AFTER_LIMITS = "after_limits"
    NEVER = "never"


class Renormalize(StrEnum):
    """Whether, and when, each row of probabilities is divided by its sum. A single column has nothing to divide."""

    NO = "no"
    BEFORE_LIMITS = "before_limits"
    AFTER_LIMITS = "after_limits"


class RowLosses(NamedTuple):
    """What a rule makes of some rows: their losses (n,) in nats, and which rows (n,) it changed, and how.

    ``zero``: the truth has probability 0, and costs something finite all the same; ``raised``: it has a small
    probability, which counts as more; ``lowered``: a large one, which counts as less; ``renormalised``: the row was
    divided by a sum that is not 1, by more than the rounding of its type.
    """

    loss: Floats
    zero: Mask
    raised: Mask
    lowered: Mask
    renormalised: Mask

    @property
    def limited(self) -> int:
        """How many rows have a loss that the limits changed."""
        return int(np.count_nonzero(self.zero | self.raised | self.lowered))


class Rule(NamedTuple):
    """How a library gets from the probabilities of a row to its loss. The default is exact.

    ``low`` and ``high`` limit each probability; ``type_eps`` makes them eps and 1 − eps of the type computed in.
    ``most`` is the largest cost of one log term, in nats, and ``zero`` the cost of a truth of probability 0.
    ``exact_on_logits``: given logits the library works on them, and this rule is not needed. ``float32_sigmoid``: from
    one logit it comes to a probability in float32, where 1 − p is 0 from a logit of 16.7 on. ``wide_log``: the
    probabilities are those of the type computed in, but their logarithm is taken in float64.
    """

    low: float | None = None
    high: float | None = None
    type_eps: bool = False
    precision: Precision = Precision.FLOAT64
    complement: Complement = Complement.NEVER
    renormalize: Renormalize = Renormalize.NO
    most: float | None = None
    zero: float | None = None
    exact_on_logits: bool = False
    float32_sigmoid: bool = False
    wide_log: bool = False

    @property
    def exact(self) -> bool:
        """Whether the rule is none at all: the kernels' own losses hold."""
        return self in (Rule(), Rule(exact_on_logits=True))

    @property
    def limits_losses(self) -> bool:
        """Whether all the rule does is to limit each log term: that is as well defined for soft and several labels."""
        return self == Rule(most=self.most, exact_on_logits=self.exact_on_logits)

    def computed_in(self, file_type: str) -> np.dtype[np.floating[Any]]:
        """Return the type the library computes in, given an array of ``file_type`` (one of ``FLOAT_TYPES``)."""
        return np.dtype(file_type if self.precision is Precision.FILE else self.precision.value)

    def limits(self, file_type: str) -> tuple[float | None, float | None]:
        """Return the limits on probabilities, before they are rounded to the type computed in."""
        if self.type_eps:
            eps = float(np.finfo(self.computed_in(file_type)).eps)
            return eps, 1.0 - eps
        return self.low, self.high

    @property
    def renormalizes(self) -> bool:
        """Whether each row of several probabilities is divided by its sum."""
        return self.renormalize is not Renormalize.NO

    def row_losses(self, p: Floats, codes: Codes, file_type: str = "float64") -> RowLosses:
        """Return the loss of each row, in nats, and which rows the rule changed.

        ``p`` (C, n) float64 are the probabilities of the classes, or (1, n) those of the positive class;
        ``codes`` (n,) the true classes. ``p`` stays as it is.

        0 · log 0 is 0 here; libraries that let it be NaN (scikit-learn ≤ 1.1 on float32) are followed no further. Where
        one divides a row by a sum that is 0 in its type, its NaN is told as an infinite loss.
        """
        kind = self.computed_in(file_type)
        low, high = (None if limit is None else kind.type(limit) for limit in self.limits(file_type))
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            if p.shape[0] == 1:
                asked, used, loss = self._single(p[0], codes, kind, low, high)
                impossible, renormalised = p[0] == (codes <= 0), np.zeros(codes.shape, dtype=bool)
            else:
                asked, used, renormalised = self._distributions(p, codes, kind, low, high)
                impossible = p[codes, np.arange(codes.shape[0])] == 0.0
                loss = -np.log(self._wide(used))
        loss = loss.astype(np.float64) + 0.0  # −0.0 for p = 1 becomes 0.0
        loss[np.isnan(loss)] = np.inf
        raised, lowered = used > asked, used < asked
        if self.most is not None:
            raised = raised | (loss > self.most)
            np.minimum(loss, self.most, out=loss)
        if self.zero is not None:
            loss[impossible] = self.zero
        zero = impossible & np.isfinite(loss)
        return RowLosses(loss, zero, raised & ~zero, lowered, renormalised)

    def _wide(self, p: AnyFloats) -> AnyFloats:
        return p.astype(np.float64) if self.wide_log else p

    def _single(self, p: Floats, codes: Codes, kind: Any, low: Any, high: Any) -> tuple[AnyFloats, AnyFloats, Any]:
        """Return the truth's probability before and after the limits, and the losses before the dearest cost (n,)."""
        positive = codes > 0
        given = p.astype(kind)
        asked = np.where(positive, given, 1 - given)
        match self.complement:
            case Complement.NEVER:
                return asked, asked, -np.where(positive, np.log(given), np.log1p(-given))
            case Complement.FIRST:
                used = _limited(asked, low, high)
                return asked, used, -np.log(self._wide(used))
            case Complement.AFTER_LIMITS:
                limited = _limited(given, low, high)
                used = np.where(positive, limited, 1 - limited)
                return asked, used, -np.log(self._wide(used))

    def _distributions(
        self, p: Floats, codes: Codes, kind: Any, low: Any, high: Any
    ) -> tuple[AnyFloats, AnyFloats, Mask]:
        """Return the truth's probability before and after the limits, and which rows were renormalised (n,)."""
        rows = np.arange(codes.shape[0])
        given = p.astype(kind)
        if self.renormalize is Renormalize.NO:
            truth = given[codes, rows]
            return truth, _limited(truth, low, high), np.zeros(codes.shape, dtype=bool)
        if self.renormalize is Renormalize.BEFORE_LIMITS:
            sums = _row_sums(given)
            truth = given[codes, rows] / sums
            return truth, _limited(truth, low, high), _strays(sums, given)
        limited = _limited(given, low, high)
        sums = _row_sums(limited)
        # What the limits did shows before the division, which moves all classes of the row.
        truth, bounded = given[codes, rows], limited[codes, rows]
        return truth / sums, bounded / sums, _strays(sums, limited)


def _row_sums(p: AnyFloats) -> AnyFloats:
    """Return the sum of each row (n,) of a block (C, n), in its own type and NumPy's order: as a library has it.

    That is one class after the other, but pairwise where the block is a single row: the last bit of a loss would
    depend on how the file was cut.
    """
    sums: AnyFloats = np.add.accumulate(p, axis=0)[-1] if p.shape[1] == 1 else p.sum(axis=0)
    return sums


def float32_sigmoid(z: Floats) -> Floats:
    """Return 1 / (exp(−z) + 1) of logits of any shape, computed in float32 as XGBoost does, as float64."""
    with np.errstate(over="ignore"):
        powers = np.exp(-z.astype(np.float32))
        powers += np.float32(1.0)
        return (np.float32(1.0) / powers).astype(np.float64)


def _limited(p: AnyFloats, low: Any, high: Any) -> AnyFloats:
    if low is None and high is None:
        return p
    limited: AnyFloats = np.clip(p, low, high)
    return limited


def _strays(sums: AnyFloats, block: AnyFloats) -> Mask:
    """Return which sums (n,) of C probabilities are further from 1 than rounding explains."""
    room = float(np.finfo(block.dtype).eps) * (8.0 + block.shape[0])
    strays: Mask = np.abs(sums.astype(np.float64) - 1.0) > room
    return strays
