"""Scores so large that their squares are no numbers: what cannot be told is left out, without a word of NumPy's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from celoss_cli.errors import ExitCode
from celoss_cli.request import InputKind
from diagnosed_files import diagnosed, fix_of, reasons
from running import run

FIXES = ("temperature", "shift", "logistic", "isotonic")


def scores(size: float, classes: int) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    z = rng.normal(size=(400, classes))
    y = z.argmax(axis=1)
    y[::5] = (y[::5] + 1) % classes
    x = np.clip(z, -1.7, 1.7) * size
    if classes == 2:
        return {"logit": 0.5 * x[:, 1] - 0.5 * x[:, 0], "label": y}
    return {**{f"logit_{c}": x[:, c] for c in range(classes)}, "label": y}


def numbers_in(found: object) -> list[float]:
    """All numbers of a JSON document, as it writes those that are not finite."""
    if isinstance(found, dict):
        return [number for value in found.values() for number in numbers_in(value)]
    if isinstance(found, list):
        return [number for value in found for number in numbers_in(value)]
    return [float(found)] if found in ("nan", "inf", "-inf") or isinstance(found, (int, float)) else []


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("size", [1e20, 1e155, 1e160, 1e300])
def test_what_cannot_be_told_is_left_out(size: float, classes: int, tmp_path: Path) -> None:
    found = diagnosed(tmp_path / "a.parquet", scores(size, classes), input=InputKind.LOGITS)
    told = reasons(found)
    assert told["temperature"] == "no_fit"
    assert found.fixes == ()
    if classes == 2:
        assert {told[name] for name in FIXES} == {"no_fit"}
        assert "divide the scores" in {one.part: one.message for one in found.left_out}["logistic"]
    assert found.headline.text == "Whether recalibration would help cannot be told here: what is left out says why."
    assert found.distribution is not None
    assert found.distribution.effective_rows == pytest.approx(50.0, abs=30.0)


@pytest.mark.parametrize("size", [1e160, 1e300, 1e308])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("command", ["diagnose", "compare"])
def test_no_traceback_and_no_warning(command: str, classes: int, size: float, tmp_path: Path) -> None:
    names = []
    for name, times in (("a.csv", 1.0), ("b.csv", 0.5)):
        columns = scores(times * size, classes)
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        lines = [",".join(columns), *(",".join(map(repr, row)) for row in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        names.append(str(tmp_path / name))
    files = names if command == "compare" else names[:1]
    done = run(command, *files, "--label", "label", "--input", "logits", "--format", "json")
    assert done.code == ExitCode.OK, done.err
    assert "RuntimeWarning" not in done.err
    assert not any(number != number for number in numbers_in(json.loads(done.out)))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [1e3, 1e4, 1e6, 1e11])
def test_a_fit_of_large_binary_scores_is_that_of_small_ones(size: float, seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=1000)
    y = (rng.random(1000) < 1 / (1 + np.exp(-z))).astype(np.int64)
    found = diagnosed(tmp_path / "a.parquet", {"logit": size * z, "label": y}, input=InputKind.LOGITS)
    small = diagnosed(tmp_path / "b.parquet", {"logit": z, "label": y}, input=InputKind.LOGITS)
    told = reasons(found)
    assert set(told) <= {"shift"}
    assert {fix.name for fix in found.fixes} | {"shift"} == set(FIXES)
    assert found.cox is not None
    assert small.cox is not None
    assert found.cox.slope * size == pytest.approx(small.cox.slope, rel=1e-9)
    assert np.array(found.cox.slope_ci95) * size == pytest.approx(np.array(small.cox.slope_ci95), rel=1e-9)
    assert found.cox.shift is not None or "shift" in told
    for fix in found.fixes:
        assert fix.gain_ci95 is not None
        assert np.isfinite([*fix.gain_ci95, *fix.parameters.values()]).all()
        if fix.name in ("temperature", "logistic"):
            wanted = fix_of(small, fix.name).parameters
            t = fix.parameters["t"] / size if fix.name == "temperature" else 1 / (fix.parameters["slope"] * size)
            assert t == pytest.approx(wanted["t"] if fix.name == "temperature" else 1 / wanted["slope"], rel=1e-9)
            after, small_after = fix.loss_after, fix_of(small, fix.name).loss_after
            assert after == pytest.approx(small_after, abs=1e-12 * found.loss.mean)
    for fix in found.fixes:
        assert fix.gain is not None
        assert fix.gain > -100.0
