"""Two files whose ids have different names: paired by position only where their rows stand in one order."""

from __future__ import annotations

from pathlib import Path

import pytest

from running import run, write


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
