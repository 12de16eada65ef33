"""Accidents × commands: whatever goes wrong, the code says so. Never 1, never a pass, nothing half-written.

Each accident is a row of one of the tables below, and every command walks through all of them. The commands are asked
for everything they can write, with a limit that the data would meet: a code 0 here would be a false pass. A command
that is added to the program needs a row in ``COMMANDS``.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from celoss_cli.cli import commands
from running import SCRIPT, Run, run, run_script, write

resource = pytest.importorskip("resource", reason="needs the limits and signals of POSIX")

GOOD = "id,y,p_é,p_b\n" + "".join(f"{2 * i},é,0.7,0.3\n{2 * i + 1},b,0.4,0.6\n" for i in range(100))
GOOD += "200,é,0.4,0.6\n201,b,0.7,0.3\n"  # some rows are wrong, or no fix could be fitted
MANY = (
    "y,p_a,p_b\n" + "a,0.7,0.3\nb,0.4,0.6\n" * 300_000 + "a,0.4,0.6\nb,0.7,0.3\n" * 9
)  # several ranges: several threads

# What each command is given: the predictions and the labels by name, and everything that it can be made to write.
COMMANDS: dict[str, list[str]] = {
    "eval": [
        *("eval", "{}", "--max-loss", "100", "--report", "r.json", "--report", "r.md", "--per-sample", "rows.csv"),
        *("--save-baseline", "base.json"),
    ],
    "compare": ["compare", "{}", "{}", "--max-regression", "100", "--report", "r.json", "--report", "r.md"],
    "explain": ["explain", "{}"],
    "inspect": ["inspect", "{}"],
    "diagnose": ["diagnose", "{}", "--report", "r.json", "--report", "r.md"],
    "calibrate-fit": ["calibrate", "fit", "{}", "-o", "fix.json"],
}
ELSEWHERE = {"calibrate-apply", "batch", "history", "state", "merge"}  # in the tests of their rooms
OUTPUTS = ("r.json", "r.md", "rows.csv", "base.json", "fix.json")
SHOWS_WHAT_IT_KNOWS = "inspect"  # of files that cannot be settled, before the error
READS_A_REPORT = "r.json"  # holds an error document where nothing could be scored
SAID_IN_REPORTS = (3, 70)  # the data or celoss at fault: reports of an earlier run must not stay


def command_line(command: str, predictions: str = "f.csv") -> list[str]:
    """The arguments of a command, about the file ``predictions``."""
    return [part.format(predictions) for part in COMMANDS[command]]


def test_every_command_is_walked() -> None:
    assert set(commands.COMMANDS) - ELSEWHERE == set(COMMANDS)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with good predictions in it, and outputs of an earlier run; the current one."""
    write(tmp_path, {"f.csv": GOOD, "r.md": "old", "rows.csv": "old", "base.json": "old"})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check_nothing_came_of_it(command: str, place: Path, before: set[str], done: Run, codes: tuple[int, ...]) -> None:
    """Assert the code, an empty standard output, one line that says what happened, and that files are as they were."""
    assert done.code in codes, (done.code, done.err)
    if command != SHOWS_WHAT_IT_KNOWS or done.code != 3:
        assert done.out == ""
    if done.code != -signal.SIGINT:  # Python's own end, when Ctrl-C comes before the program has begun
        assert "Traceback" not in done.err
    assert "\x1b" not in done.err
    if done.code > 0:
        assert done.err.startswith(("error: ", "interrupted\n")), done.err
    after = {path.name for path in place.iterdir()}
    assert after - before <= ({READS_A_REPORT} if done.code in SAID_IN_REPORTS else set())
    if READS_A_REPORT in after - before:
        assert json.loads((place / READS_A_REPORT).read_text())["schema"] == "celoss.error"
    for name in {"r.md", "rows.csv", "base.json"} & after:
        text = (place / name).read_text()
        # A report says that nothing was scored, or that the run did not end; and never what it said of an earlier run.
        assert text == "old" or (name == "r.md" and text.startswith("### celoss ") and ": ERROR" in text)


# Accidents of the command line and of files, in this process


@dataclass(frozen=True)
class Accident:
    """What is done to the directory before the run, what is added to the command line, and the code that follows."""

    code: int
    says: str
    prepare: Callable[[Path], Any] | None = None
    predictions: str = "f.csv"
    arguments: tuple[str, ...] = ()


