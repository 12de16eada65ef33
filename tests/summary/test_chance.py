"""What chance makes of the calibration error of a calibrated model: against labels drawn from the probabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from celoss_cli.api.functions import evaluate
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.results.metrics import Metrics
from celoss_cli.state.calibration import BINS

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
DRAWS = 2000


def metrics_of(found: Evaluation) -> Metrics:
    assert found.metrics is not None
    return found.metrics


def drawn(p: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """The calibration errors (draws,) of probabilities (n,) with outcomes (draws, n)."""
    bins = np.maximum(np.ceil(p * BINS).astype(int), 1) - 1
    gaps = np.zeros((hits.shape[0], BINS))
    for b in range(BINS):
        gaps[:, b] = np.abs((hits[:, bins == b] - p[bins == b]).sum(axis=1))
    return gaps.sum(axis=1) / p.shape[0]


@pytest.mark.parametrize(("n", "shift", "scale"), [(178, 0.0, 2.0), (1000, -1.0, 2.0), (1000, 0.5, 0.8)])
def test_binary_rows_by_simulation(n: int, shift: float, scale: float) -> None:
    random = np.random.default_rng(n)
    p = 1.0 / (1.0 + np.exp(-random.normal(shift, scale, n)))
    found = metrics_of(evaluate(p, (random.random(n) < p).astype(int)))
    outcomes = random.random((DRAWS, n)) < p
    for chance, errors in (
        (found.ece_positive_null, drawn(p, outcomes)),
        (found.ece_null, drawn(np.maximum(p, 1.0 - p), outcomes == (p > 0.5))),
    ):
        assert chance is not None
        assert chance.mean == pytest.approx(errors.mean(), rel=0.06)
        assert chance.mean + 1.645 * chance.sd == pytest.approx(np.quantile(errors, 0.95), rel=0.1)


def test_several_classes_by_simulation() -> None:
    random = np.random.default_rng(3)
    z = random.normal(size=(800, 5)) * 1.5
    p = np.exp(z) / np.exp(z).sum(axis=1)[:, None]
    labels = (np.log(p) + random.gumbel(size=p.shape)).argmax(axis=1)
    found = metrics_of(evaluate(p, labels))
    best = p.max(axis=1)
    errors = drawn(best, random.random((DRAWS, 800)) < best)
    assert found.ece_null is not None
    assert found.ece_null.mean == pytest.approx(errors.mean(), rel=0.06)
    assert found.ece_positive is found.mean_positive is found.rate_positive is found.ece_positive_null is None


def test_the_top_label_alone_hides_rare_events() -> None:
    """29 % predicted, 1.5 % true: the top label is calibrated enough, the probability of the event is not."""
    p = np.full(2000, 0.29)
    y = np.zeros(2000, dtype=int)
    y[:30] = 1
    found = metrics_of(evaluate(p, y))
    assert found.mean_positive == pytest.approx(0.29)
    assert found.rate_positive == 0.015
    assert found.ece_positive == pytest.approx(0.275)


def test_weights_scale_what_chance_shows() -> None:
    random = np.random.default_rng(5)
    p = random.random(600)
    y = (random.random(600) < p).astype(int)
    alone = metrics_of(evaluate(p, y))
    for weight in (1.0, 0.25, 8.0):
        frame = pd.DataFrame({"p": p, "y": y, "w": np.full(600, weight)})
        same = metrics_of(evaluate(frame, pred="p", label="y", sample_weight="w"))
        assert same.ece_positive_null == pytest.approx(alone.ece_positive_null, rel=1e-9)
        assert same.ece_null == pytest.approx(alone.ece_null, rel=1e-9)
    # Half of the rows count for nothing: chance shows √2 times as much.
    frame = pd.DataFrame({"p": np.tile(p, 2), "y": np.tile(y, 2), "w": np.repeat([1.0, 0.0], 600)})
    half = metrics_of(evaluate(frame, pred="p", label="y", sample_weight="w"))
    assert half.ece_null == pytest.approx(alone.ece_null, rel=1e-9)
    frame["w"] = 1e-300
    assert metrics_of(evaluate(frame, pred="p", label="y", sample_weight="w")).ece_null is None


def test_rows_that_are_not_independent_have_no_chance() -> None:
    random = np.random.default_rng(6)
    several = evaluate(random.random((300, 3)), (random.random((300, 3)) < 0.5).astype(int), task="multilabel")
    assert metrics_of(several).ece is not None
    assert metrics_of(several).ece_null is None
    voxels = evaluate(random.normal(size=(20, 4, 30)), random.integers(0, 4, (20, 30)))
    assert metrics_of(voxels).ece_null is None


def test_the_positive_class_is_the_one_that_is_named() -> None:
    random = np.random.default_rng(7)
    p = random.random(100)
    frame = pd.DataFrame({"p_no": 1.0 - p, "p_yes": p, "y": np.where(random.random(100) < p, "yes", "no")})
    assert metrics_of(evaluate(frame, label="y")).mean_positive == pytest.approx(p.mean())
    assert metrics_of(evaluate(frame, label="y", positive="yes")).mean_positive == pytest.approx(p.mean())
    first = metrics_of(evaluate(frame, label="y", positive="no"))
    assert first.mean_positive is first.ece_positive is None
    assert first.ece_null is not None


def test_of_the_readme() -> None:
    found = metrics_of(evaluate(str(SAMPLES / "wine_probs.csv")))
    assert found.ece == pytest.approx(0.0438, abs=5e-5)
    assert found.ece_null == pytest.approx((0.0319, 0.0085), abs=5e-5)
