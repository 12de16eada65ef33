"""examples/train_and_evaluate.py runs, and shows what its README says it shows."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import celoss_cli

pytest.importorskip("sklearn")

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
LINE = re.compile(
    r"^ *(\d+) +([\d.]+) +([\d.]+) +([\d.]+) +(-?[\d.]+)% +([\d.]+)% +([\d.]+) +[█▏▎▍▌▋▊▉▶]+ *(\w*)$", re.M
)


@dataclass(frozen=True)
class Point:
    """One line of the table."""

    epoch: int
    training: float
    held_out: float
    mark: str


def curve(printed: str) -> list[Point]:
    """The table that the example prints."""
    return [Point(int(m[1]), float(m[2]), float(m[3]), m[8]) for m in LINE.finditer(printed)]


def gradient_difference(printed: str) -> float:
    """What the example says about its gradient."""
    (found,) = re.findall(r"^gradient agrees with celoss to (\S+)$", printed, re.MULTILINE)
    return float(found)


def run_example(*arguments: object) -> str:
    """What the example prints."""
    command = [sys.executable, str(EXAMPLES / "train_and_evaluate.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def full_run() -> str:
    return run_example()


@pytest.mark.parametrize("form", ["parquet", "csv", "npy"])
def test_a_short_run_learns_and_leaves_files_that_celoss_reads(form: str, tmp_path: Path) -> None:
    printed = run_example("--epochs", 4, "--out", tmp_path / "out", "--format", form)
    points = curve(printed)
    assert [point.epoch for point in points] == [0, 1, 2, 3, 4]
    training = [point.training for point in points]
    assert training == sorted(training, reverse=True)
    assert training[0] == 2.3026  # ln 10: it knows nothing
    assert gradient_difference(printed) <= 1e-12
    files = sorted((tmp_path / "out").glob("epoch_0004_held_out[._]*"))
    predictions = [file for file in files if "losses" not in file.name and "labels" not in file.name]
    labels = [file for file in files if "labels" in file.name]
    evaluation = celoss_cli.evaluate(*predictions, *labels, input="logits")
    assert round(evaluation.loss.mean, 4) == points[-1].held_out


def test_the_held_out_loss_falls_and_rises_while_the_training_loss_falls(full_run: str) -> None:
    points = curve(full_run)
    training = [point.training for point in points]
    held_out = [point.held_out for point in points]
    assert training == sorted(training, reverse=True)
    lowest = held_out.index(min(held_out))
    assert 0 < lowest < len(points) - 1
    assert held_out[-1] > 1.05 * held_out[lowest]
    marks = {point.mark: number for number, point in enumerate(points) if point.mark}
    assert marks["lowest"] == lowest
    assert marks["enough"] < lowest
    assert "over-fitting" in full_run
    assert gradient_difference(full_run) <= 1e-12


def test_the_readme_shows_what_it_prints(full_run: str) -> None:
    """In words exactly, in numbers nearly: each BLAS adds in an order of its own, and training amplifies that."""
    (shown,) = re.findall(r"```text\n(.*?)```", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert [point.epoch for point in curve(shown)] == [point.epoch for point in curve(full_run)]
    for then, now in zip(curve(shown), curve(full_run), strict=True):
        assert now.held_out == pytest.approx(then.held_out, rel=0.02)
        assert now.training == pytest.approx(then.training, rel=0.05)
    assert words(shown) == words(full_run)


def words(text: str) -> str:
    """The text without its numbers, its bars and how it is laid out."""
    return " ".join(re.sub(r"-?[\d.,e-]*\d[\d%.]*|[█▏▎▍▌▋▊▉▶]+", "#", text).split())


def test_wrong_arguments_are_refused() -> None:
    command = [sys.executable, str(EXAMPLES / "train_and_evaluate.py"), "--epochs", "0"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 2
    assert "at least 1" in done.stderr
