"""Ground truth by its short name: ``gt``."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from running import run, write

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
LOSS = -(math.log(0.7) + math.log(0.8) + math.log(0.6)) / 3


@pytest.mark.parametrize("name", ["gt", "GT", "gt_label", "ground_truth"])
def test_it_is_the_label_of_arrays(name: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", softmax=P, **{name: np.array([0, 1, 2])})
    assert run("eval", tmp_path / "f.npz", "-q", "--strict").mean == pytest.approx(LOSS)


@pytest.mark.parametrize("name", ["gt", "GT", "gt_class"])
def test_it_is_the_label_beside_other_columns(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": f"site,age,{name},p_a,p_b\nx,7,a,0.8,0.2\ny,8,b,0.3,0.7\nx,9,a,0.6,0.4\n"})
    loss = -(math.log(0.8) + math.log(0.7) + math.log(0.6)) / 3
    assert run("eval", tmp_path / "f.csv", "-q", "--strict").mean == pytest.approx(loss)


def test_it_comes_before_a_bare_label_and_that_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "label,gt,p_a,p_b\na,a,0.8,0.2\nb,a,0.3,0.7\na,a,0.6,0.4\nb,b,0.1,0.9\n"})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert done.mean == pytest.approx(-(math.log(0.8) + math.log(0.3) + math.log(0.6) + math.log(0.9)) / 4)
    assert "column 'label' could be the label as well" in done.err
    assert run("eval", tmp_path / "f.csv", "-q", "--strict").code == 3