def _as_text(text: str | bytes) -> Callable[[Path], Any]:
    return lambda place: write(place, {"f.csv": text})


def _fifo(place: Path) -> None:
    os.mkfifo(place / "pipe")


def _loop(place: Path) -> None:
    (place / "loop").symlink_to("loop")


def _no_permission(place: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read anything")
    (place / "f.csv").chmod(0)


ACCIDENTS: dict[str, Accident] = {
    "missing file": Accident(3, "no such file", predictions="nope.csv"),
    "missing directory": Accident(3, "no such file", predictions="no/where/f.csv"),
    "a file as directory": Accident(3, "cannot be read|no such file", predictions="f.csv/f.csv"),
    "no name": Accident(2, "is empty", predictions=""),
    "a name with control characters": Accident(3, r"no such\\x1b\[31m", predictions="no\nsuch\x1b[31m.csv"),
    "a name that is too long": Accident(3, "cannot be read|no such file", predictions="x" * 300),
    "a link to itself": Accident(3, "", _loop, "loop"),
    "no permission to read": Accident(3, "cannot be read", _no_permission),
    "a directory without files": Accident(3, "no data file", lambda place: (place / "d").mkdir(), "d"),
    "a glob that nothing matches": Accident(3, "no file matches", predictions="*.parquet"),
    "a pipe without a writer": Accident(3, "pipe", _fifo, "pipe"),
    "an empty file": Accident(3, "is empty", _as_text("")),
    "a header alone": Accident(3, "no data rows", _as_text("y,p_a,p_b\n")),
    "zeros, as a crash of the machine leaves them": Accident(3, "NUL", _as_text(b"\0" * 4096)),
    "half a gzip file": Accident(3, "truncated", _as_text(gzip.compress(GOOD.encode())[:-20])),
    "a row cut off": Accident(3, "expected 4 fields", _as_text(GOOD[:-9])),
    "a quote never closed": Accident(3, "quote", _as_text(GOOD + '"x,y')),
    "no truth": Accident(3, "", _as_text(GOOD.replace(",y,", ",p_c,").replace(",é,", ",0,").replace(",b,", ",0,"))),
    "a bad option": Accident(2, "No such option", arguments=("--nope",)),
    "an option without its value": Accident(2, "requires an argument", arguments=("--label",)),
    "a bad value": Accident(2, "is not one of", arguments=("--task", "regression")),
    "a number that is none": Accident(2, "not a valid int", arguments=("--threads", "many")),
    "contradictory options": Accident(2, "not one of --classes", arguments=("--classes", "a,b", "--positive", "c")),
    "a column that is not there": Accident(3, "no column", arguments=("--label", "nope")),
    "an encoding that it is not": Accident(3, "not", arguments=("--encoding", "utf-16")),
    "a form that it is not": Accident(3, "Parquet", arguments=("--file-format", "parquet")),
    "one file too many": Accident(2, "extra argument", arguments=("g.csv", "h.csv", "i.csv", "j.csv")),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ACCIDENTS)
def test_accidents(name: str, command: str, place: Path) -> None:
    accident = ACCIDENTS[name]
    if accident.prepare is not None:
        accident.prepare(place)
    before = {path.name for path in place.iterdir()}
    done = run(*command_line(command, accident.predictions), *accident.arguments)
    check_nothing_came_of_it(command, place, before, done, (accident.code,))
    assert re.search(accident.says, done.err), done.err


# Outputs that cannot be written: of the command that writes


def _limited_to(kind: int, amount: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (amount, amount))


@pytest.mark.parametrize(
    ("option", "name"),
    [("--report", "r.json"), ("--report", "r.md"), ("--per-sample", "rows.csv"), ("--save-baseline", "base.json")],
)
@pytest.mark.parametrize("trouble", ["no directory", "a directory", "full", "too large", "read-only"])
def test_an_output_that_cannot_be_written(trouble: str, option: str, name: str, place: Path) -> None:
    options: dict[str, Any] = {}
    if trouble == "no directory":
        name = f"no/{name}"
    elif trouble == "a directory":
        (place / name).unlink(missing_ok=True)
        (place / name).mkdir()
    elif trouble == "full":
        (place / name).unlink(missing_ok=True)
        (place / name).symlink_to("/dev/full")
    elif trouble == "too large":
        options["preexec_fn"] = _limited_to(resource.RLIMIT_FSIZE, 16)
    elif os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    else:
        place.chmod(0o555)
    before = {path.name for path in place.iterdir()}
    done = run_script("eval", "f.csv", "--max-loss", "100", option, name, **options)
    place.chmod(0o755)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(f"error: {name}: ")
    assert {path.name for path in place.iterdir()} == before
    if (place / name).is_file() and not (place / name).is_symlink():
        assert (place / name).read_text() == "old"


# Accidents of the process, from outside


@dataclass(frozen=True)
class Limits:
    """What is taken from a process before it starts, and what it says then."""

    says: str
    limit: Callable[[], None] | None = None
    options: dict[str, Any] = field(default_factory=dict)


PROCESS: dict[str, Limits] = {
    "memory": Limits("not enough memory", _limited_to(resource.RLIMIT_AS, 160 << 20)),
    "a standard output": Limits("standard output is closed", lambda: os.close(1)),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", PROCESS)
def test_a_process_that_lacks(name: str, command: str, place: Path) -> None:
    lack = PROCESS[name]
    before = {path.name for path in place.iterdir()}
    done = run_script(*command_line(command), preexec_fn=lack.limit, **lack.options)
    check_nothing_came_of_it(command, place, before, done, (3,))
    assert re.search(lack.says, done.err), done.err


def test_two_open_files_are_too_many(place: Path) -> None:
    before = {path.name for path in place.iterdir()}
    done = run_script(*command_line("compare"), preexec_fn=_limited_to(resource.RLIMIT_NOFILE, 5))
    check_nothing_came_of_it("compare", place, before, done, (3,))
    assert re.search("[Tt]oo many (open )?files", done.err), done.err


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"compare"}))
def test_one_open_file_is_enough(command: str) -> None:
    few = run_script(*command_line(command), preexec_fn=_limited_to(resource.RLIMIT_NOFILE, 5))
    assert few == run_script(*command_line(command))
    assert few.code == 0


