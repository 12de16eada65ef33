"""action.yml, run as GitHub runs it: the script of a step by bash, the inputs in the environment and nowhere else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from running import SCRIPT, write

ROOT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
ABC = "y,p_a,p_b\na,0.7,0.3\nb,0.4,0.6\n"  # mean 0.4338
HOSTILE = 'it\'s "a" $(touch pwned) `touch pwned` ; touch pwned & x\ny {braces} --help.csv'


@dataclass(frozen=True)
class Step:
    """What a run of the action's scoring step left."""

    code: int
    outputs: dict[str, str]
    err: str


def outputs_in(text: str) -> dict[str, str]:
    """What a step wrote to $GITHUB_OUTPUT: ``name=value``, or ``name<<mark`` with lines up to the mark."""
    found = {}
    lines = iter(text.splitlines())
    for line in lines:
        if plain := re.fullmatch(r"([\w-]+)=(.*)", line):
            found[plain[1]] = plain[2]
        else:
            several = re.fullmatch(r"([\w-]+)<<(\S+)", line)
            assert several, line
            inside = []
            while (part := next(lines)) != several[2]:
                inside.append(part)
            found[several[1]] = "\n".join(inside)
    return found


def environment(step: dict[str, Any], inputs: dict[str, str]) -> dict[str, str]:
    """The step's variables, with the expressions replaced as GitHub does: the inputs given, or their defaults."""
    known = {name: str(entry.get("default", "")) for name, entry in ACTION["inputs"].items()}
    assert set(inputs) <= set(known)
    values = {f"inputs.{name}": value for name, value in {**known, **inputs}.items()}
    values["github.action_path"] = str(ROOT)
    return {
        name: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: values[found[1]], text) for name, text in step["env"].items()
    }


def run_step(place: Path, **inputs: str) -> Step:
    """Run the scoring step in ``place``; hyphens of the inputs are written as underscores."""
    step = next(step for step in STEPS if step.get("id") == "celoss")
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    script, output = place / ".script.sh", place / ".output"
    script.write_text(step["run"], encoding="utf-8")
    output.touch()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CELOSS_", "GITHUB_"))}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
        env={
            **inherited,
            **environment(step, {"python": sys.executable, **given}),
            "PATH": f"{Path(SCRIPT).parent}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(output),
        },
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    text = output.read_text(encoding="utf-8")
    output.unlink()
    script.unlink()
    return Step(done.returncode, outputs_in(text), done.stderr)


def test_nothing_is_interpolated_into_a_script() -> None:
    for step in STEPS:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_inputs_and_outputs_are_described_and_used() -> None:
    used = " ".join(
        text
        for step in STEPS
        for text in [*step["env"].values(), step.get("if", ""), step.get("working-directory", "")]
    )
    for name, entry in ACTION["inputs"].items():
        assert entry["description"].endswith(".")
        assert f"inputs.{name}" in used, name
        assert entry.get("required") or "default" in entry
    for name, entry in ACTION["outputs"].items():
        assert entry["value"] == f"${{{{ steps.celoss.outputs.{name} }}}}"


def test_a_limit_that_is_met(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC})
    done = run_step(tmp_path, predictions="f.csv", max_loss="0.5")
    assert (done.code, done.outputs["passed"], done.outputs["exit-code"]) == (0, "true", "0")
    assert done.outputs["report"] == "celoss-reports/celoss.json"
    document = json.loads((tmp_path / "celoss-reports" / "celoss.json").read_text())
    assert float(done.outputs["loss"]) == document["loss"]["mean"]
    assert (tmp_path / "celoss-reports" / "celoss.xml").exists()


def test_a_limit_that_is_not_met(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC})
    done = run_step(tmp_path, predictions="f.csv", max_loss="0.1")
    assert (done.code, done.outputs["passed"], done.outputs["exit-code"]) == (1, "false", "1")
    assert float(done.outputs["loss"]) > 0.1


