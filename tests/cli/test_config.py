"""Options from celoss.toml, pyproject.toml and the environment: what wins, what is refused, and how it is shown."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from celoss_cli.cli.app import app
from celoss_cli.cli.command import ConfiguredCommand
from celoss_cli.cli.commands import COMMANDS
from celoss_cli.cli.config.apply import configurable
from celoss_cli.cli.config.file import BOTH
from running import Run, run, run_script, write

ABC = "y,p_a,p_b\na,0.7,0.3\nb,0.4,0.6\n"  # mean 0.4338


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a repository with predictions in it; the working directory."""
    for name in [name for name in os.environ if name.startswith("CELOSS_")]:
        monkeypatch.delenv(name)
    (tmp_path / ".git").mkdir()
    write(tmp_path, {"f.csv": ABC})
    monkeypatch.chdir(tmp_path)
    return tmp_path


OF_ROWS = tuple(command for command in COMMANDS if {"task", "format"} <= set(configurable(command)))
"""The commands that read rows with their labels, and print JSON."""


def shown(*arguments: str, command: str = "eval") -> dict[str, tuple[object, str, str | None]]:
    """What ``--show-config`` says of each option: value, source, where."""
    done = run(*command.split("-"), *arguments, "--show-config", "--format", "json")
    assert (done.code, done.err) == (0, "")
    options = json.loads(done.out)["options"]
    return {name: (row["value"], row["source"], row["where"]) for name, row in options.items()}


def refused(done: Run) -> tuple[str, str]:
    """The error and the hint of a run that ended with code 2."""
    assert (done.code, done.out) == (2, "")
    error, hint = done.err.splitlines()
    assert hint.startswith("hint: ")
    return error.removeprefix("error: "), hint.removeprefix("hint: ")


# What wins


