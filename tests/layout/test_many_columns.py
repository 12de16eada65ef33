"""Thousands of columns: the time grows as they do, whatever they hold and whatever a file is refused for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli import evaluate
from running import run

ROWS = 6
FEW, MANY = 2_000, 16_000
RNG = np.random.default_rng(0)


def table(scores: np.ndarray, form: str = "{:.3e}", **more: list[str]) -> str:
    """A CSV with a column for each class, and others."""
    names = [*(f"p_{k}" for k in range(scores.shape[1])), *more]
    cells = [[*map(form.format, row), *(column[i] for column in more.values())] for i, row in enumerate(scores)]
    return "\n".join(map(",".join, [names, *cells])) + "\n"


def scores(columns: int) -> np.ndarray:
    return RNG.dirichlet(np.ones(columns), ROWS)


def beside(columns: int) -> dict[str, str]:
    return {"f.csv": table(scores(columns), y=[str(i) for i in range(ROWS)])}


def in_a_file(columns: int) -> dict[str, str]:
    return {"f.csv": table(scores(columns)), "l.csv": "y\n" + "".join(f"{i}\n" for i in range(ROWS))}


def one_hot(columns: int) -> dict[str, str]:
    hot = {f"label_{k}": ["1" if i == k else "0" for i in range(ROWS)] for k in range(columns)}
    return {"f.csv": table(scores(columns), **hot)}


def whole(columns: int) -> dict[str, str]:
    numbers = np.floor(scores(columns) * 1e6)
    return {"f.csv": table(numbers, "{:.0f}", y=[str(i) for i in range(ROWS)])}


def texts(columns: int) -> dict[str, str]:
    return {"f.csv": table(scores(columns), "t{}", y=[str(i) for i in range(ROWS)])}


def booleans(columns: int) -> dict[str, str]:
    return {"f.csv": table(scores(columns) > 1.0 / columns, y=[str(i) for i in range(ROWS)], form="{}")}


@pytest.mark.parametrize("made", [beside, in_a_file, one_hot, whole, texts, booleans])
def test_eight_times_the_columns_take_eight_times_as_long(
    made: Callable[[int], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    took = []
    for columns in (FEW, MANY):
        files = made(columns)
        for name, content in files.items():
            Path(name).write_text(content)
        begun = time.process_time()
        assert run("eval", *files, "-q").code in (0, 3)
        took.append(time.process_time() - begun)
    assert took[1] < 2.0 * took[0] * MANY / FEW


def measured(columns: int) -> dict[str, str]:
    names = ["".join("bcdfghjklm"[int(digit)] + "a" for digit in str(k)) for k in range(columns)]
    cells = RNG.normal(0.0, 9.0, (ROWS, columns))
    rows = [",".join([str(i), "ab"[i % 2], "0.25", "0.75", *map("{:.6f}".format, row)]) for i, row in enumerate(cells)]
    return {"f.csv": "\n".join([",".join(["id", "y", "p_a", "p_b", *names]), *rows]) + "\n"}


@pytest.mark.parametrize("made", [beside, in_a_file, measured])
def test_inspecting_eight_times_the_columns_takes_eight_times_as_long(
    made: Callable[[int], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    took = []
    for columns in (FEW // 2, MANY // 2):
        files = made(columns)
        for name, content in files.items():
            Path(name).write_text(content)
        begun = time.process_time()
        assert run("inspect", *files).code in (0, 3)
        took.append(time.process_time() - begun)
    assert took[1] < 2.0 * took[0] * MANY / FEW


def test_parquet_in_parts_is_the_same_table(tmp_path: Path) -> None:
    classes, rows = 1100, 2500  # more columns and more rows than are read at a time
    logits = RNG.normal(size=(rows, classes)).astype(np.float32)
    labels = RNG.integers(0, classes, rows)
    columns = {f"logit_{k}": logits[:, k] for k in range(classes)}
    expected = evaluate(logits, labels).loss.mean
    for size in (400, 1500, rows):
        pq.write_table(pa.table({**columns, "label": labels}), tmp_path / "f.parquet", row_group_size=size)
        assert run("eval", tmp_path / "f.parquet", "-q").mean == expected
