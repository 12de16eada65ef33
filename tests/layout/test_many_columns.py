"""Thousands of columns: the time grows as they do, whatever they hold and whatever a file is refused for."""

from __future__ import annotations

import cProfile
import json
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli import evaluate
from celoss_cli.layout import cells
from celoss_cli.request import ReadOptions
from celoss_cli.tables.json.lines import open_json_lines
from celoss_cli.tables.text.byte_ranges import RANGE_SIZE
from celoss_cli.tables.text.csv import CsvTable, open_csv
from running import run

ROWS = 6
FEW, MANY = 2_000, 16_000
RNG = np.random.default_rng(0)


def table(scores: np.ndarray, form: str = "{:.3e}", called: str = "p_{}", **more: list[str]) -> str:
    """A CSV with a column for each class, and others."""
    names = [*map(called.format, range(scores.shape[1])), *more]
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


def numbered(columns: int) -> dict[str, str]:
    """The columns are called 0, 1, 2, …, as pandas calls those of an array."""
    return {"f.csv": table(scores(columns), called="{}", y=[str(i) for i in range(ROWS)])}


def beside_features(columns: int) -> dict[str, str]:
    own = {"p_a": ["0.25", "0.5", "0.125"] * 2, "p_b": ["0.25", "0.25", "0.375"] * 2, "p_c": ["0.5", "0.25", "0.5"] * 2}
    return {"f.csv": table(RNG.normal(size=(ROWS, columns)), called="f_{}", **own, y=[*"abcabc"])}


def calls(command: str, made: Callable[[int], dict[str, str]], columns: int) -> int:
    """How many functions a run calls."""
    files = made(columns)
    for name, content in files.items():
        Path(name).write_text(content)
    profile = cProfile.Profile()
    assert profile.runcall(run, command, *files, *(["-q"] if command == "eval" else [])).code == 0
    profile.create_stats()
    return sum(counts[1] for counts in profile.stats.values())  # type: ignore[attr-defined]


@pytest.mark.parametrize("made", [beside, in_a_file, numbered, beside_features])
@pytest.mark.parametrize(("command", "most"), [("eval", 290), ("inspect", 950)])
def test_what_a_column_costs_does_not_creep_up(
    command: str, most: int, made: Callable[[int], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was 460 and 1,660 calls a column while each look at the columns found out for itself what they hold."""
    monkeypatch.chdir(tmp_path)
    calls(command, made, 50)  # imports what it needs
    assert calls(command, made, MANY // 2) - calls(command, made, FEW) < most * (MANY // 2 - FEW)


def two_models(columns: int) -> dict[str, str]:
    labels = [str(i) for i in range(ROWS)]
    return {name: table(scores(columns), y=labels) for name in ("f.csv", "g.csv")}


def test_comparing_four_times_the_classes_calls_four_times_as_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    few, many = (calls("compare", two_models, columns) for columns in (FEW // 4, FEW))
    assert many < 4 * few


def test_a_range_of_wide_records_has_dozens_of_them(tmp_path: Path) -> None:
    wide = np.tile(scores(5_000), (10, 1))  # 60 rows of 50 kB: more than a range of narrow ones has
    (tmp_path / "f.csv").write_text(table(wide))
    assert (tmp_path / "f.csv").stat().st_size > RANGE_SIZE
    assert len(list(open_csv(str(tmp_path / "f.csv"), ReadOptions()).partitions())) == 1
    lines = (json.dumps({f"p_{k}": round(p, 6) for k, p in enumerate(row)}) for row in wide.tolist())
    (tmp_path / "f.jsonl").write_text("\n".join(lines))
    opened = open_json_lines(str(tmp_path / "f.jsonl"), ReadOptions(), compression=None, encoding="utf-8", array=False)
    assert len(list(opened.partitions())) == 1


def test_what_is_found_out_of_the_first_rows_is_found_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in beside(FEW).items():
        Path(name).write_text(content)
    opened, looked_at = [], []
    number, first_rows = cells._looked_at, CsvTable._first_rows.func
    monkeypatch.setattr(cells, "_looked_at", lambda values: looked_at.append(values) or number(values))
    monkeypatch.setattr(CsvTable._first_rows, "func", lambda table: opened.append(table) or first_rows(table))
    assert run("eval", "f.csv", "-q").code == 0
    assert len(opened) == 1
    assert len(looked_at) == FEW + 1  # the label, too


def test_a_temperature_of_thousands_of_classes_needs_no_hessian_of_all(tmp_path: Path) -> None:
    classes = 4_000  # for which that would be 128 MB
    (tmp_path / "f.csv").write_text(table(scores(classes), y=[str(i) for i in range(ROWS)]))
    tracemalloc.start()
    try:
        assert run("diagnose", tmp_path / "f.csv").code == 0
        assert tracemalloc.get_traced_memory()[1] < 60e6
    finally:
        tracemalloc.stop()


def test_parquet_of_many_columns_is_opened_once_for_each_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = {f"p_{k}": column for k, column in enumerate(scores(3_000).T)}
    pq.write_table(pa.table({**columns, "y": list(range(ROWS))}), tmp_path / "f.parquet")
    opened = []
    file = pq.ParquetFile
    monkeypatch.setattr(pq, "ParquetFile", lambda *given, **more: opened.append(given) or file(*given, **more))
    assert run("eval", tmp_path / "f.parquet", "-q").code == 0
    assert len(opened) == 3  # the footer, the first rows, all of them


def test_parquet_in_parts_is_the_same_table(tmp_path: Path) -> None:
    classes, rows = 1100, 2500  # more columns and more rows than are read at a time
    logits = RNG.normal(size=(rows, classes)).astype(np.float32)
    labels = RNG.integers(0, classes, rows)
    columns = {f"logit_{k}": logits[:, k] for k in range(classes)}
    expected = evaluate(logits, labels).loss.mean
    for size in (400, 1500, rows):
        pq.write_table(pa.table({**columns, "label": labels}), tmp_path / "f.parquet", row_group_size=size)
        assert run("eval", tmp_path / "f.parquet", "-q").mean == expected
