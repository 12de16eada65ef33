"""The loss of a truth whose own score is all that was saved: one number each, and no distribution around it.

Nothing can be normalised, clipped by a class or ranked here: the surprisal is the number itself, as exact as it is
written. Values above probability 1 give a negative loss, NaN gives NaN; who calls decides what that means.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.functions import log

Floats = npt.NDArray[np.float64]


def losses_from_probabilities_of_truth(values: Floats) -> Floats:
    """Return −ln p (n,), in nats, of probabilities (n,): inf for 0, NaN for what is negative."""
    return negated(log(values))


def losses_from_logarithms_of_truth(values: Floats, nats: float) -> Floats:
    """Return −ln p (n,), in nats, of logarithms (n,) each worth ``nats``: 1 for ln p, ln 2, ln 10, −1 for −ln p.

    One rounding where ``nats`` is neither 1 nor −1, none otherwise.
    """
    if nats == 1.0:
        return negated(values)
    return values + 0.0 if nats == -1.0 else negated(values * nats)


def negated(values: Floats) -> Floats:
    """Return −values (n,), with 0 for 0: a loss of −0 would be shown as one."""
    # Subtracting from 0 has no negative zero as its result, where a change of sign has.
    result: Floats = np.subtract(0.0, values)
    return result
