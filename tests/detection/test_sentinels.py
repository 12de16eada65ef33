"""Numbers that stand for missing scores are refused with where they are; numbers that a model gives are not."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from celoss_cli import InvalidScores, evaluate
from celoss_cli.detection.sentinels import MARKS
from running import mean_of_columns, run

N = 200
RNG = np.random.default_rng(41)
Z = RNG.normal(0.0, 1.8, N)
P = 1.0 / (1.0 + np.exp(-Z))
Y = (RNG.random(N) < P).astype(int)
GAPS = np.arange(N) % 17 == 3
Z3 = RNG.normal(0.0, 1.5, (N, 3))
P3 = np.exp(Z3) / np.exp(Z3).sum(axis=1, keepdims=True)
Y3 = (P3.cumsum(axis=1) > RNG.random((N, 1))).argmax(axis=1)


def without(p: np.ndarray, rows: np.ndarray = GAPS) -> float:
    """The loss of the rows that have a score."""
    truth = np.where(Y == 1, p, 1.0 - p)[~rows]
    return math.fsum(-np.log(truth)) / truth.size


LARGE = [-999.0, 999.0, -9999.0, 9999.0, 99.0, -99.0, -99999.0, -32768.0]


@pytest.mark.parametrize("value", [*LARGE, -1.0, -500.0, 1000.0])
@pytest.mark.parametrize("name", ["logit", "score", "margin"])
def test_a_number_among_logits_is_refused_and_the_rows_can_be_left_out(value: float, name: str, tmp_path: Path) -> None:
    columns = {"y": Y, name: np.where(GAPS, value, Z), "scored": (~GAPS).astype(int)}
    refused = mean_of_columns(tmp_path, columns)
    assert refused.code == 3
    assert f"row 3 (line 5), column {name!r}: {value:g} seems to mark a missing score" in refused.err
    assert f"it stands in {GAPS.sum()} rows" in refused.err
    assert mean_of_columns(tmp_path, columns, "--where", "scored=1").mean == pytest.approx(without(P), rel=1e-12)
    emptied = {**columns, name: np.where(GAPS, np.nan, Z)}
    assert mean_of_columns(tmp_path, emptied, "--invalid", "drop").mean == pytest.approx(without(P), rel=1e-12)
    said = mean_of_columns(tmp_path, columns, "--input", "logits")
    assert said.code == 0
    assert "seems to mark a missing score" in said.err, "it is said even so"


@pytest.mark.parametrize("value", [99.0, -99.0, 999.0])
def test_among_wide_logits_too_where_no_other_number_stands_so_often(value: float, tmp_path: Path) -> None:
    wide = 10.0 * Z if abs(value) < 100.0 else 100.0 * Z
    assert abs(value) < 5.0 * np.abs(wide).max()
    refused = mean_of_columns(tmp_path, {"y": Y, "margin": np.where(GAPS, value, wide)})
    assert refused.code == 3
    assert f"{value:g} seems to mark a missing score" in refused.err
    assert not mean_of_columns(tmp_path, {"y": Y, "margin": wide}).err


@pytest.mark.parametrize("value", [*LARGE, -1.0, -9.0])
@pytest.mark.parametrize("share", [7, 17, 100])
@pytest.mark.parametrize("name", ["prob", "score"])
def test_a_number_among_probabilities_is_refused(value: float, share: int, name: str, tmp_path: Path) -> None:
    gaps = np.arange(N) % share == 3
    columns = {"y": Y, name: np.where(gaps, value, P), "scored": (~gaps).astype(int)}
    for arguments in ((), ("--input", "probs")):
        refused = mean_of_columns(tmp_path, columns, *arguments)
        assert refused.code == 3
        assert f"row 3 (line 5), column {name!r}: {value:g} seems to mark a missing score" in refused.err
        assert "--input logits" not in refused.err or share == 7
    assert mean_of_columns(tmp_path, columns, "--where", "scored=1").mean == pytest.approx(without(P, gaps), rel=1e-12)


@pytest.mark.parametrize("value", [-999.0, 999.0, -1.0, -9999.0])
@pytest.mark.parametrize("kind", ["logit", "prob"])
def test_rows_in_which_every_class_has_the_number(value: float, kind: str, tmp_path: Path) -> None:
    scores = np.where(GAPS[:, None], value, Z3 if kind == "logit" else P3)
    columns = {"y": Y3, **{f"{kind}_{i}": scores[:, i] for i in range(3)}, "scored": (~GAPS).astype(int)}
    refused = mean_of_columns(tmp_path, columns)
    assert refused.code == 3
    assert f"{value:g} seems to mark a missing score" in refused.err
    expected = math.fsum(-np.log(P3[np.arange(N), Y3][~GAPS])) / int((~GAPS).sum())
    assert mean_of_columns(tmp_path, columns, "--where", "scored=1").mean == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("value", [-999.0, 999.0, 9999.0])
def test_the_score_of_one_class_where_no_class_can_have_it(value: float, tmp_path: Path) -> None:
    z = Z3.copy()
    z[np.arange(N)[GAPS], Y3[GAPS] if value < 0 else 2] = value
    columns = {"y": Y3, **{f"logit_{i}": z[:, i] for i in range(3)}, "scored": (~GAPS).astype(int)}
    refused = mean_of_columns(tmp_path, columns)
    assert refused.code == 3
    assert f"{value:g} seems to mark a missing score: it stands in {GAPS.sum()} rows" in refused.err
    expected = math.fsum(-np.log(P3[np.arange(N), Y3][~GAPS])) / int((~GAPS).sum())
    assert mean_of_columns(tmp_path, columns, "--where", "scored=1").mean == pytest.approx(expected, rel=1e-12)


def test_one_such_row_of_many_is_found_anywhere(tmp_path: Path) -> None:
    z = RNG.normal(0.0, 2.0, 30_000)
    y = (RNG.random(30_000) < 1.0 / (1.0 + np.exp(-z))).astype(int)
    z[23_456] = -9999.0
    pd.DataFrame({"y": y, "logit": z}).to_parquet(tmp_path / "f.parquet")
    assert "-9999 seems to mark a missing score" in run("eval", tmp_path / "f.parquet", "-q").err
    with pytest.raises(InvalidScores, match="seems to mark"):
        evaluate(pd.DataFrame({"y": y, "logit": z}), threads=2)


def honest() -> dict[str, np.ndarray]:
    """Logits with whole numbers, repeated numbers or large ones, as models give them."""
    rounded = Z.round(1)
    rounded[::9] = -1.0
    return {
        "rounded to tenths": rounded,
        "cut off at both ends": Z.clip(-1.0, 1.0) + 0.0,
        "cut off further out": (3.0 * Z).clip(-5.0, 5.0),
        "few leaves": RNG.choice([-1.0, -0.4, 0.2, 0.9, 1.7], N),
        "large": 60.0 * Z,
        "one that is -1": np.where(np.arange(N) == 5, -1.0, Z),
        "whole": (5.0 * Z).round(),
        "far apart by itself": np.where(np.arange(N) == 5, -87.5, Z),
    }


@pytest.mark.parametrize("what", honest())
def test_numbers_of_a_model_are_scores(what: str, tmp_path: Path) -> None:
    z = honest()[what]
    found = mean_of_columns(tmp_path, {"y": Y, "logit": z})
    if what == "cut off at both ends":
        assert "seems to mark" not in found.err
        return
    assert found.mean == pytest.approx(math.fsum(np.logaddexp(0.0, np.where(Y == 1, -z, z))) / N, rel=1e-12)
    assert "missing" not in found.err


@pytest.mark.parametrize("value", [-1e9, -999.0, -65504.0])
def test_a_class_that_is_ruled_out_is_no_missing_score(value: float, tmp_path: Path) -> None:
    z = Z3.copy()
    masked = (Y3 + 1) % 3
    z[np.arange(N)[GAPS], masked[GAPS]] = value
    found = mean_of_columns(tmp_path, {"y": Y3, **{f"logit_{i}": z[:, i] for i in range(3)}})
    expected = math.fsum(np.logaddexp.reduce(z, axis=1) - z[np.arange(N), Y3]) / N
    assert found.mean == pytest.approx(expected, rel=1e-12)


def test_the_marks_are_no_probabilities() -> None:
    assert not any(0.0 <= mark <= 1.0 for mark in MARKS)
