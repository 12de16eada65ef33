"""celoss diagnose from outside: what is printed and written, the gate and its exit code, and what is refused."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import celoss_cli
from celoss_cli.errors import ExitCode
from running import run, run_script, write

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_data"
SCHEMA = ROOT / "docs" / "reference" / "schema" / "celoss.diagnosis-1.0.json"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(SAMPLES, tmp_path / "samples")
    return tmp_path


def overconfident(rows: int = 2000, slope: float = 0.5) -> str:
    """Two classes, with log odds twice as large as they should be."""
    random = np.random.default_rng(7)
    z = random.normal(-0.5, 3.0, rows)
    y = random.random(rows) < 1 / (1 + np.exp(-slope * z))
    return "y,p\n" + "".join(f"{int(a)},{1 / (1 + math.exp(-b))!r}\n" for a, b in zip(y, z.tolist(), strict=True))


FILES = {
    "over.csv": overconfident(),
    "right.csv": overconfident(slope=1.0),
    "inf.csv": "y,p\n1,0.0\n0,0.4\n1,0.9\n0,0.2\n" + "1,0.8\n0,0.3\n" * 20,
    "weights.csv": "y,p,w\n" + "1,0.8,1\n0,0.3,2\n0,0.6,1\n1,0.4,3\n" * 30,
    "soft.csv": "y_a,y_b,p_a,p_b\n" + "0.5,0.5,0.4,0.6\n0.9,0.1,0.7,0.3\n" * 9,
    "one.csv": "y,p_a,p_b\n" + "a,0.8,0.2\na,0.7,0.3\n" * 9,
    "apart.csv": "y,p\n" + "1,0.8\n0,0.3\n1,0.7\n0,0.1\n" * 9,
    "alone.csv": "y,p_a,p_b\nb,0.8,0.2\n",
    "bad.csv": "y,p\n1,x\n",
}


def document(*arguments: object) -> dict[str, object]:
    done = run("diagnose", *arguments, "--format", "json")
    assert done.code in (ExitCode.OK, ExitCode.GATE_FAILED), done.err
    found: dict[str, object] = json.loads(done.out)
    return found


@pytest.mark.parametrize(
    "inputs",
    [
        ["cancer_boosted.csv"],
        ["cancer_imbalanced.csv"],
        ["cancer_weighted.csv", "--sample-weight", "weight"],
        ["wine_logits.parquet"],
        ["wine_knn.csv"],
        ["wine_shards"],
        ["iris_probs.csv"],
        ["digits_logits.npy", "digits_labels.npy"],
        ["digits_probs_by_id.parquet", "digits_labels_by_id.csv"],
    ],
    ids=" ".join,
)
def test_every_sample_is_diagnosed_by_the_installed_command(inputs: list[str], here: Path) -> None:
    paths = [f"samples/{name}" if not name.startswith("-") and name != "weight" else name for name in inputs]
    shown = run_script("diagnose", *paths, "--report", "d.json", "--report", "d.html", "--report", "d.md")
    assert shown.code == 0, shown.err
    assert shown.err == ""
    assert "What would fix it" in shown.out
    written = json.loads((here / "d.json").read_text("utf-8"))
    jsonschema.validate(written, json.loads(SCHEMA.read_text("utf-8")))
    assert written["headline"]["text"] in shown.out
    mean = run("eval", *paths, "-q").out.strip()
    assert float(written["loss"]["mean"]) == float(mean)


def test_the_table_is_plain_where_it_is_not_a_terminal() -> None:
    write(Path(), FILES)
    for environment in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
        done = run_script("diagnose", "over.csv", env={**environment, "PATH": "/usr/bin"})
        assert done.code == 0, done.err
        assert "\x1b" not in done.out


def test_overconfidence_is_found_and_its_fix() -> None:
    write(Path(), FILES)
    found = document("over.csv")
    assert found["headline"]["verdict"] == "helps"  # type: ignore[index]
    low, high = found["cox"]["slope_ci95"]  # type: ignore[index]
    assert low < 0.5 < high < 1
    by_name = {fix["name"]: fix for fix in found["fixes"]}  # type: ignore[attr-defined]
    assert by_name["temperature"]["verdict"] == "helps"
    assert by_name["temperature"]["parameters"]["t"] == pytest.approx(2, rel=0.15)
    calm = document("right.csv")
    assert calm["headline"]["verdict"] == "nothing_to_gain"  # type: ignore[index]
    assert calm["headline"]["fix"] is None  # type: ignore[index]


def test_the_gate() -> None:
    write(Path(), FILES)
    saved = float(run("diagnose", "over.csv", "-q").out)
    assert saved > 0.05
    assert run("diagnose", "over.csv", "-q", "--max-miscalibration", repr(saved)).code == ExitCode.OK
    below = repr(math.nextafter(saved, 0))
    failed = run("diagnose", "over.csv", "-q", "--max-miscalibration", below)
    assert failed.code == ExitCode.GATE_FAILED
    assert float(failed.out) == saved
    assert failed.err.startswith("gate failed: recalibration (logistic) would save ")
    shown = run("diagnose", "over.csv", "--max-miscalibration", "1%")
    assert shown.code == ExitCode.GATE_FAILED
    assert "FAIL  recalibration (logistic) would save " in shown.out
    assert shown.err == ""
    found = document("over.csv", "--max-miscalibration", "1%")
    (check,) = found["verdict"]["checks"]  # type: ignore[index]
    assert check["limit"] == pytest.approx(0.01 * found["loss"]["mean"])  # type: ignore[index]
    assert (check["name"], check["value"], check["passed"]) == ("max_miscalibration", saved, False)
    assert document("right.csv", "--max-miscalibration", "1%")["verdict"]["passed"] is True  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "value"),
    [(["inf.csv"], "inf"), (["soft.csv"], "nan"), (["one.csv"], "nan"), (["apart.csv"], "nan"), (["alone.csv"], "nan")],
    ids=str,
)
def test_what_cannot_be_judged_never_passes(arguments: list[str], value: str) -> None:
    write(Path(), FILES)
    done = run("diagnose", *arguments, "--label", "y", "--max-miscalibration", "100", "--format", "json")
    if arguments == ["soft.csv"]:
        done = run("diagnose", *arguments, "--max-miscalibration", "100", "--format", "json")
    assert done.code == ExitCode.GATE_FAILED, done.err
    assert json.loads(done.out)["verdict"]["checks"][0]["value"] == value
    assert "gate failed: " in done.err
    assert "never passes" in done.err


def test_the_gate_says_why_it_cannot_judge() -> None:
    write(Path(), FILES)
    assert (
        run("diagnose", "weights.csv", "--sample-weight", "w", "-q", "--max-miscalibration", "100").code == ExitCode.OK
    )
    assert (
        "not known here (the classes do not overlap"
        in run("diagnose", "apart.csv", "-q", "--max-miscalibration", "100").err
    )


@pytest.mark.parametrize("name", ["weights.csv", "soft.csv", "one.csv", "apart.csv", "alone.csv", "inf.csv"])
def test_what_is_left_out_says_why_and_the_rest_stands(name: str) -> None:
    write(Path(), FILES)
    options = ["--sample-weight", "w"] if name == "weights.csv" else []
    found = document(name, *options)
    jsonschema.validate(found, json.loads(SCHEMA.read_text("utf-8")))
    parts = ("in_the_large", "cox", "corp", "ece", "temperature", "distribution", "contradictions")
    told = {one["part"] for one in found["left_out"]}  # type: ignore[attr-defined]
    several = len(found["spec"]["classes"]) > 2  # type: ignore[index]
    for part in parts:
        if found[part] is None and not (several and part in ("in_the_large", "cox")):
            assert part in told or (part == "temperature" and "fixes" in told), part
    for one in found["left_out"]:  # type: ignore[attr-defined]
        assert one["reason"]
        assert one["message"]
    assert run("diagnose", name, *options).code == 0


def test_the_python_function_is_the_command(here: Path) -> None:
    write(here, FILES)
    found = celoss_cli.diagnose("over.csv", max_miscalibration="1%", top=2)
    assert found.to_dict() == celoss_cli.diagnose(here / "over.csv", max_miscalibration="1%", top=2).to_dict() | {
        "inputs": found.to_dict()["inputs"]
    }
    printed = document("over.csv", "--max-miscalibration", "1%", "--top", "2")
    assert json.loads(json.dumps(found.to_dict())) == printed
    assert found.verdict is not None
    assert not found.verdict.passed
    celoss_cli.write_report(found, here / "d.xml")
    assert 'name="max_miscalibration"' in (here / "d.xml").read_text("utf-8")


def test_top_is_how_many_rows_are_shown() -> None:
    write(Path(), FILES)
    for top in (0, 1, 3):
        assert len(document("over.csv", "--top", top)["contradictions"]["rows"]) == top  # type: ignore[index]


def test_worth_is_what_is_worth_a_fix() -> None:
    write(Path(), FILES)
    assert document("over.csv", "--worth", "90%")["headline"]["verdict"] == "nothing_to_gain"  # type: ignore[index]
    assert document("over.csv", "--worth", "5")["headline"]["verdict"] == "nothing_to_gain"  # type: ignore[index]
    assert document("right.csv", "--worth", "0")["headline"]["verdict"] == "too_few_rows"  # type: ignore[index]
    assert document("over.csv", "--worth", "1%") == document("over.csv")
    found = document("over.csv", "--worth", "2%")
    assert found["worth"] == pytest.approx(0.02 * found["loss"]["mean"])  # type: ignore[index]


@pytest.mark.parametrize(
    "options",
    [
        ["--max-miscalibration", "much"],
        ["--max-miscalibration", "nan"],
        ["--max-miscalibration=-1%"],
        ["--worth", "nan%"],
        ["--worth=-0.1"],
        ["-q", "--format", "json"],
        ["--report", "d.txt"],
        ["--report", "over.csv"],
        ["--class-weight", "1,2"],
        ["--top", "-1"],
    ],
    ids=" ".join,
)
def test_options_that_make_no_sense_are_a_usage_error(options: list[str]) -> None:
    write(Path(), FILES)
    done = run("diagnose", "over.csv", *options)
    assert done.code == ExitCode.USAGE
    assert done.out == ""
    assert done.err


def test_bad_data_is_an_error_and_in_the_reports(here: Path) -> None:
    write(here, FILES)
    done = run("diagnose", "bad.csv", "--report", "d.json", "--report", "d.xml", "--max-miscalibration", "1")
    assert done.code == ExitCode.DATA
    assert done.err.startswith("error: bad.csv")
    assert json.loads((here / "d.json").read_text())["schema"] == "celoss.error"
    assert "celoss diagnose bad.csv" in (here / "d.xml").read_text()


def test_options_can_stand_in_a_file(here: Path) -> None:
    write(here, {**FILES, "celoss.toml": '[diagnose]\nmax-miscalibration = "1%"\ntop = 1\n'})
    assert run("diagnose", "over.csv", "-q").code == ExitCode.GATE_FAILED
    assert run("diagnose", "over.csv", "-q", "--no-config").code == ExitCode.OK
    assert "1%" in run("diagnose", "over.csv", "--show-config").out
    write(here, {"celoss.toml": "[diagnose]\nmax-loss = 1\n"})
    assert run("diagnose", "over.csv", "-q").code == ExitCode.USAGE


def test_github_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here, FILES)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    done = run("diagnose", "over.csv", "--max-miscalibration", "1%", "-q")
    assert done.code == ExitCode.GATE_FAILED
    assert "::error title=celoss%3A max_miscalibration::" in done.err
    assert "Diagnosis of a loss of" in (here / "summary.md").read_text("utf-8")
