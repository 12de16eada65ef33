"""The rows of a run kept in memory, for a caller who wants them as arrays."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.pipeline.row_files import RowSink
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import TargetKind
from celoss_cli.results.per_row import PerRow
from celoss_cli.scoring.rows import RowResults
from celoss_cli.scoring.scorer import Scored


class KeptInMemory:
    """Takes the rows of each pass, and forgets them when the next begins."""

    def __init__(self) -> None:
        self._batches: list[RowResults] = []

    def sink(self, stack: ExitStack) -> RowSink:  # noqa: ARG002  as every maker of sinks is called
        """Return what takes the rows of a pass that begins."""
        self._batches = []
        return self._take

    def arrays(self, settled: Settled) -> PerRow:
        """Return the rows of the last pass."""
        plan, nats = settled.plan, settled.plan.convention.base.nats
        loss = self._joined("loss")
        scored = ~np.isnan(loss)
        several = plan.targets is TargetKind.MULTILABEL
        names = plan.classes.names
        weighted = plan.weighted_classes or plan.layout.weight is not None
        gradients = self._joined("gradients").T if plan.gradients else None
        return PerRow(
            loss=loss / nats,
            p_true=self._joined("p_true"),
            label=_named(self._joined("label"), names, scored, several=several),
            predicted=_named(self._joined("predicted"), names, scored, several=several),
            weight=np.where(scored, self._joined("weight"), np.nan) if weighted else None,
            weighted_loss=self._joined("weighted") / nats if weighted else None,
            gradients=None if gradients is None else np.ascontiguousarray(gradients) / nats,
            el2n=self._joined("el2n") if plan.gradients else None,
        )

    def _take(self, scored: Scored) -> None:
        self._batches += [one._replace(ids=()) for one in scored.results if isinstance(one, RowResults)]

    def _joined(self, name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(results, name) for results in self._batches], axis=-1)


def _named(
    codes: npt.NDArray[Any], names: tuple[str, ...], scored: npt.NDArray[np.bool_], *, several: bool
) -> npt.NDArray[Any]:
    """Return the class of each row by name, empty for none; of several labels (L, n) which hold, (n, L)."""
    if several:
        held: npt.NDArray[Any] = np.ascontiguousarray((codes > 0).T)
        return held
    return np.array([*names, ""])[np.where(scored, codes, -1)]
