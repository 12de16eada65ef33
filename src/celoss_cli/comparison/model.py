"""One model of a comparison: its file scored by the ordinary passes, and each row spooled."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction

from celoss_cli.comparison.spool import Spool
from celoss_cli.pipeline.expected import expected_loss
from celoss_cli.pipeline.job import Job, Opener, Progress
from celoss_cli.pipeline.parts import Parts
from celoss_cli.pipeline.passes import settled_pass
from celoss_cli.pipeline.row_files import RowSink
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import Detail, Request
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.totals import Totals


@dataclass(frozen=True, slots=True)
class Model:
    """What was read and assumed, what it came to, and the rows."""

    job: Job
    settled: Settled
    evaluation: Evaluation
    spool: Spool
    expected: float | None
    """The loss that a calibrated model would expect, in nats, where no error was seen."""

    @property
    def plan(self) -> Plan:
        """How each row was scored."""
        return self.settled.plan

    @property
    def totals(self) -> Totals:
        """The statistics of its rows."""
        return self.settled.totals

    @property
    def class_weights(self) -> tuple[Fraction, ...]:
        """The class weights (C,) by its own rows."""
        return self.settled.weights

    @property
    def path(self) -> str:
        """What messages call it."""
        return self.settled.predictions.path


def score_model(
    request: Request,
    open_input: Opener,
    progress: Progress,
    stack: ExitStack,
    *,
    truth: bool,
    name: str | None = None,
) -> Model:
    """Return the model of one file, each row with its ``truth`` if wanted. Its spool is closed with ``stack``.

    ``name`` tells it from other models of that file.

    Should the rows contradict what a pass assumed, what that pass spooled is thrown away with it.
    """
    spools: list[Spool] = []

    def fresh_spool(per_pass: ExitStack) -> RowSink:  # noqa: ARG001  spools outlive the pass
        for contradicted in spools:
            contradicted.close()
        spool = Spool(truth=truth)
        spools.append(spool)
        stack.callback(spool.close)
        return lambda scored: spool.append(scored.kept)

    request = request._replace(detail=Detail.PAIRED, top=0)
    with settled_pass(request, open_input, progress, sink=fresh_spool) as found:
        settled = found.settled
        if name is not None:
            read = settled.predictions
            settled = settled._replace(predictions=read._replace(path=f"{read.path}:{name}"))
        expected = expected_loss(found)
        return Model(found.job, settled, Parts(settled, expected).whole(), spools[-1], expected)
