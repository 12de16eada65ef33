"""``--engine dask`` over objects in S3, which the workers open themselves: the bytes of one run here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from running import run
from tables.object_servers import MOTO, make_bucket, put, served

distributed: Any = pytest.importorskip("distributed")
pytest.importorskip("moto.server", reason="needs the extra cloud-tests")


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster whose workers find the store, as this process does."""
    place = tmp_path_factory.mktemp("objects")
    with served(MOTO, make_bucket) as store, pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL_S3", store)
        environment.setenv("AWS_ACCESS_KEY_ID", "key")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        rng = np.random.default_rng(0)
        p = rng.random(6_000)
        table = pa.table({"id": np.arange(6_000), "p": p, "y": (rng.random(6_000) < p).astype(int)})
        for part in range(3):
            rows = table.slice(part * 2_000, 2_000)
            pq.write_table(rows, place / "part.parquet", row_group_size=700)
            put(f"{store}/bucket/run/part-{part}.parquet", (place / "part.parquet").read_bytes())
            pyarrow.csv.write_csv(rows, place / "part.csv")
            put(f"{store}/bucket/text/part-{part}.csv", (place / "part.csv").read_bytes())
        put(f"{store}/bucket/y.csv", b"id,y\n" + b"".join(b"%d,%d\n" % (i, i % 2) for i in range(6_000)))
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
        ) as cluster:
            yield str(cluster.scheduler_address)


@pytest.mark.parametrize(
    "arguments",
    [
        ("s3://bucket/run/*.parquet",),
        ("s3://bucket/run/",),
        ("s3://bucket/text/*.csv", "--class-weight", "balanced"),
        ("s3://bucket/run/*.parquet", "s3://bucket/y.csv", "--id", "id", "--pred", "p"),
    ],
    ids=["parquet", "prefix", "csv", "labels"],
)
def test_the_same_bytes_as_here(arguments: tuple[str, ...], scheduler: str, tmp_path: Path) -> None:
    here = run("eval", *arguments, "--format", "json")
    there = run("eval", *arguments, "--format", "json", "--engine", "dask", "--scheduler", scheduler)
    assert (here.code, there.code) == (0, 0), here.err + there.err
    assert there.out == here.out
    assert list(tmp_path.iterdir()) == []
