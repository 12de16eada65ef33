"""Ids of which a file does not tell the name pair the rows; what only looks like ids does not."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from celoss_cli import evaluate, inspect
from celoss_cli.errors import MisalignedData
from running import run, write

N = 30


def columns(kind: str) -> tuple[list[str], list[float], list[int]]:
    """Ids in no order of their own, scores and labels."""
    rng = np.random.default_rng(3)
    numbers = rng.permutation(500)[:N]
    names = [f"k{i}" for i in numbers] if kind == "text" else [str(i) for i in numbers]
    return names, rng.uniform(0.05, 0.95, N).round(3).tolist(), rng.integers(2, size=N).tolist()


def mean_of(scores: list[float], labels: list[int]) -> float:
    return -math.fsum(math.log(p if y else 1 - p) for p, y in zip(scores, labels, strict=True)) / len(scores)


@pytest.mark.parametrize("kind", ["text", "numbers"])
@pytest.mark.parametrize(("header", "other"), [("", "id,y\n"), ("", ""), ("key,prob\n", ""), ("", "name,label\n")])
@pytest.mark.parametrize("last", [False, True])
def test_ids_pair_whether_a_file_names_them_or_not(
    tmp_path: Path, kind: str, header: str, other: str, last: bool
) -> None:
    names, scores, labels = columns(kind)
    order = np.random.default_rng(4).permutation(N).tolist()
    swap = last and not header  # the id behind the score
    predictions = header + "".join(
        f"{scores[i]},{names[i]}\n" if swap else f"{names[i]},{scores[i]}\n" for i in range(N)
    )
    write(tmp_path, {"p.csv": predictions, "l.csv": other + "".join(f"{names[i]},{labels[i]}\n" for i in order)})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--input", "probs", "--strict")
    assert done.mean == pytest.approx(mean_of(scores, labels), rel=1e-12)
    found = inspect(str(tmp_path / "p.csv"), str(tmp_path / "l.csv"))
    assert found.command is not None
    again = run(*found.command.split()[1:], "-q")
    assert again.mean == pytest.approx(mean_of(scores, labels), rel=1e-12)


def test_ids_far_down_the_labels_are_found(tmp_path: Path) -> None:
    n = 3000
    rng = np.random.default_rng(5)
    scores, labels = rng.uniform(0.05, 0.95, n).round(3).tolist(), rng.integers(2, size=n).tolist()
    predictions = "".join(f"a{i},{scores[i]}\n" for i in range(n))
    write(tmp_path, {"p.csv": predictions, "l.csv": "id,y\n" + "".join(f"a{i},{labels[i]}\n" for i in range(n)[::-1])})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--input", "probs")
    assert done.mean == pytest.approx(mean_of(scores, labels), rel=1e-12)


def test_ids_that_only_one_file_has_are_refused(tmp_path: Path) -> None:
    names, scores, labels = columns("text")
    write(tmp_path, {"p.csv": "".join(f"{a},{b}\n" for a, b in zip(names, scores, strict=True)),
                     "l.csv": "id,y\n" + "".join(f"{a},{b}\n" for a, b in zip(names[1:], labels[1:],
                                                                                strict=True))})  # fmt: skip
    with pytest.raises(MisalignedData, match=names[0]):
        evaluate(str(tmp_path / "p.csv"), str(tmp_path / "l.csv"), input="probs")


def test_what_is_no_id_pairs_nothing(tmp_path: Path) -> None:
    """Row numbers, few classes that happen to differ, names that the other file does not have."""
    wanted = pytest.approx(mean_of([0.9, 0.2, 0.7], [1, 0, 1]), rel=1e-12)
    for predictions, labels in (
        ("0,.9\n1,.2\n2,.7\n", "id,y\n0,1\n1,0\n2,1\n"),
        ("a,.9\nb,.2\nc,.7\n", "who,y\nx,1\ny,0\nz,1\n"),
    ):
        write(tmp_path, {"p.csv": predictions, "l.csv": labels})
        done = run(
            "eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--pred", "1", "--label", "y", "--input", "probs"
        )
        assert done.mean == wanted
    write(tmp_path, {"p.csv": "0,.9,.05,.05\n1,.1,.8,.1\n2,.2,.1,.7\n", "l.csv": "0,5\n2,5\n1,5\n"})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--pred", "1,2,3", "--label", "0")
    assert done.mean == pytest.approx(-(math.log(0.9) + math.log(0.1) + math.log(0.1)) / 3, rel=1e-12)


def test_tags_behind_the_scores_are_ids(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    scores = rng.dirichlet(np.ones(3), N).round(4)
    labels = rng.integers(1, 4, size=N)
    lines = "".join(
        " ".join(f"{c + 1}:{p}" for c, p in enumerate(row)) + f" case_{i}\n" for i, row in enumerate(scores.tolist())
    )
    order = rng.permutation(N).tolist()
    wanted = pytest.approx(-math.fsum(math.log(scores[i, labels[i] - 1]) for i in range(N)) / N, rel=1e-12)
    write(tmp_path, {"p.txt": lines, "l.csv": "id,label\n" + "".join(f"case_{i},{labels[i]}\n" for i in order)})
    assert run("eval", tmp_path / "p.txt", tmp_path / "l.csv", "-q").mean == wanted
    write(tmp_path, {"l.csv": "label\n" + "".join(f"{label}\n" for label in labels)})
    assert run("eval", tmp_path / "p.txt", tmp_path / "l.csv", "-q").mean == wanted  # nobody else has the tags
