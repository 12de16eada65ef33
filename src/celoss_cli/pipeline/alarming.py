"""The alarms of a pass: what they look at, put together; and under ``--strict`` the error that they are."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from celoss_cli.alarms import Alarm, Chosen, Look, alarms_of, look_at
from celoss_cli.alarms.classes import is_better_than
from celoss_cli.detection.judge import perhaps_of_truth
from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.kernels.outcome import Codes
from celoss_cli.layout.names import WEAK_TRUTH, plain
from celoss_cli.request import Request, TargetKind
from celoss_cli.results.document import Notice
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.loss import LossState
from celoss_cli.state.sample import Sample

if TYPE_CHECKING:
    from celoss_cli.pipeline.settled import Settled


def alarm_notices(settled: Settled) -> tuple[Notice, ...]:
    """Return the alarms that the rows give rise to as warnings. Raises AmbiguousData for one under ``--strict``."""
    alarms = alarms_raised(settled)
    refuse_alarms(settled.request, settled.predictions.path, alarms)
    return tuple(Notice(alarm.code, alarm.message) for alarm in alarms)


def refuse_alarms(request: Request, path: str, alarms: tuple[Alarm, ...]) -> None:
    """Under ``--strict``, raise for the gravest alarm that is neither allowed nor against what the user has chosen."""
    errors = [alarm for alarm in alarms if not alarm.against_choice and alarm.code not in request.allow]
    if errors and request.strict:
        gravest = errors[-1]
        raise AmbiguousData(
            f"--strict: {gravest.message}",
            code=gravest.code,
            where=Where(path),
            hint=f"{'choose with that flag' if gravest.flag else 'correct the file'}; "
            f"--allow {gravest.code} if it is as it should be",
        )


def alarms_raised(settled: Settled) -> tuple[Alarm, ...]:
    """Return the alarms that some of the rows scored give rise to, chosen from everywhere in the file, gravest last.

    None where labels have a number for every class, or name classes that no score speaks of.
    """
    evidence = settled.partial.evidence
    if not _can_look(settled):
        return ()
    sample, first = evidence.sample.in_file_order(), evidence.first.in_file_order()
    opening = None
    if not np.array_equal(sample.rows, first.rows):
        opening = functools.partial(_look, settled, first)
    return alarms_of(_look(settled, sample, opening))


def order_is_borne_out(settled: Settled, columns: Sequence[int]) -> bool:
    """Whether the rows looked at are far better explained as read than by these columns (C,) for the classes."""
    sample = settled.partial.evidence.sample
    return _can_look(settled) and is_better_than(np.array(columns), _look(settled, sample.in_file_order()))


def _can_look(settled: Settled) -> bool:
    plan = settled.plan
    return plan.targets is TargetKind.INDEX and not plan.beyond and bool(settled.partial.evidence.sample.size)


def _look(settled: Settled, sample: Sample, opening: Callable[[], Look] | None = None) -> Look:
    request, layout, plan, reading = settled.request, settled.layout, settled.plan, settled.assumed.reading
    chosen = Chosen(
        classes=bool(request.classes) or request.positive is not None,
        label=bool(request.label),
        input=request.input is not None,
        pairing=bool(layout.pair_ids),
        scores=bool(request.pred) or request.positive is not None or layout.input is not None,
        vouched=reading.given or reading.named,
        weak_label=plain(layout.label) in WEAK_TRUTH,
        perhaps_of_truth=perhaps_of_truth(request, layout),
    )
    return look_at(
        sample,
        reading.input,
        spellings(plan),
        chosen,
        beaten=not plan.plain or _beaten(settled.totals.loss),
        named=not layout.targets,
        two_files=settled.labels is not None,
        base=plan.convention.base,
        others=lambda: _other_labels(settled, sample.rows),
        span=(settled.partial.evidence.low, settled.partial.evidence.high),
        first=opening,
    )


def spellings(plan: Plan) -> tuple[str, ...]:
    """Return what a label spells for each class: what ``--classes`` and ``--positive`` take."""
    spelled: dict[int, str] = {}
    for text, code in plan.classes.codes.items():
        spelled.setdefault(code, text)
    return tuple(spelled.get(code, name) for code, name in enumerate(plan.classes.names))


def _beaten(state: LossState) -> bool:
    """Whether the class frequencies of all rows have a smaller loss than the predictions, weights apart."""
    if any(state.infinite) or not state.scored:
        return True
    shares = [rows / state.scored for rows in state.rows if rows]
    return state.plain.total() / state.scored > -sum(share * math.log(share) for share in shares)


def _other_labels(settled: Settled, rows: Codes) -> Mapping[str, Codes]:
    """Return the codes (n,) of other columns whose values all name classes, in the rows looked at, −1 where unknown."""
    found: dict[str, Codes] = {}
    for name, codes in settled.others().items():
        inside = rows < codes.shape[0]
        found[name] = np.where(inside, codes[np.where(inside, rows, 0)], -1)
    return found
