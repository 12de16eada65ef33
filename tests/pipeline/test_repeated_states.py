"""States of the same rows count them twice: refused, whatever the files are called, unless they may be alike."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from running import run


def state(directory: Path, name: str, seed: int, *options: str, rows: int = 500, values: int = 10_000) -> Path:
    """The state of rows that ``seed`` makes, in a file of its own name and form."""
    rng = random.Random(seed)
    scores = [(1 + rng.randrange(values)) / (values + 2) for _ in range(rows)]
    found = [(score, int(rng.random() < score)) for score in scores]
    path = directory / f"{name}.{'jsonl' if name == 'json' else 'csv'}"
    if name == "json":
        path.write_text("".join(json.dumps({"p": p, "y": y}) + "\n" for p, y in found), encoding="utf-8")
    else:
        path.write_text("p,y\n" + "".join(f"{p!r},{y}\n" for p, y in found), encoding="utf-8")
    done = run("state", path, "-o", directory / f"{name}.state", *options)
    assert done.code == 0, done.err
    return directory / f"{name}.state"


@pytest.mark.parametrize("numbered", [False, True])
def test_the_same_rows_in_another_file_are_refused(numbered: bool, tmp_path: Path) -> None:
    said = [("--part", f"{k}/3") if numbered else () for k in (1, 2, 3)]
    a, b = state(tmp_path, "a", 1, *said[0]), state(tmp_path, "b", 2, *said[1])
    again = state(tmp_path, "again", 1, *said[2])
    done = run("merge", a, b, again)
    assert (done.code, done.out) == (3, "")
    assert "again.state: has the same rows, with the same scores, as " in done.err
    assert "a.state" in done.err.partition(" as ")[2]
    assert "name the state of each part once" in done.err
    # In stages, too.
    assert run("merge", a, b, "-o", tmp_path / "ab.state").code == 0
    done = run("merge", tmp_path / "ab.state", again)
    assert (done.code, "ab.state" in done.err) == (3, True), done.err
    assert run("merge", a, b, "-q").code == (3 if numbered else 0)  # a third part is missing


def test_the_same_rows_with_other_scores_or_labels_are_not(tmp_path: Path) -> None:
    """Two parts whose labels are all alike have one digest of their rows, and are two parts."""
    made = []
    for name, seed in (("a", 1), ("b", 2)):
        rng = random.Random(seed)
        path = tmp_path / f"{name}.csv"
        path.write_text("p,y\n" + "".join(f"{rng.random()!r},{k % 2}\n" for k in range(100)), encoding="utf-8")
        made.append(tmp_path / f"{name}.state")
        assert run("state", path, "-o", made[-1]).code == 0
    assert run("merge", *made, "-q").mean == pytest.approx(run("eval", tmp_path / "*.csv", "-q").mean, rel=1e-15)


def test_small_parts_and_those_of_few_scores_may_be_alike(tmp_path: Path) -> None:
    for rows, values in ((9, 10_000), (500, 9)):
        a, b = (state(tmp_path, name, 1, rows=rows, values=values) for name in "ab")
        assert run("merge", a, b, "-q").code == 0
    a, b = (state(tmp_path, name, 1, rows=500, values=12) for name in "ab")
    assert run("merge", a, b, "-q").code == 3


def test_sequences_are_known_again(tmp_path: Path) -> None:
    rng = random.Random(4)
    rows = "".join(f'{{"logprobs": [{-rng.random()}, {-rng.random()}]}}\n' for _ in range(30))
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text(rows, encoding="utf-8")
        assert run("state", tmp_path / f"{name}.jsonl", "-o", tmp_path / f"{name}.state").code == 0
    done = run("merge", tmp_path / "a.state", tmp_path / "b.state")
    assert (done.code, "the same rows" in done.err) == (3, True), done.err


def test_another_form_of_the_file_says_the_same(tmp_path: Path) -> None:
    a, b = state(tmp_path, "a", 1), state(tmp_path, "json", 1)
    done = run("merge", a, b)
    assert (done.code, "the same rows" in done.err) == (3, True), done.err
