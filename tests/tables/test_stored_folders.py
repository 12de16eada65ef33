"""What lies under a prefix of an object store is the table that the same directory would be: S3 and Google's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from running import run
from tables.object_servers import GOOGLE, MOTO, make_bucket, put, put_google, served

P = [0.9, 0.2, 0.7, 0.6, 0.1, 0.8]
Y = [1, 0, 1, 0, 0, 1]
LOSSES = [-np.log(p if y else 1 - p) for p, y in zip(P, Y, strict=True)]


def csv(first: int, last: int) -> bytes:
    rows = zip(Y[first:last], P[first:last], strict=True)
    return ("y_true,y_prob\n" + "".join(f"{y},{p}\n" for y, p in rows)).encode()


def table(first: int, last: int) -> pa.Table:
    return pa.table({"y_true": Y[first:last], "y_prob": P[first:last]})


def directories(place: Path) -> None:
    """Write the directories that are stored: each a table in parts."""
    for week, (first, last) in {"1": (0, 2), "2": (2, 3), "__HIVE_DEFAULT_PARTITION__": (3, 6)}.items():
        folder = place / "hive" / "site=a%2Fb" / f"week={week}"
        folder.mkdir(parents=True)
        pq.write_table(table(first, last), folder / "part-0.parquet")
        (folder / "_SUCCESS").touch()
        (folder / ".part-0.parquet.crc").write_bytes(b"x")
    (place / "hive" / "_temporary" / "0").mkdir(parents=True)
    (place / "hive" / "_temporary" / "0" / "part-0.parquet").write_bytes(b"half")
    for name, content in {
        "empty/part-0.csv": csv(0, 0), "empty/part-1.csv": csv(0, 4), "empty/part-10.csv": csv(5, 6),
        "empty/part-2.csv": csv(4, 5), "empty/part-3.csv": b"", "empty/metrics.json": b'{"loss": 0.3}',
        "mixed/week=1/p.csv": csv(0, 3), "mixed/p.csv": csv(3, 6),
        "iceberg/metadata/v1.metadata.json": b"{}", "iceberg/data.csv": csv(0, 6),
    }.items():  # fmt: skip
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    try:
        import deltalake
    except ImportError:
        return
    deltalake.write_deltalake(place / "plain", table(0, 6))
    deltalake.DeltaTable(place / "plain").delete("y_prob < 0.15")
    weeks = table(0, 6).append_column("week", pa.array([1, 1, 2, 2, 3, 3]))
    deltalake.write_deltalake(place / "delta", weeks, partition_by=["week"])
    deltalake.DeltaTable(place / "delta").delete("y_prob < 0.15")


@pytest.fixture(scope="module", params=["s3", "gs"])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The scheme and the address of a store with the directories in its bucket."""
    amazon = request.param == "s3"
    pytest.importorskip("moto.server" if amazon else "gcp_storage_emulator", reason="needs the extra cloud-tests")
    place = tmp_path_factory.mktemp("stored")
    directories(place)
    with served(MOTO, make_bucket) if amazon else served(GOOGLE, put_google) as address:
        for path in (path for path in place.rglob("*") if path.is_file()):
            name = path.relative_to(place).as_posix()
            if amazon:
                put(f"{address}/bucket/{name.replace('%', '%25')}", path.read_bytes())
            else:
                put_google(address, name, path.read_bytes())
        yield request.param, address


@pytest.fixture
def bucket(stored: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The URL of the bucket, with an environment that finds it."""
    scheme, address = stored
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    settings = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
        "STORAGE_EMULATOR_HOST": address,
        "TMPDIR": str(tmp_path),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return f"{scheme}://bucket"


def test_hive_partitions_are_columns(bucket: str) -> None:
    assert run("eval", f"{bucket}/hive", "-q").mean == pytest.approx(np.mean(LOSSES), rel=1e-14)
    assert run("eval", f"{bucket}/hive/", "--where", "week=2", "-q").mean == pytest.approx(LOSSES[2], rel=1e-14)
    told = json.loads(run("eval", f"{bucket}/hive", "--slice", "week,site", "--format", "json").out)
    assert {(one["column"], one["value"]): one["rows"] for one in told["slices"]} == {
        ("week", "1"): 2, ("week", "2"): 1, ("week", None): 3, ("site", "a/b"): 6,
    }  # fmt: skip


def test_a_pattern_of_partitions(bucket: str) -> None:
    found = run("eval", f"{bucket}/hive/site=*/week=[12]", "-q")
    assert found.mean == pytest.approx(np.mean(LOSSES[:3]), rel=1e-14)
    found = run("eval", f"{bucket}/hive/site=*/week=[12]/part-*.parquet", "-q")
    assert found.mean == pytest.approx(np.mean(LOSSES[:3]), rel=1e-14)


def test_parts_without_rows_and_what_a_run_says_of_itself(bucket: str) -> None:
    told = json.loads(run("eval", f"{bucket}/empty", "--format", "json").out)
    assert told["loss"]["mean"] == pytest.approx(np.mean(LOSSES), rel=1e-14)
    said = next(one for one in told["spec"]["decisions"] if one["what"] == "parts")
    assert said["value"] == "3 files"
    assert "left out: metrics.json" in said["evidence"]
    assert "without rows: part-0.csv, part-3.csv" in said["evidence"]


@pytest.mark.parametrize("name", ["plain", "delta"])
def test_a_delta_table_is_what_its_log_says(name: str, bucket: str, tmp_path: Path) -> None:
    pytest.importorskip("deltalake")
    left = [loss for loss, p in zip(LOSSES, P, strict=True) if p >= 0.15]
    assert run("eval", f"{bucket}/{name}", "-q").mean == pytest.approx(np.mean(left), rel=1e-14)
    if name == "delta":
        found = run("eval", f"{bucket}/delta", "--where", "week=2", "-q")
        assert found.mean == pytest.approx(np.mean(LOSSES[2:4]), rel=1e-14)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mixed", "holds files beside folders that are partitions: "),
        ("iceberg", "is an Iceberg table: its log, and not the directory"),
        ("none", "there is no such object"),
        ("hive/week=*", "no object matches"),
        ("hive/_temporary/0", "part-0.parquet"),
    ],
)
def test_what_is_no_table_is_said_of_the_url(name: str, message: str, bucket: str) -> None:
    done = run("eval", f"{bucket}/{name}")
    assert done.code == 3
    assert done.err.startswith(f"error: {bucket}/{name}"), done.err
    assert message in done.err
    assert "hint: " in done.err