@pytest.mark.parametrize(
    "given", list(itertools.product([False, True], repeat=6)), ids=lambda flags: "".join("01"[f] for f in flags)
)
def test_precedence(given: tuple[bool, ...], place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flag, variable, profile's command, profile, command, general: the first that is there."""
    flag, variable, profile_command, profile, command, general = given
    lines = ["top = 16"] if general else []
    lines += ["[eval]", "top = 15"] if command else []
    lines += ["[profiles.nightly]", *(["top = 14"] if profile else [])]
    lines += ["[profiles.nightly.eval]", "top = 13"] if profile_command else []
    write(place, {"celoss.toml": "\n".join(lines)})
    if variable:
        monkeypatch.setenv("CELOSS_TOP", "12")
    row = shown("--profile", "nightly", *(["--top", "11"] if flag else []))["top"]
    steps = [
        (11, "flag", "--top"),
        (12, "environment", "CELOSS_TOP"),
        (13, "file", "celoss.toml [profiles.nightly.eval]"),
        (14, "file", "celoss.toml [profiles.nightly]"),
        (15, "file", "celoss.toml [eval]"),
        (16, "file", "celoss.toml"),
        (5, "default", None),
    ]
    assert row == next(step for step, there in zip(steps, [*given, True], strict=True) if there)


def test_a_limit_from_anywhere_is_held(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(place, {"celoss.toml": "max-loss = 0.1\n[profiles.nightly]\nmax_loss = 0.5\n"})
    assert run("eval", "f.csv").code == 1
    assert run("eval", "f.csv", "--profile", "nightly").code == 0
    assert run("eval", "f.csv", "--max-loss", "0.5").code == 0
    assert run("eval", "f.csv", "--no-config").code == 0
    monkeypatch.setenv("CELOSS_MAX_LOSS", "0.2")
    assert run("eval", "f.csv", "--profile", "nightly").code == 1
    assert run("eval", "f.csv", "--no-config").code == 1, "the environment is no file"
    monkeypatch.setenv("CELOSS_MAX_LOSS", "")
    assert run("eval", "f.csv", "--profile", "nightly").code == 0, "an empty variable is none"
    monkeypatch.setenv("CELOSS_PROFILE", "nightly")
    assert run("eval", "f.csv").code == 0


def test_what_was_configured_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(place, {"celoss.toml": "max-loss = 9\ntop = 3\n"})
    monkeypatch.setenv("CELOSS_TASK", "binary")
    done = run("eval", "f.csv", "-q", "--top", "2")
    assert done.err == "configured: max-loss (celoss.toml); task (CELOSS_TASK)\n"
    assert float(done.out) > 0
    assert run("eval", "f.csv", "-q", "--no-config", "--task", "auto").err == ""


@pytest.mark.parametrize(
    ("file", "flags", "code"),
    [
        ("format = 'json'", ["-q"], 0),
        ("quiet = true", ["--format", "json"], 0),
        ("format = 'json'\nquiet = true", [], 2),
        ("quiet = true\n[profiles.p]\nformat = 'json'", ["--profile", "p"], 0),
    ],
)
def test_what_excludes_each_other(file: str, flags: list[str], code: int, place: Path) -> None:
    write(place, {"celoss.toml": file})
    done = run("eval", "f.csv", *flags)
    assert done.code == code, done.err
    if code == 0:
        assert done.out.startswith("0." if flags == ["-q"] else "{")


# What a file may say


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("strict = true", "strict", True),
        ("header = false", "header", False),
        ("threads = 2", "threads", 2),
        ("clip = 1e-15", "clip", 1e-15),
        ("max-loss = 1", "max-loss", 1.0),
        ("max_loss = inf", "max-loss", "inf"),
        ("base = 2", "base", "2"),
        ("ignore-index = -100", "ignore-index", "-100"),
        ("positive = 1", "positive", "1"),
        ("label = 'y'", "label", ["y"]),
        ("pred = ['p_a', 'p,b']", "pred", ["p_a", "p,b"]),
        ("classes = [0, 1]", "classes", ["0", "1"]),
        ("where = {split = 'test', fold = 2}", "where", ["split=test", "fold=2"]),
        ("class-weight = 'balanced'", "class-weight", "balanced"),
        ("class-weight = [1, 2.5]", "class-weight", "1,2.5"),
        ("class-weight = {a = 1, b = 2}", "class-weight", "a=1,b=2"),
        ("pos-weight = [1, 2]", "pos-weight", "1,2"),
        ("compat = 'sklearn'", "compat", "sklearn"),
        ("delimiter = ';'", "delimiter", ";"),
    ],
)
def test_values(line: str, name: str, value: object, place: Path) -> None:
    write(place, {"celoss.toml": line})
    assert shown()[name] == (value, "file", "celoss.toml")
    (place / "celoss.toml").unlink()
    write(place, {"pyproject.toml": f"[project]\nname = 'x'\n[tool.celoss]\n{line}\n"})
    assert shown()[name] == (value, "file", "pyproject.toml [tool.celoss]")


