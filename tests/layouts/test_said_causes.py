"""Files of one small fault: the message names the cause, and what it says to pass can be pasted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from running import run, write

FISH = "label,cat,dog,bird\ncat,0.7,0.2,0.1\ndog,0.1,0.8,0.1\nfish,0.2,0.2,0.6\nbird,0.2,0.2,0.6\n"


def test_a_label_without_a_column(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": FISH})
    done = run("eval", tmp_path / "p.csv")
    assert done.code == 3
    assert "no column is called like the label 'fish'" in done.err
    assert "--pred cat,dog,bird" in done.err
    expected = -np.log([0.7, 0.8, 0.6]).mean()
    assert run("eval", tmp_path / "p.csv", "--unknown-class", "drop", "-q").mean == pytest.approx(expected)


@pytest.mark.parametrize("word", ["t", "T", "yes", "no"])
def test_a_well_known_word_without_a_column_is_as_any_other_label(word: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": FISH.replace("fish", word)})
    done = run("eval", tmp_path / "p.csv")
    assert done.code == 3
    assert f"no column is called like the label '{word}'" in done.err
    assert "--pred cat,dog,bird --unknown-class inf" in done.err


def test_a_header_in_the_middle(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "label,prob_a,prob_b\na,0.7,0.3\nlabel,prob_a,prob_b\nb,0.4,0.6\n"})
    done = run("eval", tmp_path / "p.csv")
    assert done.code == 3
    assert "row 1 (line 3): this row is the header again" in done.err


def test_a_column_called_like_a_label_with_signs(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "income,>50K\n>50K,0.7\n<=50K,0.2\n", "q.csv": "income,prob\n>50K,0.7\n<=50K,0.2\n"})
    assert run("eval", tmp_path / "p.csv", "-q").mean == pytest.approx(-np.log([0.7, 0.8]).mean())
    assert "--positive '>50K'" in run("eval", tmp_path / "q.csv").err


def test_label_ids_are_the_truth(tmp_path: Path) -> None:
    np.savez(tmp_path / "p.npz", predictions=np.log([[0.7, 0.3], [0.4, 0.6]]) + 3, label_ids=np.array([0, 1]))
    assert run("eval", tmp_path / "p.npz", "-q").mean == pytest.approx(-np.log([0.7, 0.6]).mean())


def test_labels_of_minus_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "p.csv": "id,toxic,obscene\n1,0.5,0.4\n2,0.1,0.2\n3,0.3,0.3\n",
            "l.csv": "id,toxic,obscene\n1,1,0\n2,-1,-1\n3,0,0\n",
        },
    )
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv")
    assert done.code == 3
    assert "row 1 (line 3), column 'toxic': -1 is neither 0 nor 1" in done.err
