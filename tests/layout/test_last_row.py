"""A last row of means or totals is refused, and the flag in the hint leaves it out; a row that is none is scored."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from celoss_cli import compare, evaluate, inspect
from celoss_cli.errors import InvalidLabels
from running import run, write


def scored(n: int) -> tuple[list[int], list[float]]:
    rng = np.random.default_rng(2)
    return rng.integers(2, size=n).tolist(), rng.uniform(0.05, 0.95, n).round(3).tolist()


def mean_of(labels: list[int], scores: list[float]) -> float:
    return -math.fsum(math.log(p if y else 1 - p) for y, p in zip(labels, scores, strict=True)) / len(labels)


@pytest.mark.parametrize("n", [24, 1700])
@pytest.mark.parametrize("name", ["mean", "Average", "Total", "", None])
@pytest.mark.parametrize("what", ["mean", "sum"])
def test_the_hint_leaves_the_row_out(tmp_path: Path, n: int, name: str | None, what: str) -> None:
    labels, scores = scored(n)
    if n > 1000 and what == "sum":
        return  # the label is no class, and said to be none
    label = f"{np.mean(labels):.4f}" if what == "mean" else str(sum(labels))
    score = f"{np.mean(scores):.4f}"
    ids = [] if name is None else [f"r{i}" for i in range(n)]
    header = "y_true,y_prob\n" if name is None else "id,y_true,y_prob\n"
    rows = [f"{y},{p}" for y, p in zip(labels, scores, strict=True)] + [f"{label},{score}"]
    if name is not None:
        rows = [f"{i},{row}" for i, row in zip([*ids, name], rows, strict=True)]
    write(tmp_path, {"f.csv": header + "\n".join(rows) + "\n"})
    path = tmp_path / "f.csv"
    done = run("eval", path, "-q")
    assert (done.code, "means or totals" in done.err) == (3, True), done.err
    flags = done.err.partition("hint: ")[2].split()[:2]
    assert run("eval", path, "-q", *flags).mean == pytest.approx(mean_of(labels, scores), rel=1e-12)
    with pytest.raises(InvalidLabels):
        compare(str(path), str(path))
    assert inspect(str(path)).error is not None


def test_without_a_label(tmp_path: Path) -> None:
    labels, scores = scored(20)
    rows = [f"{i},{['no', 'yes'][y]},{p},{1 - p:.3f}" for i, (y, p) in enumerate(zip(labels, scores, strict=True))]
    write(tmp_path, {"f.csv": "id,truth,yes,no\n" + "\n".join([*rows, "mean,,0.5,0.5"]) + "\n"})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert (done.code, "--invalid drop" in done.err) == (3, True), done.err
    result = evaluate(str(tmp_path / "f.csv"), invalid="drop")
    assert result.loss.mean == pytest.approx(mean_of(labels, scores), rel=1e-12)


def test_shares_and_classes_at_the_end_stay_what_they_are(tmp_path: Path) -> None:
    """Soft labels, a rare class in the last row, few rows, an id called like a summary elsewhere."""
    for text in (
        "y_true,y_prob\n0,.2\n1,.7\n0.3,.4\n0,.1\n0.325,.5\n",
        "id,y,a,b,c\n1,a,.7,.2,.1\n2,b,.2,.5,.3\n3,a,.3,.1,.6\n4,b,.3,.1,.6\n5,c,.2,.2,.6\n",
        "y_true,y_prob\n0,.2\n1,.7\n0.5,.4\n",
        "y,p_0,p_1,p_2\n0,.6,.2,.2\n1,.1,.8,.1\n1,.2,.7,.1\n0,.5,.2,.3\n2,.1,.2,.7\n",
        "id,y_true,y_prob\nall,0,.2\nsum,1,.7\nmean,0,.4\nmean,1,.4\n",
    ):
        write(tmp_path, {"f.csv": text})
        done = run("eval", tmp_path / "f.csv", "-q")
        assert done.code == 0, (text, done.err)


def test_a_row_that_is_called_mean_is_none_in_the_shortest_file(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("id,y,p\n1,1,.5\n2,0,.3\nmean,0.5,.4\n")
    with pytest.raises(InvalidLabels, match="'mean'"):
        evaluate(str(tmp_path / "f.csv"), input="probs")
