"""The explanation of a pass that nothing contradicts, put together for the reader."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from celoss_cli._version import __version__
from celoss_cli.engine.interface import OwnProcess
from celoss_cli.pipeline.alarming import alarm_notices
from celoss_cli.pipeline.decisions import inputs_of, known_of, spec_of, weighed
from celoss_cli.pipeline.job import Assumed, Job, Opener
from celoss_cli.pipeline.notices import notices_of
from celoss_cli.pipeline.passes import settled
from celoss_cli.request import Detail, Request
from celoss_cli.results.explanation import Explanation
from celoss_cli.scoring.convention_rows import applied_rules
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.by_convention import ByConvention
from celoss_cli.state.evidence import Evidence
from celoss_cli.state.totals import Totals
from celoss_cli.summary.conventions import Scored, explain_conventions

if TYPE_CHECKING:
    from celoss_cli.results.explanation import Explanation

_SAID_BY_THE_TABLE = frozenset({"infinite_loss"})


def assemble_explanation(
    job: Job, assumed: Assumed, plan: Plan, totals: Totals, seen: Evidence, expected: str | None = None
) -> Explanation:
    """Return the rows under every convention, and what gives the number ``expected``, if one is asked for."""
    weights, _ = weighed(job, assumed, plan, totals)
    spec = spec_of(job, assumed, plan, totals, seen, weights)
    scored = Scored(
        exact=totals.loss,
        rules=applied_rules(plan.input, single=plan.single),
        states=totals.conventions or ByConvention(()),
        class_weights=weights,
        single=plan.single,
        file_type=plan.convention.file_type,
    )
    results, found = explain_conventions(scored, expected)
    known = known_of(job, assumed, plan, totals, seen, spec, weights)
    notices = (*job.layout.notices, *notices_of(known), *alarm_notices(job, assumed, plan, totals, seen))
    return Explanation(
        celoss_version=__version__,
        inputs=inputs_of(job, totals),
        spec=spec,
        rows=totals.loss.scored,
        conventions=results,
        expected=found,
        warnings=tuple(notice for notice in notices if notice.code not in _SAID_BY_THE_TABLE),
    )


def explain(
    request: Request,
    open_input: Opener,
    progress: Callable[[int], Any],
    expected: str | None = None,
    *,
    own_process: OwnProcess | None = None,
) -> Explanation:
    """Return the same rows under every convention, and which of them give the number ``expected``. As ``evaluate``."""
    from celoss_cli.summary.conventions import read_expected

    if expected is not None:
        read_expected(expected)
    conclude = functools.partial(assemble_explanation, expected=expected)
    return settled(request._replace(detail=Detail.CONVENTIONS), open_input, progress, conclude, own_process)
