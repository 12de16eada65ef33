"""What the first rows are looked at for: only rows that are to be scored have a say in what the columns are."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from running import mean_of, run, write

MEAN = -(math.log(0.7) + math.log(0.6)) / 2


# A label that --ignore-index names is no name of a class.


def test_an_ignored_label_is_no_class_of_the_file(tmp_path: Path) -> None:
    content = "y,cat,dog\ncat,.7,.3\npad,.5,.5\ndog,.4,.6\n"
    assert mean_of(tmp_path, content, "--ignore-index", "pad").mean == pytest.approx(MEAN, rel=1e-14)
    assert mean_of(tmp_path, content).code == 3


def test_an_ignored_label_does_not_hide_the_label_column(tmp_path: Path) -> None:
    """Its other values are the names of the prediction columns: that is how an unnamed label is recognised."""
    content = "what,cat,dog\ncat,.7,.3\npad,.5,.5\ndog,.4,.6\n"
    assert mean_of(tmp_path, content, "--ignore-index", "pad").mean == pytest.approx(MEAN, rel=1e-14)


def test_an_ignored_number_does_not_count_among_positions(tmp_path: Path) -> None:
    content = "y,p_cat,p_dog\n0,.7,.3\n-100,.5,.5\n1,.4,.6\n"
    done = mean_of(tmp_path, content, "--ignore-index", "-100")
    assert done.mean == pytest.approx(MEAN, rel=1e-14)
    assert "2 columns" in done.err


def test_an_ignored_label_in_a_label_file(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "cat,dog\n.7,.3\n.5,.5\n.4,.6\n", "l.csv": "y\ncat\npad\ndog\n"})
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--ignore-index", "pad")
    assert done.mean == pytest.approx(MEAN, rel=1e-14)


def test_a_file_of_ignored_labels_has_nothing_to_score(tmp_path: Path) -> None:
    done = mean_of(tmp_path, "y,p_cat,p_dog\n-1,.7,.3\n-1,.4,.6\n", "--ignore-index", "-1")
    assert done.code == 3
    assert "none of the 2 rows is left to score" in done.err
    assert "--ignore-index" in done.err


# Label numbers of rows that --where leaves out say nothing of what the labels are.

HEADER = "split,label_a,label_b,p_a,p_b\n"
ODD = "train,1,1,.5,.5\n"
GOOD = "test,1,0,.7,.3\ntest,0,1,.4,.6\n"


@pytest.mark.parametrize("content", [HEADER + ODD + GOOD, HEADER + GOOD + ODD, HEADER + ODD * 1500 + GOOD])
def test_rows_left_out_do_not_make_labels_several(content: str, tmp_path: Path) -> None:
    flags = ("--label", "label_*", "--where", "split=test")
    done = mean_of(tmp_path, content, *flags)
    assert done.mean == pytest.approx(MEAN, rel=1e-14)


def test_rows_left_out_may_hold_what_is_no_probability(tmp_path: Path) -> None:
    content = HEADER + "train,-1,2,.5,.5\n" + GOOD
    flags = ("--label", "label_*", "--where", "split=test")
    assert mean_of(tmp_path, content, *flags).mean == pytest.approx(MEAN, rel=1e-14)
    refused = mean_of(tmp_path, content, "--label", "label_*")
    assert refused.code == 3
    assert "-1 is not a probability" in refused.err
    assert "row 0 (line 2), column 'label_a'" in refused.err


def test_label_numbers_of_a_second_file_under_where(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "p.csv": "split,p_a,p_b\ntrain,.5,.5\ntest,.7,.3\ntest,.4,.6\n",
            "l.csv": "p_a,p_b\n1,1\n1,0\n0,1\n",
        },
    )
    done = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--where", "split=test")
    assert done.mean == pytest.approx(MEAN, rel=1e-14)


def test_a_bad_number_in_a_vector_of_labels_is_placed(tmp_path: Path) -> None:
    np.save(tmp_path / "p.npy", np.array([[0.7, 0.3], [0.4, 0.6]]))
    np.save(tmp_path / "l.npy", np.array([[1.0, 0.0], [0.0, 7.0]]))
    done = run("eval", tmp_path / "p.npy", tmp_path / "l.npy", "-q")
    assert done.code == 3
    assert "row 1, column 'values[1]': 7 is not a probability" in done.err
