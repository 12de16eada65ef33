"""Little memory, no rights, one core, a clock that goes back, too many files, false counts: right or refused."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli.tables import folders
from running import SCRIPT, run

ROWS = 12_345  # a number that stands in the footer of a Parquet file for nothing else
P = np.random.default_rng(0).random(ROWS).round(4)
Y = (np.random.default_rng(1).random(ROWS) < P).astype(np.int64)
MEAN = float(-np.log(np.where(Y == 1, P, 1.0 - P)).mean())

WITHOUT_RIGHTS = (
    [] if not hasattr(os, "geteuid") or os.geteuid() else ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with predictions in ``f.csv``; the working directory."""
    monkeypatch.chdir(tmp_path)
    Path("f.csv").write_text(text(0, ROWS))
    return tmp_path


def text(first: int, last: int) -> str:
    return "p,y\n" + "".join(f"{p},{y}\n" for p, y in zip(P[first:last], Y[first:last], strict=True))


# Many files


def test_many_small_files_are_one_table(here: Path) -> None:
    (here / "parts").mkdir()
    for first in range(0, ROWS, 10):
        (here / "parts" / f"part-{first}.csv").write_text(text(first, min(ROWS, first + 10)))
    assert run("eval", "parts", "-q").mean == run("eval", "f.csv", "-q").mean == pytest.approx(MEAN, rel=1e-12)


@pytest.mark.parametrize("named", ["d", "d/*.csv", "d/*", "hive"])
def test_more_files_than_may_be_parts(named: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_FILES", 12)
    for number in range(14):
        for place in (here / "d", here / "hive" / f"week={number // 4}"):
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{number}.csv").write_text(text(0, 3))
    done = run("eval", named)
    assert done.code == 3
    assert done.err.startswith(f"error: {named}: more than 12 files: too many to be parts of one table\n")
    monkeypatch.setattr(folders, "MOST_FILES", 14)
    assert run("eval", named, "-q").code == 0


def test_links_that_lead_nowhere_are_no_files(here: Path) -> None:
    (here / "d").mkdir()
    shutil.copy("f.csv", "d/f.csv")
    for name in ("circle.csv", "gone.csv"):
        (here / "d" / name).symlink_to(name)
    assert run("eval", "d", "-q").mean == pytest.approx(MEAN, rel=1e-12)


# False counts


def varint(number: int) -> bytes:
    out = b""
    while number >= 128:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


@pytest.mark.parametrize("rows", [ROWS + 1, 2**31, 2**40, 2**62])
@pytest.mark.parametrize("command", ["eval", "inspect", "explain", "diagnose"])
def test_parquet_that_declares_other_rows_than_it_has(rows: int, command: str, here: Path) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"p": P, "y": Y}), sink, compression="none", use_dictionary=False)
    data = sink.getvalue().to_pybytes()
    size = struct.unpack("<I", data[-8:-4])[0]
    footer = data[-8 - size : -8].replace(varint(2 * ROWS), varint(2 * rows))
    (here / "f.parquet").write_bytes(data[: -8 - size] + footer + struct.pack("<I", len(footer)) + b"PAR1")
    done = run(command, "f.parquet")
    assert done.code == 3
    assert f"f.parquet: says that it has {rows:,} rows, and 12,345 can be read: it is damaged" in done.err


# Little of everything


def outcome(*command: object, **how: object) -> tuple[int, str]:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **how)  # type: ignore[call-overload]
    return done.returncode, done.stdout + done.stderr


@posix
@pytest.mark.parametrize("megabytes", [60, 120, 300])
@pytest.mark.parametrize("command", ["eval", "inspect", "diagnose"])
def test_little_memory(megabytes: int, command: str, here: Path) -> None:  # noqa: ARG001
    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    code, said = outcome(SCRIPT, command, "f.csv", preexec_fn=limit)
    assert code in (0, 3, 70)
    if code == 3:
        assert said.startswith("error: there is not enough memory")
    if code == 70:  # not even enough to load the libraries
        assert said.startswith("error: celoss cannot start: ")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")
def test_one_core(here: Path) -> None:  # noqa: ARG001
    cores = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(cores)})
        assert outcome(SCRIPT, "eval", "f.csv", "-q", "--threads", "8") == outcome(SCRIPT, "eval", "f.csv", "-q")
    finally:
        os.sched_setaffinity(0, cores)


def test_a_clock_that_goes_back(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    for now in ("2000000000", "1000", "1500000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", now)
        assert run("eval", "f.csv", "-q", "--history", "h.jsonl").code == 0
    assert run("history", "h.jsonl").code == 0


# No rights


@posix
@pytest.mark.skipif(bool(WITHOUT_RIGHTS) and shutil.which("setpriv") is None, reason="a root that cannot do without")
@pytest.mark.parametrize(
    "arguments",
    [
        "eval secret/f.csv",
        "eval secret",
        "eval secret/*.csv",
        "eval private.csv",
        "eval f.csv private.csv",
        "batch private.csv",
        "eval f.csv --baseline private.csv",
        "eval f.csv --report readonly/r.json",
        "eval f.csv --per-sample readonly/r.csv",
        "eval f.csv --save-baseline readonly/b.json",
        "eval f.csv --history readonly/h.jsonl",
        "eval f.csv --plots readonly/p",
        "state f.csv -o readonly/s.state",
    ],
)
def test_files_and_directories_without_permission(arguments: str, here: Path) -> None:
    for name in ("secret", "readonly"):
        (here / name).mkdir()
    for name in ("secret/f.csv", "private.csv"):
        shutil.copy("f.csv", name)
    Path("private.csv").chmod(0)
    Path("secret").chmod(0)
    Path("readonly").chmod(0o555)
    try:
        code, said = outcome(
            *WITHOUT_RIGHTS, SCRIPT, *arguments.split(), env={**os.environ, "HOME": str(here / "readonly")}
        )
    finally:
        Path("secret").chmod(0o755)
    assert code == 3, said
    assert "Permission denied\nhint: " in said
    assert list(Path("readonly").iterdir()) == []


@posix
@pytest.mark.skipif(bool(WITHOUT_RIGHTS) and shutil.which("setpriv") is None, reason="a root that cannot do without")
def test_a_home_that_cannot_be_written_to_is_not_needed(here: Path) -> None:
    (here / "home").mkdir(mode=0o500)
    code, said = outcome(*WITHOUT_RIGHTS, SCRIPT, "eval", "f.csv", "-q", env={**os.environ, "HOME": str(here / "home")})
    assert (code, float(said)) == (0, pytest.approx(MEAN, rel=1e-12))
