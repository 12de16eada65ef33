"""What is kept of every row where two models are compared: its loss, its truth, how much it counts, its slices."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Floats
from celoss_cli.request import TargetKind
from celoss_cli.scoring.chunk import BatchOfRows, Chunk
from celoss_cli.scoring.judged import Judged
from celoss_cli.scoring.plan import Plan


def keep_rows(rows: BatchOfRows, plan: Plan, chunk: Chunk, judged: Judged) -> None:
    """Note what the rows of a chunk came to; one that stands there several times has one place."""
    kept = rows.kept
    if kept is None:
        raise ValueError("the rows are not to be kept")
    where = chunk.in_batch() if rows.numbers is None else chunk.rows - rows.start
    indexed = plan.targets is TargetKind.INDEX
    kept.truth[where] = judged.labels if indexed else target_digest(_targets(chunk), plan.classes.names)
    weight = chunk.weights if plan.plain else judged.weight
    kept.loss[where] = judged.loss if plan.plain or judged.weighted is None else judged.weighted
    if kept.weight is not None and weight is not None:
        kept.weight[where] = weight


def target_digest(targets: Floats, classes: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return a number for the targets of each row (n,), of ``targets`` (C, n) or (1, n) for the second of two classes.

    Targets that agree in float32 have the same one, in whatever order the classes are; that others do, too, has a
    chance of 2^-64. Of two classes in a distribution one says all: that whose name sorts last.
    """
    names = list(classes)
    if targets.shape[0] == 1:
        targets = np.concatenate([1.0 - targets, targets])
    if len(names) == 2 and np.allclose(targets.sum(axis=0), 1.0, atol=1e-6):
        last = int(names[1] > names[0])
        names, targets = [names[last]], targets[last : last + 1]
    digest = np.zeros(targets.shape[1], dtype=np.uint64)
    for name, row in zip(names, targets, strict=True):
        mixed = (row + 0.0).astype(np.float32).view(np.uint32).astype(np.uint64)  # −0 is 0
        mixed ^= np.uint64(zlib.crc32(name.encode("utf-8", "surrogatepass")) << 32)
        # The finaliser of SplitMix64 (G. Steele et al., "Fast splittable pseudorandom number generators", 2014).
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed ^= mixed >> np.uint64(shift)
            mixed *= np.uint64(factor)
        digest += mixed ^ (mixed >> np.uint64(31))
    return digest.view(np.int64)


def _targets(chunk: Chunk) -> Floats:
    if chunk.targets is None:
        raise ValueError("targets that speak of every class are missing")
    return chunk.targets
