"""The sessions of noxfile.py are what .ci/run, the workflow and the pages for contributors call them."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
NOXFILE = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
RUN = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGES = ("CONTRIBUTING.md", "RELEASING.md", "SECURITY.md", ".github/PULL_REQUEST_TEMPLATE.md")


def sessions() -> set[str]:
    """The names of the functions under ``@nox.session``, or the names given there."""
    names = set()
    for function in NOXFILE.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for decorator in function.decorator_list:
            if ast.unparse(decorator).startswith("nox.session"):
                keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                given = [ast.literal_eval(keyword.value) for keyword in keywords if keyword.arg == "name"]
                names.update(given or [function.name])
    return names


def listed(name: str) -> list[str]:
    """The list that the noxfile assigns to a name."""
    (value,) = (s.value for s in NOXFILE.body if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == name)
    return list(ast.literal_eval(value))


SESSIONS = sessions()
CHECKED = listed("nox.options.sessions")


def test_what_nox_runs_is_there() -> None:
    assert "tests" in SESSIONS
    assert set(CHECKED) <= SESSIONS
    assert set(listed("HEAVY")) <= SESSIONS


def test_ci_run_runs_what_nox_runs() -> None:
    (loop,) = re.findall(r"^for session in (.*); do$", RUN, re.MULTILINE)
    assert ["tests", *loop.split()] == CHECKED, "the tests are run there by the README's command"


def test_the_workflow_runs_what_nox_runs() -> None:
    tests, checks = WORKFLOW["jobs"]["tests"], WORKFLOW["jobs"]["checks"]
    named = {found for step in tests["steps"] for found in re.findall(r"nox -s ([\w-]+)", step.get("run", ""))}
    assert named | set(checks["strategy"]["matrix"]["session"]) == set(CHECKED)
    full = [step.get("run") for step in WORKFLOW["jobs"]["full"]["steps"]]
    assert "nox -s full" in full
    assert "full" in SESSIONS


def test_the_workflow_has_every_python_and_system_that_is_promised() -> None:
    matrix = WORKFLOW["jobs"]["tests"]["strategy"]["matrix"]
    promised = [found[1] for text in PROJECT["classifiers"] if (found := re.search(r"Python :: (3\.\d+)$", text))]
    assert matrix["python"] == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"
    assert "Operating System :: OS Independent" in PROJECT["classifiers"]
    assert {system.partition("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}


@pytest.mark.parametrize("name", ["ci.yml", "release.yml"])
def test_nothing_is_interpolated_into_a_script(name: str) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    scripts = [step["run"] for job in workflow["jobs"].values() for step in job.get("steps", ()) if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script], "values reach scripts through the environment"


def test_hooks_run_the_tools_of_the_extra() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    tools = {hook["entry"].split()[0] for repository in config["repos"] for hook in repository["hooks"]}
    assert tools == {"ruff", "mypy"}
    assert tools <= {re.split(r"[>=<\[]", line)[0] for line in PROJECT["optional-dependencies"]["dev"]}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_what_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    paths = set(re.findall(r"`([\w.-]+/[\w./-]*)`", text))
    assert not [path for path in sorted(paths) if not (ROOT / path).exists()]
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    assert not [link for link in links if not ((ROOT / name).parent / link).exists()]
    assert set(re.findall(r"\bnox -s ([\w-]+)", text)) <= SESSIONS
    tests = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    assert not [name for name in re.findall(r"\bCELOSS_[A-Z_]+", text) if name not in tests]
