"""The benchmark runs, finds that everyone computes the same mean, and says what it found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
TINY = "0.00001"  # 200 rows, the fewest there are
NOT_YET: set[str] = set()  # works whose files celoss refuses

pytestmark = pytest.mark.skipif(not hasattr(os, "wait4"), reason="the benchmark measures with os.wait4")


@dataclass(frozen=True)
class Smoke:
    """A finished run of the benchmark."""

    stdout: str
    found: dict[str, Any]
    directory: Path


def smoke(directory: Path, *arguments: str) -> Smoke:
    """Run the benchmark on tiny files, as a user would."""
    command = [sys.executable, "-m", "benchmarks", "--scale", TINY, "--rounds", "1", *arguments]
    saved = [
        "--data",
        str(directory / "data"),
        "--json",
        str(directory / "found.json"),
        "--markdown",
        str(directory / "found.md"),
    ]
    run = subprocess.run([*command, *saved], cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (directory / "found.json").exists(), run.stderr
    found = json.loads((directory / "found.json").read_text(encoding="utf-8"))
    assert run.returncode == any(work["celoss"]["problem"] for work in found["works"]), run.stderr
    return Smoke(run.stdout, found, directory)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Smoke:
    """All works and the plot, against the one peer that is always there."""
    directory = tmp_path_factory.mktemp("benchmarks")
    return smoke(directory, "--peers", "decode", "--plot", str(directory / "curve.svg"))


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module of benchmarks/, which is not installed."""
    monkeypatch.syspath_prepend(str(ROOT))

    def load(name: str) -> ModuleType:
        return import_module(f"benchmarks.{name}")

    return load


def test_the_table_has_a_row_for_every_work(everything: Smoke, module: Any) -> None:
    works = module("work").WORKS
    assert [work["work"] for work in everything.found["works"]] == [work.name for work in works]
    markdown = (everything.directory / "found.md").read_text(encoding="utf-8")
    for work in works:
        assert f"\n{work.title}  " in everything.stdout
        assert f"| {work.title} |" in markdown


def test_celoss_scores_every_file_and_agrees_with_how_it_was_made(everything: Smoke) -> None:
    problems = {work["work"]: work["celoss"]["problem"] for work in everything.found["works"]}
    assert {name for name, problem in problems.items() if problem} <= NOT_YET, problems
    for work in everything.found["works"]:
        if work["work"] not in NOT_YET:
            assert len(work["celoss"]["runs"]) == 1
            assert work["peak_mb"]["value"] > everything.found["floor_mb"]


def test_the_parent_is_too_small_to_hide_a_childs_peak(everything: Smoke) -> None:
    assert everything.found["floor_mb"] < 40, "something heavy is imported by the process that measures"


def test_the_curve_is_drawn(everything: Smoke) -> None:
    root = ElementTree.fromstring((everything.directory / "curve.svg").read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"celoss, report", "celoss -q", "bare decode", "wall time, seconds", "peak memory, MB"} <= texts


@pytest.mark.skipif(find_spec("sklearn") is None, reason="scikit-learn is not installed")
def test_scikit_learn_finds_the_same_means(tmp_path: Path) -> None:
    found = smoke(tmp_path, "--work", "q-binary,small", "--peers", "sklearn").found
    assert found["skipped"] == []
    for work in found["works"]:
        ours, theirs = work["celoss"]["mean"], found["files"][work["file"]]["sklearn"]["mean"]
        assert theirs == pytest.approx(ours, rel=found["tolerance"])
        assert work["ratios"]["sklearn"]["value"] > 0


def test_another_celoss_is_a_peer_of_each_work(tmp_path: Path) -> None:
    earlier = str(Path(sys.executable).with_name("celoss"))
    works = ["q-binary", "diagnose-binary", "twin-binary", "gzip-binary"]
    found = smoke(tmp_path, "--work", ",".join(works), "--peers", "decode", "--earlier", earlier).found
    assert [work["work"] for work in found["works"]] == sorted(works, key=["q-binary", "gzip-binary", *works].index)
    for work in found["works"]:
        assert work["celoss"]["problem"] is None
        assert work["ratios"]["earlier"]["value"] > 0
    (parquet,) = (tools for name, tools in found["files"].items() if name.startswith("parquet"))
    assert set(parquet) == {"celoss -q", "celoss diagnose", "celoss by numpy", "earlier -q", "earlier", "decode"}
    assert len({tool["mean"] for name, tool in parquet.items() if name != "decode"}) == 1


