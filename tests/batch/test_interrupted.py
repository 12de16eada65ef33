"""Ctrl-C in the middle of a batch ends it at once, and leaves what is whole or nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from running import SCRIPT, run, write

if os.name == "nt":
    pytest.skip("needs the signals of POSIX", allow_module_level=True)

PATIENCE = 0.2
"""Seconds from Ctrl-C to the end, on a machine that has nothing else to do."""

LARGE = 3_000_000  # rows: half a second of work


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models in one row group each, as text with a column to group by, and labels by id, shuffled."""
    home = tmp_path_factory.mktemp("large")
    draw = np.random.default_rng(18)
    p, ids = draw.random(LARGE), draw.permutation(LARGE)
    rows = pa.table({"i": np.arange(LARGE), "p": p, "y": (p > 0.4).astype(np.int8), "g": np.arange(LARGE) % 3})
    for name in ("a", "b"):
        pq.write_table(rows.select(["i", "p"]), home / f"{name}.parquet", row_group_size=LARGE)
    pq.write_table(pa.table({"i": ids, "y": (p > 0.4).astype(np.int8)[ids]}), home / "labels.parquet")
    pa.csv.write_csv(rows.slice(0, LARGE // 2), home / "c.csv")
    return home


@pytest.mark.parametrize(
    "arguments",
    [
        ("a.parquet", "b.parquet", "--labels", "labels.parquet", "--id", "i"),
        ("c.csv", "--label", "y", "--pred", "p", "--by", "g"),
    ],
    ids=["labels", "by"],
)
def test_ctrl_c_ends_at_once(large: Path, arguments: tuple[str, ...]) -> None:
    """Whatever the threads are at. The quickest of some tries counts: others may use the machine."""
    before = {path.name for path in large.iterdir()}
    command = [SCRIPT, "batch", *arguments, "--threads", "2"]
    begun = time.monotonic()
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(command, cwd=large, capture_output=True, check=True, timeout=2.0)
    whole = time.monotonic() - begun
    took = []
    for share in (0.6, 0.7, 0.8, 0.5, 0.75, 0.65, 0.55, 0.85):
        process = subprocess.Popen(command, cwd=large, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(share * whole)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        if process.returncode == 130:
            took.append(time.monotonic() - begun)
            assert (out, err) == ("", "interrupted\n")
        if took and min(took) < PATIENCE:
            break
    assert took, "it was never interrupted"
    assert min(took) < PATIENCE
    assert {path.name for path in large.iterdir()} == before


def test_what_is_left(large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports of an earlier run say that this one did not end; other files are whole, or not there."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"first.csv": "y,p\n" + "1,0.8\n0,0.3\n" * 20})
    (tmp_path / "last.csv").symlink_to(large / "c.csv")
    given = (
        "--label",
        "y",
        "--pred",
        "p",
        "--history",
        "runs.jsonl",
        "--save-baseline",
        "base",
        "--per-sample",
        "rows",
    )
    reports = [word for end in ("json", "xml", "html", "prom") for word in ("--report", f"r.{end}")]
    assert run("batch", "first.csv", *given, *reports, "-q").code == 0
    history, baseline = Path("runs.jsonl").read_bytes(), Path("base/first.csv.json").read_bytes()
    rows = Path("rows/first.csv.csv").read_bytes()
    Path("rows/first.csv.csv").unlink()
    command = [SCRIPT, "batch", "first.csv", "last.csv", *given, *reports, "--report", "new.md", "--threads", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not Path("rows/first.csv.csv").exists() and process.poll() is None:
        time.sleep(0.01)  # then it is at the large one
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30) == ("", "interrupted\n")
    assert process.returncode == 130
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {
        *("first.csv", "last.csv", "runs.jsonl", "base/first.csv.json", "rows/first.csv.csv"),
        *("r.json", "r.xml", "r.html", "r.prom"),
    }
    assert Path("runs.jsonl").read_bytes() == history
    assert Path("base/first.csv.json").read_bytes() == baseline
    assert Path("rows/first.csv.csv").read_bytes() == rows
    assert json.loads(Path("r.json").read_text())["error"]["code"] == "unfinished"
    for name in ("r.xml", "r.html"):
        assert "the run that was to write this report did not end" in Path(name).read_text()
    assert re.search(r"^celoss_gate_passed{.*} 0$", Path("r.prom").read_text(), re.MULTILINE)
