"""Two files whose ids have different names: paired by position only where their rows stand in one order."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from running import Run, run, write


@pytest.mark.parametrize(
    ("mine", "theirs"), [("image_id", "img_id"), ("ImageId", "image_id"), ("uuid_x", "uuid_y"), ("photo", "picture")]
)
def test_one_id_in_another_order_is_not_paired_by_position(tmp_path: Path, mine: str, theirs: str) -> None:
    write(
        tmp_path,
        {
            "p.csv": f"{mine},prob\na7,0.9\nb3,0.1\nc5,0.8\nd2,0.3\n",
            "l.csv": f"{theirs},target\nd2,0\nc5,1\nb3,0\na7,1\n",
        },
    )
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv")
    assert done.code == 3
    assert f"{mine!r} here and {theirs!r} in" in done.err
    assert "'a7' here, 'd2' in the same row there" in done.err


def test_ids_of_long_files_are_looked_for_beyond_the_first_rows(tmp_path: Path) -> None:
    ids = [f"im{i}" for i in range(3000)]
    write(
        tmp_path,
        {
            "p.csv": "image_id,prob\n" + "".join(f"{i},0.5\n" for i in ids),
            "l.csv": "img_id,target\n" + "".join(f"{i},1\n" for i in reversed(ids)),
        },
    )
    assert run("eval", tmp_path / "p.csv", tmp_path / "l.csv").code == 3


def test_ids_in_one_order_are_evidence_for_pairing_by_position(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "image_id,prob\na7,0.9\nb3,0.1\nc5,0.8\n", "l.csv": "img_id,target\na7,1\nb3,0\nc5,1\n"})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv")
    assert done.code == 0
    assert "'image_id' and 'img_id' have the same values in the same rows" in done.out


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("row_id,prob\n0,0.9\n1,0.1\n2,0.8\n", "case_id,target\n2,1\n0,0\n1,1\n"),  # row numbers, and another key
        ("name,prob\nann,0.9\nbob,0.1\ncid,0.8\n", "remark,target\ngood,1\nblurred,0\ndark,1\n"),
    ],
)
def test_columns_that_are_no_common_id_change_nothing(tmp_path: Path, mine: str, theirs: str) -> None:
    write(tmp_path, {"p.csv": mine, "l.csv": theirs})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv")
    assert done.code == 0, done.err


NUMBERED = [("row", "n"), ("nr", "num"), ("idx", "index"), ("sample", "no"), ("id", "row"), ("Row #", "case_no")]
N = 60
RNG = np.random.default_rng(6)
P = RNG.random(N).round(4)
Y = (RNG.random(N) < P).astype(int)
ORDER = RNG.permutation(N)
RIGHT = math.fsum(-np.log(np.where(Y == 1, P, 1.0 - P))) / N


def numbered(directory: Path, mine: Any, theirs: Any, rows: Any, names: tuple[str, str] = ("row", "n")) -> Run:
    """The loss of scores that are numbered ``mine``, with the labels of ``rows`` numbered ``theirs``."""
    first = "".join(f"{i},{p}\n" for i, p in zip(mine, P, strict=True))
    second = "".join(f"{i},{y}\n" for i, y in zip(theirs, Y[rows], strict=True))
    write(directory, {"p.csv": f"{names[0]},prob\n{first}", "l.csv": f"{names[1]},target\n{second}"})
    return run("eval", directory / "p.csv", directory / "l.csv", "-q")


@pytest.mark.parametrize("names", NUMBERED)
@pytest.mark.parametrize("start", [0, 1])
def test_row_numbers_of_both_files_in_another_order_are_ids(names: tuple[str, str], start: int, tmp_path: Path) -> None:
    refused = numbered(tmp_path, np.arange(N), ORDER + start, ORDER, names)
    assert refused.code == 3
    assert f"{names[0]!r} here and {names[1]!r} in" in refused.err
    if start:
        return
    (tmp_path / "l.csv").write_text((tmp_path / "l.csv").read_text().replace(names[1], names[0], 1))
    given = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--id", names[0])
    assert given.mean == pytest.approx(RIGHT, rel=1e-12)


def test_a_label_file_in_its_own_order_beside_shuffled_scores(tmp_path: Path) -> None:
    back = np.argsort(ORDER)
    assert numbered(tmp_path, ORDER, np.arange(N), back).code == 3


@pytest.mark.parametrize("names", [*NUMBERED, ("Unnamed: 0", "id"), ("Unnamed: 0", "no"), ("rank", "no")])
def test_numbers_that_are_no_ids_change_nothing(names: tuple[str, str], tmp_path: Path) -> None:
    same = np.arange(N)
    for mine, theirs in ((same, same), (same, same + 1), (ORDER, ORDER), (same, RNG.choice(5000, N, replace=False))):
        assert numbered(tmp_path, mine, theirs, same, names).mean == pytest.approx(RIGHT, rel=1e-12)


@pytest.mark.parametrize("names", [*NUMBERED, ("Unnamed: 0", "id")])
def test_numbers_of_one_file_whose_rows_stand_in_the_order_of_the_other(names: tuple[str, str], tmp_path: Path) -> None:
    """A test set was shuffled and keeps its numbers; the scores were written in its order and count their own rows."""
    assert numbered(tmp_path, np.arange(N), ORDER, np.arange(N), names).mean == pytest.approx(RIGHT, rel=1e-12)


def test_numbers_of_long_files_are_compared_in_all_rows(tmp_path: Path) -> None:
    rows = 2500
    p = RNG.random(rows).round(4)
    y = (RNG.random(rows) < p).astype(int)
    order = RNG.permutation(rows)
    scores = "row,prob\n" + "".join(f"{i},{value}\n" for i, value in enumerate(p))
    for theirs, code in ((order, 3), (order + rows, 0)):
        labels = "no,target\n" + "".join(f"{i},{label}\n" for i, label in zip(theirs, y[order], strict=True))
        write(tmp_path, {"p.csv": scores, "l.csv": labels})
        assert run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q").code == code


Z = RNG.normal(0.0, 2.0, 300)
SAID = 1.0 / (1.0 + np.exp(-Z))
BLIND = RNG.integers(0, 2, 300)
SEEN = (RNG.random(300) < SAID).astype(int)


def indexed(directory: Path, names: tuple[str, str], theirs: Any, labels: Any, *arguments: str) -> Run:
    """Scores that count their own rows, and labels with the numbers ``theirs`` beside them."""
    first = "".join(f"{i},{p:.6f}\n" for i, p in enumerate(SAID))
    second = "".join(f"{i},{y}\n" for i, y in zip(theirs, labels, strict=True))
    write(directory, {"p.csv": f"{names[0]},prob\n{first}", "l.csv": f"{names[1]},target\n{second}"})
    return run("eval", directory / "p.csv", directory / "l.csv", "-q", *arguments)


@pytest.mark.parametrize("names", [("sample", "case_no"), ("row", "n"), ("idx", "index"), ("nr", "no")])
def test_numbers_beside_a_model_that_knows_nothing_are_never_taken_in_silence(
    names: tuple[str, str], tmp_path: Path
) -> None:
    for seed in range(6):
        order = np.random.default_rng(seed).permutation(300)
        found = indexed(tmp_path, names, order, BLIND[order])
        assert found.code == 3 or "is a guess" in found.err
        assert indexed(tmp_path, names, order, BLIND[order], "--strict").code == 3


@pytest.mark.parametrize("names", [("", "id"), ("Unnamed: 0", "case_no"), ("row_id", "")])
def test_an_index_of_pandas_beside_shuffled_numbers(names: tuple[str, str], tmp_path: Path) -> None:
    """An index can be the id of the rows, or only count those of its own file: the scores tell, or it is in doubt."""
    right = -np.log(np.where(SEEN == 1, SAID, 1.0 - SAID)).mean()
    order = np.random.default_rng(3).permutation(300)
    as_they_stand = indexed(tmp_path, names, order, SEEN, "--strict")
    assert as_they_stand.mean == pytest.approx(right, abs=1e-5)
    assert not as_they_stand.err
    by_number = indexed(tmp_path, names, order, SEEN[order])
    assert by_number.code == 3
    assert "in another order" in by_number.err
    blind = indexed(tmp_path, names, order, BLIND)
    assert blind.code == 0
    assert "pairing by row position is a guess" in blind.err
    assert "hold the same numbers in another order" in blind.err
    assert indexed(tmp_path, names, order, BLIND, "--strict").code == 3
    assert indexed(tmp_path, names, order, BLIND, "--strict", "--allow", "guessed_pairing").code == 0


@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
def test_an_index_of_both_files_pairs_the_rows_unless_the_scores_deny_it(name: str, tmp_path: Path) -> None:
    right = -np.log(np.where(SEEN == 1, SAID, 1.0 - SAID)).mean()
    order = np.random.default_rng(3).permutation(300)
    by_number = indexed(tmp_path, (name, name), order, SEEN[order], "--strict")
    assert by_number.mean == pytest.approx(right, abs=1e-5)
    assert not by_number.err
    as_they_stand = indexed(tmp_path, (name, name), order, SEEN)
    assert as_they_stand.code == 3
    assert "write one without its index" in as_they_stand.err
    assert ("--id 'Unnamed: 0'" if name else "give it a name") in as_they_stand.err
    blind = indexed(tmp_path, (name, name), order, BLIND)
    assert "is a guess" in blind.err
    settled = ("--id", name) if name else ("--allow", "guessed_pairing")
    assert indexed(tmp_path, (name, name), order, BLIND, "--strict", *settled).code == 0


def one_indexed(directory: Path, order: Any, labels: Any, where: str, header: str, *arguments: str) -> Run:
    """Scores and labels of which one file has an index, with the numbers ``order``, and the other nothing beside."""
    scores = (
        [f"{p:.6f}" for p in SAID] if where == "labels" else [f"{i},{p:.6f}" for i, p in zip(order, SAID, strict=True)]
    )
    truth = [f"{i},{y}" for i, y in zip(order, labels, strict=True)] if where == "labels" else [str(y) for y in labels]
    names = ("prob", f"{header},target") if where == "labels" else (f"{header},prob", "target")
    write(directory, {"p.csv": "\n".join([names[0], *scores]) + "\n", "l.csv": "\n".join([names[1], *truth]) + "\n"})
    return run("eval", directory / "p.csv", directory / "l.csv", "-q", *arguments)


@pytest.mark.parametrize("where", ["labels", "predictions"])
@pytest.mark.parametrize("header", ["", "Unnamed: 0", "index"])
def test_an_index_of_one_file_alone_that_numbers_its_rows_in_another_order(
    header: str, where: str, tmp_path: Path
) -> None:
    """A frame that was shuffled, and scores that may be of the rows before or after: the scores tell, or it is said."""
    right = -np.log(np.where(SEEN == 1, SAID, 1.0 - SAID)).mean()
    order = np.random.default_rng(3).permutation(300)
    as_they_stand = one_indexed(tmp_path, order, SEEN, where, header, "--strict")
    assert as_they_stand.mean == pytest.approx(right, abs=1e-5)
    assert not as_they_stand.err
    moved = SEEN[order] if where == "labels" else SEEN[np.argsort(order)]
    by_number = one_indexed(tmp_path, order, moved, where, header)
    assert (by_number.code, "the scores fit the labels by these numbers" in by_number.err) == (3, True), by_number.err
    blind = one_indexed(tmp_path, order, BLIND, where, header)
    assert "nothing tells which of the two orders its rows are in" in blind.err
    assert one_indexed(tmp_path, order, BLIND, where, header, "--strict").code == 3
    assert one_indexed(tmp_path, order, BLIND, where, header, "--strict", "--allow", "guessed_pairing").code == 0


@pytest.mark.parametrize(
    "numbers", [range(300), range(1, 301), np.random.default_rng(1).choice(900, 300, replace=False)]
)
def test_an_index_in_order_or_of_some_rows_says_nothing_of_the_other_file(numbers: Any, tmp_path: Path) -> None:
    """The rows of a test set have numbers of the whole, in the order in which they were drawn."""
    for labels in (SEEN, BLIND):
        found = one_indexed(tmp_path, numbers, labels, "labels", "")
        assert found.mean == pytest.approx(-np.log(np.where(labels == 1, SAID, 1.0 - SAID)).mean(), abs=1e-5)
        assert "guess" not in found.err


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("odd", ["x", "", "7.5", "3"])
def test_an_index_that_does_not_number_all_rows_casts_no_doubt(odd: str, form: str, tmp_path: Path) -> None:
    rows = 3_000
    order = np.random.default_rng(0).permutation(rows).astype(str).tolist()
    p = np.random.default_rng(1).random(rows)
    whole, part = {"index": order, "p": p}, {"index": [*order[:-1], odd], "p": p}
    labels = pd.DataFrame({"y": np.random.default_rng(2).integers(0, 2, rows)})  # they vouch for no order
    labels.to_csv(tmp_path / "y.csv", index=False)
    for columns, told in ((whole, True), (part, False)):
        frame = pd.DataFrame(columns)
        if form == "parquet":
            frame["index"] = pd.to_numeric(frame["index"], errors="coerce")
            frame.to_parquet(tmp_path / "p.parquet", index=False)
        else:
            frame.to_csv(tmp_path / "p.csv", index=False)
        done = run("eval", tmp_path / f"p.{form}", tmp_path / "y.csv", "--pred", "p")
        assert done.code in (0, 3), done.err
        assert ("numbers all rows" in done.out + done.err) is told
