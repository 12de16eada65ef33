"""Parity with PyTorch in float64: the same losses, weights and reductions, to 1e-12 relative."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli.api.functions import evaluate

torch = pytest.importorskip("torch")
functional = torch.nn.functional

N, C = 200, 5
RANDOM = np.random.default_rng(42)
Z = RANDOM.normal(scale=4.0, size=(N, C))
Y = RANDOM.integers(0, C, N)
W = np.array([0.25, 1.0, 3.0, 2.0, 0.5])
LOGIT = RANDOM.normal(scale=5.0, size=N)
BIT = RANDOM.integers(0, 2, N)
S = RANDOM.exponential(size=N)


def per_sample(folder: Path, *arguments: Any, **options: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the losses of the rows and their weighted losses, from the per-sample file."""
    path = folder / "rows.parquet"
    evaluate(*arguments, per_sample=path, **options)
    rows = pq.read_table(path)
    losses = rows["loss"].to_numpy()
    return losses, rows["weighted_loss"].to_numpy() if "weighted_loss" in rows.column_names else losses


@pytest.mark.parametrize("weight", [None, W], ids=["plain", "weighted"])
def test_cross_entropy(tmp_path: Path, weight: np.ndarray | None) -> None:
    z, y = torch.tensor(Z), torch.tensor(Y)
    w = None if weight is None else torch.tensor(weight)
    options = {"input": "logits", "class_weight": None if weight is None else weight.tolist()}
    loss = evaluate(Z, Y, **options).loss
    assert loss.mean == pytest.approx(functional.cross_entropy(z, y, weight=w).item(), rel=1e-12)
    assert loss.sum == pytest.approx(functional.cross_entropy(z, y, weight=w, reduction="sum").item(), rel=1e-12)
    plain, weighted = per_sample(tmp_path, Z, Y, **options)
    assert plain == pytest.approx(functional.cross_entropy(z, y, reduction="none").numpy(), rel=1e-12)
    assert weighted == pytest.approx(functional.cross_entropy(z, y, weight=w, reduction="none").numpy(), rel=1e-12)
    mean = evaluate(Z, Y, denominator="count", **options).loss.mean
    assert mean == pytest.approx(functional.cross_entropy(z, y, weight=w, reduction="none").mean().item(), rel=1e-12)


@pytest.mark.parametrize("weight", [None, W], ids=["plain", "weighted"])
def test_nll_loss(tmp_path: Path, weight: np.ndarray | None) -> None:
    logp, y = torch.log_softmax(torch.tensor(Z), dim=1), torch.tensor(Y)
    w = None if weight is None else torch.tensor(weight)
    options = {"class_weight": None if weight is None else weight.tolist()}
    scores = logp.numpy()
    found = evaluate(scores, Y, **options)
    assert found.spec.input == "logprobs"
    assert found.loss.mean == pytest.approx(functional.nll_loss(logp, y, weight=w).item(), rel=1e-12)
    assert found.loss.sum == pytest.approx(functional.nll_loss(logp, y, weight=w, reduction="sum").item(), rel=1e-12)
    _, weighted = per_sample(tmp_path, scores, Y, **options)
    assert weighted == pytest.approx(functional.nll_loss(logp, y, weight=w, reduction="none").numpy(), rel=1e-12)


def binary_table(scores: np.ndarray) -> pa.Table:
    return pa.table({"y": pa.array(BIT), "p": pa.array(scores), "w": pa.array(S)})


@pytest.mark.parametrize("kind", ["probs", "logits"])
@pytest.mark.parametrize("sample_weight", [None, "w"])
def test_binary_cross_entropy(tmp_path: Path, kind: str, sample_weight: str | None) -> None:
    scores = LOGIT if kind == "logits" else torch.sigmoid(torch.tensor(LOGIT)).numpy()
    reference = functional.binary_cross_entropy_with_logits if kind == "logits" else functional.binary_cross_entropy
    x, y = torch.tensor(scores), torch.tensor(BIT, dtype=torch.float64)
    w = None if sample_weight is None else torch.tensor(S)
    options = {"label": "y", "pred": "p", "input": kind, "sample_weight": sample_weight, "denominator": "count"}
    loss = evaluate(binary_table(scores), **options).loss
    assert loss.mean == pytest.approx(reference(x, y, weight=w).item(), rel=1e-12)  # torch divides by the count
    assert loss.sum == pytest.approx(reference(x, y, weight=w, reduction="sum").item(), rel=1e-12)
    plain, weighted = per_sample(tmp_path, binary_table(scores), **options)
    assert plain == pytest.approx(reference(x, y, reduction="none").numpy(), rel=1e-12)
    assert weighted == pytest.approx(reference(x, y, weight=w, reduction="none").numpy(), rel=1e-12)


def test_binary_weights_divide_by_their_sum_unless_told() -> None:
    x, y = torch.tensor(LOGIT), torch.tensor(BIT, dtype=torch.float64)
    terms = functional.binary_cross_entropy_with_logits(x, y, weight=torch.tensor(S), reduction="sum").item()
    found = evaluate(binary_table(LOGIT), label="y", pred="p", input="logits", sample_weight="w")
    assert found.loss.mean == pytest.approx(terms / S.sum(), rel=1e-12)


def test_two_logits_are_one_logit() -> None:
    pair = np.stack([np.zeros(N), LOGIT], axis=1)
    expected = functional.cross_entropy(torch.tensor(pair), torch.tensor(BIT)).item()
    for scores in (pair, LOGIT):
        assert evaluate(scores, BIT, input="logits").loss.mean == pytest.approx(expected, rel=1e-12)


def test_extreme_logits() -> None:
    z = np.array([[1e4, -1e4, 0.0], [0.0, 1e4, 1e4], [-1e4, -1e4, -1e4]])
    y = np.array([1, 2, 0])
    expected = functional.cross_entropy(torch.tensor(z), torch.tensor(y), reduction="sum").item()
    assert evaluate(z, y, input="logits").loss.sum == pytest.approx(expected, rel=1e-12)
