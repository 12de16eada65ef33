"""celoss diagnose: the passes, and the result put together for the reader."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from celoss_cli._version import __version__
from celoss_cli.diagnosis.dependence import about_dependence
from celoss_cli.diagnosis.distribution import distribution_of
from celoss_cli.diagnosis.fixes import Fixes, fixes_of_several, fixes_of_two, no_fixes
from celoss_cli.diagnosis.left_out import Reason, without
from celoss_cli.diagnosis.looking import Looked, look
from celoss_cli.diagnosis.parts import parts_of
from celoss_cli.diagnosis.side_by_side import SideBySide
from celoss_cli.diagnosis.temperature_part import temperature_of
from celoss_cli.diagnosis.verdicts import WORTH
from celoss_cli.diagnosis.words import headline_of
from celoss_cli.engine.choice import threads_of
from celoss_cli.pipeline.alarming import alarm_notices
from celoss_cli.pipeline.decisions import inputs_of, spec_of
from celoss_cli.pipeline.examining import check_diagnosable
from celoss_cli.pipeline.job import Opener, Progress
from celoss_cli.pipeline.notices import notices_of
from celoss_cli.pipeline.passes import settled_pass
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import Detail, Request, TargetKind
from celoss_cli.results.diagnosis import DiagnosedLoss, Diagnosis, Distribution

_ROWS_WORTH_SHARING = 1 << 15  # their scores may be so many points, of which each draw takes some milliseconds


def diagnose(
    request: Request,
    open_input: Opener,
    progress: Progress,
    finish: Callable[[Diagnosis], Diagnosis] | None = None,
) -> Diagnosis:
    """Return why the loss is what it is, and what would fix it.

    ``finish`` has the last word on the result. The other parameters, and what is raised, as in ``settled_pass``.
    """
    check_diagnosable(request)
    request = request._replace(detail=Detail.DIAGNOSIS)
    with settled_pass(request, open_input, progress) as found:
        settled = found.settled
        looked = look(found)
    diagnosis = assembled(settled, looked)
    return diagnosis if finish is None else finish(diagnosis)


@np.errstate(over="ignore", invalid="ignore")  # parts that are not finite are left out
def assembled(settled: Settled, looked: Looked | None) -> Diagnosis:
    """Return the result of passes that nothing contradicts; ``looked`` is ``None`` without one true class a row.

    Raises AmbiguousData for a guess under ``--strict``.
    """
    spec = spec_of(settled)
    state = settled.totals.loss
    infinite = settled.sums.infinite
    loss = DiagnosedLoss(math.inf if infinite else float(settled.sums.mean), state.scored, infinite)
    with SideBySide(_threads(settled.request, loss.rows)) as threads:
        fixing = threads.begin(fixes_found, settled, looked, loss)
        parts, left_out = parts_of(settled, looked, threads)
        fixes = fixing()
    return Diagnosis(
        celoss_version=__version__,
        inputs=inputs_of(settled),
        spec=spec,
        headline=headline_of(fixes, loss.rows, loss.infinite, None if looked is None else looked.prior),
        loss=loss,
        worth=(WORTH if settled.request.worth is None else settled.request.worth).of(fixes.loss),
        in_the_large=parts.in_the_large,
        cox=parts.cox,
        corp=parts.corp,
        ece=parts.ece,
        classes=parts.classes,
        temperature=None if looked is None else temperature_of(fixes, looked),
        fixes=fixes.fixes,
        distribution=_distribution(settled),
        confusions=parts.confusions,
        contradictions=parts.contradictions,
        left_out=(*left_out, *fixes.left_out),
        tags=dict(settled.request.tag),
        warnings=(
            *settled.layout.notices,
            *about_dependence(looked),
            *notices_of(settled),
            *alarm_notices(settled),
        ),
    )


def _threads(request: Request, rows: int) -> int:
    """Return in how many threads what follows from so many rows is worked out."""
    return 1 if rows < _ROWS_WORTH_SHARING else threads_of(request.threads)


def fixes_found(settled: Settled, looked: Looked | None, loss: DiagnosedLoss) -> Fixes:
    """Return what would fix it, and what became of the fixes that are not defined for these rows."""
    if looked is None:
        return no_fixes(loss.mean)
    if loss.infinite and looked.floor is None:
        cannot = no_fixes(loss.mean, ("temperature",))
        weighted = settled.plan.layout.weight is not None
        return cannot._replace(left_out=(without("floor", Reason.WEIGHTS),)) if weighted else cannot
    if looked.two is not None:
        return fixes_of_two(looked.two, looked, loss.mean, settled.request.worth)
    plan, worth = settled.plan, settled.request.worth
    return fixes_of_several(looked, loss.mean, plan.input, plan.classes.names, worth)


def _distribution(settled: Settled) -> Distribution | None:
    totals, plan = settled.totals, settled.plan
    if totals.tail is None:
        return None
    single = plan.independent and plan.layout.weight is None and plan.targets is not TargetKind.MULTILABEL
    return distribution_of(totals.tail, totals.loss, single=single)
