"""JSON columns that are null in the first rows, or in all: they have no values there, and are no obstacle."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from celoss_cli import evaluate
from running import run

LATE = 1_200  # rows: more than those of the first opinion

LINES = [{"y": int(i % 2), "p": (0.9, 0.2)[i % 2 == 0]} for i in range(2 * LATE)]

EXPECTED = -(math.log(0.9) + math.log(0.8)) / 2

FORMS: dict[str, Callable[[Sequence[Any]], str]] = {
    "x.jsonl": lambda rows: "\n".join(map(json.dumps, rows)),
    "x.json": json.dumps,
    "table.json": lambda rows: json.dumps({name: [row[name] for row in rows] for name in rows[0]}),
}

LATE_VALUES: dict[str, Any] = {
    "none": None, "text": "seen by two", "number": 3.5, "large number": 2**70, "truth": True, "list": [1, 2],
    "list of text": ["a", "b"], "object": {"by": "A"},
}  # fmt: skip

SHAPES: dict[str, Callable[[Any], Any]] = {
    "alone": lambda value: value,
    "in an object": lambda value: {"by": value, "n": 1},
    "alone in an object": lambda value: {"by": value},
    "in an object of text": lambda value: {"by": value, "at": "noon"},
    "deep": lambda value: {"a": {"b": {"c": value}, "d": "x"}},
    "in a list": lambda value: [value],
    "in a list of objects": lambda value: [{"by": value, "at": "noon"}],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("late", LATE_VALUES)
def test_an_unused_column(form: str, shape: str, late: str, tmp_path: Path) -> None:
    rows = [{**row, "notes": SHAPES[shape](LATE_VALUES[late] if i >= LATE else None)} for i, row in enumerate(LINES)]
    (tmp_path / form).write_text(FORMS[form](rows))
    assert evaluate(str(tmp_path / form)).loss.mean == pytest.approx(EXPECTED, rel=1e-14)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("command", ["eval", "inspect", "explain", "diagnose"])
def test_a_column_without_any_value(form: str, command: str, tmp_path: Path) -> None:
    (tmp_path / form).write_text(FORMS[form]([{**row, "notes": None, "more": {"a": None}} for row in LINES[:8]]))
    done = run(command, tmp_path / form)
    assert done.code == 0, done.err


def test_scores_beside_a_member_without_values(tmp_path: Path) -> None:
    """An object of scores may carry a name that never has one."""
    rows = [{"y": ("cat", "dog")[row["y"]], "s": {"cat": 1 - row["p"], "dog": row["p"], "cow": None}} for row in LINES]
    (tmp_path / "x.jsonl").write_text(FORMS["x.jsonl"](rows))
    assert evaluate(str(tmp_path / "x.jsonl")).loss.mean == pytest.approx(EXPECTED, rel=1e-14)
    rows[-1]["s"] = {"cat": 0.5, "dog": 0.25, "cow": 0.25}
    (tmp_path / "x.jsonl").write_text(FORMS["x.jsonl"](rows))
    done = run("eval", tmp_path / "x.jsonl")
    assert (done.code, f"row {len(rows) - 1}" in done.err, "'cow'" in done.err) == (3, True, True), done.err


def test_labels_that_come_late_are_missing_before(tmp_path: Path) -> None:
    rows = [{"y": None if i < LATE else row["y"], "p": row["p"]} for i, row in enumerate(LINES)]
    (tmp_path / "x.jsonl").write_text(FORMS["x.jsonl"](rows))
    done = run(
        "eval", tmp_path / "x.jsonl", "--label", "y", "--pred", "p", "--positive", "1", "--invalid", "drop", "-q"
    )
    assert done.mean == pytest.approx(EXPECTED, rel=1e-14)
