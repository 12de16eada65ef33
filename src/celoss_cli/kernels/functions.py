"""The functions of ``kernels.elementary``, compiled where there is a core: the same bits, much faster."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels import elementary
from celoss_cli.kernels.classes import first_of
from celoss_cli.kernels.compiled import CORE, as_buffer
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.tuples import NamedTuple

Compute = Callable[[Floats, Floats], None]


def _into(definition: Callable[[Floats], Floats]) -> Compute:
    def compute(x: Floats, out: Floats) -> None:
        np.copyto(out, definition(x))

    return compute


_LOG: Compute = _into(elementary.log) if CORE is None else CORE.log
_EXP: Compute = _into(elementary.exp) if CORE is None else CORE.exp
_LOG1P: Compute = _into(elementary.log1p) if CORE is None else CORE.log1p
_SOFTPLUS: Compute = _into(elementary.softplus) if CORE is None else CORE.softplus
_LOG1MEXP: Compute = _into(elementary.log1mexp) if CORE is None else CORE.log1mexp


def log(x: npt.ArrayLike, out: Floats | None = None) -> Floats:
    """Return log x. ``out`` takes it if given: of the shape of ``x``, and it may be ``x``."""
    return _each(_LOG, x, out)


def exp(x: npt.ArrayLike, out: Floats | None = None) -> Floats:
    """Return exp x. ``out`` as for ``log``."""
    return _each(_EXP, x, out)


def log1p(x: npt.ArrayLike, out: Floats | None = None) -> Floats:
    """Return log(1 + x). ``out`` as for ``log``."""
    return _each(_LOG1P, x, out)


def softplus(x: npt.ArrayLike, out: Floats | None = None) -> Floats:
    """Return log(1 + exp x). ``out`` as for ``log``."""
    return _each(_SOFTPLUS, x, out)


def log1mexp(x: npt.ArrayLike, out: Floats | None = None) -> Floats:
    """Return log(1 − exp x). ``out`` as for ``log``."""
    return _each(_LOG1MEXP, x, out)


def sum_over_classes(block: Floats, axis: int) -> Floats:
    """Return the sum of each row (n,) of a block (C, n), or (n, C) if ``axis`` is 1: see ``kernels.elementary``."""
    if CORE is None or not block.size:
        return elementary.sum_over_classes(block, axis)
    whole = as_buffer(block, np.float64)
    sums = np.empty(whole.shape[1 - axis])
    CORE.sum_classes(whole, whole.shape[axis], whole.shape[1 - axis], axis == 1, sums)
    return sums


def sum_over_lists(values: Floats, offsets: npt.NDArray[np.int64]) -> Floats:
    """Return the sum of each list (n,) of ``values`` (m,) between ``offsets`` (n + 1,): see ``kernels.lists``."""
    if CORE is None:
        from celoss_cli.kernels import lists

        return lists.sum_over_lists(values, offsets)
    sums = np.empty(offsets.shape[0] - 1)
    CORE.sum_lists(as_buffer(values, np.float64), as_buffer(offsets, np.int64), sums)
    return sums


class Softmax(NamedTuple):
    """What n rows of log-scores with C classes come to."""

    best: Floats
    """(n,) the largest of a row."""
    below: Floats
    """(C, n) x − best: how far each class is behind the most probable one."""
    powers: Floats
    """(C, n) e^(x − best)."""
    total: Floats
    """(n,) the sum of a row's powers."""
    p: Floats
    """(C, n) powers / total."""
    predicted: Codes
    """(n,) the first class that has the largest score."""
    least: float
    """The least of ``below``, or 0."""


def softmax(x: Floats) -> Softmax:
    """Return what rows of log-scores (C, n) come to, none of them NaN and no row all −∞."""
    classes, rows = x.shape
    if CORE is None or not x.size or classes > elementary.FEW_CLASSES:
        best = x.max(axis=0)
        below = x - best
        powers = exp(below)
        total = sum_over_classes(powers, 0)
        return Softmax(best, below, powers, total, powers / total, first_of(x == best), float(below.min(initial=0.0)))
    best, below, powers, total, p = (np.empty(shape) for shape in (rows, x.shape, x.shape, rows, x.shape))
    predicted = np.empty(rows, dtype=np.int64)
    least = CORE.softmax(as_buffer(x, np.float64), classes, rows, best, below, powers, total, p, predicted)
    return Softmax(best, below, powers, total, p, predicted, least)


def moments_over_classes(x: Floats, weights: Floats, *, square: bool) -> Floats:
    """Return Σ w, Σ w x and Σ w x² of each row, (3, n), of blocks (C, n); and square the weights in place, if asked to.

    See ``kernels.elementary``.
    """
    if CORE is None or not x.size or x.shape[0] > elementary.FEW_CLASSES:
        return elementary.moments_over_classes(x, weights, square=square)
    sums = np.empty((3, x.shape[1]))
    if weights.flags.c_contiguous and weights.flags.aligned:
        CORE.moments(as_buffer(x, np.float64), weights, *x.shape, square, sums)
        return sums
    copy = np.array(weights, order="C")
    CORE.moments(as_buffer(x, np.float64), copy, *x.shape, square, sums)
    np.copyto(weights, copy)
    return sums


def _each(compute: Compute, x: npt.ArrayLike, out: Floats | None) -> Floats:
    whole = as_buffer(x, np.float64)
    target = out if out is not None and out.flags.c_contiguous and out.flags.aligned else np.empty(whole.shape)
    compute(whole, target)
    if out is None or target is out:
        return target
    np.copyto(out, target)
    return out
