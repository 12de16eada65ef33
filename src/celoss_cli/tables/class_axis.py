"""On which axis of an array of rank > 2 the classes stand: axis 1, as in torch, or the last, as in transformers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from celoss_cli.spec import Decision, How

Array = np.ndarray[Any, np.dtype[Any]]

FIRST, LAST = 1, -1

_FEW = 64  # samples whose sums say whether they are probabilities

_ROUNDING = 1e-3  # of sums of probabilities, in half precision too


class ClassAxis(NamedTuple):
    """The axis, and how that was decided."""

    axis: int
    decision: Decision


def class_axis(scores: Array, labels: Iterable[tuple[int, ...]], alike: Iterable[Array] = ()) -> ClassAxis:
    """Return the axis that holds the classes of ``scores`` (N, C, d1, …) or (N, d1, …, C).

    ``labels`` are the shapes of the arrays that may be its labels: (N, d1, …), or (N · d1 · …,). Where these fit both
    ways or neither, numbers that sum to 1 along one axis alone say it: probabilities, or labels of the same shape
    (``alike``) that are one-hot or shares. Else it is axis 1, a guess where the labels fit the last one as well.
    """
    shape = scores.shape
    fits = {axis: any(_fits(label, shape, axis) for label in labels) for axis in (FIRST, LAST)}
    if fits[FIRST] != fits[LAST]:
        axis = FIRST if fits[FIRST] else LAST
        reason = "as in torch" if axis == FIRST else "as the shape of the labels says"
        return _decided(shape, axis, reason, guess=False)
    for array in (scores, *(one for one in alike if one.shape == shape)):
        found = sums_to_one(array)
        if found is not None:
            what = "its numbers sum" if array is scores else "the labels sum"
            return _decided(shape, found, f"as {what} to 1 along it alone", guess=False)
    guess = shape[1:-1] == shape[2:]
    return _decided(shape, FIRST, "as in torch", guess=guess)


def sums_to_one(scores: Array) -> int | None:
    """Return the axis of two, 1 and the last, over which numbers from 0 to 1 sum to 1, if that is one of them alone."""
    few = scores[:_FEW]
    if few.dtype.kind not in "fiub" or not few.size or not bool(((few >= 0) & (few <= 1 + _ROUNDING)).all()):
        return None
    off = {axis: np.abs(few.sum(axis=axis, dtype=np.float64) - 1.0).max() for axis in (FIRST, LAST)}
    found = [axis for axis, most in off.items() if most <= _ROUNDING]
    return found[0] if len(found) == 1 else None


def _fits(label: tuple[int, ...], shape: tuple[int, ...], axis: int) -> bool:
    places = shape[:1] + shape[2:] if axis == FIRST else shape[:-1]
    return label == places or (len(label) == 1 and label[0] == math.prod(places) and label[0] != shape[0])


def _decided(shape: tuple[int, ...], axis: int, reason: str, *, guess: bool) -> ClassAxis:
    name = "axis 1" if axis == FIRST else "the last axis"
    evidence = f"shape {shape}: {name} holds the classes, {reason}, and each of the other places is a sample"
    if guess:
        evidence += "; the last one is as long and could, too: one row for each place (n, C) leaves nothing to guess"
    return ClassAxis(
        axis, Decision("class axis", "1" if axis == FIRST else "last", How.DETECTED, evidence, guess=guess)
    )
