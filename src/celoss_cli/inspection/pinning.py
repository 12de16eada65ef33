"""The command line that pins every decision down: what was given, and what was decided, as options."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from typing import NamedTuple

from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.pipeline.alarming import spellings
from celoss_cli.pipeline.job import Job
from celoss_cli.request import InvalidRows, Request, UnknownClass, Unmatched
from celoss_cli.scoring.plan import Plan
from celoss_cli.spec import Decision, How, Spec
from celoss_cli.spelling import list_option, option
from celoss_cli.tables.views.aliased import AliasedTable
from celoss_cli.tables.views.long_form import LongFormTable
from celoss_cli.tables.views.predicted_class import PredictedClassTable

_TEXT = {"delimiter": "", "header": "", "decimal": ".", "encoding": "utf-8"}
"""The decisions about text files, and what goes without saying."""

_ABOUT_ROWS = ("guessed_pairing", "repeated_ids")
"""Doubts that no option settles, but which one accepts."""


class Pinned(NamedTuple):
    """A command line, and what it cannot pin down: decisions that no option stands for."""

    command: str
    unpinned: tuple[str, ...]


def pinned(job: Job, plan: Plan, spec: Spec, *, said: Collection[str]) -> Pinned | None:
    """Return the command line, or ``None`` where the inputs are objects in memory.

    It ends in ``--strict`` unless that would refuse it: for a guess that no option settles, or because the alarm about
    shifted labels is among the warnings ``said``. Doubts about which rows belong together are accepted by name.
    """
    request = job.request
    inputs = [request.predictions, *([] if request.labels is None else [request.labels])]
    if not all(isinstance(path, str) for path in inputs):
        return None
    words = ["celoss eval", *(_path(path) for path in inputs)]
    reading, open_reading = _reading(job)
    if plan.layout.sequences is not None:
        return _of_sequences(job, plan.layout.sequences, [*words, *reading], open_reading, said)
    words += [*reading, *_roles(job, plan)]
    percent = plan.percent
    words += [] if spec.task is None else [option("--task", spec.task.value)]
    words += [] if percent else [option("--input", spec.input.value)]
    words += [list_option("--classes", spellings(plan))]
    words += _given(request)
    guessed_layout = any(decision.what == "layout" and decision.guess for decision in spec.decisions)
    unpinned = [*open_reading, *(["input"] if percent else []), *(["layout"] if guessed_layout else [])]
    if "labels_shifted" not in said and not any(
        decision.guess and decision.what in unpinned for decision in spec.decisions
    ):
        words.append("--strict")
        words += [option("--allow", code) for code in _ABOUT_ROWS if code in said]
    return Pinned(" ".join(words), (*unpinned, *_facts(job)))


def _of_sequences(
    job: Job, columns: SequenceColumns, words: list[str], open_reading: list[str], said: Collection[str]
) -> Pinned:
    """Return what pins the reading of sequences down; columns that a known tool's records become have no option."""
    request, weight = job.request, job.layout.weight or columns.weight
    tool = job.layout.tool is not None
    named = {
        "--truth": None if tool else columns.truth,
        "--label": columns.parallel if columns.parallel_given else None,
        "--input": columns.form.value,
        "--per": columns.per,
        "--text": None if tool else columns.text,
        "--skip": request.skip,
        "--sample-weight": weight,
    }
    words += [option(flag, value) for flag, value in named.items() if value is not None]
    words += [list_option("--id", request.id)] if request.id else []
    words += _given(request)
    words += ["--strict", *(option("--allow", code) for code in (*_ABOUT_ROWS, "sentinel") if code in said)]
    return Pinned(" ".join(words), (*open_reading, *(["truth"] if tool else []), *_facts(job)))


def _path(path: str) -> str:
    """Return an input as a shell takes it; a name that looks like an option is one in this directory."""
    return shlex.quote(f"./{path}" if path.startswith("-") and path != "-" else path)


def _roles(job: Job, plan: Plan) -> list[str]:
    layout = job.layout
    words = _long_form(job)
    words += [list_option("--label", layout.target_names or (layout.label,))]
    if not _of_predicted_class(job):
        words.append(list_option("--pred", plan.score_names))
    if (layout.pair_ids or job.request.id) and not _ids_without_header(job):
        words.append(list_option("--id", layout.pair_ids or job.request.id))
    if layout.weight is not None:
        words.append(option("--sample-weight", layout.weight))
    if layout.counts is not None:
        words.append(option("--count", layout.counts))
    return words


def _long_form(job: Job) -> list[str]:
    if not isinstance(job.predictions, LongFormTable):
        return []
    form = job.predictions.form
    return [option("--class-column", form.class_column), option("--value-column", form.value_column)]


def _ids_without_header(job: Job) -> bool:
    """Whether a file does not call the ids by the name they have here: ``--id`` would find no such column."""
    return any(isinstance(table, AliasedTable) for table in (job.predictions, job.labels))


def _of_predicted_class(job: Job) -> bool:
    """Whether each score speaks of the class predicted beside it: ``--pred`` would say that all speak of one class."""
    return isinstance(job.predictions, PredictedClassTable)


def _reading(job: Job) -> tuple[list[str], list[str]]:
    """Return the options about text, and what they cannot say: they hold for both files, which can differ."""
    words: list[str] = []
    left: list[str] = []
    tables = [("", job.predictions), *([] if job.labels is None else [("labels ", job.labels)])]
    made = [(side, {d.what: d for d in table.decisions}) for side, table in tables]
    text = [(side, decisions) for side, decisions in made if "delimiter" in decisions]
    for what, usual in _TEXT.items():
        found = [(side, decisions[what]) for side, decisions in text if what in decisions]
        values = {decision.value for _, decision in found} | ({usual} if len(found) < len(text) else set())
        if len(values) > 1:
            values.discard("none")  # a file of one column is cut by no delimiter
        if len(values) > 1 and what == "header":
            words += [_text_option(decision, side) for side, decision in found]
        elif len(values) > 1:
            left += [f"{side}{what}" for side, decision in found if decision.how is not How.GIVEN]
        elif found:
            words.append(next(_text_option(d, "") for _, d in found if d.value in values))
    return words, left


def _facts(job: Job) -> list[str]:
    """Return the decisions that have no option because there is nothing to choose: no key, no other kind of label."""
    by_position = job.labels is not None and (not job.layout.pair_ids or _ids_without_header(job))
    predictions = ["predictions"] if _of_predicted_class(job) else []
    return [*predictions, *(["pairing"] if by_position else []), *(["labels"] if job.layout.targets else [])]


def _text_option(decision: Decision, side: str) -> str:
    if decision.what == "header":
        return f"--{'labels-' if side else ''}{'' if decision.value == 'yes' else 'no-'}header"
    return option(f"--{decision.what}", decision.value)


def _given(request: Request) -> list[str]:
    """Return the options that were given and that no decision stands for."""
    words = [option("--where", f"{column}={value}") for column, value in request.where]
    if request.unmatched is not Unmatched.ERROR:
        words.append(option("--unmatched", request.unmatched.value))
    if request.unknown_class is not UnknownClass.ERROR:
        words.append(option("--unknown-class", request.unknown_class.value))
    if request.invalid is not InvalidRows.ERROR:
        words.append(option("--invalid", request.invalid.value))
    if request.ignore_index is not None:
        words.append(option("--ignore-index", request.ignore_index))
    if isinstance(request.class_weight, str):
        words.append(option("--class-weight", request.class_weight))
    if request.reading.file_format is not None:
        words.append(option("--file-format", request.reading.file_format))
    return words