def test_an_infinite_loss(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p_a,p_b\na,0,1\nb,.1,.9\n"})
    done = run_step(tmp_path, predictions="f.csv", max_loss="9")
    assert (done.code, done.outputs["loss"], done.outputs["passed"]) == (1, "inf", "false")


def test_nothing_scored_gives_no_number_and_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC})
    assert run_step(tmp_path, predictions="f.csv", max_loss="0.5").code == 0
    for inputs, code in (
        ({"predictions": "no.csv"}, 3),
        ({"predictions": "f.csv", "max_loss": "low"}, 2),
        ({"predictions": ""}, 2),
    ):
        done = run_step(tmp_path, **inputs)
        assert (done.code, done.outputs["exit-code"]) == (code, str(code))
        assert done.outputs["loss"] == done.outputs["passed"] == ""
        report = tmp_path / "celoss-reports" / "celoss.json"
        assert not report.exists() or json.loads(report.read_text())["schema"] == "celoss.error", "that of the last run"


def test_two_files_and_other_options(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "p_a,p_b\n0.7,0.3\n0.4,0.6\n", "l.csv": "truth,other\na,b\nb,a\n"})
    done = run_step(
        tmp_path, predictions="f.csv", labels="l.csv", label="truth", arguments="--base=2\n\n--class-weight\na=1,b=2\n"
    )
    assert done.code == 0, done.err
    document = json.loads((tmp_path / done.outputs["report"]).read_text())
    assert document["loss"]["unit"] == "bits"
    assert [row["weight"] for row in document["per_class"]] == [1, 2]


def test_blanks_and_comments_among_the_arguments(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC})
    done = run_step(tmp_path, predictions="f.csv", arguments="  --base=2 \t\r\n   \n # --base=10\n#--nope\n")
    assert done.code == 0, done.err
    assert json.loads((tmp_path / done.outputs["report"]).read_text())["loss"]["unit"] == "bits"


@pytest.mark.parametrize("arguments", ["--help", "--show-config"])
def test_a_run_that_scores_nothing_is_an_error_and_leaves_no_old_report(arguments: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC})
    assert run_step(tmp_path, predictions="f.csv").code == 0
    done = run_step(tmp_path, predictions="f.csv", arguments=arguments)
    assert (done.code, done.outputs["exit-code"], done.outputs["passed"], done.outputs["loss"]) == (2, "2", "", "")
    assert "scored nothing" in done.err
    assert not list((tmp_path / "celoss-reports").iterdir())


def test_a_configuration_and_its_profile(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC, "celoss.toml": "max-loss = 9\n[profiles.strict]\nmax-loss = 0.1\n"})
    assert run_step(tmp_path, predictions="f.csv").code == 0
    assert run_step(tmp_path, predictions="f.csv", profile="strict").code == 1
    assert run_step(tmp_path, predictions="f.csv", profile="strict", max_loss="1").code == 0


def test_hostile_inputs_are_only_names(tmp_path: Path) -> None:
    write(tmp_path, {HOSTILE: ABC.replace("y,", f'"{HOSTILE.replace(chr(34), chr(34) * 2)}",', 1)})
    done = run_step(tmp_path, predictions=HOSTILE, reports=f"out {HOSTILE}", arguments="--label=" + "$(touch pwned)")
    assert done.code == 3, "no such column"
    done = run_step(tmp_path, predictions=HOSTILE, reports=f"out {HOSTILE}")
    assert done.code == 0, done.err
    assert done.outputs["report"] == f"out {HOSTILE}/celoss.json"
    assert json.loads((tmp_path / done.outputs["report"]).read_text())["inputs"]["predictions"]["path"] == HOSTILE
    for name in ("label", "max_loss", "slice", "profile", "baseline", "max_regression", "labels", "arguments"):
        done = run_step(tmp_path, predictions="f.csv", **{name: HOSTILE})
        assert done.code in (2, 3), name
        assert not done.outputs["passed"]
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize("predictions", ["--help", "--version", "-q"])
def test_a_file_that_looks_like_an_option_is_a_file(predictions: str, tmp_path: Path) -> None:
    done = run_step(tmp_path, predictions=predictions)
    assert (done.code, done.outputs["passed"]) == (3, "")