@pytest.mark.parametrize(
    ("file", "error", "hint"),
    [
        ("max-los = 1", "celoss.toml: unknown key 'max-los'", "did you mean max-loss?"),
        ("frobnicate = 1", "celoss.toml: unknown key 'frobnicate'", "keys are named as the options are"),
        ("predictions = 'f.csv'", "celoss.toml: unknown key 'predictions'", "keys are named"),
        ("debug = true", "celoss.toml: unknown key 'debug'", "keys are named"),
        ("[eval]\ntsk = 'binary'", "celoss.toml [eval]: unknown key 'tsk'", "did you mean task?"),
        ("[explain]\nmax-loss = 1", "celoss.toml [explain]: max-loss is an option of eval", ""),
        ("[evil]\ntop = 1", "celoss.toml: unknown key 'evil'", ""),
        ("[profiles.p]\ntpo = 1", "celoss.toml [profiles.p]: unknown key 'tpo'", "did you mean top?"),
        ("[profiles.p.eval]\ntpo = 1", "celoss.toml [profiles.p.eval]: unknown key 'tpo'", "did you mean top?"),
        ("[profiles.p.profiles]\ntop = 1", "celoss.toml [profiles.p]: unknown key 'profiles'", ""),
        ("max-loss = 1\nmax_loss = 2", "celoss.toml: 'max-loss' and 'max_loss' are the same option", "keep one"),
        ("max-loss = '1'", "celoss.toml: max-loss is '1', and takes a number", "write max-loss = 0.5"),
        ("max-loss = true", "celoss.toml: max-loss is True, and takes a number", ""),
        ("max-loss = [1]", "celoss.toml: max-loss is [1], and takes a number", ""),
        ("threads = 1.5", "celoss.toml: threads is 1.5, and takes a whole number", ""),
        ("strict = 1", "celoss.toml: strict is 1, and takes true or false", "write strict = true"),
        ("positive = true", "celoss.toml: positive is True, and takes a string", 'write positive = "…"'),
        ("label = [true]", "celoss.toml: label is True, and takes a string, or an array of them", ""),
        ("label = 2024-01-01", "celoss.toml: label is datetime.date(2024, 1, 1), and takes a string", ""),
        ("task = 'regression'", "celoss.toml: task: 'regression' is not one of", "--task on the command line"),
        ("eval = 3", "celoss.toml [eval] is not a table", "write it as a table"),
        ("profiles = 3", "celoss.toml [profiles] is not a table", ""),
        ("profiles.p = 3", "celoss.toml [profiles.p] is not a table", ""),
        ("max-loss = ", "celoss.toml: is not valid TOML: Invalid value", "--no-config"),
        (b"label = '\xff'", "celoss.toml: is not valid TOML", ""),
        ("clip = 0.7", "--clip 0.7 is not between 0 and 0.5", ""),
    ],
)
def test_what_is_refused(file: str | bytes, error: str, hint: str, place: Path) -> None:
    write(place, {"celoss.toml": file})
    done = run("eval", "f.csv")
    said = done.err.removeprefix("configured: clip (celoss.toml)\n")  # a value of the right type is looked at later
    found, advice = refused(Run(done.code, done.out, said))
    assert found.startswith(error)
    assert hint in advice
    assert run("eval", "--help").code == 0, "the help is there whatever a file says"
    assert run("eval", "f.csv", "--no-config").code == 0


def test_a_table_of_the_project_is_named_as_it_stands(place: Path) -> None:
    write(place, {"pyproject.toml": "[tool.celoss]\nmax-los = 1\n"})
    assert refused(run("eval", "f.csv"))[0] == "pyproject.toml [tool.celoss]: unknown key 'max-los'"
    write(place, {"pyproject.toml": "[tool.celoss.profiles.p.eval]\nmax-los = 1\n"})
    error, _ = refused(run("eval", "f.csv"))
    assert error == "pyproject.toml [tool.celoss.profiles.p.eval]: unknown key 'max-los'"


@pytest.mark.parametrize(
    ("text", "error", "hint"),
    [
        (
            "[compare]\nmax-loss = 1",
            "max-loss is an option of eval and merge and batch, not of compare",
            "write it in the table of eval",
        ),
        ("[Eval]\nmax-loss = 1", "unknown key 'Eval'", "did you mean eval?"),
        ("[profile.x]\nmax-loss = 1", "unknown key 'profile'", "did you mean profiles?"),
        ("[profiles.x.Compare]\ntop = 1", "unknown key 'Compare'", "did you mean compare?"),
        ("Max-Loss = 1", "unknown key 'Max-Loss'", "did you mean max-loss?"),
    ],
)
def test_what_was_meant(text: str, error: str, hint: str, place: Path) -> None:
    write(place, {"celoss.toml": text})
    found = refused(run("eval", "f.csv"))
    assert (found[0].rpartition(": ")[2], found[1]) == (error, hint)


