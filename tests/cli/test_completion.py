"""Shell completion: installed with one line, right for commands, options and values, and quick."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from celoss_cli.cli.commands import COMMANDS
from running import SCRIPT, run_script


def completed(*words: str) -> list[str]:
    """What a bash offers for the last of the words."""
    environment = {
        **os.environ,
        "_CELOSS_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("celoss", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = run_script(env=environment)
    assert (done.code, done.err) == (0, "")
    return done.out.split()


def test_commands() -> None:
    assert set(completed("")) == {command.partition("-")[0] for command in COMMANDS}
    assert completed("ev") == ["eval"]


@pytest.mark.parametrize("command", sorted({*COMMANDS} - {"calibrate-apply", "history", "merge", "state"}))
def test_options_and_their_values(command: str) -> None:
    words = command.split("-")
    assert {"--threads", "--task"} <= set(completed(*words, "--t"))
    assert "--show-config" in completed(*words, "--show")
    assert completed(*words, "--task", "multi") == ["multiclass", "multilabel"]
    assert {"table", "json"} <= set(completed(*words, "f.csv", "--format", ""))
    assert completed(*words, "f.csv", "--nothing-like-it") == []


def test_those_of_states() -> None:
    assert completed("state", "--task", "multi") == ["multiclass", "multilabel"]
    assert {"--plan", "--part"} <= set(completed("state", "--p"))
    assert {"table", "json"} <= set(completed("merge", "a.state", "b.state", "--format", ""))
    assert "--task" not in completed("merge", "--t")


def test_the_commands_of_a_group_and_their_options() -> None:
    assert completed("calibrate", "") == ["fit", "apply"]
    assert completed("calibrate", "apply", "fix.json", "f.csv", "--into", "log") == ["logits", "logprobs"]


def test_a_configuration_that_is_broken_does_not_disturb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "celoss.toml").write_text("nonsense = [")
    monkeypatch.chdir(tmp_path)
    assert completed("eval", "--task", "b") == ["binary"]


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from celoss_cli.__main__ import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    environment = {
        **os.environ,
        "_CELOSS_COMPLETE": "complete_bash",
        "COMP_WORDS": "celoss eval --ta",
        "COMP_CWORD": "2",
    }
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "--task" in done.stdout
    assert not {"numpy", "pyarrow", "pandas", "rich.table", "tomllib"} & set(done.stderr.split())


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_install_line_and_a_real_bash(tmp_path: Path) -> None:
    home = {**os.environ, "HOME": str(tmp_path), "PATH": f"{Path(SCRIPT).parent}{os.pathsep}{os.environ['PATH']}"}
    install = "celoss --install-completion && true"  # two commands: the shell stays, and is found as the parent
    done = subprocess.run(["bash", "-c", install], env=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "bash completion installed" in done.stdout
    assert "celoss" in (tmp_path / ".bashrc").read_text()
    ask = """
        source ~/.bashrc
        COMP_WORDS=(celoss eval f.csv --input lo) COMP_CWORD=4
        _celoss_completion celoss && echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(["bash", "--norc", "-c", ask], env=home, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("logits logprobs log2probs log10probs\n", "")


@pytest.mark.parametrize(
    ("setting", "arguments"),
    [
        ({"_CELOSS_COMPLETE": "complete_tcsh"}, []),
        ({"_CELOSS_COMPLETE": "nonsense"}, ["eval", "f.csv"]),
        ({"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}, ["--install-completion", "tcsh"]),
    ],
)
def test_a_shell_that_is_not_known_is_no_failed_gate(
    setting: dict[str, str], arguments: list[str], tmp_path: Path
) -> None:
    done = run_script(*arguments, env={**os.environ, "HOME": str(tmp_path), **setting})
    assert done.code == 2
    assert not list(tmp_path.iterdir())
