"""The recipes of examples/ci and of the guides to CI and many files: parsed, and run where their tool is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from running import SCRIPT, write

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "ci"
GUIDES = ROOT / "docs" / "how-to"
PAGE = (GUIDES / "ci.md").read_text(encoding="utf-8")
MANY_FILES = (GUIDES / "many-files.md").read_text(encoding="utf-8")
GOOD = "y,p_a,p_b\na,0.7,0.3\nb,0.4,0.6\n"
BAD = "y,p_a,p_b\na,0.1,0.9\nb,0.9,0.1\n"
RECIPES = re.findall(r"```bash\n(.*?)```", MANY_FILES, re.DOTALL)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with limits and a file of predictions that meets them, its name with a blank."""
    (tmp_path / "predictions").mkdir()
    (tmp_path / "build").mkdir()
    write(tmp_path, {"celoss.toml": "max-loss = 1.0\n"})
    write(tmp_path / "predictions", {"good one.csv": GOOD, "good.csv": GOOD})
    return tmp_path


def shell(place: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("CELOSS_", "GITHUB_", "MAKE"))
    }
    path = f"{Path(SCRIPT).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command, cwd=place, env={**inherited, "PATH": path}, capture_output=True, text=True, check=False, timeout=120
    )


def example(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("recipe", RECIPES, ids=["loop", "xargs", "parallel"])
def test_recipes_for_many_files_end_with_the_worst_code(recipe: str, place: Path) -> None:
    tool = next((tool for tool in ("parallel", "xargs") if re.search(rf"^\s*{tool} ", recipe, re.MULTILINE)), "bash")
    if shutil.which(tool) is None:
        pytest.skip(f"needs {tool}")
    files: dict[str, tuple[str, int]] = {"good.csv": (GOOD, 0), "bad.csv": (BAD, 1), "broken.csv": ("", 3)}
    for name, (content, code) in files.items():
        for old in (place / "build").glob("*.json"):
            old.unlink()
        write(place / "build", {"codes": "70 of an earlier run\n"})
        write(place / "predictions", {name: content})
        done = shell(place, "bash", "-c", recipe)
        assert done.returncode == code, done.stderr
        assert (place / "build" / "good one.json").exists()
        assert (place / "build" / "good.json").exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_the_makefile(place: Path) -> None:
    (place / "predictions" / "good one.csv").unlink()  # make splits names at blanks
    (place / "build").rmdir()
    make = ("make", "-j2", "-k", "-f", EXAMPLES / "Makefile", "loss")
    assert shell(place, *make).returncode == 0
    assert (place / "build" / "good.json").exists()
    assert "celoss eval" not in shell(place, *make).stdout
    write(place / "predictions", {"bad.csv": BAD, "broken.csv": ""})
    for _ in range(2):  # the second time, too: nothing that failed is taken for done
        assert shell(place, *make).returncode == 2
        assert [path.name for path in (place / "build").glob("*.json")] == ["good.json"]
    write(place, {"celoss.toml": "max-loss = 0.1\n"})
    assert shell(place, *make).returncode == 2, "other limits: everything is judged again"


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_the_makefile_with_a_changed_variable_or_nothing_to_score(place: Path) -> None:
    (place / "predictions" / "good one.csv").unlink()
    make = ("make", "-f", EXAMPLES / "Makefile", "loss")
    assert shell(place, *make).returncode == 0
    assert "celoss eval" not in shell(place, *make).stdout
    assert shell(place, "env", "CELOSS_MAX_LOSS=0.1", *make).returncode == 2
    assert shell(place, *make).returncode == 0
    (place / "predictions" / "good.csv").unlink()
    done = shell(place, *make)
    assert done.returncode == 2
    assert "nothing was scored" in done.stderr


def test_a_run_that_a_signal_ended_is_no_success(place: Path) -> None:
    log = "Seq\tHost\tStarttime\tRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n1\t:\t0\t1\t0\t0\t0\t9\tceloss\n"
    write(place / "build", {"codes.tsv": log})
    (awk,) = re.findall(r"^awk.*codes\.tsv$", MANY_FILES, re.MULTILINE)
    assert shell(place, "bash", "-c", awk).returncode == 137


@pytest.mark.skipif(shutil.which("snakemake") is None, reason="needs snakemake")
def test_the_snakefile(place: Path) -> None:
    run = ("snakemake", "--snakefile", EXAMPLES / "Snakefile", "--cores", "2", "--keep-going")
    assert shell(place, *run).returncode == 0
    assert (place / "build" / "good one.json").exists()
    write(place / "predictions", {"bad.csv": BAD})
    assert shell(place, *run).returncode == 1
    assert not (place / "build" / "bad.json").exists()


@pytest.mark.parametrize(("content", "code"), [(GOOD, 0), (BAD, 1), ("", 3)])
def test_the_scripts_of_gitlab_and_jenkins(content: str, code: int, place: Path) -> None:
    job = yaml.safe_load(example("gitlab-ci.yml"))["loss"]
    (jenkins,) = re.findall(r"script: '''(.*?)'''", example("Jenkinsfile"), re.DOTALL)
    gitlab = "\n".join(line for line in job["script"] if "pip install" not in line)
    write(place / "predictions", {"test.csv": content})
    variables = "PREDICTIONS=predictions/test.csv CELOSS_MAX_LOSS=0.5; export PREDICTIONS CELOSS_MAX_LOSS\n"
    for script in (gitlab, jenkins):
        done = shell(place, "bash", "-e", "-c", variables + script)
        assert done.returncode == code, done.stderr
        assert {"celoss.json", "celoss.xml"} <= {path.name for path in (place / "celoss-reports").iterdir()}
        shutil.rmtree(place / "celoss-reports")


def test_the_workflow_uses_inputs_and_outputs_that_there_are() -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    workflow: dict[Any, Any] = yaml.safe_load(example("github.yml"))
    steps = [
        *workflow["jobs"]["loss"]["steps"],
        *yaml.safe_load(re.findall(r"```yaml\n(- id.*?)```", PAGE, re.DOTALL)[0]),
    ]
    ours = [step for step in steps if "celoss@" in step.get("uses", "")]
    assert len(ours) == 2
    for step in ours:
        assert set(step["with"]) <= set(action["inputs"])
        assert all(isinstance(value, str) for value in step["with"].values())
    for step in steps:
        assert "${{" not in step.get("run", ""), "values reach scripts through the environment"
    used = set(re.findall(r"steps\.celoss\.outputs\.([\w-]+)", example("github.yml")))
    assert used <= set(action["outputs"])


def test_the_hook() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    config = yaml.safe_load(re.findall(r"```yaml\n(repos:.*?)```", PAGE, re.DOTALL)[0])
    assert config["repos"][0]["hooks"][0]["id"] == hook["id"]
    assert hook["entry"] == "celoss eval"
    assert hook["pass_filenames"] is False
    for name in ("rows.csv", "a/b.parquet", "x.csv.gz", "y.npz"):
        assert re.search(hook["files"], name)
    assert not re.search(hook["files"], "model.py")


@pytest.mark.parametrize(
    ("check", "path"),
    [("validate-manifest", ".pre-commit-hooks.yaml"), ("validate-config", ".pre-commit-config.yaml")],
)
def test_the_hooks_as_pre_commit_reads_them(check: str, path: str) -> None:
    pytest.importorskip("pre_commit", reason="needs pre-commit")
    done = shell(ROOT, sys.executable, "-m", "pre_commit", check, path)
    assert done.returncode == 0, done.stdout


ISSUE_FORMS = sorted(path.stem for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", "examples/ci/github.yml"),
        ("vendor.gitlab-ci", "examples/ci/gitlab-ci.yml"),
        ("vendor.github-workflows", ".github/workflows/ci.yml"),
        ("vendor.github-workflows", ".github/workflows/release.yml"),
        ("vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
        *(("vendor.github-issue-forms", f".github/ISSUE_TEMPLATE/{name}.yml") for name in ISSUE_FORMS),
    ],
)
def test_the_public_schemas(schema: str, path: str) -> None:
    pytest.importorskip("check_jsonschema", reason="needs check-jsonschema")
    done = shell(ROOT, sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, path)
    assert done.returncode == 0, done.stdout
