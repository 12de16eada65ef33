"""Products of matrices and systems of equations, in a stated order: that of BLAS and LAPACK depends on the machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_FEW = 16

_COLUMNS = 512  # at a time, so that what is between stays in the cache


class Singular(Exception):
    """A system of equations has no single solution."""


def products(a: Floats, b: Floats) -> Floats:
    """Return a bᵀ, (f, g), of (f, m) and (g, m) with few f and g."""
    return np.array([[float((x * y).sum()) for y in b] for x in a])


def times(a: Floats, b: Floats) -> Floats:
    """Return a b, (f, g), of small (f, k) and (k, g)."""
    product: Floats = (a[:, :, None] * b[None, :, :]).sum(axis=1)
    return product


def gram(a: Floats) -> Floats:
    """Return a aᵀ, (f, f), of (f, m)."""
    a = np.ascontiguousarray(a)
    sums = np.zeros((a.shape[0], a.shape[0]))
    for start in range(0, a.shape[1], _COLUMNS):
        part = a[:, start : start + _COLUMNS]
        if a.shape[0] <= _FEW:  # all at once: as many sums again, and a tenth of the calls
            sums += (part[:, None] * part[None]).sum(axis=2)
            continue
        for i, row in enumerate(part):
            sums[i, i:] += (row * part[i:]).sum(axis=1)
    return np.triu(sums) + np.triu(sums, 1).T


def solved(a: Floats, b: Floats) -> Floats:
    """Return the x with a x = b, for ``a`` (f, f) and ``b`` (f,) or (f, m): elimination, the largest pivot first.

    Raises Singular where there is none.
    """
    a, x = a.copy(), b.copy()
    size = a.shape[0]
    for k in range(size):
        pivot = k + int(np.argmax(np.abs(a[k:, k])))
        if a[pivot, k] == 0.0:
            raise Singular
        a[[k, pivot]], x[[k, pivot]] = a[[pivot, k]], x[[pivot, k]]
        factors = a[k + 1 :, k] / a[k, k]
        a[k + 1 :] -= np.multiply.outer(factors, a[k])
        x[k + 1 :] -= np.multiply.outer(factors, x[k])
    for k in reversed(range(size)):
        x[k] /= a[k, k]
        x[:k] -= np.multiply.outer(a[:k, k], x[k])
    return x
