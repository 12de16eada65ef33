"""A floor under the probabilities, max(p, ε) divided by the row's sum: what makes an infinite loss finite.

ε is a power of a half. No temperature, shift or bias moves a 0, so where the truth has probability 0 the floor comes
first. Elsewhere it is no fix: on no file did it save more than a temperature.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from celoss_cli.diagnosis.folds import FOLDS, dealt
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.verdicts import FixVerdict
from celoss_cli.kernels.functions import log, sum_over_classes
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.results.diagnosis import Fix
from celoss_cli.state.scores import Counts

EXPONENTS = range(2, 41)
"""ε = 2^-k for these k, as long as ε ≤ 1/C."""


class FloorFit(NamedTuple):
    """The best floor, and the loss it leaves."""

    epsilon: float
    loss_in_sample: float
    """The mean loss of these rows, in nats."""
    loss: float
    """The same with ε chosen on four fifths of the rows, for the rest: five times five folds."""


FREQUENCIES = "class_frequencies"
"""What a fix is no better than that leaves more than knowing only how often each class occurs would cost."""


def leaves_more(loss: float, prior: float | None) -> bool:
    """Return whether a loss is above that of the class frequencies, ``prior``, where it is known."""
    return prior is not None and loss > prior


def floor_as_fix(floor: FloorFit, prior: float | None) -> Fix:
    """Return the floor as a fix: from an infinite loss to a finite one, worth it if that is below ``prior``.

    ``prior`` is the loss of the class frequencies, ``None`` where it is not known.
    """
    useless = leaves_more(floor.loss, prior)
    return Fix(
        name="floor",
        after=None,
        parameters={"epsilon": floor.epsilon},
        degrees=1,
        gain_in_sample=math.inf,
        optimism=floor.loss - floor.loss_in_sample,
        gain=math.inf,
        gain_ci95=None,
        loss_after=floor.loss,
        p_value=None,
        verdict=(FixVerdict.NO_BETTER if useless else FixVerdict.HELPS).value,
        no_better_than=FREQUENCIES if useless else None,
    )


def floor_of_groups(groups: Groups) -> FloorFit:
    """Return the best floor for rows with two outcomes."""
    return _best(groups.rows, lambda epsilon: groups.floored(epsilon).losses(), 2)


def floor_of_sample(p: Floats, codes: Codes, infinite: float) -> FloorFit:
    """Return the best floor for a sample of rows with probabilities ``p`` (C, m) and class ``codes`` (m,).

    ``infinite`` is the share of the rows of the file whose truth has probability 0: a sample may have more of them, or
    none. So these are weighed to be that many; where there are none, such a row is taken to lose −log ε.
    """
    classes, m = p.shape
    columns = np.arange(m)
    impossible = p[codes, columns] == 0.0
    held = int(np.count_nonzero(impossible))
    weight = np.full(m, (1.0 - infinite) * m / max(1, m - held))
    if held:
        weight[impossible] = infinite * m / held

    def losses(epsilon: float) -> Floats:
        raised = np.maximum(p, epsilon)
        truth = raised[codes, columns]
        loss: Floats = log(sum_over_classes(raised, 0)) - log(truth)
        loss *= weight
        return loss if held else loss - infinite * math.log(epsilon)

    return _best(np.ones(m, dtype=np.int64), losses, classes)


def _best(rows: Counts, losses: Callable[[float], Floats], classes: int) -> FloorFit:
    """Return the best ε for groups of ``rows`` (k,) that lose ``losses(ε)`` (k,)."""
    epsilons = [2.0**-k for k in EXPONENTS if 2.0**-k * classes <= 1.0]
    folds = list(_held(rows))
    sums = np.empty((len(epsilons), len(folds), FOLDS))
    whole = np.empty(len(epsilons))
    for place, epsilon in enumerate(epsilons):
        loss = losses(epsilon)
        whole[place] = float((loss * rows).sum())
        for number, division in enumerate(folds):
            sums[place, number] = (loss[:, None] * division).sum(axis=0)
    n = int(rows.sum())
    chosen = (whole[:, None, None] - sums).argmin(axis=0)
    outside = np.take_along_axis(sums, chosen[None], axis=0)[0].sum(axis=1) / n
    best = int(whole.argmin())
    return FloorFit(epsilons[best], float(whole[best]) / n, float(outside.mean()))


def _held(rows: Counts) -> Iterator[Counts]:
    for division in dealt(rows):
        yield division.astype(np.int32)