def test_memory_that_runs_out_later(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("Unable to allocate 9 GiB")

    monkeypatch.setattr("celoss_cli.scoring.scorer.Scorer.score", fail)
    before = {path.name for path in place.iterdir()}
    done = run(*command_line("eval"))
    check_nothing_came_of_it("eval", place, before, done, (3,))
    assert done.err.startswith("error: there is not enough memory: Unable to allocate 9 GiB\nhint: ")
    assert json.loads((place / "r.json").read_text())["error"]["code"] == "no_memory"


@pytest.mark.usefixtures("place")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_full_standard_output(form: str, command: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [SCRIPT, *command_line(command), "--format", form],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (3, "error: standard output cannot be written: No space left on device\n")


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_reader_that_goes_away(form: str, command: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [SCRIPT, *command_line(command), "--format", form],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


# Bugs: an exception that nobody expects, wherever it comes from


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("error", [ZeroDivisionError("x"), RecursionError("x"), AssertionError()])
@pytest.mark.parametrize("where", ["celoss_cli.pipeline.passes.prepare", "celoss_cli.scoring.scorer.Scorer.score"])
def test_a_bug(where: str, error: Exception, command: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(where, break_down)
    before = {path.name for path in place.iterdir()}
    done = run(*command_line(command))
    check_nothing_came_of_it(command, place, before, done, (70,))
    assert "this is a bug in celoss" in done.err


@pytest.mark.parametrize("arguments", [["--version"], ["eval", "f.csv"]])
def test_an_installation_that_is_broken(arguments: list[str], place: Path) -> None:
    (place / "broken").mkdir()
    (place / "broken" / "typer.py").write_text("raise ValueError('half an upgrade')\n")
    path = os.pathsep.join([str(place / "broken"), os.environ.get("PYTHONPATH", "")])
    done = run_script(*arguments, env={**os.environ, "PYTHONPATH": path})
    assert (done.code, done.out) == (70, "")
    assert done.err == "error: celoss cannot start: ValueError: half an upgrade\n"


# Signals, at any moment


@contextlib.contextmanager
def started(place: Path, command: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    write(place, {"f.csv": MANY})
    process = subprocess.Popen(
        [SCRIPT, *command_line(command), *arguments],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def reads(process: int, name: str) -> bool:
    """Whether a process has a file of this name open; ``True`` where the system does not tell."""
    descriptors = Path(f"/proc/{process}/fd")
    if not descriptors.parent.exists():
        return True
    with contextlib.suppress(OSError):
        return any(path.readlink().name == name for path in descriptors.iterdir())
    return False


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("moment", ["while starting", "while reading"])
@pytest.mark.parametrize(
    ("number", "codes"),
    [(signal.SIGINT, (130, -signal.SIGINT)), (signal.SIGTERM, (-signal.SIGTERM,)), (signal.SIGHUP, (-signal.SIGHUP,))],
)
def test_signals(number: signal.Signals, codes: tuple[int, ...], moment: str, command: str, place: Path) -> None:
    with started(place, command, "--threads", "2") as process:
        before = {path.name for path in place.iterdir()}
        if moment == "while starting":
            time.sleep(0.06)
        else:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline and not reads(process.pid, "f.csv"):
                time.sleep(0.001)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    check_nothing_came_of_it(command, place, before, Run(process.returncode, out, err), codes)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_kill_leaves_nothing_either(command: str, place: Path) -> None:
    if not hasattr(os, "O_TMPFILE"):
        pytest.skip("needs files without a name")
    with started(place, command) as process:
        before = {path.name for path in place.iterdir()}
        while not reads(process.pid, "f.csv"):
            time.sleep(0.001)
        process.kill()
        out, err = process.communicate(timeout=20)
    check_nothing_came_of_it(command, place, before, Run(process.returncode, out, err), (-signal.SIGKILL,))


# An input that changes under the reader's hands


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 3)


def _append(path: Path) -> None:
    with path.open("a") as file:
        file.write("a,0.7,0.3\n")


def _replace(path: Path) -> None:
    new = path.with_name("new")
    new.write_text(MANY)
    new.replace(path)


CHANGES = {"truncated": _truncate, "longer": _append, "replaced": _replace, "gone": Path.unlink}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("change", CHANGES)
def test_an_input_that_changes_while_it_is_read(
    change: str, command: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place, {"f.csv": MANY})
    from celoss_cli.scoring.scorer import Scorer

    score, changed = Scorer.score, threading.Event()

    def changing(*arguments: Any) -> Any:
        if not changed.is_set():
            changed.set()
            CHANGES[change](place / "f.csv")
        return score(*arguments)

    monkeypatch.setattr(Scorer, "score", changing)
    before = {path.name for path in place.iterdir()}
    done = run(*command_line(command), "--threads", "1")
    check_nothing_came_of_it(command, place, before, done, (3,))
    assert done.err.startswith(
        f"error: f.csv: {'vanished' if change == 'gone' else 'changed'} while it was being read\n"
    )


# What is no accident: surroundings that change neither the number nor the code

SURROUNDINGS: dict[str, dict[str, str]] = {
    "a locale of ASCII": {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    "no locale coercion": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "no home, no temporary directory": {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"},
    "no terminal": {"TERM": "dumb", "COLUMNS": "1"},
    "a width of nothing": {"COLUMNS": "0"},
    "warnings as errors": {"PYTHONWARNINGS": "error"},
}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", SURROUNDINGS)
def test_surroundings(name: str, command: str) -> None:
    plain = run(*command_line(command), "--format", "json")
    done = run_script(*command_line(command), "--format", "json", env={**os.environ, **SURROUNDINGS[name]})
    assert plain.code == done.code == 0, done.err
    assert json.loads(done.out) == json.loads(plain.out)
    shown = run_script(*command_line(command), env={**os.environ, **SURROUNDINGS[name]})
    assert (shown.code, shown.err) == (0, "")


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-", "2>/dev/full", "</dev/null 2>/dev/null"])
def test_streams_that_nobody_needs(closed: str, command: str) -> None:
    line = " ".join([SCRIPT, *command_line(command), "--format json", closed])
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_with_control_characters(command: str, place: Path) -> None:
    name = "f\n\x1b[31m.csv"
    (place / "f.csv").rename(place / name)
    done = run(*command_line(command, name))
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_a_row_of_megabytes(command: str, place: Path) -> None:
    header, first, *rest = GOOD.splitlines()
    lines = [f"note,{header}", f",{first}", *(f",{line}" for line in rest[:-1]), f"{'x' * (9 << 20)},{rest[-1]}"]
    write(place, {"f.csv": "\n".join(lines)})
    done = run(*command_line(command), "--format", "json")
    assert done.code == 0, done.err
