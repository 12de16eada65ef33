"""What is kept of every row where two models are compared: its loss, its truth, how much it counts, its slices."""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Floats
from celoss_cli.scoring.chunk import Chunk
from celoss_cli.scoring.judged import Judged
from celoss_cli.scoring.plan import Plan
from celoss_cli.spec import TargetKind
from celoss_cli.tables.batch import Categories

Truth = npt.NDArray[np.signedinteger[Any]]


class KeptRows(NamedTuple):
    """The rows of a batch in file order, all arrays (n,). Filled block by block.

    ``loss`` is in nats, NaN for rows that are not scored. Where a row has one true class and nothing else
    (``plan.plain``) it is unweighted, and ``weight`` is the sample weight; otherwise it is the weighted loss, and
    ``weight`` what the row counts in the mean. ``weight`` is ``None`` where all count 1. ``truth`` is the class code,
    or for targets that speak of every class a digest of them, the same in whatever order a file has the classes.
    """

    loss: Floats
    truth: Truth
    weight: Floats | None
    slices: tuple[Categories, ...]

    @classmethod
    def unscored(cls, rows: int, plan: Plan, slices: tuple[Categories, ...]) -> KeptRows:
        """Return ``rows`` rows of which nothing is known but their slices."""
        weighted = plan.layout.weight is not None or not plan.plain
        return cls(
            np.full(rows, np.nan),
            np.full(rows, -1, dtype=np.int32 if plan.targets is TargetKind.INDEX else np.int64),
            np.ones(rows) if weighted else None,
            slices,
        )

    def fill(self, plan: Plan, chunk: Chunk, judged: Judged) -> None:
        """Note what the rows of a chunk came to."""
        where = chunk.in_batch()
        indexed = plan.targets is TargetKind.INDEX
        self.truth[where] = judged.labels if indexed else target_digest(_targets(chunk), plan.classes.names)
        weight = chunk.weights if plan.plain else judged.weight
        self.loss[where] = judged.loss if plan.plain or judged.weighted is None else judged.weighted
        if self.weight is not None and weight is not None:
            self.weight[where] = weight


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
