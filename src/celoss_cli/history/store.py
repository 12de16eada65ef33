"""The file of a history: JSON Lines, one run a line, to which runs are appended and nothing else is done."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.outputs.appended import append_lines, read_whole
from celoss_cli.outputs.clock import now
from celoss_cli.outputs.files import check_writable
from celoss_cli.render.forms.json import line
from celoss_cli.results.document import ABOVE_COUNTS, NOT_FINITE
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.results.history import RUN_SCHEMA, RUN_VERSION, Run, run_of

_MAJOR = RUN_VERSION.partition(".")[0]

_COUNTS = ("rows", "scored", "infinite", "weightless")

_ABOVE_DOUBLES = 1 << 1023

_NUMBERS = ("mean", "standard_error", "accuracy", "brier", "ece", "skill_vs_prior")

_WRITES = "celoss eval and celoss batch write one with --history FILE: name a file that they wrote"

_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("celoss_version", "time", "name", "predictions", "task", "unit"), (str,)),
    **{name: (str, type(None)) for name in ("labels", "digest")},
    **dict.fromkeys(_COUNTS, (int,)),
    **{name: (float, type(None)) for name in _NUMBERS},
    "mean": (float,),
    "tags": (dict,),
    "convention": (dict,),
    **dict.fromkeys(("classes", "failed"), (list,)),
    "ci95": (list, type(None)),
    "passed": (bool, type(None)),
}


def check_history(path: str, inputs: Sequence[str] = ()) -> None:
    """Find out before the work whether runs can be appended to ``path``: to a history, or to a file that is not there.

    Raises UsageError for an input, OutputError where it cannot be written, UnreadableFile for another kind of file.
    """
    check_writable(path, inputs)
    if Path(path).is_file() and Path(path).stat().st_size:
        with Path(path).open("rb") as file:
            first = file.readline()
        _run(first, path, 0)


def append_runs(path: str, named: Iterable[tuple[str, Evaluation]]) -> None:
    """Append evaluations with the names that they go by, all of them or none. Raises OutputError."""
    time = now().strftime("%Y-%m-%dT%H:%M:%SZ")
    append_lines(path, "".join(line(run_of(evaluation, name, time).to_dict()) for name, evaluation in named))


def name_of(evaluation: Evaluation) -> str:
    """Return what an evaluation goes by: its tag ``name``, which stays where a file is called after its week.

    In a batch each goes by its name there: a tag is of all of them, and would make one series of many models.
    """
    return evaluation.tags.get("name", evaluation.inputs.predictions.path)


def read_runs(path: str) -> list[Run]:
    """Return all runs of a history, in the order in which they were appended.

    Raises UnreadableFile for a file that cannot be read, and for a line that is no run, which it names.
    """
    try:
        content = read_whole(path)
    except OSError as error:
        raise UnreadableFile(
            f"the history cannot be read: {error.strerror or error}",
            code="history_unreadable",
            where=Where(path),
            hint="check the path; the first run that is appended makes the file",
        ) from None
    lines = [(number, one) for number, one in enumerate(content.split(b"\n")) if one.strip()]
    if not lines:
        raise UnreadableFile("the history has no runs", code="no_rows", where=Where(path))
    return [_run(one, path, number) for number, one in lines]


def _run(content: bytes, path: str, number: int) -> Run:
    try:
        held = json.loads(content)
    except (ValueError, RecursionError):
        raise _no_json(path, number) from None
    schema = held.get("schema") if isinstance(held, dict) else None
    version = str(held.get("schema_version")) if isinstance(held, dict) else ""
    if schema != RUN_SCHEMA or version.partition(".")[0] != _MAJOR:
        what = f"is of the schema {schema} {version}" if schema is not None else "is no run"
        raise _refused(path, number, f"{what}, and a line of a history is {RUN_SCHEMA} {_MAJOR}.x", _WRITES)
    values: dict[str, Any] = {}
    for name, kinds in _KINDS.items():
        value = held.get(name, Run._field_defaults.get(name))  # lines of before do without what came later
        found = _number(value) if name in _NUMBERS else value
        if not isinstance(found, kinds) or (isinstance(found, bool) and bool not in kinds) or not _allowed(name, found):
            raise _refused(path, number, f"has {value!r} as {name}", "it was changed by hand, or cut")
        values[name] = found
    values["ci95"] = None if held.get("ci95") is None else tuple(map(_number, held["ci95"]))
    values.update((name, tuple(held[name])) for name in ("classes", "failed"))
    return Run(**values)


def _number(value: Any) -> Any:
    """Return the float that a number in JSON is, spelled out where JSON has none for it; anything else as it is."""
    if isinstance(value, str):
        return NOT_FINITE.get(value, value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _ABOVE_DOUBLES:
        return float(value)
    return value


def _allowed(name: str, value: Any) -> bool:
    """Whether a value of the right type can be what a run says under a name."""
    if value is None:
        return True
    if name == "standard_error":
        return bool(value >= 0) or math.isnan(value)
    if name in _COUNTS:
        return bool(0 <= value < ABOVE_COUNTS)
    if name in ("classes", "failed"):
        return all(isinstance(one, str) for one in value)
    if name == "tags":
        return all(isinstance(one, str) for one in value.values())
    return name != "ci95" or (len(value) == 2 and all(isinstance(_number(end), float) for end in value))


def _no_json(path: str, number: int) -> UnreadableFile:
    """Return what is wrong with a line that is no JSON: only beside runs can it be one that was cut."""
    if any(_is_run(one) for one in read_whole(path).split(b"\n")):
        hint = (
            f"delete line {number + 1}, which a writer that was killed may have left half, and the other runs are read"
        )
        return _refused(path, number, "is no JSON", hint)
    what = f"is no history: line {number + 1} is no JSON, and no other line is a run"
    return UnreadableFile(what, code="history_schema", where=Where(path), hint=_WRITES)


def _is_run(content: bytes) -> bool:
    try:
        held = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(held, dict) and held.get("schema") == RUN_SCHEMA


def _refused(path: str, number: int, what: str, hint: str) -> UnreadableFile:
    return UnreadableFile(what, code="history_line", where=Where(path, line=number + 1), hint=hint)
