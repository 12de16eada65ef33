"""``--engine dask`` when something goes wrong: the bytes of one machine or one clear error, never another number."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import celoss_cli
from celoss_cli.engine.dask import DaskEngine
from celoss_cli.pipeline.evaluate import evaluate
from celoss_cli.request import EngineKind, ReadOptions, Request
from celoss_cli.tables.elsewhere import TableElsewhere
from celoss_cli.tables.inputs import opener_of
from celoss_cli.tables.opening import open_table
from celoss_cli.tables.stretches import stretches
from running import run, write

distributed: Any = pytest.importorskip("distributed")
dask: Any = pytest.importorskip("dask")

FILES = 40

PATIENCE = 120.0  # seconds, on a machine that is busy


@contextmanager
def started() -> Iterator[Any]:
    settings = {"distributed.scheduler.allowed-failures": 1, "distributed.comm.timeouts.connect": "2s"}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        client.wait_for_workers(2)
        yield client


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with started() as client:
        yield client


@pytest.fixture
def doomed() -> Iterator[Any]:
    """A cluster for one test, which may kill its workers."""
    with started() as client:
        yield client


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Forty files, each a task: when the first is done, most are not yet given to anyone."""
    home = tmp_path_factory.mktemp("parts")
    rng = np.random.default_rng(5)
    p = rng.random(100 * FILES)
    table = pa.table({"y": (rng.random(p.size) < p).astype(int), "p": p})
    write(home, {f"part-{k}.parquet": table.slice(100 * k, 100) for k in range(FILES)})
    return str(home)


class _Meter:
    def __init__(self, then: Callable[[], object]) -> None:
        self._then: Callable[[], object] | None = then

    def advance(self, size: int) -> None:  # noqa: ARG002
        """Do it when the first rows are back."""
        then, self._then = self._then, None
        if then is not None:
            then()


def scored(path: str, client: Any, then: Callable[[], object]) -> Any:
    """The document of a run in the middle of which something happens."""

    @contextmanager
    def progress(total: int) -> Iterator[_Meter]:  # noqa: ARG001
        yield _Meter(then)

    request = Request(path, label=("y",), pred=("p",), engine=EngineKind.DASK, client=client, digest=True)
    return evaluate(request, opener_of(request), progress)


@pytest.mark.parametrize("how_many", [1, 2])
def test_workers_that_are_killed_cost_no_digit(how_many: int, doomed: Any, parts: str) -> None:
    pids = list(doomed.run(os.getpid).values())[:how_many]

    def kill() -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    there = scored(parts, doomed, kill)
    here = celoss_cli.evaluate(parts, label="y", pred="p")
    assert there == here
    assert set(pids).isdisjoint(doomed.run(os.getpid).values())


def test_rows_that_kill_every_worker_are_an_error(doomed: Any, parts: str) -> None:
    table = open_table(parts, ReadOptions())

    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    engine = DaskEngine(doomed, TableElsewhere(table, ReadOptions()))
    # With the second worker the work is lost, too. On a busy machine this is what the client hears of, again and again.
    said = "2 workers in turn died over the same rows|the workers that held the work died, or it was cancelled, 5 times"
    with pytest.raises(celoss_cli.DataError, match=said) as found:
        list(engine.run(list(stretches(table, 1, iter(())))[:1], die))
    assert found.value.code == "worker_died"


class _Cancelling:
    """A client of a cluster that loses all that it is given."""

    status = "running"

    def __init__(self) -> None:
        self.given = 0

    def scatter(self, values: list[Any], **_: Any) -> list[Any]:
        return values

    def submit(self, *_: Any, **__: Any) -> Any:
        self.given += 1
        return self

    def result(self, seconds: float) -> None:  # noqa: ARG002
        raise distributed.CancelledError

    def nthreads(self) -> dict[str, int]:
        return {"a": 1}

    def cancel(self, futures: list[Any], *, force: bool) -> None:
        """There is nothing to cancel."""


def test_work_that_is_lost_again_and_again_is_given_up(parts: str) -> None:
    table, client = open_table(parts, ReadOptions()), _Cancelling()
    engine = DaskEngine(client, TableElsewhere(table, ReadOptions()))
    with pytest.raises(celoss_cli.DataError, match="died, or it was cancelled, 5 times in turn"):
        list(engine.run(list(stretches(table, 1, iter(())))[:1], lambda *_: None))
    assert client.given == 5


