"""Ordinary rows by the compiled core: the sums and the evidence that the general way leaves, to the bit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celoss_cli.api.functions import evaluate
from celoss_cli.kernels.compiled import CORE, KERNELS
from celoss_cli.scoring import tally

pytestmark = pytest.mark.skipif(CORE is None, reason="the kernels of this installation are not compiled")

LEVELS = () if CORE is None else tuple(CORE.levels())
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


def generally(monkeypatch: pytest.MonkeyPatch, predictions: pa.Table, **options: Any) -> dict[str, Any]:
    """Return an evaluation for which the core was not asked."""
    with monkeypatch.context() as patch:
        patch.setattr(tally, "fits", lambda _: False)
        return document(predictions, **options)


def document(predictions: pa.Table, **options: Any) -> dict[str, Any]:
    return {k: v for k, v in evaluate(predictions, **options).to_dict().items() if k != "inputs"}


def scores_of(kind: str, logits: np.ndarray) -> np.ndarray:
    if kind == "logits":
        return logits
    with np.errstate(all="ignore"):
        if logits.shape[1] == 1:
            p = 1.0 / (1.0 + np.exp(-logits))
            return p if kind == "probs" else np.log(p)
        logits = logits - logits.max(axis=1)[:, None]
        logits = logits - np.log(np.exp(logits).sum(axis=1))[:, None]
        return logits if kind == "logprobs" else np.exp(logits)


def table_of(scores: np.ndarray, labels: np.ndarray, dtype: str, *, vector: bool) -> pa.Table:
    with np.errstate(over="ignore"):
        scores = scores.astype(dtype)
    if vector:
        flat = pa.array(scores.reshape(-1))
        return pa.table({"y": labels, "p": pa.FixedSizeListArray.from_arrays(flat, scores.shape[1])})
    return pa.table({"y": labels, **{f"p_{c}": scores[:, c] for c in range(scores.shape[1])}})


@pytest.fixture(scope="module")
def patcher() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@settings(deadline=None)
@given(
    kind=st.sampled_from(["probs", "logits", "logprobs"]),
    classes=st.sampled_from([1, 2, 3, 10, 64, 65, 130]),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    label_type=st.sampled_from(["int8", "uint8", "int16", "int32", "int64"]),
    spread=st.sampled_from([0.0, 0.3, 3.0, 30.0, 300.0]),
    rounded=st.booleans(),
    vector=st.booleans(),
    top=st.sampled_from([0, 7]),
    weighing=st.sampled_from(["", "balanced", "given", "one is 0"]),
    clip=st.sampled_from([None, None, 1e-9, 0.01]),
    seed=st.integers(0, 2**32 - 1),
    level=st.sampled_from(LEVELS or ("none",)),
)
def test_the_core_and_the_general_way_agree(
    patcher: pytest.MonkeyPatch,
    kind: str,
    classes: int,
    dtype: str,
    label_type: str,
    spread: float,
    rounded: bool,
    vector: bool,
    top: int,
    weighing: str,
    clip: float | None,
    seed: int,
    level: str,
) -> None:
    """Scores of any width and confidence, with ties where they are rounded, and flaws where float16 makes them."""
    random = np.random.default_rng(seed)
    n = int(random.integers(1500, 2600))
    logits = random.normal(scale=spread, size=(n, classes))
    if rounded:
        logits = np.round(logits)
    labels = random.integers(0, max(2, classes), n)
    labels[: max(2, classes)] = np.arange(max(2, classes))
    predictions = table_of(scores_of(kind, logits), labels.astype(label_type), dtype, vector=vector and classes > 1)
    options: dict[str, Any] = {"label": "y", "pred": "p" if vector and classes > 1 else "p_*", "input": kind}
    if classes == 1:
        options["classes"] = ["0", "1"]
    options["top"] = top
    options["clip"] = clip
    if weighing:
        weights = [c % 3 + (0.25 if weighing == "given" else 0.0) for c in range(max(2, classes))]
        options["class_weight"] = "balanced" if weighing == "balanced" else weights
    CORE.use(level)
    try:
        assert outcome(lambda: document(predictions, **options)) == outcome(
            lambda: generally(patcher, predictions, **options)
        )
    finally:
        CORE.use(KERNELS.level)


def outcome(run: Any) -> Any:
    """Return what a run gives, NaN and all, or the error that it ends in."""
    try:
        return repr(run())
    except Exception as error:
        return repr(error)


ROWS = np.random.default_rng(4).normal(0.0, 3.0, 9000)
TRUTH = (np.random.default_rng(5).random(9000) < 1.0 / (1.0 + np.exp(-ROWS))).astype(np.int64)


@pytest.mark.parametrize("place", [0, 1999, 2000, 4321, 8999])
@pytest.mark.parametrize("score", [0.0, 1.0, 1e-30, 5e-324])
def test_one_extraordinary_row(monkeypatch: pytest.MonkeyPatch, place: int, score: float) -> None:
    """An infinite or a very small loss anywhere: counted, and all other rows as if it were not there."""
    p = 1.0 / (1.0 + np.exp(-ROWS))
    p[place] = score
    rows = pa.table({"y": TRUTH, "p": p})
    assert document(rows, label="y", pred="p") == generally(monkeypatch, rows, label="y", pred="p")


@pytest.mark.parametrize("classes", [2, 3, 64, 65, 200])
@pytest.mark.parametrize("vector", [False, True])
def test_scores_so_far_below_the_best_that_they_add_nothing(
    monkeypatch: pytest.MonkeyPatch, classes: int, vector: bool
) -> None:
    """The core takes exp of less than −708 for something: it is lost beside the 1 of the best."""
    below = np.linspace(690.0, 760.0, 2000)[:, None] * np.linspace(0.0, 1.0, classes)[None, ::-1]
    below[::3] *= 1e3
    below[1::3, :-1] = np.inf if classes == 2 else 745.2
    logits = np.where(np.isinf(below), -1e308, 3.0 - below)
    logits[:, 0] = np.where(np.arange(2000) % 5 == 0, 4.0, logits[:, 0])
    rows = table_of(logits, np.arange(2000) % classes, "float64", vector=vector)
    options = {"label": "y", "pred": "p" if vector else "p_*", "input": "logits"}
    assert document(rows, **options) == generally(monkeypatch, rows, **options)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1.5, -0.1])
def test_the_first_bad_row_is_named(monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    p = 1.0 / (1.0 + np.exp(-ROWS))
    p[7777] = p[8888] = value
    rows = pa.table({"y": TRUTH, "p": p})
    options = {"label": "y", "pred": "p", "input": "probs"}
    found = outcome(lambda: document(rows, **options))
    assert "7,777" in found or "7777" in found
    assert found == outcome(lambda: generally(monkeypatch, rows, **options))


def test_losses_in_any_order_leave_the_same_worst_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    p = np.sort(1.0 / (1.0 + np.exp(-ROWS)))
    for scores in (p, p[::-1].copy(), np.repeat(p[::100], 100)):
        rows = pa.table({"y": np.arange(9000) % 2, "p": scores})
        options = {"label": "y", "pred": "p", "top": 25}
        assert document(rows, **options) == generally(monkeypatch, rows, **options)


def test_arrays_that_are_not_aligned() -> None:
    def off(array: np.ndarray) -> np.ndarray:
        return np.frombuffer(b"\0" + array.tobytes(), dtype=array.dtype, offset=1)

    p = 1.0 / (1.0 + np.exp(-ROWS))
    for dtype in ("float16", "float32", "float64"):
        wanted = evaluate(p.astype(dtype), TRUTH).to_dict()
        assert evaluate(off(p.astype(dtype)), off(TRUTH)).to_dict() == wanted


def test_more_worst_rows_than_memory_holds_may_be_asked_for() -> None:
    p = 1.0 / (1.0 + np.exp(-ROWS))
    assert len(evaluate(p, TRUTH, top=1 << 40).to_dict()["worst"]) == len(ROWS)


def files(tmp_path: Path) -> list[tuple[str, ...]]:
    """Command lines for files large enough that the core scores most of their rows."""
    random = np.random.default_rng(8)
    logits = random.normal(0.0, 4.0, (7000, 5)).astype(np.float32)
    truth = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
    pq.write_table(table_of(logits, truth, "float32", vector=False), tmp_path / "many.parquet", row_group_size=2500)
    pq.write_table(table_of(logits, truth, "float32", vector=True), tmp_path / "lists.parquet", row_group_size=3000)
    p = (1.0 / (1.0 + np.exp(-ROWS))).astype(np.float32)
    weights = random.exponential(size=9000)
    binary = pa.table({"y": TRUTH.astype(np.int8), "p": p, "w": weights, "part": TRUTH % 2 + np.arange(9000) % 3})
    pq.write_table(binary, tmp_path / "binary.parquet", row_group_size=4000)
    one = (str(tmp_path / "binary.parquet"), "--label", "y", "--pred", "p")
    return [
        (str(tmp_path / "many.parquet"),),
        (str(tmp_path / "lists.parquet"),),
        one,
        (*one, "--sample-weight", "w"),
        (*one, "--slice", "part", "--class-weight", "balanced"),
        (*one, "--class-weight", "1,3", "--clip", "0.1"),
        (str(tmp_path / "many.parquet"), "--class-weight", "balanced"),
        (str(tmp_path / "lists.parquet"), "--class-weight", "1,2,3,4,0.5"),
        (str(SAMPLES / "wine_logprobs.csv"),),
        (str(SAMPLES / "digits_logits.parquet"), "--label-smoothing", "0.1"),
        (str(SAMPLES / "cancer_probs.csv"), "--clip", "1e-3"),
    ]


def test_every_level_and_numpy_write_the_same_bytes(tmp_path: Path) -> None:
    for number, arguments in enumerate(files(tmp_path)):
        reports, means, rows = set(), set(), set()
        for kernels in ("numpy", *LEVELS):
            place = tmp_path / f"{number}-{kernels}.csv"
            command = (sys.executable, "-m", "celoss_cli", "eval", *arguments, "--format", "json")
            environment = {**os.environ, "CELOSS_KERNELS": kernels}
            done = subprocess.run(command, capture_output=True, env=environment, check=False)
            assert done.returncode == 0, done.stderr.decode()
            reports.add(done.stdout)
            quick = (sys.executable, "-m", "celoss_cli", "eval", *arguments, "-q")
            means.add(subprocess.run(quick, capture_output=True, env=environment, check=True).stdout)
            done = subprocess.run(
                (*command, "--per-sample", str(place)), capture_output=True, env=environment, check=False
            )
            assert done.returncode == 0, done.stderr.decode()
            rows.add(place.read_bytes())
        assert len(reports) == len(means) == len(rows) == 1, arguments
