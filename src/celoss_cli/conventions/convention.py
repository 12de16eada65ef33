"""What is meant by the loss: clipping, renormalising, the denominator and the base, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from celoss_cli.kernels.functions import log, log1p
from celoss_cli.kernels.outcome import Floats
from celoss_cli.request import Base, Denominator

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

    def clipped(self, loss: Floats) -> tuple[Floats, int]:
        """Return the losses of clipped probabilities, (n,), and how many rows that changed.

        Clipping p_y to [ε, 1 − ε] is limiting the loss to [−log(1 − ε), −log ε], whatever it was computed from.
        """
        if self.clip is not None:
            lowest, highest = -float(log1p(-self.clip)), -float(log(self.clip))
        elif self.rule is not None and self.rule.most is not None:
            lowest, highest = 0.0, self.rule.most
        else:
            return loss, 0
        limited = np.clip(loss, lowest, highest)
        return limited, int(np.count_nonzero(limited != loss))
