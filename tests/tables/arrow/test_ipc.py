"""Arrow IPC files and streams: what pyarrow and Polars write, and what is left of it after an accident."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest

from celoss_cli.request import ReadOptions
from celoss_cli.tables.opening import open_table
from running import run, write

CLASSES = ("cat", "dog", "emu")
ROWS = 2500


def table() -> pa.Table:
    rng = np.random.default_rng(11)
    scores = np.exp(rng.normal(size=(ROWS, 3)))
    scores /= scores.sum(axis=1, keepdims=True)
    return pa.table({"label": rng.choice(CLASSES, ROWS), **{c: scores[:, i] for i, c in enumerate(CLASSES)}})


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> float:
    path = tmp_path_factory.mktemp("ipc")
    write(path, {"f.parquet": table()})
    return run("eval", path / "f.parquet", "-q").mean


def stream(path: str) -> None:
    with pa.ipc.new_stream(path, table().schema) as writer:
        writer.write_table(table(), max_chunksize=300)


def coded(path: str) -> None:
    """Write labels as dictionaries, another one in each batch."""
    columns = table().to_pydict()
    kind = pa.dictionary(pa.int8(), pa.string())
    schema = pa.schema([("label", kind), *((name, pa.float64()) for name in CLASSES)])
    with pa.ipc.new_stream(path, schema) as writer:
        for start in range(0, ROWS, 700):
            piece = {name: values[start : start + 700] for name, values in columns.items()}
            arrays: list[Any] = [pa.array(piece["label"]).dictionary_encode().cast(kind)]
            arrays += [pa.array(piece[name]) for name in CLASSES]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))


def polars(how: str) -> Callable[[str], None]:
    def write_it(path: str) -> None:
        pl = pytest.importorskip("polars")
        frame = pl.from_arrow(table())
        if how == "categorical":
            frame = frame.with_columns(pl.col("label").cast(pl.Categorical))
        if how in ("list", "array"):
            join = pl.concat_list if how == "list" else pl.concat_arr
            codes = pl.col("label").replace_strict({name: code for code, name in enumerate(CLASSES)})
            frame = frame.select(codes, join(*CLASSES).alias("probs"))
        getattr(frame, "write_ipc_stream" if how == "stream" else "write_ipc")(path)

    return write_it


FORMS: dict[str, Callable[[str], None]] = {
    "Feather, LZ4": lambda path: pa.feather.write_feather(table(), path),
    "Feather, zstd, small batches": lambda path: pa.feather.write_feather(table(), path, "zstd", chunksize=70),
    "Feather, uncompressed": lambda path: pa.feather.write_feather(table(), path, "uncompressed"),
    "stream": stream,
    "stream of dictionaries": coded,
    **{f"Polars, {how}": polars(how) for how in ("file", "stream", "categorical", "list", "array")},
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_loss(name: str, expected: float, tmp_path: Path) -> None:
    path = str(tmp_path / "f.bin")
    FORMS[name](path)
    assert run("eval", path, "-q").mean == expected
    assert run("eval", path, "-q", "--threads", "1", "--file-format", "arrow").mean == expected
    opened = open_table(path, ReadOptions())
    assert opened.format == "arrow"
    assert sum(partition.size for partition in opened.partitions()) <= opened.size
    assert sum(partition.rows or 0 for partition in opened.partitions()) == ROWS


def test_pandas_stays_out(tmp_path: Path) -> None:
    """PyArrow imports pandas behind our back where one lets it."""
    coded(str(tmp_path / "f.arrow"))
    code = (
        f"import sys; sys.argv = ['celoss', 'eval', {str(tmp_path / 'f.arrow')!r}, '-q']\n"
        "from celoss_cli.__main__ import main\n"
        "try: main()\nfinally: print('pandas' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.split() == ["False"]


@pytest.mark.parametrize(
    ("form", "damage", "message"),
    [
        ("Feather, uncompressed", lambda c: c[:-100], "not a readable Arrow file"),
        ("Feather, uncompressed", lambda c: c[:10], "not a readable Arrow file"),
        ("Feather, LZ4", lambda c: c[:9000] + b"\xff" * 400 + c[9400:], "not a readable Arrow file"),
        ("stream", lambda c: c[:-8], "does not end with its end mark"),
        ("stream", lambda c: c[: len(c) // 2], "does not end with its end mark"),
        ("stream", lambda c: c[:9] + b"\xff\xff\xff\xff\0\0\0\0", "not a readable Arrow file"),
    ],
)
def test_damaged_files(form: str, damage: Callable[[bytes], bytes], message: str, tmp_path: Path) -> None:
    path = tmp_path / "f.arrow"
    FORMS[form](str(path))
    path.write_bytes(damage(path.read_bytes()))
    found = run("eval", path, "-q")
    assert found.code == 3, found
    assert message in found.err
    assert len(found.err.splitlines()) == 2


def test_indices_beyond_a_dictionary_are_found_out(tmp_path: Path) -> None:
    indices, names = pa.array([0, 1, 0, 1], pa.int8()), pa.array(["a", "b"])
    halves = pa.array([0.5] * 4)
    columns = {"label": pa.DictionaryArray.from_arrays(indices, names), "a": halves, "b": halves}
    with pa.ipc.new_file(str(tmp_path / "f.arrow"), pa.table(columns).schema) as writer:
        writer.write_table(pa.table(columns))
    content = (tmp_path / "f.arrow").read_bytes()
    stored = bytes([0, 1, 0, 1, 0, 0, 0, 0])
    assert content.count(stored) == 1
    (tmp_path / "f.arrow").write_bytes(content.replace(stored, bytes([0, 99, 0, 1, 0, 0, 0, 0])))
    found = run("eval", tmp_path / "f.arrow", "-q")
    assert found.code == 3
    assert "not a readable Arrow file" in found.err


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_no_rows(kind: str, tmp_path: Path) -> None:
    with getattr(pa.ipc, f"new_{kind}")(str(tmp_path / "f"), table().schema):
        pass
    assert "has no rows" in run("eval", tmp_path / "f", "-q").err


def test_feather_of_version_1_is_called_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, {"f.feather": b"FEA1" + b"\0" * 60})
    found = run("eval", tmp_path / "f.feather", "-q")
    assert found.code == 3
    assert "is a Feather file of version 1, which celoss does not read" in found.err
    assert "version=2" in found.err


def test_batches_of_another_width_are_refused(tmp_path: Path) -> None:
    schema = pa.schema([("label", pa.int64()), ("probs", pa.list_(pa.float64()))])
    with pa.ipc.new_file(str(tmp_path / "f"), schema) as writer:
        for vector in ([0.5, 0.5], [0.25, 0.25, 0.5]):
            writer.write_batch(pa.record_batch([pa.array([0, 1]), pa.array([vector] * 2)], schema=schema))
    found = run("eval", tmp_path / "f", "-q")
    assert "row 2, column 'probs': the vector has 3 elements, not 2" in found.err


def test_parts_of_one_table(tmp_path: Path, expected: float) -> None:
    for part in range(3):
        pa.feather.write_feather(table().slice(part * 1000, 1000), tmp_path / f"part-{part}.feather")
    assert run("eval", tmp_path, "-q").mean == expected


def test_small_record_batches_are_read_as_one(tmp_path: Path) -> None:
    rows = 150_000
    scores = np.arange(rows) / rows
    scores[149_999] = np.inf
    data = pa.table({"label": np.arange(rows) % 2, "p": scores})
    with pa.ipc.new_file(tmp_path / "f.arrow", data.schema) as writer:
        writer.write_table(data, max_chunksize=100)
    read = open_table(str(tmp_path / "f.arrow"), ReadOptions())
    assert [part.rows for part in read.partitions()] == [65_500, 65_500, 19_000]
    failed = run("eval", tmp_path / "f.arrow", "--input", "probs")
    assert (failed.code, "row 149999" in failed.err) == (3, True), failed.err
