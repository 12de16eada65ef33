"""The same bytes out, however the work is shared: threads, row groups, batches, shards, forms of a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from running import run_script

ROWS = 300_000  # several batches, and several ranges of text
THREADS = (1, 2, 7)


@pytest.fixture(scope="module")
def table() -> pa.Table:
    rng = np.random.default_rng(7)
    y = rng.integers(0, 3, ROWS)
    z = rng.normal(0.0, 2.0, (ROWS, 3))
    z[np.arange(ROWS), y] += 1.5
    return pa.table({"label": y, **{f"logit_{c}": z[:, c] for c in range(3)}, "w": rng.random(ROWS)})


@pytest.fixture(scope="module")
def files(table: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One table in many row groups, in one, as text, in shards, and with its labels in a file of their own."""
    home = tmp_path_factory.mktemp("bytes")
    found = {
        name: home / name
        for name in ("many.parquet", "few.parquet", "one.csv", "shards", "scores.csv", "y.csv", "one.jsonl")
    }
    pq.write_table(table, found["many.parquet"], row_group_size=17_001)
    pq.write_table(table, found["few.parquet"], row_group_size=ROWS)
    pa.csv.write_csv(table, found["one.csv"])
    found["shards"].mkdir()
    for i, start in enumerate(range(0, ROWS, 70_000)):
        pq.write_table(table.slice(start, 70_000), found["shards"] / f"part-{i}.parquet", row_group_size=33_333)
    pa.csv.write_csv(table.drop_columns(["label"]), found["scores.csv"])
    pa.csv.write_csv(table.select(["label"]), found["y.csv"])
    found["one.jsonl"].write_text("".join(f"{json.dumps(row)}\n" for row in table.to_pylist()))
    assert found["one.csv"].stat().st_size > 12 << 20  # several ranges of text
    return found


def scored(*arguments: object) -> str:
    done = run_script("eval", *arguments, "--sample-weight", "w", "--format", "json")
    assert done.code == 0, done.err
    return done.out


def numbers(document: str) -> Any:
    """What the rows came to: everything but which file was read, and how that was decided."""
    found = json.loads(document)
    del found["inputs"], found["spec"]["decisions"]
    return found


@pytest.mark.parametrize("name", ["many.parquet", "one.csv", "one.jsonl", "shards"])
def test_any_number_of_threads_gives_the_same_bytes(files: dict[str, Path], name: str) -> None:
    one, *others = (scored(files[name], "--threads", threads) for threads in THREADS)
    assert all(other == one for other in others)


def test_labels_of_a_second_file_are_paired_by_row_number_in_every_thread(files: dict[str, Path]) -> None:
    one, *others = (scored(files["scores.csv"], files["y.csv"], "--threads", threads) for threads in THREADS)
    assert all(other == one for other in others)
    assert numbers(one)["loss"] == numbers(scored(files["many.parquet"]))["loss"]


def test_row_groups_shards_and_text_hold_the_same_rows(files: dict[str, Path]) -> None:
    one, *others = (
        numbers(scored(files[name])) for name in ("many.parquet", "few.parquet", "shards", "one.csv", "one.jsonl")
    )
    assert all(other == one for other in others)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_rows_are_written_alike(files: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    written = []
    for name in ("many.parquet", "few.parquet", "shards"):
        for threads in THREADS:
            rows = tmp_path / f"{name}-{threads}.{suffix}"
            assert run_script("eval", files[name], "-q", "--per-sample", rows, "--threads", threads).code == 0
            written.append(rows)
    one, *others = (path.read_bytes() for path in written)
    assert all(other == one for other in others)


@pytest.mark.parametrize("threads", THREADS)
def test_the_first_bad_row_of_the_file_is_named(files: dict[str, Path], tmp_path: Path, threads: int) -> None:
    lines = files["one.csv"].read_text(encoding="ascii").splitlines()
    for row in (140_000, 250_000, 299_999):
        lines[row + 1] = "0,nan,1,2,0.5"
    bad = tmp_path / "bad.csv"
    bad.write_text("\n".join(lines), encoding="ascii")
    done = run_script("eval", bad, "--threads", threads)
    assert done.code == 3
    assert done.err.startswith(f"error: {bad} row 140000 (line 140002), column 'logit_0': "), done.err