def test_calls_of_evaluate_are_held_against_those_of_another_installation() -> None:
    command = [sys.executable, "-m", "benchmarks.arrays", "--scale", TINY, "--rounds", "1", "--earlier", sys.executable]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert run.returncode == 0, run.stderr
    *lines, _ = run.stdout.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["1,000 × 10", "200 × 1", "200 × 10"]
    assert all("x CPU" in line for line in lines)


@dataclass(frozen=True)
class Says:
    """A tool that prints a text and ends with a code."""

    name: str
    text: str
    code: int = 0

    def command(self, *_: object) -> list[str]:
        return [sys.executable, "-S", "-c", f"print({self.text!r}); raise SystemExit({self.code})"]

    checking = command

    def mean(self, stdout: str) -> float:
        return float(stdout)

    def unable(self, _: object) -> str | None:
        return "not installed: it" if self.name == "absent" else None


def test_who_is_wrong_or_fails_is_named_and_not_timed(tmp_path: Path, module: Any) -> None:
    data, race = module("data"), module("race")
    dataset = data.Dataset(data.Form.PARQUET, 200, 2)
    dataset.facts(tmp_path).write_text('{"mean": 0.5}')
    tools = [Says("right", "0.5"), Says("wrong", "0.5000001"), Says("nan", "nan"), Says("mute", ""), Says("absent", "")]
    outcomes = race.race([*tools, Says("failing", "0.5", 3)], dataset, tmp_path, 2)
    assert len(outcomes["right"].runs) == 2
    assert {name for name, outcome in outcomes.items() if outcome.runs} == {"right"}
    starts = {"wrong": "wrong", "nan": "wrong", "mute": "no mean", "absent": "not installed", "failing": "exit code 3"}
    for name, start in starts.items():
        assert outcomes[name].problem.startswith(start)


@pytest.mark.parametrize(
    ("value", "bar", "met"),
    [(0.5, 0.75, True), (0.75, 0.75, True), (0.7500001, 0.75, False), (float("nan"), 0.75, False), (None, 0.75, None)],
)
def test_a_bar_is_met_up_to_and_with_itself(module: Any, value: float | None, bar: float, met: bool | None) -> None:
    assert module("verdict").Judged(value, bar).met is met


def test_a_ratio_is_the_median_of_the_rounds_pairs(module: Any) -> None:
    measure, race, verdict = module("measure"), module("race"), module("verdict")

    def outcome(*walls: float) -> Any:
        return race.Outcome("tool", 0.5, None, tuple(measure.Run(wall, wall, 1, 0, "", "") for wall in walls))

    ratio = verdict.ratio(outcome(1, 4, 3), outcome(2, 2, 2), 1.5)
    assert (ratio.value, ratio.low, ratio.high, ratio.met) == (1.5, 0.5, 2, True)
    assert verdict.ratio(outcome(1), outcome(), 1.5).met is None


def test_a_drawing_of_many_decades_keeps_its_lines_inside(module: Any) -> None:
    plot = module("plot")
    lines = {name: [(10.0**k, k * 0.1 * (n + 1)) for k in range(4, 8)] for n, name in enumerate(["a<b", "c&d", "e"])}
    root = ElementTree.fromstring(plot.svg("rows & <cost>", "note", lines, lines))
    circles = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == 3 + 2 * 3 * 4
    assert all(0 < float(circle.attrib["cx"]) < plot.WIDTH for circle in circles)
    assert all(0 < float(circle.attrib["cy"]) < plot.HEIGHT for circle in circles)


@pytest.mark.parametrize("tool", ["celoss", "index_in", "merge", "get_indexer", "read"])
def test_every_join_pairs_every_id(tool: str, module: Any, tmp_path: Path) -> None:
    join = module("join")
    for kind in join.KINDS:
        join.make(tmp_path, kind, 1000)
        join.work(tool, tmp_path, check=True)


def test_a_join_that_pairs_other_ids_is_found_out(module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    join = module("join")
    join.make(tmp_path, join.UUIDS, 1000)
    monkeypatch.setitem(join.TOOLS, "shifted", lambda left, right: (join.celoss(left, right)[0][::-1], (), ()))
    with pytest.raises(SystemExit, match="different ids"):
        join.work("shifted", tmp_path, check=True)
