"""The recipes of docs/how-to/many-machines.md on clusters of processes: the loss of one run over all rows."""

from __future__ import annotations

import importlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import celoss_cli
from docs.pages import ROOT
from running import run, write

PAGE = ROOT / "docs" / "how-to" / "many-machines.md"
PARTS = 8


def recipe(library: str) -> str:
    """The block of the page that imports a library."""
    blocks = re.findall(r"```py\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    [block] = [block for block in blocks if re.search(rf"^(import|from) {library}", block, re.MULTILINE)]
    assert len(block.splitlines()) <= 20
    return str(block)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight files and their plan."""
    home = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(4)
    z = rng.normal(0.0, 2.0, (8_000, 3))
    whole = pa.table({"y": rng.integers(0, 3, 8_000), **{f"z_{c}": z[:, c] for c in range(3)}})
    write(home, {f"part-{k + 1}.parquet": whole.slice(k * 1_000, 1_000) for k in range(PARTS)})
    done = run("inspect", home / "*.parquet", "--label", "y", "--format", "json")
    assert done.code == 0, done.err
    (home / "plan.json").write_text(done.out, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def mean(data: Path) -> float:
    return celoss_cli.evaluate(str(data / "*.parquet"), label="y").loss.mean


def ran(code: str, data: Path, tmp_path: Path) -> str:
    """What a recipe prints last, run as a script in an empty directory."""
    script = tmp_path / "recipe.py"
    script.write_text(code.replace("/data", str(data)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def dask() -> Iterator[Any]:
    distributed: Any = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        yield cluster


def test_dask(dask: Any, data: Path, mean: float, tmp_path: Path) -> None:
    code = recipe("dask").replace("tcp://scheduler:8786", dask.scheduler_address)
    assert ran(code, data, tmp_path) == repr(mean)


def slowly(path: str, number: int, of: int, plan: str) -> celoss_cli.PartState:
    time.sleep(0.3)
    return celoss_cli.score_part(path, plan=plan, part=f"{number}/{of}", threads=1)


def test_a_worker_that_is_killed_costs_no_digit(dask: Any, data: Path, mean: float) -> None:
    distributed = importlib.import_module("distributed")
    paths = [str(data / f"part-{k + 1}.parquet") for k in range(PARTS)]
    with distributed.Client(dask) as client:
        client.wait_for_workers(2)
        pids = list(client.run(os.getpid).values())
        states = client.map(slowly, paths, range(1, PARTS + 1), of=PARTS, plan=str(data / "plan.json"), pure=False)
        distributed.wait(states[:1])
        os.kill(pids[0], signal.SIGKILL)
        found = celoss_cli.merge(client.gather(states))
    assert found.loss.mean == mean
    assert found.to_dict()["loss"] == celoss_cli.evaluate(str(data / "*.parquet"), label="y").to_dict()["loss"]


def test_the_error_of_a_part_is_its_own(dask: Any, data: Path, tmp_path: Path) -> None:
    distributed = importlib.import_module("distributed")
    write(
        tmp_path,
        {"bad.parquet": pa.table({"y": [0, 1], "z_0": [1.0, float("nan")], "z_1": [0.0, 1.0], "z_2": [2.0, 0.0]})},
    )
    with distributed.Client(dask) as client, pytest.raises(celoss_cli.InvalidScores, match="row 1, column 'z_0'"):
        client.submit(slowly, str(tmp_path / "bad.parquet"), 1, 1, str(data / "plan.json")).result()


def test_ray(data: Path, mean: float, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    code = recipe("ray").replace('ray.init("auto")', "ray.init(num_cpus=2, include_dashboard=False)")
    assert ran(code, data, tmp_path) == repr(mean)


def test_spark(data: Path, mean: float, tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    code = recipe("pyspark").replace("SparkSession.builder", 'SparkSession.builder.master("local[2]")')
    assert ran(code.replace('"/data"', '"/data/*.parquet"'), data, tmp_path) == repr(mean)