def test_a_cluster_that_is_lost_is_an_error(parts: str) -> None:
    with started() as client, pytest.raises(celoss_cli.DataError, match=r"the Dask cluster (is gone|takes no work)"):
        scored(parts, client, lambda: client.cluster.sync(client.cluster.scheduler.close))


INTERRUPTED = """
import os, sys, time
from pathlib import Path
import celoss_cli.engine.dask as engine

marker = sys.argv.pop(1)

def busy(errand, stretch, first):  # sent by value, as all of this program is
    Path(marker, str(os.getpid())).touch()
    time.sleep(600)

engine._done = busy
from celoss_cli.__main__ import script
script()
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="there are no process groups")
def test_ctrl_c_ends_the_command_and_its_workers(parts: str, tmp_path: Path) -> None:
    """A terminal sends it to every process of the group; the workers are in the middle of a task then."""
    arguments = ("eval", parts, "--label", "y", "--pred", "p", "--engine", "dask", "--threads", "2", "--format", "json")
    out = tmp_path / "out"
    out.mkdir()
    started = tmp_path / "started"
    started.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(started), *arguments, "--per-sample", str(out / "rows")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("DASK_")},
    )
    try:
        _until(lambda: len(list(started.iterdir())) == 2 or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        os.killpg(process.pid, signal.SIGINT)
        printed = process.communicate(timeout=PATIENCE)
        assert (process.returncode, *printed) == (130, "", "interrupted\n")
        assert list(out.iterdir()) == []
        _until(lambda: not any(map(_lives, started.iterdir())))
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < end
        time.sleep(0.05)


def _lives(named: Path) -> bool:
    try:
        os.kill(int(named.name), 0)
    except ProcessLookupError:
        return False
    return True


def test_a_cluster_that_is_not_there_is_an_error(parts: str) -> None:
    with dask.config.set({"distributed.comm.timeouts.connect": "0.5s"}):
        done = run("eval", parts, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9")
    assert done.code == 3
    assert done.err.startswith("error: the Dask scheduler at tcp://127.0.0.1:9 cannot be reached: ")
    done = run("eval", parts, "--engine", "dask", "--scheduler", "nowhere://x")
    assert done.code == 3
    assert "the Dask scheduler at nowhere://x cannot be reached" in done.err


def test_the_address_of_the_configuration_counts(client: Any, parts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "LocalCluster", None)  # which would be started otherwise
    with dask.config.set({"scheduler-address": client.scheduler.address}):
        done = run("eval", parts, "--label", "y", "--pred", "p", "-q", "--engine", "dask")
    assert done == run("eval", parts, "--label", "y", "--pred", "p", "-q")


def test_another_version_is_said_before_the_work(client: Any, parts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celoss_cli._version.__version__", "9.9")
    with pytest.raises(
        celoss_cli.DataError, match=r"worker [01] at tcp://.* computes with .* with celoss 9\.9"
    ) as found:
        celoss_cli.evaluate(parts, client=client)
    assert found.value.code == "worker_version"


def test_a_file_that_a_worker_cannot_see_is_said_before_the_work(client: Any, parts: str) -> None:
    with (Path(parts) / "part-7.parquet").open("rb") as file:
        path = f"/proc/self/fd/{file.fileno()}"  # there in this process alone
        if not Path(path).exists():
            pytest.skip("there is no /proc")
        assert celoss_cli.evaluate(path, label="y", pred="p").counts.rows == 100
        with pytest.raises(celoss_cli.DataError, match=f"{path}: worker [01] at tcp://.* (cannot see it|sees another)"):
            celoss_cli.evaluate(path, label="y", pred="p", client=client)


def test_a_file_that_was_counted_otherwise_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "y,p\n" + "1,0.5\n" * 10})
    table = open_table(str(tmp_path / "p.csv"), ReadOptions())
    elsewhere = TableElsewhere(table, ReadOptions())
    (whole,) = elsewhere.rows_of(_whole(table)).counted(1)
    assert whole.rows == 10
    opened = elsewhere.rows_of(whole._replace(rows=11))
    with pytest.raises(celoss_cli.UnreadableFile, match="10 rows were read where 11 had been counted"):
        list(opened.batches({}))


def _whole(table: Any) -> Any:
    from celoss_cli.tables.stretches import uncounted

    return next(uncounted(table))