def test_a_byte_order_mark_is_no_part_of_a_file(place: Path) -> None:
    (place / "celoss.toml").write_bytes(b"\xef\xbb\xbfmax-loss = 0.1\r\n")
    assert run("eval", "f.csv").code == 1


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("variable", "text", "error"),
    [
        ("CELOSS_MAX_LOSS", "high", "CELOSS_MAX_LOSS: 'high' is not a valid float."),
        ("CELOSS_TASK", "regression", "CELOSS_TASK: 'regression' is not one of"),
        ("CELOSS_STRICT", "perhaps", "CELOSS_STRICT: 'perhaps' is not a valid boolean"),
        ("CELOSS_NO_CONFIG", "maybe", "CELOSS_NO_CONFIG: 'maybe' is not a valid boolean"),
        ("CELOSS_MAXLOSS", "0.1", "CELOSS_MAXLOSS in the environment is no option"),
        ("CELOSS_MAX_LOS", "0.1", "CELOSS_MAX_LOS in the environment is no option"),
        ("CELOSS_PROFIL", "x", "CELOSS_PROFIL in the environment is no option"),
        ("CELOSS_PROFILE", "x", "there is no configuration file for the profile 'x'"),
        ("CELOSS_CONFIG", "no.toml", "no.toml: the configuration cannot be read: No such file"),
    ],
)
def test_variables_that_are_refused(variable: str, text: str, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, text)
    assert refused(run("eval", "f.csv"))[0].startswith(error)
    monkeypatch.setenv(variable, "")
    assert run("eval", "f.csv").code == 0


@pytest.mark.usefixtures("place")
def test_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    settings: Mapping[str, tuple[str, object]] = {
        "CELOSS_LABEL": ("y, z", ["y", "z"]),
        "CELOSS_REPORT": ("a.json,b.md", ["a.json", "b.md"]),
        "CELOSS_STRICT": ("1", True),
        "CELOSS_RENORMALIZE": ("no", False),
        "CELOSS_HEADER": ("off", False),
        "CELOSS_BASE": ("2", "2"),
        "CELOSS_MAX_LOSS": ("1e-3", 1e-3),
    }
    for name, (text, _) in settings.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("CELOSS_SOMETHING_OF_YOURS", "1")
    rows = shown()
    for name, (_, value) in settings.items():
        assert rows[name.removeprefix("CELOSS_").lower().replace("_", "-")] == (value, "environment", name)


# Where the file is


def test_the_nearest_file_of_the_repository(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "a" / "b").mkdir(parents=True)
    write(place, {"celoss.toml": "top = 1\nreport = 'out/r.json'\nclass-weight = 'w.json'\n"})
    monkeypatch.chdir(place / "a" / "b")
    rows = shown()
    assert rows["top"] == (1, "file", "../../celoss.toml")
    assert rows["report"][0] == ["../../out/r.json"], "a path in a file starts where the file is"
    assert rows["class-weight"][0] == "../../w.json"
    write(place / "a", {"pyproject.toml": "[tool.celoss]\ntop = 2\n"})
    assert shown()["top"] == (2, "file", "../pyproject.toml [tool.celoss]")
    assert shown()["report"][1] == "default", "files are not merged"
    write(place / "a" / "b", {"pyproject.toml": "[project]\nname = 'celoss-user'\n"})
    assert shown()["top"][0] == 2, "a project that does not configure celoss does not end the search"


def test_parents_outside_of_a_repository_are_nobody(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / ".git").rmdir()
    (place / "a").mkdir()
    write(place, {"celoss.toml": "top = 1\n"})
    assert shown()["top"][0] == 1
    monkeypatch.chdir(place / "a")
    assert shown()["top"][1] == "default"


def test_a_repository_ends_the_search(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "inner" / ".git").mkdir(parents=True)
    write(place, {"celoss.toml": "top = 1\n"})
    monkeypatch.chdir(place / "inner")
    assert shown()["top"][1] == "default"


def test_the_file_that_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "ci").mkdir()
    write(place, {"celoss.toml": "top = 1\n"})
    write(place / "ci", {"gate.toml": "top = 2\nreport = 'r.json'\n", "pyproject.toml": "[tool.celoss]\ntop = 3\n"})
    assert shown("--config", "ci/gate.toml")["top"] == (2, "file", "ci/gate.toml")
    assert shown("--config", "ci/gate.toml")["report"][0] == ["ci/r.json"]
    assert shown("--config", "ci/pyproject.toml")["top"][0] == 3
    monkeypatch.setenv("CELOSS_CONFIG", "ci/gate.toml")
    assert shown()["top"][0] == 2
    assert shown("--config", "celoss.toml")["top"][0] == 1
    assert shown("--no-config")["top"][1] == "default"
    monkeypatch.setenv("CELOSS_NO_CONFIG", "1")
    monkeypatch.delenv("CELOSS_CONFIG")
    assert shown()["top"][1] == "default"


