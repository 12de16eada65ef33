"""celoss eval: the result of a pass that nothing contradicts, put together for the reader."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from celoss_cli.pipeline.expected import expected_loss
from celoss_cli.pipeline.job import Opener, Progress
from celoss_cli.pipeline.passes import settled_pass
from celoss_cli.request import Request
from celoss_cli.results.evaluation import Evaluation

if TYPE_CHECKING:
    from celoss_cli.pipeline.clusters import ClusterSpread
    from celoss_cli.pipeline.parts import Parts
    from celoss_cli.pipeline.passes import Pass
    from celoss_cli.pipeline.per_row import KeptInMemory


def evaluate(
    request: Request,
    open_input: Opener,
    progress: Progress,
    finish: Callable[[Evaluation], Evaluation] | None = None,
    *,
    meanwhile: Iterator[None] | None = None,
) -> Evaluation:
    """Return the evaluation that ``request`` asks for, and write its per-sample file if it wants one.

    ``finish`` has the last word on the evaluation: what it raises leaves no file behind. The other parameters, and
    what is raised, as in ``settled_pass``.
    """
    with _parts(request, open_input, progress, meanwhile) as parts:
        evaluation = parts.whole()
        return evaluation if finish is None else finish(evaluation)


def evaluate_in_parts(request: Request, open_input: Opener, progress: Progress) -> Parts | Evaluation:
    """Return what ``evaluate`` does, or its parts, of which none can raise any more and none reads a table."""
    with _parts(request, open_input, progress) as parts:
        return parts.alone() if parts.certain else parts.whole()


@contextmanager
def _parts(
    request: Request, open_input: Opener, progress: Progress, meanwhile: Iterator[None] | None = None
) -> Iterator[Parts]:
    kept: KeptInMemory | None = None
    if request.per_row:
        from celoss_cli.pipeline.per_row import KeptInMemory

        kept = KeptInMemory()
    sink = None if kept is None else kept.sink
    idle = itertools.chain(_loading(), meanwhile or ())
    with settled_pass(request, open_input, progress, meanwhile=idle, sink=sink) as found:
        from celoss_cli.pipeline.parts import Parts

        rows = None if kept is None else kept.arrays(found.settled)
        yield Parts(found.settled, expected_loss(found), _spread_by_cluster(found), rows)


def _loading() -> Iterator[None]:
    """Load what results are made with, while threads score the rows."""
    from celoss_cli.pipeline import parts  # noqa: F401

    yield


def _spread_by_cluster(found: Pass) -> ClusterSpread | None:
    if not found.settled.plan.by_cluster:
        return None
    from celoss_cli.pipeline.clusters import cluster_spread

    return cluster_spread(found)
