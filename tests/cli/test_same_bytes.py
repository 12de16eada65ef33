"""The same bytes out, however the work is shared: threads, row groups, batches, shards, forms of a table."""

from __future__ import annotations

import gzip
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
        for name in (
            *("many.parquet", "few.parquet", "three.parquet", "one.csv", "one.csv.gz", "one.csv.zst", "shards"),
            *("scores.csv", "y.csv", "one.jsonl"),
        )
    }
    pq.write_table(table, found["many.parquet"], row_group_size=17_001)
    pq.write_table(table, found["few.parquet"], row_group_size=ROWS)
    pq.write_table(table, found["three.parquet"], row_group_size=ROWS // 3)  # the last is shared by two threads
    pa.csv.write_csv(table, found["one.csv"])
    found["one.csv.gz"].write_bytes(gzip.compress(found["one.csv"].read_bytes(), 1))
    with pa.CompressedOutputStream(str(found["one.csv.zst"]), "zstd") as stream:
        stream.write(found["one.csv"].read_bytes())
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


@pytest.mark.parametrize(
    "name",
    ["many.parquet", "few.parquet", "three.parquet", "one.csv", "one.csv.gz", "one.csv.zst", "one.jsonl", "shards"],
)
def test_any_number_of_threads_gives_the_same_bytes(files: dict[str, Path], name: str) -> None:
    one, *others = (scored(files[name], "--threads", threads) for threads in THREADS)
    assert all(other == one for other in others)


def test_labels_of_a_second_file_are_paired_by_row_number_in_every_thread(files: dict[str, Path]) -> None:
    one, *others = (scored(files["scores.csv"], files["y.csv"], "--threads", threads) for threads in THREADS)
    assert all(other == one for other in others)
    assert numbers(one)["loss"] == numbers(scored(files["many.parquet"]))["loss"]


def test_row_groups_shards_and_text_hold_the_same_rows(files: dict[str, Path]) -> None:
    one, *others = (
        numbers(scored(files[name]))
        for name in ("many.parquet", "few.parquet", "three.parquet", "shards", "one.csv", "one.csv.gz", "one.jsonl")
    )
    assert all(other == one for other in others)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_rows_are_written_alike(files: dict[str, Path], tmp_path: Path, suffix: str) -> None:
    written = []
    for name in ("many.parquet", "few.parquet", "shards", "one.csv", "one.csv.gz"):
        for threads in THREADS:
            rows = tmp_path / f"{name}-{threads}.{suffix}"
            assert run_script("eval", files[name], "-q", "--per-sample", rows, "--threads", threads).code == 0
            written.append(rows)
    one, *others = (path.read_bytes() for path in written)
    assert all(other == one for other in others)


@pytest.mark.parametrize(
    "options",
    [
        ("--class-weight", "1,2,3"),
        ("--class-weight", "balanced", "--clip", "0.01"),
        ("--slice", "label"),
        ("--label-smoothing", "0.1"),
    ],
)
def test_options_that_go_other_ways(files: dict[str, Path], options: tuple[str, ...]) -> None:
    """Through the core or around it, in row groups or in pieces of one."""
    found = set()
    for name in ("many.parquet", "few.parquet"):
        for threads in THREADS:
            done = run_script("eval", files[name], *options, "--format", "json", "--threads", threads)
            assert done.code == 0, done.err
            found.add(json.dumps(numbers(done.out)))
    assert len(found) == 1


def test_the_mean_alone(files: dict[str, Path]) -> None:
    names = ("many.parquet", "few.parquet", "one.csv.gz")
    for options in ((), ("--class-weight", "1,2,3")):
        found = {run_script("eval", files[n], "-q", *options, "--threads", k).out for n in names for k in THREADS}
        assert len(found) == 1


BAD = (140_000, 250_000, 299_999)


def bad_text(files: dict[str, Path]) -> bytes:
    lines = files["one.csv"].read_text(encoding="ascii").splitlines()
    for row in BAD:
        lines[row + 1] = "0,nan,1,2,0.5"
    return "\n".join(lines).encode()


@pytest.mark.parametrize("threads", THREADS)
def test_the_first_bad_row_of_the_file_is_named(files: dict[str, Path], tmp_path: Path, threads: int) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(bad_text(files))
    done = run_script("eval", bad, "--threads", threads)
    assert done.code == 3
    assert done.err.startswith(f"error: {bad} row 140000 (line 140002), column 'logit_0': "), done.err


@pytest.mark.parametrize("options", [(), ("--sample-weight", "w"), ("-q", "--per-sample", "rows.csv")])
@pytest.mark.parametrize("threads", THREADS)
def test_so_is_that_of_one_row_group(table: pa.Table, tmp_path: Path, threads: int, options: tuple[str, ...]) -> None:
    scores = table["logit_0"].to_numpy().copy()
    scores[list(BAD)] = np.nan
    bad = tmp_path / "bad.parquet"
    pq.write_table(table.set_column(1, "logit_0", pa.array(scores)), bad, row_group_size=ROWS)
    done = run_script("eval", bad, "--threads", threads, *options, cwd=tmp_path)
    assert done.code == 3
    assert done.err.startswith(f"error: {bad} row 140000, column 'logit_0': "), done.err
    assert [path.name for path in tmp_path.iterdir()] == ["bad.parquet"]


@pytest.mark.parametrize("threads", THREADS)
def test_a_cell_that_the_reader_refuses_is_named_whoever_reads_it(tmp_path: Path, threads: int) -> None:
    texts = ["0.25"] * ROWS
    for row in BAD:
        texts[row] = "half"
    bad = tmp_path / "bad.parquet"
    pq.write_table(pa.table({"y": np.arange(ROWS) % 2, "p": texts}), bad, row_group_size=ROWS)
    done = run_script("eval", bad, "--label", "y", "--pred", "p", "--threads", threads)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(f"error: {bad} row 140000, column 'p': "), done.err


@pytest.mark.parametrize("threads", THREADS)
def test_a_bad_row_comes_before_the_damage_behind_it(files: dict[str, Path], tmp_path: Path, threads: int) -> None:
    """The reader is far ahead of the scoring: what it meets there is not said first."""
    whole = gzip.compress(bad_text(files), 1)
    bad, worse = tmp_path / "bad.csv.gz", tmp_path / "damaged.csv.gz"
    bad.write_bytes(whole[: len(whole) * 9 // 10])
    done = run_script("eval", bad, "--threads", threads)
    assert done.code == 3
    assert done.err.startswith(f"error: {bad} row 140000 (line 140002), column 'logit_0': "), done.err
    worse.write_bytes(files["one.csv.gz"].read_bytes()[:-20])
    done = run_script("eval", worse, "--threads", threads)
    assert done.code == 3
    assert done.err.startswith(f"error: {worse}: the gzip file ends in the middle of its data"), done.err
