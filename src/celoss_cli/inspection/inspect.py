"""Inspection: the files as they are opened, the decisions of a pass over all rows, and what they come to."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from celoss_cli._version import __version__
from celoss_cli.alarms import Alarm
from celoss_cli.errors import DataError
from celoss_cli.inspection.pinning import Pinned, pinned
from celoss_cli.inspection.runners_up import runner_up
from celoss_cli.layout import Layout
from celoss_cli.layout.items.scored_twice import refused_if_strict
from celoss_cli.layout.readings.possible import possible_parts
from celoss_cli.layout.resolve import resolve
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.pipeline.alarming import alarms_raised, refuse_alarms
from celoss_cli.pipeline.decisions import spec_of
from celoss_cli.pipeline.job import Job, Opener, Progress
from celoss_cli.pipeline.notices import notices_of
from celoss_cli.pipeline.options import refuse_guesses
from celoss_cli.pipeline.part_reading import PinnedReading, reading_of
from celoss_cli.pipeline.passes import settled_pass
from celoss_cli.pipeline.respelt import refuse_alike
from celoss_cli.pipeline.settled import Settled
from celoss_cli.pipeline.state_file import encode_plan
from celoss_cli.request import Detail, Request
from celoss_cli.results.document import Notice
from celoss_cli.results.inspection import (
    Considered,
    Failure,
    InspectedColumn,
    InspectedFile,
    InspectedInputs,
    Inspection,
    Possible,
)
from celoss_cli.spec import Decision, Spec
from celoss_cli.tables.facts import ColumnFacts, column_facts, table_facts
from celoss_cli.tables.source import Table

_COMPRESSED = {"gz": "gzip", "zst": "zstd"}  # as the names of forms end

_OF_THE_LOSS = frozenset({"infinite_loss", "rows_not_normalised", "renormalize_no_effect", "single_row"})


@dataclass(frozen=True, slots=True)
class _Found:
    """What a pass that nothing contradicts leaves for the reader; ``refusal`` is what ``--strict`` objects to."""

    layout: Layout
    rows: int
    label_rows: int | None
    classes: tuple[str, ...]
    decisions: tuple[Considered, ...]
    warnings: tuple[Notice, ...]
    pinned: Pinned | None
    refusal: DataError | None
    plan: Mapping[str, Any]


def inspect(request: Request, open_input: Opener, progress: Progress) -> Inspection:
    """Return what the files hold and how that was decided. Every row is read, and no loss is told.

    A DataError that ``evaluate`` would raise is in the result, beside what was known before it. Raises UsageError.
    """
    opened: dict[str, Table] = {}

    def remember(value: Any, role: str) -> Table:
        opened[role] = open_input(value, role)
        return opened[role]

    relaxed = request._replace(strict=False, detail=Detail.MEAN)  # so that the first guess does not hide the rest
    try:
        with settled_pass(relaxed, remember, progress) as passed:
            found = _found(request, passed.job, passed.settled)
    except DataError as error:
        return _unsettled(relaxed, opened, error)
    predictions, labels = opened["predictions"], opened.get("labels")
    return Inspection(
        celoss_version=__version__,
        inputs=InspectedInputs(
            _file(predictions, relaxed, found.rows, _roles(predictions, found, beside=labels is None)),
            None if labels is None else _file(labels, relaxed, found.label_rows, _label_roles(found)),
        ),
        decisions=found.decisions,
        warnings=found.warnings,
        command=None if found.pinned is None else found.pinned.command,
        unpinned=() if found.pinned is None else found.pinned.unpinned,
        error=None if found.refusal is None else Failure.of(found.refusal),
        plan=found.plan,
    )


def _found(request: Request, job: Job, settled: Settled) -> _Found:
    spec, alarms = spec_of(settled), alarms_raised(settled)
    plan, seen = settled.plan, settled.partial.evidence
    said = (*settled.layout.notices, *notices_of(settled))
    notices = [notice for notice in said if notice.code not in _OF_THE_LOSS]
    notices += [Notice(alarm.code, alarm.message) for alarm in alarms]
    return _Found(
        layout=job.layout,
        rows=settled.predictions.rows,
        label_rows=None if settled.labels is None else settled.labels.rows,
        classes=settled.assumed.match.scored.names,
        decisions=tuple(_considered(d, runner_up(d, job, plan, seen, alarms)) for d in spec.decisions),
        warnings=tuple(notices),
        pinned=pinned(job, plan, spec, said=tuple(notice.code for notice in notices)),
        refusal=_refusal(request, job, settled, spec, alarms, said),
        plan=_plan(request, job, settled),
    )


def _plan(request: Request, job: Job, settled: Settled) -> Mapping[str, Any]:
    """Return the reading that parts of these rows can follow."""
    reading = reading_of(job, settled.assumed, settled.partial, count=False)
    return encode_plan(PinnedReading(reading, request._replace(class_weight=job.class_weight)))


def _refusal(
    request: Request, job: Job, settled: Settled, spec: Spec, alarms: tuple[Alarm, ...], said: tuple[Notice, ...]
) -> DataError | None:
    """Return the error that ``--strict`` would end in, if it would."""
    try:
        refuse_guesses(request, (*job.predictions.decisions, *job.layout.decisions))
        refuse_guesses(request, spec.decisions)
        refused_if_strict(said, job.predictions, request)
        classes, seen = settled.assumed.match.scored, settled.partial.evidence
        refuse_alike(request, classes, settled.totals, seen, job.at.labels.where(None, None))
        refuse_alarms(request, job.predictions.path, alarms)
    except DataError as error:
        return error
    return None


def _unsettled(request: Request, opened: Mapping[str, Table], error: DataError) -> Inspection:
    """Return what is known of files that cannot be scored: their columns and what speaks for each."""
    predictions, labels = opened.get("predictions"), opened.get("labels")
    made: list[Decision] = []
    if predictions is not None:
        made += predictions.decisions
        with contextlib.suppress(DataError):
            made += resolve(predictions, labels, request).layout.decisions
    if labels is not None:
        made += [decision._replace(what=f"labels {decision.what}") for decision in labels.decisions]
    return Inspection(
        celoss_version=__version__,
        inputs=InspectedInputs(
            None if predictions is None else _file(predictions, request, predictions.rows, {}),
            None if labels is None else _file(labels, request, labels.rows, {}),
        ),
        decisions=tuple(_considered(decision, None) for decision in made),
        warnings=(),
        command=None,
        unpinned=(),
        error=Failure.of(error),
    )


def _considered(decision: Decision, second: str | None) -> Considered:
    d = decision
    return Considered(d.what, d.value, d.how.value, d.guess, d.evidence, d.flag, second)


_Roles = Mapping[str, tuple[str, str | None]]
"""The role of each column that has one, and the class it speaks of."""


def _roles(table: Table, found: _Found, *, beside: bool) -> _Roles:
    layout, classes = found.layout, found.classes
    roles: dict[str, tuple[str, str | None]] = {}
    roles |= dict.fromkeys(layout.ids, ("id", None))
    if layout.sequences is not None:
        return {**roles, **_sequence_roles(layout.sequences, layout.weight)}
    if beside:
        roles |= _label_roles(found)
    elif layout.weight is not None and not layout.weight_beside_label:
        roles[layout.weight] = ("sample_weight", None)
    spoken: Sequence[str | None] = [None] if layout.vector else classes[-1:] if len(layout.scores) == 1 else classes
    roles |= {c.name: ("prediction", cls) for c, cls in zip(layout.scores, spoken, strict=True)}
    there = {column.name for column in table.columns}
    return {name: role for name, role in roles.items() if name in there}


def _sequence_roles(columns: SequenceColumns, weight: str | None) -> _Roles:
    parts = {
        "truth": columns.truth,
        "label": columns.parallel,
        "text": columns.text,
        "units": columns.counts,
        "skip": columns.skip_column,
        "sample_weight": weight or columns.weight,
    }
    return {name: (role, None) for role, name in parts.items() if name is not None}


def _label_roles(found: _Found) -> _Roles:
    layout = found.layout
    roles: dict[str, tuple[str, str | None]] = {}
    roles |= dict.fromkeys(layout.pair_ids, ("id", None))
    if layout.weight is not None:
        roles[layout.weight] = ("sample_weight", None)
    if len(layout.targets) > 1:
        return roles | {c.name: ("label", cls) for c, cls in zip(layout.targets, found.classes, strict=True)}
    return roles | {layout.label: ("label", None)}


def _file(table: Table, request: Request, rows: int | None, roles: _Roles) -> InspectedFile:
    label = next((name for name, (role, _) in roles.items() if role == "label"), None)
    facts, parts = table_facts(table), possible_parts(table, request, label)
    dialect = facts.dialect
    columns = []
    names = Counter(column.name for column in table.columns)
    for column in table.columns:
        held = column_facts(table, column, rows) if names[column.name] == 1 else ColumnFacts()
        role, cls = roles.get(column.name, (None, None))
        possible = tuple(Possible(part.part, part.said) for part in parts[column.name])
        columns.append(InspectedColumn(column.name, column.dtype, column.kind.value, role, cls, *held, possible))
    return InspectedFile(
        path=table.path,
        format=table.format,
        bytes=facts.bytes,
        rows=rows,
        parts=facts.parts,
        part=facts.part,
        compression=_COMPRESSED.get(table.format.rpartition(".")[2]),
        encoding=None if dialect is None else dialect.encoding,
        delimiter=None if dialect is None else dialect.delimiter,
        decimal=None if dialect is None else dialect.decimal,
        header=None if dialect is None else dialect.header,
        columns=tuple(columns),
    )
