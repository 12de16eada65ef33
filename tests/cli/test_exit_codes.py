"""The exit codes that scripts rely on: 1 is a failed gate and nothing else, whatever else happens."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from running import SCRIPT, mean_of, run, run_script, write

ABC = "y,p_a,p_b,p_c\na,0.7,0.2,0.1\nb,0.1,0.8,0.1\nc,0.2,0.2,0.6\n"
INFINITE = "y,p_a,p_b\na,0,1\nb,.1,.9\n"


@pytest.fixture
def abc(tmp_path: Path) -> Path:
    write(tmp_path, {"f.csv": ABC})
    return tmp_path / "f.csv"


# The gate


def test_a_limit_that_is_met(abc: Path) -> None:
    assert run("eval", abc, "--max-loss", "0.5").code == 0


def test_equality_passes_and_one_ulp_less_fails(abc: Path) -> None:
    import math

    mean = run("eval", abc, "-q").mean
    assert run("eval", abc, "-q", "--max-loss", repr(mean)).code == 0
    assert run("eval", abc, "-q", "--max-loss", repr(math.nextafter(mean, 0))).code == 1


@pytest.mark.parametrize("form", [[], ["-q"], ["--format", "json"], ["--format", "csv"], ["--format", "markdown"]])
def test_a_limit_that_is_not_met(form: list[str], abc: Path) -> None:
    rows, report = abc.with_name("rows.csv"), abc.with_name("r.json")
    done = run("eval", abc, *form, "--max-loss", "0.1", "--per-sample", rows, "--report", report)
    assert done.code == 1
    assert done.out
    assert rows.exists(), "a failed gate is a result"
    verdict = json.loads(report.read_text())["verdict"]
    assert verdict["passed"] is False
    assert verdict["checks"][0]["name"] == "max_loss"
    if form:
        assert "gate failed: --max-loss" in done.err


@pytest.mark.parametrize("limit", ["1e308", "0"])
def test_an_infinite_mean_never_passes(limit: str, tmp_path: Path) -> None:
    assert mean_of(tmp_path, INFINITE, "--max-loss", limit).code == 1


@pytest.mark.parametrize("limit", ["inf", "1e999", "-inf", "nan"])
@pytest.mark.parametrize("content", [INFINITE, ABC])
def test_a_limit_without_end_is_none(limit: str, content: str, tmp_path: Path) -> None:
    assert mean_of(tmp_path, content, f"--max-loss={limit}").code == 2


def test_an_error_beside_a_limit_is_no_failed_gate(tmp_path: Path) -> None:
    assert mean_of(tmp_path, ABC + "zebra,1,0,0\n", "--max-loss", "0.1").code == 3
    assert mean_of(tmp_path, ABC, "--max-loss", "0.1", "--clip", "2").code == 2


def test_the_script_passes_the_codes_on(abc: Path) -> None:
    codes = [run_script("eval", abc, "-q", *rest).code for rest in ([], ["--max-loss", "0.1"], ["--label", "no"])]
    assert codes == [0, 1, 3]
    module = subprocess.run(
        [sys.executable, "-m", "celoss_cli", "eval", abc, "-q", "--max-loss", "0.1"], capture_output=True, check=False
    )
    assert module.returncode == 1


# A reader that goes away, a full disk, a closed stream


@pytest.mark.parametrize(
    "arguments", [["eval", "{}"], ["eval", "{}", "-q", "--max-loss", "0.1"], ["--help"], ["--version"]]
)
def test_a_reader_that_is_gone_is_141(arguments: list[str], abc: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [SCRIPT, *(argument.format(abc) for argument in arguments)]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert "error" not in done.stderr


def test_head_is_no_failure(abc: Path) -> None:
    command = ["bash", "-c", f"{SCRIPT} eval {abc} | head -1; exit ${{PIPESTATUS[0]}}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 141)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [[], ["-q"], ["--format", "json"]])
def test_a_full_stdout(arguments: list[str], abc: Path) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [SCRIPT, "eval", abc, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 3
    assert done.stderr == "error: standard output cannot be written: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_output_file(abc: Path) -> None:
    for name in ("rows.csv", "rows.parquet"):
        link = abc.with_name(name)
        link.symlink_to("/dev/full")
        done = run("eval", abc, "-q", "--per-sample", link)
        assert done.code == 3
        assert done.err == (
            f"error: {link}: cannot be written: No space left on device\nhint: check the space and the permissions\n"
        )


def test_streams_that_are_closed(abc: Path) -> None:
    def closed(redirection: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-c", f"{SCRIPT} eval {abc} -q --max-loss 0.1 {redirection}"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    no_stdout = closed(">&-")
    assert no_stdout.returncode == 3
    assert no_stdout.stderr.startswith("error: standard output is closed\nhint: ")
    for redirection in ("2>&-", "2>/dev/full"):
        quiet = closed(redirection)
        assert quiet.returncode == 1, "what becomes of stderr changes no code"
        assert float(quiet.stdout) > 0


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many rows that several threads share them: a binary file, every truth with probability 1/2."""
    path = tmp_path_factory.mktemp("large") / "f.csv"
    path.write_text("y,p\n" + "1,0.5\n0,0.5\n" * 1_000_000)
    return path


