"""Class biases and a temperature, fitted to a sample: q_c ∝ exp(β x_c + b_c), with b_1 = 0.

At the optimum the mean of q_c is the frequency of c exactly: the bias fit is the prior correction. One rescaling
by frequency over mean p is not: it undershoots. (Temperature and biases together: A. Alexandari, A. Kundaje,
A. Shrikumar, "Maximum likelihood with bias-corrected calibration", ICML 2020.)
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.functions import exp, log, sum_over_classes
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.statistics.linear import Singular, gram, solved

MOST_CLASSES = 128

_STEPS = 60

_CLOSE = 1e-20  # of the Newton decrement per row: half of it is what is left to gain, in nats

_NEARLY = 1e-10  # likewise, where rounding keeps the method from coming closer

_FARTHEST = 50.0  # a bias beyond it, in nats, is on its way to infinity

_LEAST = -2800.0  # below the best score of the row, in place of −∞: probability 0 at any β above 0.27

_ALIKE = 1e-7  # of the scores' size: its square is what rows tell of a temperature beside biases, and 1e-14 is rounding


class BiasFit(NamedTuple):
    """A fit to m rows, and what it would save; gains in nats a row."""

    beta: float
    biases: Floats
    """(C,), the first 0."""
    degrees: int
    gain_in_sample: float
    optimism: float
    corrected: Floats
    """(m,) l − l(θ̂) − g'H⁻¹g."""
    standard_error: float
    """Of the gain: sd of l − l(θ̂) over √m."""


class _Rows(NamedTuple):
    """What is fitted to."""

    x: Floats
    """Log-scores (C, m), the best of each row 0."""
    truth: Floats
    """That of the truth (m,)."""
    codes: Codes
    """The class (m,)."""

    def losses(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return the loss (m,) and q (C, m) of each row at ``theta`` = (β, b_1 … b_C)."""
        eta = theta[0] * self.x + theta[1:, None]
        top = eta.max(axis=0)
        eta -= top
        q = exp(eta, out=eta)
        total = sum_over_classes(q, 0)
        loss = log(total) + top - theta[0] * self.truth - theta[1:][self.codes]
        q /= total
        return loss, q


class NoFit(Exception):
    """The likelihood has no maximum: a class is missing, or is told from the others without fail."""


class AlikeRows(NoFit):
    """The scores of all rows are the same but for a number each: a temperature does nothing that biases do not."""


def fit_biases(x: Floats, codes: Codes, *, temperature: bool, biases: bool, scale: float = 1.0) -> BiasFit:
    """Return the maximum likelihood fit to log-scores ``x`` (C, m) of rows with class ``codes`` (m,).

    Newton's method with the whole Hessian and halving, from β = 1 without biases. No truth may have score −∞. Raises
    NoFit where there is no maximum, or none is found, AlikeRows where every β is as good. ``scale`` is a power of two
    by which scores of an odd size are to be multiplied, about the best β: the method begins there.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _fit(x, codes, temperature=temperature, biases=biases, scale=scale)


def _fit(x: Floats, codes: Codes, *, temperature: bool, biases: bool, scale: float) -> BiasFit:
    x = np.ascontiguousarray(x)  # the order in which rows are added up is that of the memory
    classes, m = x.shape
    columns = np.arange(m)
    if biases and np.bincount(codes, minlength=classes).min() == 0:
        raise NoFit
    truth = x[codes, columns]
    best = x.max(axis=0)
    x, truth = np.maximum((x - best) * scale, _LEAST), (truth - best) * scale
    if temperature and biases and np.ptp(x - x[0], axis=1).max() <= _ALIKE * np.abs(x).max():
        raise AlikeRows
    theta = np.zeros(classes + 1)
    theta[0] = 1.0 / scale
    free = np.array(([0] if temperature else []) + (list(range(2, classes + 1)) if biases else []))
    rows = _Rows(x, truth, codes)
    before, q = rows.losses(theta)
    now = before
    if temperature and scale != 1.0:
        theta[0] = 1.0
        now, q = rows.losses(theta)
    if not (np.isfinite(before).all() and np.isfinite(now).all()):
        raise NoFit
    theta, now, q = _newton(rows, free, theta, now, q)
    if temperature and (q[codes, columns] >= q.max(axis=0)).all():
        raise NoFit  # every row is told right: twice the scores would be better still
    gradient, hessian = _derivatives(rows, q, free)
    try:
        leverage = (gradient * solved(hessian, gradient)).sum(axis=0)
    except Singular as error:
        raise NoFit from error
    gain = before - now
    corrected = gain - leverage
    return BiasFit(
        beta=float(theta[0]) * scale,
        biases=theta[1:],
        degrees=int(free.shape[0]),
        gain_in_sample=float(gain.mean()),
        optimism=float(leverage.mean()),
        corrected=corrected,
        standard_error=float(gain.std(ddof=1) / np.sqrt(m)) if m > 1 else float("nan"),
    )


def _newton(rows: _Rows, free: Codes, theta: Floats, now: Floats, q: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the best of the ``free`` ones of ``theta``, beside the rest of it, with the loss and the q of each row.

    ``now`` (m,) and ``q`` (C, m) are those at ``theta``. Raises NoFit.
    """
    m = now.shape[0]
    decrement = math.inf
    for _ in range(_STEPS):
        gradient, hessian = _derivatives(rows, q, free)
        total = gradient.sum(axis=1)
        try:
            step = -solved(hessian, total)
        except Singular as error:
            raise NoFit from error
        decrement = -float((total * step).sum())
        if not np.isfinite(decrement):
            raise NoFit
        last = decrement <= _CLOSE * m
        part = 1.0
        while True:
            moved = theta.copy()
            moved[free] += part * step
            loss, q = rows.losses(moved)
            if last or part < 2.0**-40 or float(loss.sum()) <= float(now.sum()) - 1e-4 * part * decrement:
                break
            part *= 0.5
        theta, now = moved, loss
        if np.abs(theta[free]).max() > _FARTHEST:
            raise NoFit
        if last:
            break
    if not decrement <= _NEARLY * m:
        raise NoFit
    return theta, now, q


def _derivatives(rows: _Rows, q: Floats, free: Codes) -> tuple[Floats, Floats]:
    """Return the gradient of each row (f, m) and the Hessian of all (f, f) by the free ones of (β, b_1 … b_C)."""
    x, truth, codes = rows
    classes, m = x.shape
    with_beta, with_biases = free[0] == 0, free[-1] > 0
    gradient = np.empty((free.shape[0], m))
    size = classes + 1 if with_biases else 1  # a temperature alone is fitted to any number of classes
    hessian = np.empty((size, size))
    if with_beta:
        mean = (q * x).sum(axis=0)
        gradient[0] = mean - truth
        spread = q * (x - mean)
        hessian[0, 0] = float((spread * x).sum())
        if with_biases:
            hessian[0, 1:] = hessian[1:, 0] = spread.sum(axis=1)
    if with_biases:
        of_classes = gradient[int(with_beta) :]
        of_classes[:] = q[1:]
        others = np.flatnonzero(codes)
        of_classes[codes[others] - 1, others] -= 1.0
        hessian[1:, 1:] = np.diag(q.sum(axis=1)) - gram(q)
    return gradient, hessian[np.ix_(free, free)]
