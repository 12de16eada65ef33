"""Objects in S3, as a local moto server serves them; ``pip install '.[cloud-tests]'`` brings it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.fs
import pyarrow.parquet as pq
import pytest

from running import run, run_script, write
from tables.object_servers import MOTO, make_bucket, put, served

CSV = "y,p_a,p_b\n" + "a,0.7,0.3\nb,0.4,0.6\n" * 700
ROWS = [{"y": "a", "p_a": 0.7, "p_b": 0.3}, {"y": "b", "p_a": 0.4, "p_b": 0.6}] * 700


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a moto server with a bucket of predictions in every form."""
    pytest.importorskip("moto.server", reason="needs the extra cloud-tests")
    with served(MOTO, make_bucket) as address:
        for name, content in contents(tmp_path_factory.mktemp("objects")).items():
            put(f"{address}/bucket/{name}", content)
        yield address


def contents(place: Path) -> dict[str, bytes]:
    table = pa.Table.from_pylist(ROWS)
    pq.write_table(table, place / "f.parquet", row_group_size=300)
    pq.write_table(table.slice(0, 700), place / "1.parquet")
    pq.write_table(table.slice(700), place / "2.parquet")
    pa.feather.write_feather(table, place / "f.arrow")
    read = {name: (place / name).read_bytes() for name in ("f.parquet", "1.parquet", "2.parquet", "f.arrow")}
    lines = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    return {
        "d/f.csv": CSV.encode(),
        "d/f.csv.gz": gzip.compress(CSV.encode()),
        "d/f.jsonl": lines,
        "d/f.json": json.dumps(ROWS).encode(),
        "d/f.parquet": read["f.parquet"],
        "d/f.arrow": read["f.arrow"],
        "d/bad.csv": CSV.encode() + b"a,0.5,x\n",
        "d/empty.csv": b"",
        "d/cut.parquet": read["f.parquet"][:-9],
        "parts/part-1.parquet": read["1.parquet"],
        "parts/part-2.parquet": read["2.parquet"],
        "parts/_SUCCESS": b"",
        "parts/.crc": b"x",
        "run=1/part.csv": CSV.encode(),
        "mixed/a.csv": CSV.encode(),
        "mixed/b.jsonl": lines,
        "labels/y.csv": b"y\n" + b"a\nb\n" * 700,
    }


