"""The bootstrap of a comparison: samples of the rows or clusters, shared out among workers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any, NamedTuple

from celoss_cli.comparison.options import Comparing
from celoss_cli.engine.interface import Engine
from celoss_cli.pipeline.job import Progress
from celoss_cli.results.comparison import Bootstrap
from celoss_cli.statistics.bootstrap import Resampled, estimate, percentile_interval

_AT_ONCE = 32  # samples a thread makes at a time


class Samples(NamedTuple):
    """Samples ``first`` to ``last``."""

    first: int
    last: int

    @property
    def rows(self) -> None:
        """Nothing: they are no rows."""
        return


def bootstrapped(
    units: Resampled, asked: Comparing, nats: float, engine: Engine, progress: Progress
) -> Bootstrap | None:
    """Return the interval of the mean difference in units of ``nats``; ``None`` if none was asked for, or one unit."""
    if asked.bootstrap is None or units.change.shape[0] < 2:
        return None

    seed = asked.seed or 0

    def sample(some: Any, start: Callable[[int], int], stopped: Callable[[], bool]) -> list[float]:  # noqa: ARG001
        return [estimate(units, seed, number) for number in range(some.first, some.last) if not stopped()]

    last = asked.bootstrap
    # An engine asks of a part no more than its number of rows: some samples are as good as a partition.
    parts: Any = (Samples(first, min(first + _AT_ONCE, last)) for first in range(0, last, _AT_ONCE))
    estimates: list[float] = []
    with progress(last) as meter, closing(engine.run(parts, sample)) as results:
        for _, made in results:
            estimates += made
            meter.advance(len(made))
    low, high = percentile_interval(estimates, asked.confidence)
    return Bootstrap(asked.bootstrap, seed, (low / nats, high / nats))
