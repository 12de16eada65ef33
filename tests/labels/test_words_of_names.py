"""Class names and column names that differ in what stands between their words."""

from __future__ import annotations

from pathlib import Path

import pytest

from hints.cases import TRUE3, P, Y, Z, several, softmax_loss
from running import mean_of

NAMES = ("dark blue", "light green", "deep red")


def labels(names: tuple[str, ...], mark: str = " ") -> list[str]:
    return [names[label].replace(" ", mark) for label in Y]


@pytest.mark.parametrize("theirs", [" ", "_", "-", "."])
@pytest.mark.parametrize("mine", ["_", "-", ".", "__"])
@pytest.mark.parametrize("prefix", ["", "prob_", "p.", "score "])
def test_words_are_the_same_however_parted(theirs: str, mine: str, prefix: str, tmp_path: Path) -> None:
    header = ",".join(["y", *(prefix + name.replace(" ", mine) for name in NAMES)])
    found = mean_of(tmp_path, several(P, header, labels(NAMES, theirs)), "--strict")
    assert found.mean == pytest.approx(TRUE3, rel=1e-12)
    turned = ",".join(["y", *(prefix + NAMES[c].replace(" ", mine) for c in (2, 0, 1))])
    found = mean_of(tmp_path, several(P[:, [2, 0, 1]], turned, labels(NAMES, theirs)), "--strict")
    assert found.mean == pytest.approx(TRUE3, rel=1e-12)


def test_a_class_that_no_row_has_does_not_matter(tmp_path: Path) -> None:
    few = Y != 1
    header = "y,logit_dark_blue,logit_light_green,logit_deep_red"
    found = mean_of(tmp_path, several(Z[few], header, [NAMES[label] for label in Y[few]]), "--strict")
    assert found.mean == pytest.approx(softmax_loss(Z[few], Y[few]), rel=1e-12)


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (("prob_a_b", "prob_a-b", "prob_c"), ("a b", "c", "c")),  # two columns would be one
        (("X1.5", "X2.5", "X3.5"), ("1-5", "2-5", "3-5")),  # numbers
        (("x_1_5", "x_2_5", "x_3_5"), ("1.5", "2.5", "3.5")),
        (("p_a_b", "p_c_d", "p_e_f"), ("a b", "c d", "e g")),  # not all of them
    ],
)
def test_what_is_not_unmistakable_is_asked_for(
    columns: tuple[str, ...], names: tuple[str, ...], tmp_path: Path
) -> None:
    found = mean_of(tmp_path, several(P, ",".join(["y", *columns]), labels(names)))
    assert found.code == 3
    assert "--classes" in found.err