@pytest.fixture
def store(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The URL of the bucket, with an environment that finds it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return "s3://bucket"


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> float:
    place = tmp_path_factory.mktemp("local")
    write(place, {"f.csv": CSV})
    return run("eval", place / "f.csv", "-q").mean


@pytest.mark.parametrize(
    "path",
    [
        *("d/f.csv", "d/f.csv.gz", "d/f.jsonl", "d/f.json", "d/f.parquet", "d/f.arrow"),
        *("parts", "parts/", "parts/part-*.parquet", "pa*s/part-?.parquet", "run=1", "run=*/part.csv"),
    ],
)
def test_what_is_stored_is_read(path: str, store: str, expected: float) -> None:
    assert run("eval", f"{store}/{path}", "-q").mean == expected


def test_the_url_is_what_it_is_called(store: str, tmp_path: Path) -> None:
    told = json.loads(run("eval", f"{store}/d/f.jsonl", "--format", "json").out)
    assert told["inputs"]["predictions"] == {"path": "s3://bucket/d/f.jsonl", "format": "jsonl", "rows": 1400}
    assert list(tmp_path.iterdir()) == []


def test_labels_may_be_stored_too(store: str, expected: float, tmp_path: Path) -> None:
    write(tmp_path, {"f.parquet": pa.Table.from_pylist(ROWS).drop_columns("y")})
    assert run("eval", tmp_path / "f.parquet", f"{store}/labels/y.csv", "-q").mean == expected


def test_the_console_script_ends_as_it_should(store: str, expected: float) -> None:
    done = run_script("eval", f"{store}/parts", "-q")
    assert (done.mean, done.err) == (expected, "")


@pytest.mark.parametrize(
    ("url", "code", "message"),
    [
        ("s3://bucket/d/no.csv", 3, "error: s3://bucket/d/no.csv: there is no such object"),
        ("s3://nobucket/f.csv", 3, "error: s3://nobucket/f.csv: there is no such bucket"),
        ("s3:///f.csv", 2, "error: s3:///f.csv names no bucket"),
        ("s3://bucket/d/no*.csv", 3, "error: s3://bucket/d/no*.csv: no object matches"),
        ("s3://bucket/d/bad.csv", 3, "error: s3://bucket/d/bad.csv row 1400 (line 1402), column 'p_b': 'x' is not a"),
        ("s3://bucket/d/empty.csv", 3, "error: s3://bucket/d/empty.csv: is empty"),
        ("s3://bucket/d/cut.parquet", 3, "error: s3://bucket/d/cut.parquet: not a readable Parquet file"),
        ("s3://bucket/mixed", 3, "error: s3://bucket/mixed: its files have different forms: "),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_of_the_url(url: str, code: int, message: str, store: str) -> None:
    assert store
    done = run("eval", url)
    assert done.code == code
    assert done.err.startswith(message), done.err
    assert "hint: " in done.err


def test_public_objects_need_no_credentials(
    store: str, server: str, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(f"{server}/bucket/public.csv", CSV.encode(), **{"x-amz-acl": "public-read"})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/nonexistent")
    assert run("eval", f"{store}/public.csv", "-q").mean == expected
    refused = run("eval", f"{store}/d/f.csv")
    assert refused.code == 3
    assert "s3://bucket/d/f.csv: access is denied" in refused.err


def test_a_store_that_is_not_there_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    began = time.monotonic()
    done = run("eval", "s3://bucket/f.csv")
    assert time.monotonic() - began < 30
    assert done.code == 3
    assert "s3://bucket/f.csv: the store cannot be reached" in done.err
    assert "AWS_ENDPOINT_URL" in done.err


def test_file_urls_are_paths(tmp_path: Path, expected: float) -> None:
    write(tmp_path, {"a b.csv": CSV})
    assert run("eval", f"file://{tmp_path}/a%20b.csv", "-q").mean == expected
    assert run("eval", "file://elsewhere/f.csv").code == 2


def test_files_need_no_file_systems(tmp_path: Path) -> None:
    """What the other forms need is loaded for them alone."""
    write(tmp_path, {"f.csv": CSV, "f.parquet": pa.Table.from_pylist(ROWS)})
    for name in ("f.csv", "f.parquet"):
        code = (
            f"import sys; sys.argv = ['celoss', 'eval', {str(tmp_path / name)!r}, '-q']\n"
            "from celoss_cli.__main__ import main\n"
            "try: main()\nfinally: print(*sys.modules, file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        loaded = set(done.stderr.split())
        ours = {
            f"celoss_cli.tables.{part}" for part in ("object_store", "views.renamed", "standard_input", "temporary")
        }
        ours |= {
            f"celoss_cli.tables.{part}" for part in ("json.lines", "json.sniff", "arrow.ipc", "views.structured_table")
        }
        assert loaded & (ours | {"pyarrow.json", "pandas", "fsspec"}) == set()


class Waiting:
    """A store of four objects none of which opens before all of them are asked for."""

    def __init__(self, place: Path) -> None:
        self._system = pyarrow.fs.SubTreeFileSystem(str(place), pyarrow.fs.LocalFileSystem())
        self._all = threading.Barrier(4)
        self._asked: set[str] = set()
        self.get_file_info = self._system.get_file_info

    def open_input_file(self, path: str) -> Any:
        if path not in self._asked:
            self._asked.add(path)
            self._all.wait(30)
        return self._system.open_input_file(path)


def test_objects_are_opened_beside_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.Table.from_pylist(ROWS)
    write(tmp_path, {f"bucket/{k}.parquet": table.slice(300 * k, 300 if k < 3 else 500) for k in range(4)})
    monkeypatch.setattr("celoss_cli.tables.object_store._file_system", lambda *_, **__: Waiting(tmp_path))
    done = run("eval", "s3://bucket/", "--format", "json")
    assert done.code == 0, done.err
    here = run("eval", tmp_path / "bucket", "--format", "json")
    assert done.out.replace("s3://bucket/", "X") == here.out.replace(str(tmp_path / "bucket"), "X")
    for k in (1, 3):
        write(tmp_path, {f"bucket/{k}.parquet": b"PAR1" + b"x" * 100})
    done = run("eval", "s3://bucket/")
    assert done.code == 3
    assert "s3://bucket/1.parquet" in done.err
