"""Label columns for every class: by name where the names are the same, by position where they count alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from running import mean_of

# Two rows of three labels: the scores a, b, c are .3, .8, .6 where b and c hold, and .9, .1, .2 where a does.
BOTH_ROWS = -sum(map(math.log, (0.7, 0.8, 0.6, 0.9, 0.9, 0.8))) / 6

MANY = ("--pred", "p_*", "--task", "multilabel")


def test_label_columns_that_count_down_as_the_scores_do_go_by_position(tmp_path: Path) -> None:
    rows = "\n0,1,1,.3,.8,.6\n1,0,0,.9,.1,.2\n"
    both_fall = mean_of(tmp_path, "y_3,y_2,y_1,p_2,p_1,p_0" + rows, "--label", "y_*", *MANY)
    assert both_fall.mean == pytest.approx(BOTH_ROWS, rel=1e-14)
    one_falls = mean_of(tmp_path, "y_3,y_2,y_1,p_0,p_1,p_2" + rows, "--label", "y_*", *MANY)
    assert one_falls.code == 3
    assert "would stand for the scores of" in one_falls.err


@pytest.mark.parametrize("listed", ["y_b,y_c,y_a", "y_c,y_a,y_b"])
@pytest.mark.parametrize("letters", [str.lower, str.upper])
def test_label_columns_that_are_listed_go_by_name_where_they_are_called_as_the_scores(
    listed: str, letters: Callable[[str], str], tmp_path: Path
) -> None:
    names = "y_" + ",y_".join(map(letters, "bca"))
    asked = "y_" + ",y_".join(letters(name) for name in listed.replace("y_", "").split(","))
    done = mean_of(tmp_path, f"{names},p_a,p_b,p_c\n1,1,0,.3,.8,.6\n0,0,1,.9,.1,.2\n", "--label", asked, *MANY)
    assert done.mean == pytest.approx(BOTH_ROWS, rel=1e-14)
