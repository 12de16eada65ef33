"""Which class is the first of those marked, and how many are, in blocks stored by class."""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.outcome import Codes, Mask


def first_of(marked: Mask) -> Codes:
    """Return the first class (n,) that is marked in each row of a block (C, n) of truth values; 0 where none is.

    As ``argmax`` along the first axis, which is ten times slower: class c counts C − c, and the largest is the first.
    """
    classes = marked.shape[0]
    kind = np.uint8 if classes < 256 else np.uint32
    ranks = np.arange(classes, 0, -1, dtype=kind)
    largest = np.multiply(marked, ranks[:, None], dtype=kind).max(axis=0)
    first: Codes = classes - np.maximum(largest, 1).astype(np.intp)
    return np.where(largest == 0, 0, first)


def how_many(marked: Mask) -> Codes:
    """Return how many classes (n,) are marked in each row of a block (C, n) of truth values."""
    narrow = marked.shape[0] < 256
    kind = np.uint8 if narrow else np.uint32
    counts: Codes = np.add.reduce(marked.view(np.uint8), axis=0, dtype=kind)
    return counts
