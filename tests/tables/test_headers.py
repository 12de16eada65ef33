"""Whether a file has a header, said of both files or of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from celoss_cli import evaluate
from running import run, write

LABELS = ["b", "a", "c", "b"]

PROBS = [[0.2, 0.7, 0.1], [0.55, 0.25, 0.2], [0.125, 0.375, 0.5], [0.05, 0.9, 0.05]]

EXPECTED = -float(np.mean([np.log(row["abc".index(label)]) for row, label in zip(PROBS, LABELS, strict=True)]))

NAMED = "a,b,c\n" + "".join(",".join(map(str, row)) + "\n" for row in PROBS)

BARE = "b\na\nc\nb\n"


def test_the_label_file_alone_has_none(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": NAMED, "y.txt": BARE.replace("b\na", "d\nb\na", 1)})
    files = (tmp_path / "p.csv", tmp_path / "y.txt")
    assert run("eval", *files, "-q").mean == pytest.approx(EXPECTED, rel=1e-14)  # d is taken for a name
    write(tmp_path, {"y.txt": BARE})
    assert run("eval", *files, "--labels-no-header", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)
    assert evaluate(*map(str, files), labels_header=False).loss.mean == pytest.approx(EXPECTED, rel=1e-14)
    for command in ("inspect", "explain"):
        assert run(command, *files, "--labels-no-header").code == 0
    assert run("compare", files[0], files[0], files[1], "--labels-no-header").code == 0


def test_the_label_file_alone_has_one(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": NAMED.split("\n", 1)[1], "y.csv": "1\n0\n2\n1\n", "z.csv": "7\n1\n0\n2\n1\n"})
    given = ("--no-header", "-q")
    assert run("eval", tmp_path / "p.csv", tmp_path / "y.csv", *given).mean == pytest.approx(EXPECTED, rel=1e-14)
    assert run("eval", tmp_path / "p.csv", tmp_path / "z.csv", *given).code == 3
    found = run("eval", tmp_path / "p.csv", tmp_path / "z.csv", *given, "--labels-header")
    assert found.mean == pytest.approx(EXPECTED, rel=1e-14)


def test_what_is_said_of_a_header_names_the_flag_of_its_file(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": NAMED, "y.csv": "b\n"})
    assert "pass --labels-no-header" in run("eval", tmp_path / "p.csv", tmp_path / "y.csv").err
    assert "pass --no-header" in run("eval", tmp_path / "y.csv").err


def test_inspect_pins_each_file(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": NAMED, "y.txt": "b\na\nb\nc\n"})
    files = (tmp_path / "p.csv", tmp_path / "y.txt")
    shown = run("inspect", *files, "--labels-no-header", "--format", "json").out
    assert "--header --labels-no-header" in shown
