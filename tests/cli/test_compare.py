"""``celoss compare`` at the command line: exit codes, forms, and what goes to which stream."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import celoss_cli
from running import SCRIPT, run

GOOD, BAD = (f"label,p\n{rows * 40}0,.2\n1,.45\n" for rows in ("0,.1\n1,.9\n", "0,.4\n1,.6\n"))


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "bad.csv").write_text(BAD)
    return tmp_path / "good.csv", tmp_path / "bad.csv"


def test_the_gate(files: tuple[Path, Path]) -> None:
    good, bad = files
    assert run("compare", good, bad).code == 0
    assert run("compare", bad, good, "--max-regression", 0).code == 0
    assert run("compare", good, good, "--max-regression", 0).code == 0
    failed = run("compare", good, bad, "--max-regression", "0.01", "--format", "json")
    assert failed.code == 1
    assert json.loads(failed.out)["verdict"]["outcome"] == "worse"
    assert "gate failed: worse" in failed.err
    assert run("compare", good, bad, "--max-regression", "1000%").code == 0


def test_each_input_can_be_standard_input(tmp_path: Path) -> None:
    whole = [line.split(",") for line in GOOD.splitlines()]
    contents = {
        "baseline.csv": "p\n" + "".join(f"{p}\n" for _, p in whole[1:]),
        "candidate.csv": "p\n" + "".join(f"{line.split(',')[1]}\n" for line in BAD.splitlines()[1:]),
        "labels.csv": "label\n" + "".join(f"{label}\n" for label, _ in whole[1:]),
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    expected = run("compare", *(tmp_path / name for name in contents), "-q")
    assert float(expected.out) > 0
    for piped, content in contents.items():
        given = ["-" if name == piped else str(tmp_path / name) for name in contents]
        command = [SCRIPT, "compare", *given, "--file-format", "csv", "-q"]
        done = subprocess.run(command, input=content, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, expected.out), done.stderr
    for given in (["-", "-", str(tmp_path / "labels.csv")], ["-", str(tmp_path / "candidate.csv"), "-"]):
        command = [SCRIPT, "compare", *given, "--file-format", "csv", "-q"]
        done = subprocess.run(command, input="p\n", capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: standard input is named twice")


def test_the_form_of_standard_input_is_not_that_of_the_files(files: tuple[Path, Path]) -> None:
    good, bad = files
    rows = [line.split(",") for line in GOOD.splitlines()[1:]]
    content = "".join(json.dumps({"label": label, "p": float(p)}) + "\n" for label, p in rows)
    command = [SCRIPT, "compare", "-", str(bad), "--file-format", "jsonl", "-q"]
    done = subprocess.run(command, input=content, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, run("compare", good, bad, "-q").out), done.stderr


def test_an_inconclusive_comparison_fails_unless_it_may_pass(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,p\n0,.1\n1,.9\n0,.4\n1,.6\n0,.3\n")
    (tmp_path / "b.csv").write_text("label,p\n0,.4\n1,.6\n0,.1\n1,.9\n0,.3\n")
    command = ("compare", tmp_path / "a.csv", tmp_path / "b.csv", "--max-regression", "0.01")
    assert run(*command).code == 1
    assert "not enough rows to tell" in run(*command).out
    assert run(*command, "--inconclusive", "pass").code == 0
    assert run(*command, "--inconclusive", "perhaps").code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--confidence", "1"),
        ("--bootstrap", "5"),
        ("--max-regression", "-1"),
        ("--max-regression", "lots"),
        ("-q", "--format", "json"),
        ("--top", "-1"),
        ("--top", "1", "--top", "2"),
        ("--inconclusive", "fail"),
        ("--seed", "0"),
        ("--nonsense",),
    ],
)
def test_bad_options_are_usage(files: tuple[Path, Path], arguments: tuple[str, ...]) -> None:
    assert run("compare", *files, *arguments).code == 2


def test_bad_data_is_never_a_failed_gate(files: tuple[Path, Path], tmp_path: Path) -> None:
    good, _ = files
    (tmp_path / "short.csv").write_text("label,p\n0,.1\n1,.9\n")
    for other in (tmp_path / "short.csv", tmp_path / "none.csv"):
        for order in ((good, other), (other, good)):
            found = run("compare", *order, "--max-regression", "100")
            assert (found.code, found.out) == (3, "")
    assert run("compare", "-", "-").code == 2


def test_json_has_what_the_contract_names(files: tuple[Path, Path]) -> None:
    document = json.loads(run("compare", *files, "--format", "json").out)
    assert document["schema"] == "celoss.comparison"
    assert document["schema_version"].startswith("1.")
    assert {"mean", "sum", "standard_error", "ci95", "unit", "denominator"} <= document["baseline"].keys()
    assert document["candidate"].keys() == document["baseline"].keys()
    assert {"mean", "standard_error", "ci95", "p_value"} <= document["difference"].keys()
    assert {"won", "lost", "tied"} <= document["rows"].keys()
    assert [row["class"] for row in document["per_class"]] == ["0", "1"]
    assert document["verdict"]["passed"] is None
    assert document["difference"]["mean"] > 0


def test_quiet_is_the_difference_alone(files: tuple[Path, Path]) -> None:
    found = run("compare", *files, "-q")
    difference = celoss_cli.compare(str(files[0]), str(files[1])).difference
    assert found.out == f"{difference.mean:.17g}\n"
    assert float(found.out) == difference.mean


def test_csv_is_the_class_table(files: tuple[Path, Path]) -> None:
    rows = list(csv.DictReader(io.StringIO(run("compare", *files, "--format", "csv").out)))
    frame = celoss_cli.compare(str(files[0]), str(files[1])).per_class_frame()
    assert [row["class"] for row in rows] == frame["class"].tolist()
    assert [float(row["difference"]) for row in rows] == frame["difference"].tolist()


def test_names_from_files_are_made_safe(tmp_path: Path) -> None:
    content = "label,p_=cmd\x1b,p_ok\n" + "=cmd\x1b,.4,.6\nok,.3,.7\n" * 30
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(content)
    command = ("compare", tmp_path / "a.csv", tmp_path / "b.csv")
    assert "\x1b" not in run(*command).out
    assert run(*command, "--format", "csv").out.splitlines()[1].startswith("'=cmd")


def test_a_narrow_terminal_loses_nothing(files: tuple[Path, Path]) -> None:
    from celoss_cli.render.comparison import table as comparison_table

    found = celoss_cli.compare(str(files[0]), str(files[1]), max_regression=0.01)
    for width in (20, 40, 79, 200):
        shown = comparison_table.render(found, width=width)
        assert "40" in shown
        assert "FAIL" in shown
    assert "−" not in comparison_table.render(found, encoding="ascii")


def test_aligned_files_need_no_pandas(files: tuple[Path, Path]) -> None:
    program = (
        "import sys; from celoss_cli.cli.app import app; from celoss_cli.cli.boundary import exit_code_of;"
        "code = exit_code_of(app, ['compare', *sys.argv[1:], '-q']);"
        "sys.exit(code or ('pandas' in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, files)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_installed_script(files: tuple[Path, Path]) -> None:
    command = [SCRIPT, "compare", *map(str, files), "--max-regression", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "worse" in done.stdout
