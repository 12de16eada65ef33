"""What is meant by the loss: clipping, renormalising, the denominator and the base, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from celoss_cli.kernels.functions import log, log1p
from celoss_cli.kernels.outcome import Floats
from celoss_cli.request import Base, Denominator
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.kernels.rules import Rule


class Convention(NamedTuple):
    """The choices that change the number. The default is exact: no clip, no renormalisation, nats, Σ v below.

    ``clip`` limits probabilities to [clip, 1 − clip]; ``renormalize`` divides each row by its sum first. ``name`` is
    that of the library followed: its ``rule`` then stands in the place of both, on arrays of ``file_type``.
    """

    clip: float | None = None
    renormalize: bool = False
    denominator: Denominator = Denominator.WEIGHTS
    base: Base = Base.E
    name: str = "exact"
    rule: Rule | None = None
    file_type: str = "float64"

    @property
    def renormalizes(self) -> bool:
        """Whether rows of several probabilities are divided by their sum."""
        return self.renormalize if self.rule is None else self.rule.renormalizes

    @property
    def limits(self) -> tuple[float, float] | None:
        """The least and the most that a row can cost, where there are such limits.

        Clipping p_y to [ε, 1 − ε] is limiting the loss to [−log(1 − ε), −log ε], whatever it was computed from.
        """
        if self.clip is not None:
            return -float(log1p(-self.clip)), -float(log(self.clip))
        return None if self.rule is None or self.rule.most is None else (0.0, self.rule.most)

    def clipped(self, loss: Floats) -> tuple[Floats, int]:
        """Return the losses of clipped probabilities, (n,), and how many rows that changed."""
        limits = self.limits
        if limits is None:
            return loss, 0
        limited = np.clip(loss, *limits)
        return limited, int(np.count_nonzero(limited != loss))
