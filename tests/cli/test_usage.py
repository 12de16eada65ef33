"""Usage errors: exit code 2, one line and a hint, whoever finds them."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from running import Run, run, run_script, write

ABC = "y,p_a,p_b,p_c\na,0.7,0.2,0.1\nb,0.1,0.8,0.1\nc,0.2,0.2,0.6\n"

WRONG = [
    ("--clip 0.7", "--clip 0.7 is not between 0 and 0.5"),
    ("--clip 0", "--clip 0 is not between"),
    ("--clip nan", "--clip nan is not between"),
    ("--clip x", "'x' is not a valid float"),
    ("--threads 0", "--threads 0 is less than 1"),
    ("--top -1", "--top -1 is negative"),
    ("--base 3", "'3' is not one of"),
    ("--task regression", "'regression' is not one of"),
    ("--input scores", "'scores' is not one of"),
    ("--format xml", "'xml' is not one of"),
    ("--denominator sum", "'sum' is not one of"),
    ("--invalid skip", "'skip' is not one of"),
    ("--file-format xls", "--file-format xls is not known"),
    ("--delimiter ab", "--delimiter 'ab' is not one character"),
    ("--decimal x", "--decimal 'x' is neither"),
    ("--encoding klingon", "'klingon' is not an encoding"),
    ("--report r.pdf", ".pdf is not known"),
    ("--report r", "this name has none"),
    ("--report f.csv", "f.csv is an input"),
    ("--per-sample r.json", "its form is not known"),
    ("--per-sample f.csv", "f.csv is an input"),
    ("--history -", "- stands for standard output, and this is written to a file"),
    ("--save-baseline -", "- stands for standard output, and this is written to a file"),
    ("--report r.json --report ./r.json", "two outputs have the same name"),
    ("--report r.csv --per-sample ./r.csv", "two outputs have the same name"),
    ("--max-loss nan", "--max-loss is nan"),
    ("--max-loss x", "'x' is not a valid float"),
    ("--where y", "--where 'y' is not COLUMN=VALUE"),
    ("--where =a", "--where '=a' is not COLUMN=VALUE"),
    ("--classes a,b,b", "--classes names a class twice"),
    ("--classes a,,c", "--classes 'a,,c' has an empty name"),
    ("--classes a,b,c --positive d", "--positive 'd' is not one of --classes 'a', 'b', 'c'"),
    ("--class-weight a=x", "'x' is not a number"),
    ("--class-weight a=1,2", "'2' has no name"),
    ("--class-weight a=1,a=2", "'a' stands there twice"),
    ("--class-weight Balanced", "'Balanced' is not a number"),
    ("-q --format json", "-q and --format both say what to print"),
    ("--max-loss 0.1 --max-loss=0.9", "--max-loss is given twice"),
    ("--label y --clip 0.1 --label y --clip 0.1", "--clip is given twice"),
    ("--nope", "No such option: --nope"),
    ("l.csv m.csv", "unexpected extra argument"),
]

EMPTY = [
    ([""], "PREDICTIONS is empty"),
    (["f.csv", ""], "LABELS is empty"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_wrong_options(arguments: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"f.csv": ABC})
    monkeypatch.chdir(tmp_path)
    done = run("eval", "f.csv", *arguments.split())
    assert (done.code, done.out) == (2, "")
    error, hint = done.err.splitlines()
    assert error.startswith("error: ")
    assert message in error
    assert hint.startswith("hint: ")
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]
    assert (tmp_path / "f.csv").read_text() == ABC


@pytest.mark.parametrize(
    "arguments",
    [
        "calibrate fit f.csv -o -",
        "calibrate apply fix.json f.csv -o -",
        "calibrate apply fix.json d -o -",
        "state f.csv -o -",
        "merge f.state -o -",
        "batch f.csv --save-baseline -",
        "batch f.csv --history -",
    ],
)
def test_what_is_written_to_a_file_makes_none_called_dash(
    arguments: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "y,p\n" + "".join(f"{i % 2},{0.2 + i / 200!r}\n" for i in range(100))
    write(tmp_path, {"f.csv": rows, "d/part-0.csv": rows})
    monkeypatch.chdir(tmp_path)
    assert run("calibrate", "fit", "f.csv", "-o", "fix.json").code == 0
    assert run("state", "f.csv", "-o", "f.state").code == 0
    done = run(*arguments.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: - stands for standard output, and this is written to a file\nhint: name a file")
    assert not Path("-").exists()
    if not arguments.startswith("batch"):
        assert run(*arguments.split()[:-1], "./-").code == 0
        assert Path("-").exists()


@pytest.mark.parametrize("command", ["eval", "inspect", "compare", "explain", "diagnose"])
def test_one_value_is_given_once_for_every_command(command: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC})
    files = [tmp_path / "f.csv"] * (2 if command == "compare" else 1)
    done = run(command, *files, "--format", "json", "--format", "json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: --format is given twice\nhint: ")
    many = [word for name in ("p_a", "p_b", "p_c") for word in ("--pred", name)]
    done = run(command, *files, "--strict", "--strict", *many)
    assert done.code == 0, done.err
    assert run(command, "--format", "json", "--format", "csv", "--help").code == 0


@pytest.mark.parametrize("command", ["eval", "explain", "diagnose"])
@pytest.mark.parametrize(("arguments", "message"), EMPTY)
def test_an_empty_name_is_not_the_current_directory(
    command: str, arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"f.csv": ABC})
    monkeypatch.chdir(tmp_path)
    done = run(command, *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize("option", ["--pred", "--classes"])
@pytest.mark.parametrize("value", ["", ","])
def test_an_empty_list_is_not_taken_for_none(option: str, value: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC})
    done = run("eval", tmp_path / "f.csv", option, value)
    assert done.code == 2
    assert f"{option} {value!r} has an empty name" in done.err


def test_the_script_says_the_same() -> None:
    done = run_script("eval", "f.csv", "--clip", "x")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "error: Invalid value for '--clip': 'x' is not a valid float.",
        "hint: celoss eval --help shows what there is",
    ]
    assert run_script("evil").err.startswith("error: No such command 'evil'. Did you mean 'eval'?\nhint: celoss --help")


@pytest.mark.parametrize(
    ("arguments", "called"),
    [
        (["f.csv"], "the name of a file"),
        (["f.csv", "my labels.csv", "--top", "3"], "the name of a file"),
        (["missing.PARQUET"], "the name of a file"),
        (["parts/*.csv.gz"], "the name of a file"),
        (["without-suffix"], "the name of a file"),
        (["parts"], "a directory"),
        (["-"], "standard input"),
    ],
    ids=str,
)
def test_data_without_a_command_is_told_of_eval(
    arguments: list[str], called: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"f.csv": ABC, "without-suffix": ABC})
    (tmp_path / "parts").mkdir()
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    error, hint = done.err.splitlines()
    assert error == f"error: {arguments[0]!r} is {called}, not a command"
    assert shlex.split(hint) == ["hint:", "celoss", "eval", *arguments]


def test_what_is_neither_a_command_nor_data_is_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "eval").mkdir()  # a name of ours is a command, whatever else there is
    assert run("nothing").err.splitlines()[0] == "error: No such command 'nothing'."
    assert run("eval", "--help").code == 0


@pytest.mark.parametrize("command", ["eval", "inspect", "explain", "compare", "diagnose"])
def test_files_too_many_are_told_how_several_are_given(command: str) -> None:
    places = 3 if command == "compare" else 2
    for extra, said in ((["c.csv"], "argument (c.csv)"), (["c.csv", "d.csv"], "arguments (c.csv d.csv)")):
        done = run(command, *(["a.csv"] * places), *extra)
        assert (done.code, done.out) == (2, "")
        error, hint = done.err.splitlines()
        assert error == f"error: Got unexpected extra {said}"
        assert "by their directory or by a quoted glob: 'parts/*.csv'" in hint
        assert ("--candidate FILE" in hint) is (command == "compare")
    assert run(command, *(["a.csv"] * 5), "--help").code == 0


def test_the_help_shows_an_example_that_is_a_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = [line for line in run("--help").out.splitlines() if "Example: " in line]
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"predictions.csv": "p_a,p_b\n0.9,0.1\n0.2,0.8\n", "labels.csv": "y\na\nb\n"})
    words = shlex.split(example.partition("Example: ")[2])
    done = run(*words[1:])
    assert (words[0], done.code) == ("celoss", 0), done.err


def test_no_arguments_show_the_help() -> None:
    done = run_script()
    assert done.code == 2
    assert "eval" in done.out + done.err
    assert "error:" not in done.err


def test_help_and_version() -> None:
    from celoss_cli._version import __version__

    assert run_script("--version") == Run(0, f"celoss {__version__}\n", "")
    for arguments in (["--help"], ["-h"], ["eval", "--help"]):
        done = run_script(*arguments)
        assert (done.code, done.err) == (0, "")
        assert "Usage: celoss" in done.out
