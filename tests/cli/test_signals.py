"""Signals that end the program get through wherever they come, and end it as signals do."""

from __future__ import annotations

import contextlib
import gzip
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from running import SCRIPT

if not hasattr(signal, "SIGHUP"):
    pytest.skip("needs the signals of POSIX", allow_module_level=True)

# A callback of a weak reference cannot raise: what a signal raises in one is only reported. Imports make many of these.
IN_A_CALLBACK = """
import os, signal, time, weakref
from celoss_cli.cli.signals import Terminated, end_by, unwind_on_signals

class Thing: pass

def callback(reference):
    os.kill(os.getpid(), {number})
    time.sleep(0.001)

unwind_on_signals()
thing = Thing()
reference = weakref.ref(thing, callback)
try:
    del thing
    time.sleep(10)
    print("the signal was lost")
except KeyboardInterrupt:
    print("interrupted")
except Terminated as end:
    print("terminated", flush=True)
    end_by(end.signum)
"""


@pytest.mark.parametrize(
    ("number", "out", "code"),
    [(signal.SIGINT, "interrupted\n", 0), (signal.SIGTERM, "terminated\n", -15), (signal.SIGHUP, "terminated\n", -1)],
)
def test_a_signal_in_a_callback_is_not_lost(number: signal.Signals, out: str, code: int) -> None:
    command = [sys.executable, "-c", IN_A_CALLBACK.format(number=int(number))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout, done.stderr, done.returncode) == (out, "", code)


def test_other_errors_in_callbacks_are_reported_as_ever() -> None:
    code = IN_A_CALLBACK.format(number=0).replace("os.kill(os.getpid(), 0)", "raise ValueError('x')").replace("10", "0")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert "ValueError: x" in done.stderr
    assert done.returncode == 0


def test_an_ignored_signal_stays_ignored() -> None:
    code = "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + IN_A_CALLBACK.format(number=1)
    code = code.replace("time.sleep(10)", "time.sleep(0.1)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout, done.returncode) == ("the signal was lost\n", 0)


@pytest.mark.parametrize(("raised", "code"), [("KeyboardInterrupt()", 130), ("Terminated(15)", -15)])
def test_a_signal_while_a_class_is_made_ends_as_any_other(raised: str, code: int) -> None:
    script = f"""
import sys
import celoss_cli.__main__ as main
import celoss_cli.cli.boundary as boundary
from celoss_cli.cli.signals import Terminated

def interrupted(app, arguments):
    try:
        raise {raised}
    except BaseException as error:
        raise RuntimeError("Error calling __set_name__") from error

boundary.exit_code_of = interrupted
main.main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


PATIENCE = 0.2
"""Seconds from Ctrl-C to the end, on a machine that has nothing else to do."""

LARGE = 3_000_000  # rows: half a second of work


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One row group, and the same rows as text."""
    home = tmp_path_factory.mktemp("large")
    p = np.random.default_rng(3).random(LARGE)
    rows = pa.table({"p": p, "y": (p > 0.4).astype(np.int8), "w": p[::-1].copy()})
    pq.write_table(rows, home / "f.parquet", row_group_size=LARGE)
    pa.csv.write_csv(rows, home / "f.csv")
    (home / "f.csv.gz").write_bytes(gzip.compress((home / "f.csv").read_bytes(), 1))
    return home


@pytest.mark.parametrize(
    "arguments",
    [
        ("eval", "f.parquet"),
        ("eval", "f.parquet", "--sample-weight", "w"),
        ("eval", "f.parquet", "-q", "--per-sample", "rows.csv"),
        ("eval", "f.csv"),
        ("eval", "f.csv.gz"),
        ("explain", "f.parquet"),
        ("compare", "f.parquet", "f.parquet", "--bootstrap", "5000"),
    ],
)
def test_ctrl_c_ends_at_once(large: Path, arguments: tuple[str, ...]) -> None:
    """Whatever the threads are at. The quickest of some tries counts: others may use the machine."""
    before = {path.name for path in large.iterdir()}
    command = [SCRIPT, *arguments, "--label", "y", "--pred", "p", "--threads", "2"]
    begun = time.monotonic()
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(command, cwd=large, capture_output=True, check=True, timeout=1.0)
    whole = time.monotonic() - begun
    (large / "rows.csv").unlink(missing_ok=True)
    took = []
    for share in (0.7, 0.8, 0.6, 0.9, 0.75, 0.65, 0.85, 0.5):
        process = subprocess.Popen(command, cwd=large, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(share * whole)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        if process.returncode == 130:
            took.append(time.monotonic() - begun)
        if took and min(took) < PATIENCE:
            break
    assert took, "it was never interrupted"
    assert min(took) < PATIENCE
    assert {path.name for path in large.iterdir()} == before
