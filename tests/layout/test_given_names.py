"""A column whose own name holds commas: given once it is that column, and ``inspect`` prints a command that runs."""

from __future__ import annotations

import math
import shlex
from pathlib import Path

import pytest

import celoss_cli
from running import run, write

LOSS = -(math.log(0.8) + math.log(0.7) + math.log(0.6) + math.log(0.9)) / 4
COMMA = '"y, true",p_a,p_b\na,0.8,0.2\nb,0.3,0.7\na,0.6,0.4\nb,0.1,0.9\n'
PREDICTIONS = '"doc, id",p_a,p_b\n1,0.8,0.2\n2,0.3,0.7\n3,0.6,0.4\n4,0.1,0.9\n'
LABELS = '"doc, id",label\n4,b\n3,a\n2,b\n1,a\n'


@pytest.mark.parametrize("given", [["y, true"], ["y, true", "y, true"], ["y,true"]])
def test_a_label_column_with_a_comma(given: list[str], tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": COMMA})
    done = run("eval", tmp_path / "f.csv", "-q", "--strict", *(word for name in given for word in ("--label", name)))
    assert done.mean == pytest.approx(LOSS)
    assert celoss_cli.evaluate(tmp_path / "f.csv", label=given[0]).loss.mean == pytest.approx(LOSS)


def test_an_id_column_with_a_comma(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": PREDICTIONS, "l.csv": LABELS})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--strict", "--id", "doc, id")
    assert done.mean == pytest.approx(LOSS)


def test_a_score_column_with_a_comma(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": '"P(a, b)",c,y\n0.8,0.3,1\n0.3,0.2,0\n'})
    done = run("eval", tmp_path / "f.csv", "-q", "--pred", "P(a, b)", "--positive", "1")
    assert done.mean == pytest.approx(-(math.log(0.8) + math.log(0.7)) / 2)


@pytest.mark.parametrize("name", ["y, true", "y,", "y,true", ",", "a,,b"])
def test_the_command_of_inspect_names_it_and_runs(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": COMMA.replace("y, true", name)})
    shown = run("inspect", tmp_path / "f.csv", "--label", name, "--label", name)
    command = shlex.split(shown.out.splitlines()[-1])
    assert command.count("--label") == (1 if name in ("y, true", "y,true") else 2)
    assert run(*command[1:], "-q").mean == pytest.approx(LOSS)


def test_the_command_of_inspect_names_an_id_once(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": PREDICTIONS, "l.csv": LABELS})
    command = shlex.split(run("inspect", tmp_path / "p.csv", tmp_path / "l.csv").out.splitlines()[-1])
    assert command.count("--id") == 1
    assert run(*command[1:], "-q").mean == pytest.approx(LOSS)


def test_names_that_are_all_columns_stay_several(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": 'a,b,"a,b",y\n0.8,0.2,7,a\n0.3,0.7,8,b\n0.6,0.4,9,a\n0.1,0.9,5,b\n'})
    assert run("eval", tmp_path / "f.csv", "-q", "--pred", "a,b").mean == pytest.approx(LOSS)


def test_a_name_that_is_no_column_is_still_said(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": COMMA})
    refused = run("eval", tmp_path / "f.csv", "-q", "--label", "y,false")
    assert refused.code == 3
    assert "there is no column 'y'" in refused.err


@pytest.mark.parametrize("command", ["compare", "diagnose", "explain"])
def test_other_commands_take_it_too(command: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": COMMA, "g.csv": COMMA.replace("0.6,0.4", "0.7,0.3")})
    files = ["f.csv", "g.csv"] if command == "compare" else ["f.csv"]
    done = run(command, *(tmp_path / name for name in files), "--label", "y, true")
    assert done.code == 0, done.err
