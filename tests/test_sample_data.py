"""Every case of sample_data/expected.json: scikit-learn's number, to twelve digits."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from running import run, run_script

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"
CASES: dict[str, dict[str, Any]] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
READ = (".csv", ".gz", ".parquet")


def is_read(case: dict[str, Any]) -> bool:
    names = [case[side] for side in ("predictions", "labels") if case[side] is not None]
    return all(name.endswith(READ) or (SAMPLES / name).is_dir() for name in names)


READABLE = [name for name, case in CASES.items() if is_read(case)]


@pytest.mark.parametrize("name", READABLE)
def test_the_mean(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES)
    case = CASES[name]
    files = [case[side] for side in ("predictions", "labels") if case[side] is not None]
    quiet = run("eval", *files, *case["options"], "-q")
    document = json.loads(run("eval", *files, *case["options"], "--format", "json").out)
    expected = float(case["mean"])
    assert quiet.mean == float(document["loss"]["mean"])
    assert math.isclose(quiet.mean, expected, rel_tol=1e-12)
    assert document["counts"]["rows"] == case["rows"]
    if "infinite" in case:
        assert document["counts"]["infinite"] == case["infinite"]
        clipped = run("eval", *files, *case["options"], "-q", "--clip", repr(2.0**-52)).mean
        assert math.isclose(clipped, case["mean_clipped_by_sklearn"], rel_tol=1e-12)


def test_most_cases_are_read() -> None:
    assert len(READABLE) >= 20


def test_the_script_prints_the_same() -> None:
    for arguments in (["wine_logits.parquet"], ["iris_logits.csv", "iris_species.csv"], ["wine_shards"]):
        assert (
            run_script("eval", *arguments, "-q", cwd=SAMPLES).out
            == run("eval", *(SAMPLES / a for a in arguments), "-q").out
        )
