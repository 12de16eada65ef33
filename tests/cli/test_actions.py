"""Under GitHub Actions: annotations on stderr, the page in the step summary, and no command from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_runner import commands_in
from running import run, run_script, write

# Rows enough, and one of them wrong: nothing to be warned of.
ABC = "y,p_a,p_b,p_c\n" + "a,0.7,0.2,0.1\nb,0.1,0.8,0.1\nc,0.2,0.2,0.6\n" * 100 + "a,0.3,0.6,0.1\n"
INFINITE = "y,p_a,p_b\na,0,1\nb,.1,.9\n"
MEBIBYTE = 1024 * 1024


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {"f.csv": ABC, "infinite.csv": INFINITE})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


@pytest.mark.parametrize("form", [[], ["-q"], ["--format", "json"], ["--format", "csv"], ["--format", "markdown"]])
def test_a_failed_check_is_one_annotation(form: list[str], summary: Path) -> None:
    done = run("eval", "f.csv", *form, "--max-loss", "0.1")
    assert done.code == 1
    (command,) = commands_in(done.err)
    assert command.name == "error"
    assert command.properties == {"title": "celoss: max_loss"}
    assert "is above the limit of 0.1 (--max-loss)" in command.data
    assert commands_in(done.out) == []
    assert summary.read_text().startswith("### Cross-entropy 0.366")
    assert "| `c` |" in summary.read_text()


def test_a_passed_gate_needs_no_annotation(summary: Path) -> None:
    assert commands_in(run("eval", "f.csv", "--max-loss", "0.5").err) == []
    assert ": PASS\n" in summary.read_text()


def test_a_warning_is_annotated(summary: Path) -> None:  # noqa: ARG001
    (command,) = commands_in(run("eval", "infinite.csv").err)
    assert (command.name, command.properties) == ("warning", {"title": "celoss: infinite_loss"})


def test_what_is_printed_is_the_same(summary: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    inside = run("eval", "f.csv")
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert inside.out == run("eval", "f.csv").out


def test_elsewhere_there_are_none(summary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, "", "false"):
        monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
        if value is not None:
            monkeypatch.setenv("GITHUB_ACTIONS", value)
        assert commands_in(run("eval", "f.csv", "--max-loss", "0.1").err) == []
    assert not summary.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["eval", "nothing.csv"], 3),
        (["explain", "nothing.csv"], 3),
        (["eval", "f.csv", "--clip", "2"], 2),
        (["eval", "f.csv", "--no-such-option"], 2),
    ],
)
def test_an_error_is_one_annotation(arguments: list[str], code: int, summary: Path) -> None:  # noqa: ARG001
    done = run(*arguments)
    assert done.code == code
    (command,) = commands_in(done.err)
    assert command.name == "error"
    assert command.data.partition("\n")[0] == done.err.partition("\n")[0].removeprefix("error: ")


def test_a_data_error_stands_in_the_summary(summary: Path) -> None:
    assert run("eval", "nothing.csv").code == 3
    assert summary.read_text().startswith("### celoss eval: ERROR\n")


def test_the_summary_is_added_to(summary: Path) -> None:
    summary.write_text("what another step wrote")
    run("eval", "f.csv")
    run("eval", "f.csv")
    assert summary.read_text().startswith("what another step wrote\n### Cross-entropy")
    assert summary.read_text().count("### Cross-entropy") == 2


def test_a_summary_that_would_be_too_long_is_left(summary: Path) -> None:
    summary.write_bytes(b"x" * (MEBIBYTE - 10))
    done = run("eval", "f.csv", "--max-loss", "0.5")
    assert done.code == 0
    assert "warning: the step summary has no room" in done.err
    assert summary.stat().st_size == MEBIBYTE - 10


@pytest.mark.parametrize(("limit", "code"), [("0.5", 0), ("0.1", 1)])
@pytest.mark.parametrize("path", ["no/where.md", ".", "/dev/full", "a\0b"])
def test_a_summary_that_cannot_be_written_changes_no_code(
    path: str, limit: str, code: int, summary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not summary.exists()
    if "\0" in path:
        monkeypatch.setattr("os.environ", {**__import__("os").environ, "GITHUB_STEP_SUMMARY": path})
    else:
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", path)
    done = run("eval", "f.csv", "--max-loss", limit)
    assert done.code == code
    assert "warning: the step summary cannot be written" in done.err


HOSTILE = (
    '"y","p_##[error]x","p_::set-output name=a::b"\n'
    '"##[error]x",.7,.3\n"::set-output name=a::b",.2,.8\n"::set-output name=a::b",.4,.6\n'
)


@pytest.mark.parametrize("form", [[], ["-q"], ["--format", "json"], ["--format", "csv"], ["--format", "markdown"]])
def test_a_file_cannot_command_the_runner(form: list[str], summary: Path) -> None:  # noqa: ARG001
    write(Path(), {"::error::.csv": HOSTILE})
    done = run("eval", "::error::.csv", *form, "--label", "y", "--max-loss", "0.1", "--report", "##[error]x.json")
    assert done.code == 1
    assert commands_in(done.out) == []
    found = [command for command in commands_in(done.err) if command.name != "warning"]
    assert [command.name for command in found] == ["error"]


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("command", ["inspect", "explain"])
def test_a_file_cannot_command_the_runner_through_other_commands(command: str, form: str, summary: Path) -> None:  # noqa: ARG001
    write(Path(), {"::error::.csv": HOSTILE})
    done = run(command, "::error::.csv", "--label", "y", "--format", form)
    assert done.code == 0, done.err
    assert commands_in(done.out) == []
    assert commands_in(done.err) == []


def test_a_file_cannot_command_the_runner_through_an_error(summary: Path) -> None:  # noqa: ARG001
    write(Path(), {"f.csv": HOSTILE + '"\r::error::no ##[add-mask]x",.5,.5\n'})
    done = run("eval", "f.csv", "--label", "y")
    assert done.code == 3
    (command,) = commands_in(done.err)
    assert command.name == "error"


def test_it_works_through_the_script(summary: Path) -> None:
    done = run_script("eval", "f.csv", "-q", "--max-loss", "0.1")
    assert done.code == 1
    assert [command.name for command in commands_in(done.err)] == ["error"]
    assert summary.exists()