def test_files_that_are_refused(place: Path) -> None:
    write(place, {"celoss.toml": "top = 1\n", "pyproject.toml": "[tool.celoss]\ntop = 1\n"})
    assert refused(run("eval", "f.csv"))[0] == ".: both celoss.toml and pyproject.toml configure celoss"
    assert run("eval", "f.csv", "--config", "celoss.toml").code == 0
    assert refused(run("eval", "f.csv", "--config", "no.toml"))[0].startswith(
        "no.toml: the configuration cannot be read"
    )
    assert refused(run("eval", "f.csv", "--config", "."))[0].startswith(".: the configuration cannot be read")
    assert "exclude each other" in refused(run("eval", "f.csv", "--config", "celoss.toml", "--no-config"))[0]
    write(place, {"pyproject.toml": "[project]\n"})
    error, _ = refused(run("eval", "f.csv", "--config", "pyproject.toml"))
    assert error == "pyproject.toml: has no [tool.celoss]"


def test_a_broken_project_file_is_not_ours_unless_it_names_us(place: Path) -> None:
    write(place, {"pyproject.toml": "[tool.other\n"})
    assert run("eval", "f.csv").code == 0
    write(place, {"pyproject.toml": "[tool.celoss\n"})
    assert refused(run("eval", "f.csv"))[0].startswith("pyproject.toml: is not valid TOML")


def test_profiles_that_are_not_there(place: Path) -> None:
    assert "no configuration file for the profile 'p'" in refused(run("eval", "f.csv", "--profile", "p"))[0]
    write(place, {"celoss.toml": "[profiles.nightly]\n[profiles.release]\n"})
    error, hint = refused(run("eval", "f.csv", "--profile", "p"))
    assert error == "celoss.toml: there is no profile 'p'; there are: nightly, release"
    assert hint == "give --profile one of these"


def test_a_working_directory_that_is_gone(place: Path) -> None:
    code = (
        f"cd {place} && mkdir gone && cd gone && rmdir ../gone && {sys.executable} -m celoss_cli eval {place}/f.csv -q"
    )
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# Every command, every option


def test_every_command_is_configured() -> None:
    group = typer.main.get_command(app)
    context = typer.Context(group)
    commands: dict[str, Any] = {}
    for name in COMMANDS:
        commands[name] = group
        for word in name.split("-"):
            commands[name] = commands[name].get_command(context, word)
    assert all(isinstance(command, ConfiguredCommand) for command in commands.values())
    taken = {option for command in commands for option in configurable(command)}
    assert taken & {*commands, "profiles"} == set(BOTH), "these names are those of tables"


def test_the_option_and_the_command_called_history(place: Path) -> None:
    write(place, {"celoss.toml": 'history = "runs.jsonl"\n'})
    assert shown()["history"] == ("runs.jsonl", "file", "celoss.toml")
    write(place, {"celoss.toml": "[history]\nlast = 3\n\n[eval]\nhistory = 'runs.jsonl'\n"})
    assert shown()["history"] == ("runs.jsonl", "file", "celoss.toml [eval]")
    assert shown("runs.jsonl", command="history")["last"] == (3, "file", "celoss.toml [history]")


@pytest.mark.parametrize("command", OF_ROWS)
def test_options_of_other_commands_are_for_them(command: str, place: Path) -> None:
    write(place, {"celoss.toml": "max-loss = 100\nexpect = '1'\ntask = 'binary'\n"})
    row = shown(command=command)
    assert row["task"] == ("binary", "file", "celoss.toml")


