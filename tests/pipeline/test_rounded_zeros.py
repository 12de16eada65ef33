"""A printed 0 may be a small probability: the warning says how small, and between what the mean lies."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli import evaluate
from running import write


def said(inputs: Any, **options: Any) -> str:
    return next(one.message for one in evaluate(inputs, **options).warnings if one.code == "infinite_loss")


def test_four_decimals(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "y_true,y_prob\n1,0.9871\n1,0.0000\n0,0.0129\n0,0.2500\n"})
    rest = -2 * math.log(0.9871) - math.log(0.75)
    text = said(tmp_path / "p.csv")
    assert "the scores have 4 decimals, so a 0 may stand for up to 5e-05" in text
    least = f"{(rest - math.log(5e-5)) / 4:.4g}"
    assert f"such a row loses {-math.log(5e-5):.4g} or more, and the mean lies between about {least} and inf" in text
    assert "a 0 has no least number that it may stand for" in text
    bits = said(tmp_path / "p.csv", base=2)
    assert f"the mean lies between about {(rest - math.log(5e-5)) / 4 / math.log(2):.4g} and inf" in bits


def test_weights_count(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "y_true,y_prob,w\n1,0.9871,1\n1,0.0000,3\n"})
    expected = (-math.log(0.9871) - 3 * math.log(5e-5)) / 4
    assert f"the mean lies between about {expected:.4g} and inf" in said(tmp_path / "p.csv", sample_weight="w")


def test_ten_decimals_of_pandas(tmp_path: Path) -> None:
    frame = pd.DataFrame({"y_true": [1, 1, 0], "y_prob": [0.1234567894123, 3e-11, 0.3]})
    frame.to_json(tmp_path / "p.jsonl", orient="records", lines=True)
    text = said(tmp_path / "p.jsonl")
    assert "10 decimals, which is what to_json of pandas and datasets leaves, so a 0 may stand for up to 5e-11" in text
    frame.to_csv(tmp_path / "p.csv", index=False, float_format="%.10f")
    assert "the scores have 10 decimals, so a 0 may stand for up to 5e-11" in said(tmp_path / "p.csv")


@pytest.mark.parametrize("scores", [[0.1234567890123456, 0.0, 0.3], np.array([0.5, 0.0, 0.25], dtype="f4")])
def test_zeros_that_were_not_rounded(scores: Any, tmp_path: Path) -> None:
    pd.DataFrame({"y_true": [1, 1, 0], "y_prob": scores}).to_parquet(tmp_path / "p.parquet")
    assert "may stand for" not in said(tmp_path / "p.parquet")
    full = pd.DataFrame({"y_true": [1, 1, 0], "y_prob": [0.1234567890123456, 0.0, 0.3]})
    full.to_csv(tmp_path / "p.csv", index=False)
    assert "may stand for" not in said(tmp_path / "p.csv")


def test_shares_of_a_few_votes_are_not_rounded(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "y_true,y_prob\n1,0.8\n1,0.0\n0,0.2\n0,0.4\n"})
    assert "may stand for" not in said(tmp_path / "p.csv")
