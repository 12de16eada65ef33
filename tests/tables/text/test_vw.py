"""Vowpal Wabbit: scores with a tag, which is an id, and the groups of lines of ``--csoaa_ldf``.

GROUPS, COSTS and HARD are what vowpalwabbit 9.11.9 wrote (``-p``, ``-r``); their truth is of the examples it read.
"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from celoss_cli import evaluate
from running import run, write

GROUPS = """0.333333 ex0
0.333333 ex0
0.333333 ex0

0.272150 ex1
0.457875 ex1
0.269974 ex1

0.282567 ex2
0.436595 ex2
0.280838 ex2

0.266554 ex3
0.524750 ex3
0.208696 ex3


"""

TRUTH = (2, 1, 0, 1)

BY_ID = "id,label\n" + "".join(f"ex{i},{TRUTH[i] + 1}\n" for i in reversed(range(4)))

BY_PLACE = "".join(f"{truth}\n" for truth in TRUTH)

MEAN = -math.fsum(map(math.log, (0.333333, 0.457875, 0.282567, 0.524750))) / 4

RAW = "1:0 ex0\n2:0 ex0\n3:0 ex0\n1:0.656206 ex1\n2:-0.301085 ex1\n3:0.668371 ex1\n"

RANKED = "1:0,2:0,3:0 ex0\n\n2:-0.301085,1:0.656206,3:0.668371 ex1\n\n"

HARD = "0 ex0\n0 ex0\n3 ex0\n\n0 ex1\n2 ex1\n0 ex1\n\n1 ex2\n0 ex2\n0 ex2\n\n0 ex3\n2 ex3\n0 ex3\n\n"


def bare(text: str) -> str:
    return "".join(line.partition(" ")[0] + "\n" for line in text.split("\n")[:-1])


@pytest.mark.parametrize("groups", [GROUPS, GROUPS.replace("\n", "\r\n"), GROUPS.rstrip("\n")])
def test_groups_are_paired_by_their_tag(groups: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": groups.encode(), "y.csv": BY_ID})
    assert run("eval", tmp_path / "p.txt", tmp_path / "y.csv", "-q").mean == pytest.approx(MEAN, rel=1e-14)


@pytest.mark.parametrize("groups", [GROUPS, bare(GROUPS)])
def test_groups_in_the_order_of_the_labels(groups: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": groups, "y.txt": BY_PLACE})
    found = evaluate(tmp_path / "p.txt", tmp_path / "y.txt")
    assert (found.counts.rows, found.loss.mean) == (4, pytest.approx(MEAN, rel=1e-14))


def test_a_tag_that_is_no_id_of_the_labels_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": GROUPS, "y.csv": BY_ID.replace("ex3", "ex9")})
    found = run("eval", tmp_path / "p.txt", tmp_path / "y.csv")
    assert (found.code, "'ex3' is not in" in found.err) == (3, True), found.err


@pytest.mark.parametrize("groups", [GROUPS, bare(GROUPS)])
def test_a_group_without_one_of_its_lines_is_refused(groups: str, tmp_path: Path) -> None:
    lines = groups.split("\n")
    del lines[5]
    if " " not in groups:
        lines[4] = "0.730025"  # still sums to 1: another example has more classes
    write(tmp_path, {"p.txt": "\n".join(lines), "y.txt": BY_PLACE})
    found = run("eval", tmp_path / "p.txt", tmp_path / "y.txt")
    assert (found.code, "row 1 (line 5): has 2 scores, not 3" in found.err) == (3, True), found.err


@pytest.mark.parametrize(("text", "what"), [(RAW, "costs"), (RANKED, "costs"), (HARD, "holds the predicted class")])
def test_what_is_no_probability_is_refused(text: str, what: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": text, "y.txt": BY_PLACE})
    found = run("eval", tmp_path / "p.txt", tmp_path / "y.txt")
    assert (found.code, what in found.err, "--probabilities" in found.err) == (3, True, True), found.err


def test_a_blank_line_between_rows_makes_no_groups(tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": "0.9\n0.2\n\n0.6\n0.3\n", "y.txt": "1\n0\n1\n1\n"})
    mean = -math.fsum(map(math.log, (0.9, 0.8, 0.6, 0.3))) / 4
    assert run("eval", tmp_path / "p.txt", tmp_path / "y.txt", "-q").mean == pytest.approx(mean, rel=1e-14)


@pytest.mark.parametrize("tags", [("ex1", "ex2", "ex3", "ex4"), ("101", "102", "103", "104")])
@pytest.mark.parametrize("several", [False, True])
def test_tags_of_lines_are_ids(tags: tuple[str, ...], several: bool, tmp_path: Path) -> None:
    scores, truth = (0.91, 0.2, 0.6, 0.3), (1, 0, 1, 1)
    lines = [f"1:{1 - p:.2f} 2:{p} {tag}" if several else f"{p} {tag}" for p, tag in zip(scores, tags, strict=True)]
    labels = [f"{tag},{label + several}" for tag, label in zip(tags, truth, strict=True)]
    write(tmp_path, {"p.txt": "\n".join(lines) + "\n", "y.csv": "id,label\n" + "\n".join(reversed(labels)) + "\n"})
    mean = -math.fsum(map(math.log, (0.91, 0.8, 0.6, 0.3))) / 4
    assert run("eval", tmp_path / "p.txt", tmp_path / "y.csv", "-q").mean == pytest.approx(mean, rel=1e-14)
    write(tmp_path, {"y.csv": "id,label\n" + "\n".join(labels).replace(tags[2], "other") + "\n"})
    assert run("eval", tmp_path / "p.txt", tmp_path / "y.csv").code == 3


def test_lines_of_which_only_some_have_a_tag(tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": "0.91 ex1\n0.2\n0.6 ex3\n0.3\n", "y.txt": "1\n0\n1\n1\n"})
    mean = -math.fsum(map(math.log, (0.91, 0.8, 0.6, 0.3))) / 4
    assert run("eval", tmp_path / "p.txt", tmp_path / "y.txt", "-q").mean == pytest.approx(mean, rel=1e-14)


def test_a_line_that_is_no_score(tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": GROUPS.replace("0.282567", "oops")})
    found = run("inspect", tmp_path / "p.txt", "--file-format", "vw")
    assert (found.code, "row 2 (line 9): is no score" in found.err) == (3, True), found.err