def test_a_command_of_a_group_has_a_table_of_its_own(place: Path) -> None:
    write(place, {"celoss.toml": "[calibrate-apply]\ninto = 'logits'\noutput = 'out.csv'\n"})
    done = run("calibrate", "apply", "--show-config")
    assert (done.code, done.err) == (0, "")
    lines = [line.split() for line in done.out.splitlines()]
    assert ["into", "logits", "celoss.toml", "[calibrate-apply]"] in lines
    assert not [line for line in lines if line[:1] == ["task"]]


@pytest.mark.parametrize("command", OF_ROWS)
def test_the_table_for_a_person(command: str, place: Path) -> None:
    write(place, {"celoss.toml": "task = 'binary'\n"})
    done = run(*command.split("-"), "--show-config", "--threads", "2")
    assert (done.code, done.err) == (0, "")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["configuration", "file:", "celoss.toml"]
    assert ["option", "value", "from"] in lines
    assert ["task", "binary", "celoss.toml"] in lines
    assert ["threads", "2", "command", "line"] in lines
    assert ["strict", "no", "default"] in lines
    assert not [name for name in ("r.json", "rows.csv") if (place / name).exists()]


def test_through_the_console_script(place: Path) -> None:
    write(place, {"celoss.toml": "max-loss = 0.1\n"})
    done = run_script("eval", "f.csv", "-q", cwd=place)
    assert done.code == 1
    assert done.err.startswith("configured: max-loss (celoss.toml)\n")
    done = run_script("eval", "f.csv", "-q", cwd=place, env={**os.environ, "CELOSS_MAX_LOSS": "0.5"})
    assert (done.code, done.err) == (0, "configured: max-loss (CELOSS_MAX_LOSS)\n")


def test_no_file_costs_no_import(place: Path) -> None:
    code = "import sys; from celoss_cli.__main__ import main; sys.argv = ['celoss', 'eval', '--show-config']; main()"
    watch = f"import atexit, sys; atexit.register(lambda: print('tomllib' in sys.modules)); exec({code!r})"
    done = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True, check=False, cwd=place)
    assert done.stdout.splitlines()[-1] == "False"
    write(place, {"celoss.toml": ""})
    done = subprocess.run([sys.executable, "-c", watch], capture_output=True, text=True, check=False, cwd=place)
    assert done.stdout.splitlines()[-1] == "True"


