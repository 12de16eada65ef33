"""Standard input: read as a file of its form would be, under the name ``-``, and nothing left of its copy."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pytest

from running import SCRIPT, Run, run, write

CSV = "y,p_a,p_b\n" + "a,0.7,0.3\nb,0.4,0.6\n" * 700
ROWS = [{"y": "a", "p_a": 0.7, "p_b": 0.3}, {"y": "b", "p_a": 0.4, "p_b": 0.6}] * 700


def piped(*arguments: object, given: bytes | str, **options: Any) -> Run:
    """Run the console script with something in its standard input."""
    command = [SCRIPT, *(str(argument) for argument in arguments)]
    content = given.encode() if isinstance(given, str) else given
    done = subprocess.run(command, input=content, capture_output=True, timeout=60, check=False, **options)
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def feather(tmp_path: Path) -> bytes:
    pa.feather.write_feather(pa.Table.from_pylist(ROWS), tmp_path / "f.feather")
    return (tmp_path / "f.feather").read_bytes()


def parquet(tmp_path: Path) -> bytes:
    write(tmp_path, {"f.parquet": pa.Table.from_pylist(ROWS)})
    return (tmp_path / "f.parquet").read_bytes()


@pytest.mark.parametrize("form", ["csv", "jsonl", "json", "parquet", "arrow"])
def test_every_form(form: str, tmp_path: Path) -> None:
    contents = {
        "csv": lambda: CSV,
        "jsonl": lambda: "".join(json.dumps(row) + "\n" for row in ROWS),
        "json": lambda: json.dumps(ROWS),
        "parquet": lambda: parquet(tmp_path),
        "arrow": lambda: feather(tmp_path),
    }
    write(tmp_path, {"f.csv": CSV})
    (tmp_path / "scratch").mkdir()
    done = piped(
        "eval", "-", "--file-format", form, "--format", "json",
        given=contents[form](), env=os.environ | {"TMPDIR": str(tmp_path / "scratch")},
    )  # fmt: skip
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["inputs"]["predictions"] == {"path": "-", "format": form, "rows": 1400}
    assert told["loss"]["mean"] == run("eval", tmp_path / "f.csv", "-q").mean
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_given_form_is_not_that_of_the_other_file(tmp_path: Path) -> None:
    labels = "y\n" + "a\nb\n" * 700
    write(tmp_path, {"f.parquet": pa.Table.from_pylist(ROWS).drop_columns("y"), "y.csv": labels, "all.csv": CSV})
    expected = run("eval", tmp_path / "all.csv", "-q").mean
    assert piped("eval", tmp_path / "f.parquet", "-", "--file-format", "csv", "-q", given=labels).mean == expected
    content = (tmp_path / "f.parquet").read_bytes()
    assert piped("eval", "-", tmp_path / "y.csv", "--file-format", "parquet", "-q", given=content).mean == expected


def test_arrays_are_mapped_from_the_copy(tmp_path: Path) -> None:
    import numpy as np

    np.save(tmp_path / "z.npy", np.eye(3)[[0, 1, 2, 0]])
    write(tmp_path, {"y.csv": "y\n0\n1\n2\n1\n"})
    content = (tmp_path / "z.npy").read_bytes()
    done = piped("eval", "-", tmp_path / "y.csv", "--file-format", "npy", "--input", "logits", "-q", given=content)
    assert done.mean == run("eval", tmp_path / "z.npy", tmp_path / "y.csv", "--input", "logits", "-q").mean


@pytest.mark.parametrize(
    ("arguments", "given", "code", "message"),
    [
        (["-"], CSV, 2, "error: - is standard input, and nothing says what form it has"),
        (["-", "-", "--file-format", "csv"], CSV, 2, "error: standard input is named twice"),
        (["-", "--file-format", "csv"], "", 3, "error: -: is empty"),
        (["-", "--file-format", "parquet"], CSV, 3, "error: -: not a readable Parquet file"),
        (["-", "--file-format", "csv"], CSV + "a,0.5,x\n", 3, "error: - row 1400 (line 1402), column 'p_b': 'x' is"),
        (["-", "--file-format", "csv"], CSV + "a,0.5\n", 3, "error: - row 1400 (line 1402): expected 3 fields, got 2"),
        (["-", "--file-format", "npz"], CSV, 3, "error: -: "),
    ],
)  # fmt: skip
def test_errors_go_by_its_name(arguments: list[str], given: str, code: int, message: str) -> None:
    done = piped("eval", *arguments, given=given)
    assert done.code == code
    assert done.err.startswith(message), done.err
    assert "/proc" not in done.err
    assert done.err.splitlines()[1].startswith("hint: ")


def test_a_terminal_is_refused() -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [SCRIPT, "eval", "-", "--file-format", "csv"], stdin=theirs, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2
    assert "standard input, and that is a terminal" in done.stderr


def test_a_closed_standard_input_is_said_to_be() -> None:
    command = f"exec {SCRIPT} eval - --file-format csv <&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "error: -: standard input is closed" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_by_an_interruption(number: signal.Signals, tmp_path: Path) -> None:
    command = [SCRIPT, "eval", "-", "--file-format", "csv"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, env=os.environ | {"TMPDIR": str(tmp_path)}) as process:
        assert process.stdin is not None
        process.stdin.write(CSV.encode())
        process.stdin.flush()
        time.sleep(1.0)
        process.send_signal(number)
        out, _ = process.communicate(timeout=20)
    assert process.returncode in (130, -number)
    assert out == b""
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_the_copy() -> None:
    resource = pytest.importorskip("resource")
    done = piped(
        "eval", "-", "--file-format", "csv", given=CSV * 60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16)),
    )  # fmt: skip
    assert done.code == 3
    assert "-: cannot be copied to a temporary file: File too large" in done.err
    assert "TMPDIR" in done.err