@pytest.mark.parametrize("redirection", ["2>&-", "<&-", "2>&- <&-", "2>/dev/full"])
def test_streams_that_are_closed_while_threads_work(large: Path, redirection: str) -> None:
    command = ["bash", "-c", f"{SCRIPT} eval {large} -q --threads 2 {redirection}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0.69314718055994529\n", "")


# Ctrl-C and bugs


def open_files(process: int) -> set[str]:
    """The names of the files that a process has open, where the system tells (else none)."""
    descriptors = Path(f"/proc/{process}/fd")
    with contextlib.suppress(OSError):
        return {path.readlink().name for path in descriptors.iterdir()}
    return set()


def test_ctrl_c(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC + "a,0.7,0.2,0.1\n" * 1_000_000})
    rows = tmp_path / "rows.csv"
    process = subprocess.Popen(
        [SCRIPT, "eval", tmp_path / "f.csv", "--per-sample", rows],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and "f.csv" not in open_files(process.pid):
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (out, err) == ("", "interrupted\n")
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]


def test_an_interrupt_from_anywhere_is_130(abc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celoss_cli.pipeline.passes.check_options", _raiser(KeyboardInterrupt()))
    done = run("eval", abc)
    assert (done.code, done.out, done.err) == (130, "", "interrupted\n")


def test_a_bug_is_70_and_says_how_to_see_more(abc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celoss_cli.pipeline.passes.check_options", _raiser(ZeroDivisionError("of course\nnot")))
    done = run("eval", abc, "--max-loss", "0.1")
    assert (done.code, done.out) == (70, "")
    error, hint = done.err.splitlines()
    assert error == "error: this is a bug in celoss: ZeroDivisionError: of course not"
    assert "--debug" in hint
    debugged = run("eval", abc, "--debug")
    assert debugged.code == 70
    assert "Traceback (most recent call last)" in debugged.err
    assert "in _raise" in debugged.err


def test_a_bug_takes_the_place_of_the_report_of_an_earlier_run(abc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [abc.with_name(name) for name in ("r.json", "r.xml", "r.md")]
    options = [part for path in reports for part in ("--report", path)]
    assert run("eval", abc, "--max-loss", "9", *options).code == 0
    monkeypatch.setattr("celoss_cli.pipeline.passes.check_options", _raiser(ZeroDivisionError("of course")))
    assert run("eval", abc, "--max-loss", "9", *options).code == 70
    error = json.loads(reports[0].read_text())["error"]
    assert (error["code"], error["exit_code"]) == ("bug", 70)
    assert all("ZeroDivisionError: of course" in path.read_text() for path in reports)
    assert 'errors="1"' in reports[1].read_text()


def test_a_bug_in_a_worker_is_70(abc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celoss_cli.scoring.scorer.Scorer.score", _raiser(RuntimeError("in a thread")))
    assert run("eval", abc, "--threads", "2").code == 70


def _raiser(error: BaseException) -> object:
    def _raise(*_: object) -> None:
        raise error

    return _raise


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    done = mean_of(tmp_path, "y,p_a,p_b\na,.5,.5\n\x1b[31mred\x1b[0m,.5,.5\nb,.1,.9\n")
    assert done.code == 3
    assert "\x1b" not in done.err
    assert "\\x1b[31mred" in done.err


def test_debug_changes_nothing_else(abc: Path) -> None:
    assert run("eval", abc, "--debug", "-q") == run("eval", abc, "-q")
    failed = run("eval", os.devnull, "--debug")
    assert failed.code == 3
    assert "Traceback" not in failed.err