def test_the_example_of_the_documentation(place: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    write(place, {"celoss.toml": example})
    rows = shown("--profile", "nightly")
    assert rows["max-loss"] == (0.28, "file", "celoss.toml [profiles.nightly]")
    assert rows["report"][0] == ["build/celoss.json", "build/celoss.xml"]
    assert rows["per-sample"][0] == "build/rows.parquet"


# What a file may do that nobody named


@pytest.mark.parametrize(
    "line",
    [
        'report = "../out.json"',
        'report = ["in.json", "/tmp/elsewhere/out.json"]',
        'report = "link/out.json"',
        'per-sample = "../rows.csv"',
        'save-baseline = "../baseline.json"',
        'plots = "../plots"',
    ],
)
def test_a_found_file_writes_below_its_directory_alone(line: str, place: Path) -> None:
    inner, outside = place / "inner", place / "outside"
    inner.mkdir()
    outside.mkdir()
    (inner / "link").symlink_to(outside)
    write(inner, {"f.csv": ABC, "celoss.toml": f"[eval]\n{line}\n"})
    os.chdir(inner)
    key = line.partition(" ")[0]
    error, hint = refused(run("eval", "f.csv", "-q"))
    assert error.startswith(f"celoss.toml [eval]: {key} = ")
    assert error.endswith("lies outside of the directory of celoss.toml, which was found and not named")
    assert hint == f"--config celoss.toml lets it write there, and so does --{key} as a flag"
    assert not [path for path in place.rglob("*") if path.is_file() and path.name not in ("f.csv", "celoss.toml")]


def test_a_file_that_is_named_writes_where_it_says(place: Path) -> None:
    write(place, {"inner/celoss.toml": '[eval]\nreport = "../out.json"\n'})
    assert run("eval", "f.csv", "-q", "--config", "inner/celoss.toml").code == 0
    assert (place / "out.json").exists()


def test_a_found_file_writes_below_its_directory(place: Path) -> None:
    (place / "reports").mkdir()
    write(place, {"celoss.toml": '[eval]\nreport = "reports/../reports/out.json"\n'})
    assert run("eval", "f.csv", "-q").code == 0
    assert (place / "reports" / "out.json").exists()


@pytest.mark.parametrize("text", ['scheduler = "tcp://elsewhere:8786"', '[eval]\nscheduler = "tcp://elsewhere:8786"'])
def test_a_found_file_names_no_other_machine(text: str, place: Path) -> None:
    write(place, {"celoss.toml": f"{text}\n"})
    error, hint = refused(run("eval", "f.csv", "-q", "--engine", "dask"))
    assert "scheduler = 'tcp://elsewhere:8786' names another machine" in error
    assert hint == "--config celoss.toml lets it say so, and so does --scheduler as a flag"
    done = run("eval", "f.csv", "-q", "--config", "celoss.toml")
    assert "error: --scheduler names a Dask cluster, and nothing is to be done there" in done.err


def test_every_option_that_writes_says_so() -> None:
    """What a file nobody named may write is decided by ``writes``: a new output must not be forgotten."""
    read_only = {"baseline", "config", "candidate", "labels", "manifest", "plan"}
    for command in COMMANDS:
        for option in configurable(command).values():
            if option.takes.name in ("FILE", "FILES") and option.name not in read_only:
                assert option.writes, option.name


@pytest.mark.parametrize("target", ["nowhere.toml", "celoss.toml"])  # dangling, and in a circle
def test_a_configuration_that_leads_nowhere_is_an_error(target: str, place: Path) -> None:
    (place / "celoss.toml").symlink_to(target)
    error, _ = refused(run("eval", "f.csv", "-q"))
    assert error.startswith("celoss.toml: the configuration cannot be read: ")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("max-loss = 1e999", "--max-loss is infinite, and so no limit at all"),
        ("min-skill = -inf", "--min-skill is infinite, and so no limit at all"),
        ("max-regression = inf", "--max-regression is infinite, and so no limit at all"),
    ],
)
def test_a_limit_that_nothing_exceeds_is_an_error(line: str, error: str, place: Path) -> None:
    write(place, {"celoss.toml": f"[eval]\n{line}\n"})
    done = run("eval", "f.csv", "-q")
    assert (done.code, done.out) == (2, "")
    assert f"\nerror: {error}\nhint: " in done.err


def test_an_error_says_where_its_option_was_set(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(place, {"celoss.toml": "max-regression = '2%'\nlabel-smoothing = 0.1\n[profiles.x]\nlabel = 'q'\n"})
    done = run("eval", "f.csv")
    assert done.err.endswith("names an earlier --report FILE.json; --max-regression is set in celoss.toml\n")
    monkeypatch.setenv("CELOSS_PRED", "z")
    assert run("eval", "f.csv", "--no-config").err.endswith("; --pred is set by CELOSS_PRED\n")
    monkeypatch.delenv("CELOSS_PRED")
    (place / "celoss.toml").write_text("label-smoothing = 0.1\n[profiles.x]\nlabel = 'q'\n")
    assert run("eval", "f.csv", "--profile", "x").err.endswith("; --label is set in celoss.toml [profiles.x]\n")
    assert "is set" not in run("eval", "f.csv", "--label", "q").err, "by whoever ran it"


def test_a_tag_of_runs_does_not_choose_among_them(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To eval a tag is a note, to history a choice: it is set in its own table alone."""
    assert run("eval", "f.csv", "-q", "--history", "h.jsonl").code == 0
    write(place, {"celoss.toml": "tag = ['week=3']\n"})
    monkeypatch.setenv("CELOSS_TAG", "week=4")
    done = run("history", "h.jsonl", "-q")
    assert (done.code, done.err) == (0, "")
    write(place, {"celoss.toml": "[history]\ntag = ['week=3']\n"})
    done = run("history", "h.jsonl", "-q")
    assert done.code == 3
    assert done.err.endswith("hint: no run here has a tag: leave --tag out; --tag is set in celoss.toml [history]\n")
