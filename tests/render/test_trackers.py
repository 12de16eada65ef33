"""What ``.metrics.json`` and ``metrics()`` hold is what trackers of experiments take, by the trackers themselves."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from docs.pages import ROOT
from running import run, write

PAGE = ROOT / "docs" / "how-to" / "trackers.md"

# A path that leads elsewhere, an option, markup, words of other scripts, control characters, two that become alike.
NAMES = (
    "../../up",
    "/abs/x",
    "abs/x",
    "lr:1",
    "a=b, c (d) <b>",
    "Ünïcode 模型",
    ".",
    "-q",
    "a//b/",
    "e\x1b[31m",
    "x/" * 200,
)

REPORTS = ("gated", "infinite", "night")


def needs(module: str) -> None:
    """Skip the test where a tracker is not installed; it is imported in a process of its own."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"needs {module}")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two models and their labels, and the reports of a gate, of an infinite loss, and of a night with odd names."""
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        {
            "runs/lr.csv": "p\n0.9\n0.2\n0.6\n0.1\n",
            "runs/rf.csv": "p\n0.8\n0.3\n0.9\n0.4\n",
            "labels.csv": "y\n1\n0\n1\n0\n",
            "infinite.csv": "y,p\n1,0.0\n0,0.25\n1,0.5\n",
            "night.jsonl": "".join(
                json.dumps({"predictions": path, "name": name}) + "\n"
                for name in NAMES
                for path in ["gone.csv" if name == "." else "infinite.csv"]
            ),
        },
    )
    assert run("eval", "runs/lr.csv", "labels.csv", "--max-loss", 0.01, "--report", "gated.metrics.json").code == 1
    assert run("eval", "infinite.csv", "--report", "infinite.metrics.json").code == 0
    assert run("batch", "--manifest", "night.jsonl", "--report", "night.metrics.json").code == 3
    return tmp_path


def told(name: str) -> dict[str, float]:
    """The numbers of a report."""
    found: dict[str, float] = json.loads(Path(f"{name}.metrics.json").read_text(encoding="utf-8"))
    return found


def script(text: str, **environment: str) -> str:
    """What a script prints last, run in the directory of the files."""
    done = subprocess.run(
        [sys.executable, "-c", text],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "MLFLOW_TRACKING_URI": "sqlite:///runs.db", "WANDB_MODE": "offline", **environment},
    )
    assert done.returncode == 0, done.stderr
    return (done.stdout.splitlines() or [""])[-1]


def recipe(tracker: str) -> str:
    """The block of the page that imports a tracker."""
    blocks = re.findall(r"```py\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    [block] = [block for block in blocks if re.search(rf"^(import|from) {tracker}", block, re.MULTILINE)]
    return str(block)


def test_what_the_reports_hold() -> None:
    assert told("gated")["gate_passed"] == 0
    assert told("infinite")["not_finite"] == 3
    assert "loss" not in told("infinite")
    assert {key.rpartition("/")[0] for key in told("night")} == {
        *("__/__/up", "abs/x_", "abs/x", "lr_1", "a_b_ c _d_ _b_", "Ünïcode 模型", "_", "-q", "a/b", "e__31m"),
        ("x/" * 100)[:-1],
    }
    assert told("night")["_/scored"] == 0


MLFLOW = """
import json, mlflow
for name in {names}:
    numbers = json.load(open(f"{{name}}.metrics.json", encoding="utf-8"))
    with mlflow.start_run() as run:
        mlflow.log_metrics(numbers)
    assert mlflow.get_run(run.info.run_id).data.metrics == numbers, name
print("the same")
"""


def test_mlflow() -> None:
    needs("mlflow")
    assert script(MLFLOW.format(names=REPORTS)) == "the same"


def test_the_recipe_for_mlflow() -> None:
    needs("mlflow")
    after = """
import json
runs = {one.info.run_name: one.data.metrics for one in mlflow.search_runs(output_format="list")}
print(json.dumps(runs))
"""
    found = json.loads(script(recipe("mlflow") + after))
    assert set(found) == {"night", "runs/lr.csv", "runs/rf.csv"}
    for name in ("runs/lr.csv", "runs/rf.csv"):
        mean = run("eval", name, "labels.csv", "-q").mean
        assert found["night"][f"{name}/loss"] == found[name]["loss"] == mean
        assert found[name]["gate_passed"] == 1


WANDB = """
import json, wandb
for name in {names}:
    numbers = json.load(open(f"{{name}}.metrics.json", encoding="utf-8"))
    with wandb.init(project="losses") as run:
        run.log(numbers)
        kept = dict(run.summary)
    assert {{key: value for key, value in kept.items() if key in numbers}} == numbers, name
print("the same")
"""


def test_wandb() -> None:
    needs("wandb")
    assert script(WANDB.format(names=REPORTS)) == "the same"


def test_the_recipe_for_wandb() -> None:
    needs("wandb")
    code = recipe("wandb") + "    kept = run.summary['loss']\nprint(repr(kept))\n"
    assert float(script(code)) == run("eval", "runs/lr.csv", "labels.csv", "-q").mean
    assert list(Path("wandb").glob("offline-run-*"))


def dvc(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run DVC, which reports no usage."""
    return subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "DVC_NO_ANALYTICS": "1", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )


def shown_by_dvc() -> dict[str, Any]:
    done = dvc("metrics", "show", "--json", "--precision", "17")
    assert done.returncode == 0, done.stderr
    files = json.loads(done.stdout)[""]["data"]
    return {name: file["data"] for name, file in files.items()}


def test_dvc() -> None:
    needs("dvc")
    assert dvc("init", "--no-scm", "-q").returncode == 0
    names = [f"{name}.metrics.json" for name in REPORTS]
    Path("dvc.yaml").write_text(yaml.safe_dump({"metrics": names}), encoding="utf-8")
    assert shown_by_dvc() == {f"{name}.metrics.json": told(name) for name in REPORTS}


def test_the_recipe_for_dvc() -> None:
    needs("dvc")
    assert dvc("init", "--no-scm", "-q").returncode == 0
    [stages] = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    Path("dvc.yaml").write_text(stages, encoding="utf-8")
    assert dvc("repro").returncode == 0
    mean = run("eval", "runs/lr.csv", "labels.csv", "-q").mean
    assert shown_by_dvc()["loss.metrics.json"] | {"loss": mean, "gate_passed": 1} == told("loss")
    Path("dvc.yaml").write_text(stages.replace("--max-loss 0.5", "--max-loss 0.01"), encoding="utf-8")
    assert dvc("repro").returncode != 0
    assert shown_by_dvc()["loss.metrics.json"]["gate_passed"] == 0


def test_the_recipe_for_a_pushgateway() -> None:
    bodies: list[str] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            assert self.path == "/metrics/job/losses/model/lr"
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("localhost", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        script(recipe("prometheus_client").replace("localhost:9091", f"localhost:{server.server_port}"))
    finally:
        server.shutdown()
        server.server_close()
    samples = {s.name: s.value for family in text_string_to_metric_families(bodies[0]) for s in family.samples}
    assert samples["celoss_loss"] == run("eval", "runs/lr.csv", "labels.csv", "-q").mean
    assert samples["celoss_rows_scored"] == 4
