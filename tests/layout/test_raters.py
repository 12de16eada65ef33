"""Votes of several raters are named as such, and never one of them taken for the truth in silence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from celoss_cli import inspect
from running import run, write

NAMES = ("cat", "dog", "owl")


def rows(n: int = 24) -> tuple[list[list[float]], list[list[str]]]:
    rng = np.random.default_rng(0)
    scores = rng.dirichlet(np.ones(3), n).round(4)
    return scores.tolist(), [[NAMES[i] for i in rng.choice(3, size=3)] for _ in range(n)]


SCORES, VOTES = rows()


@pytest.mark.parametrize(
    "columns", ["rater1,rater2,rater3", "annotator_a,annotator_b,annotator_c", "label_1,label_2,label_3", "y1,y2,y3"]
)
@pytest.mark.parametrize("beside", [True, False])
def test_a_column_for_each_rater(tmp_path: Path, columns: str, beside: bool) -> None:
    scores = [",".join(map(str, row)) for row in SCORES]
    votes = [",".join(row) for row in VOTES]
    if beside:
        files = {"f.csv": f"id,cat,dog,owl,{columns}\n" + "".join(
            f"{i},{p},{v}\n" for i, (p, v) in enumerate(zip(scores, votes, strict=True)))}  # fmt: skip
    else:
        files = {
            "p.csv": "id,cat,dog,owl\n" + "".join(f"{i},{p}\n" for i, p in enumerate(scores)),
            "l.csv": f"id,{columns}\n" + "".join(f"{i},{v}\n" for i, v in enumerate(votes)),
        }
    write(tmp_path, dict(files))
    paths = [tmp_path / name for name in files]
    done = run("eval", *paths, "-q")
    first = columns.split(",")[0]
    assert (done.code, "several raters" in done.err, f"--label {first}" in done.err) == (3, True, True), done.err
    wanted = -np.mean([np.log(p[NAMES.index(v[0])]) for p, v in zip(SCORES, VOTES, strict=True)])
    assert run("eval", *paths, "-q", "--label", first).mean == pytest.approx(wanted, rel=1e-12)
    assert inspect(*(str(path) for path in paths)).error is not None


def test_votes_of_0_and_1(tmp_path: Path) -> None:
    cells = [
        f"{i},{p[0]},{int(v[0] == 'cat')},{int(v[1] == 'cat')}\n"
        for i, (p, v) in enumerate(zip(SCORES, VOTES, strict=True))
    ]
    lines = "".join(cells)
    write(tmp_path, {"f.csv": "id,prob,expert_1,expert_2\n" + lines})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert (done.code, "several raters" in done.err) == (3, True), done.err
    write(tmp_path, {"f.csv": "id,prob,expert_1,truth\n" + lines})
    assert run("eval", tmp_path / "f.csv", "-q").code == 0  # the truth is there


@pytest.mark.parametrize("form", ["a|b", "a; b", "['a', 'b']", "jsonl"])
def test_several_names_in_a_cell(tmp_path: Path, form: str) -> None:
    if form == "jsonl":
        records = [{"id": i, **dict(zip(NAMES, p, strict=True)), "labels": v}
                   for i, (p, v) in enumerate(zip(SCORES, VOTES, strict=True))]  # fmt: skip
        write(tmp_path, {"f.jsonl": "\n".join(map(json.dumps, records)) + "\n"})
    else:
        cells = {"a|b": "|".join, "a; b": "; ".join, "['a', 'b']": lambda votes: f'"{list(votes)!r}"'}[form]
        lines = [f"{i},{','.join(map(str, p))},{cells(v)}" for i, (p, v) in enumerate(zip(SCORES, VOTES, strict=True))]
        write(tmp_path, {"f.csv": "id,cat,dog,owl,labels\n" + "\n".join(lines) + "\n"})
    done = run("eval", next(tmp_path.iterdir()), "-q")
    assert (done.code, "several names in a cell" in done.err) == (3, True), done.err


@pytest.mark.parametrize(
    "text",
    [
        "y,cat,dog\ncat,.7,.3\ndog,.2,.8\ncat,.6,.4\n",
        "label_cat,label_dog,prob_cat,prob_dog\n1,0,.7,.3\n0,1,.2,.8\n1,0,.6,.4\n",
        "y,a/b,c\na/b,.7,.3\nc,.2,.8\na/b,.6,.4\n",  # a class with a separator in its name
        "y_true,prob_1,prob_2\n1,.7,.3\n2,.2,.8\n1,.6,.4\n",
    ],
)
def test_ordinary_labels_are_no_votes(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"f.csv": text})
    assert run("eval", tmp_path / "f.csv", "-q").code == 0
