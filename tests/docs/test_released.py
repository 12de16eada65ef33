"""Documents that celoss 0.1.0 wrote: a program that reads them reads today's, and celoss says what it makes of them.

released/ holds what version 0.1.0 printed for the commands below, as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.pages import ROOT
from running import run

RELEASED = Path(__file__).parent / "released"

# What was run in sample_data.
COMMANDS = {
    "evaluation-0.1.0": "eval wine_probs.csv --max-loss 0.05 --base 2 --top 2 --format json",
    "explanation-0.1.0": "explain wine_knn.csv --expect 1.48352 --format json",
    "error-0.1.0": "eval iris_logits.csv --report {report}",
}


def kinds(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every name in a document with the kind of its value, through arrays too."""
    yield path, "number" if type(value) in (int, float) else type(value).__name__
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from kinds(inner, f"{path}.{key}")
    for inner in value if isinstance(value, list) else ():
        yield from kinds(inner, f"{path}[]")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_name_is_still_there_with_a_value_of_its_kind(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT / "sample_data")
    report = tmp_path / "report.json"
    done = run(*COMMANDS[name].format(report=report).split())
    before = json.loads((RELEASED / f"{name}.json").read_text(encoding="utf-8"))
    now = json.loads(report.read_text(encoding="utf-8") if report.exists() else done.out)
    assert set(kinds(before)) - set(kinds(now)) == set()
    old, new = (document["schema_version"].split(".") for document in (before, now))
    assert old[0] == new[0]
    more = {path for path, _ in kinds(now)} - {path for path, _ in kinds(before)}
    assert (old[1] != new[1]) == bool(more), f"a new name raises the minor number: {sorted(more)}"


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("eval wine_probs.csv --max-regression 2% --baseline {old}", "--save-baseline FILE, which writes it again"),
        ("compare {old} {old}", "celoss eval PREDICTIONS --report FILE.json writes one"),
    ],
)
def test_a_result_without_its_convention_is_refused_with_the_reason(command: str, hint: str) -> None:
    old = RELEASED / "evaluation-0.1.0.json"
    words = command.format(old=old).split()
    done = run(*(str(ROOT / "sample_data" / word) if word.endswith(".csv") else word for word in words))
    assert done.code == 3
    assert "celoss.evaluation 1.0, which does not say by what convention the loss was computed" in done.err
    assert hint in done.err
