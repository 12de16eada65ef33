"""celoss explain: the rows of a pass under every convention, put together for the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli._version import __version__
from celoss_cli.pipeline.alarming import alarm_notices
from celoss_cli.pipeline.decisions import inputs_of, spec_of
from celoss_cli.pipeline.job import Opener, Progress
from celoss_cli.pipeline.notices import notices_of
from celoss_cli.pipeline.passes import settled_pass
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import Detail, Request
from celoss_cli.results.explanation import Explanation
from celoss_cli.scoring.convention_rows import applied_rules
from celoss_cli.state.by_convention import ByConvention
from celoss_cli.summary.conventions import ByRule, explain_conventions, read_expected

if TYPE_CHECKING:
    from celoss_cli.layout.sequences.columns import SequenceColumns
    from celoss_cli.spec import Spec
    from celoss_cli.state.sequences import SequenceState

_SAID_BY_THE_TABLE = frozenset({"infinite_loss"})


def explain(request: Request, open_input: Opener, progress: Progress, expected: str | None = None) -> Explanation:
    """Return the same rows under every convention, and which of them give the number ``expected``.

    The other parameters, and what is raised, as in ``settled_pass``.
    """
    if expected is not None:
        read_expected(expected)
    request = request._replace(detail=Detail.CONVENTIONS)
    with settled_pass(request, open_input, progress) as found:
        return assemble_explanation(found.settled, expected)


def assemble_explanation(settled: Settled, expected: str | None = None) -> Explanation:
    """Return the rows under every convention, and what gives the number ``expected``, if one is asked for."""
    plan, totals = settled.plan, settled.totals
    spec = spec_of(settled)
    if totals.sequences is not None and settled.layout.sequences is not None:
        return _of_sequences(settled, spec, totals.sequences, settled.layout.sequences, expected)
    by_rule = ByRule(
        exact=totals.loss,
        rules=applied_rules(plan.input, single=plan.single),
        states=totals.conventions or ByConvention(()),
        class_weights=settled.weights,
        single=plan.single,
        file_type=plan.convention.file_type,
    )
    results, reproduced = explain_conventions(by_rule, expected)
    notices = (
        *settled.layout.notices,
        *notices_of(settled),
        *alarm_notices(settled),
    )
    return Explanation(
        celoss_version=__version__,
        inputs=inputs_of(settled),
        spec=spec,
        rows=totals.loss.scored,
        conventions=results,
        expected=reproduced,
        warnings=tuple(notice for notice in notices if notice.code not in _SAID_BY_THE_TABLE),
    )


def _of_sequences(
    settled: Settled, spec: Spec, state: SequenceState, columns: SequenceColumns, expected: str | None
) -> Explanation:
    """Return the sequences under every convention of tools that report them."""
    from celoss_cli.summary.token_conventions import TokenSums, explain_tokens

    results, reproduced = explain_tokens(TokenSums(state, settled.sums, columns), expected)
    notices = (*settled.layout.notices, *notices_of(settled))
    return Explanation(
        celoss_version=__version__,
        inputs=inputs_of(settled),
        spec=spec,
        rows=settled.totals.loss.scored,
        conventions=results,
        expected=reproduced,
        warnings=tuple(notice for notice in notices if notice.code not in _SAID_BY_THE_TABLE),
    )
