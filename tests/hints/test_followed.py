"""Every hint is followed, literally, on the file that provoked it: it ends in the right number or in a better hint."""

from __future__ import annotations

import ast
import math
import shlex
from pathlib import Path

import pytest

from celoss_cli.cli import boundary
from hints import cases, rare_cases, sequence_cases
from hints.following import COMMANDS, Known, ends_well
from running import run, write

SOURCE = Path(__file__).resolve().parents[2] / "src" / "celoss_cli"

CASES = {**cases.CASES, **rare_cases.CASES, **sequence_cases.CASES}

NOT_OF_DATA = {"UsageError", "Defect"}

NAMES_FLAGS = ("--", "flag", "way_out", "_AGAIN", "conditions")
"""What a hint that names a flag holds, as the source writes it."""


@pytest.mark.parametrize("name", CASES)
def test_a_hint_ends_in_the_right_number_or_in_a_better_hint(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    write(tmp_path, case.files)
    assert not ends_well(tmp_path, shlex.split(case.command), Known(case.right, case.values, case.untrue))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.code])
def test_the_file_provokes_what_it_is_meant_to(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[str] = []
    monkeypatch.setattr(boundary, "_told", lambda error: codes.append(error.code) or error.exit_code)
    case = CASES[name]
    write(tmp_path, case.files)
    words = shlex.split(case.command)
    words = words if words[0] in COMMANDS else ["eval", *words]
    run(*(str(tmp_path / word) if word.endswith(".json") or word in case.files else word for word in words), "-q")
    assert codes == [case.code]


def test_the_hint_about_several_sheets(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for sheet, p in ((book.active, 0.25), (book.create_sheet("later"), 0.5)):
        for row in (("y_true", "prob"), (1, p), (0, 1.0 - p), (1, p)):
            sheet.append(row)
    book.active.title = "first scores"
    book.save(tmp_path / "f.xlsx")
    assert not ends_well(tmp_path, ["f.xlsx"], Known({"": math.log(4.0)}, {}))


NOT_FOLLOWED = {
    "calibration_columns": "of celoss calibrate, which prints no loss: tests/calibrate/test_apply.py",
    "one_line_json": "of celoss calibrate, which prints no loss: tests/calibrate/test_apply_forms.py",
    "calibration_labels": "likewise: tests/calibrate/test_fit.py",
    "calibration_no_fit": "likewise: tests/calibrate/test_fit.py",
    "cluster_unreachable": "needs a cluster that is not there: tests/pipeline/test_dask_failures.py",
    "index_mismatch": "only objects in memory have an index: tests/api/test_beside.py",
    "manifest_column": "of celoss batch, and of its manifest: tests/batch/test_manifest.py",
    "no_groups": "of celoss batch, which makes several evaluations: tests/batch/test_run.py",
    "no_reference": "of celoss history, whose gate has no run to judge by: tests/history/test_history.py",
    "no_runs": "of celoss history, which reads no predictions: tests/history/test_history.py",
    "no_memory": "no file says how much memory there is: tests/cli/test_accidents.py",
    "plan_not_followed": "of celoss state, which prints no loss: tests/pipeline/test_states.py",
    "state_damaged": "of celoss merge, of a file to be made again: tests/pipeline/test_states.py",
    "repeated_ids": "under --strict alone, where --allow settles it: tests/pipeline/test_repeated_sequences.py",
    "several_tables": "its forms need extras: the sheets above",
    "too_many_groups": "likewise of celoss batch: tests/batch/test_run.py",
    "uncounted": "of --engine dask, and a file that cannot be cut up: tests/tables/test_stretches.py",
    "unknown_table": "likewise: tests/tables/forms/test_tables.py",
    "unparsable": "what pyarrow refuses and our own look at the same bytes does not explain: no such file is known",
    "unsettled": "rows that contradict each of four readings in turn: no such file is known any more",
}
"""Codes whose hint names a flag and that no file above provokes, with the reason."""


def codes_with_flags() -> set[str]:
    """The codes of bad data whose hint names a flag, or is made of what does, as the source has them."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or (isinstance(node.func, ast.Name) and node.func.id in NOT_OF_DATA):
                continue
            said = {word.arg: word.value for word in node.keywords}
            if isinstance(code := said.get("code"), ast.Constant) and "hint" in said:
                hint = ast.unparse(said["hint"])
                if any(word in hint for word in NAMES_FLAGS):
                    found.add(str(code.value))
    return found


def test_every_code_whose_hint_names_a_flag_has_a_file() -> None:
    followed = {case.code for case in CASES.values()}
    assert codes_with_flags() - followed == set(NOT_FOLLOWED)
