"""A hundred models scored every week for thirty weeks: one gets worse, and the history says which, and since when.

    python examples/simulated_night.py [--models N] [--weeks N] [--rows N] [--out DIR]

Every week brings other rows. All models but one stay as they are; model-017 loses part of its skill for good. A week is
one call of ``evaluate_many``, appended to a history; at the end the history is read once.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np

import celoss_cli

PLANTED = 17
FIRST_WEEK = 1_767_225_600  # 1 January 2026
WEEK = 604_800  # seconds


def predictions(draw: np.random.Generator, truth: np.ndarray, skill: float) -> np.ndarray:
    """Return P(1) of rows (n,) whose ``truth`` a model knows with some ``skill``."""
    logits = skill * (2.0 * truth - 1.0) + draw.normal(0.0, 1.0, truth.shape[0])
    return 1.0 / (1.0 + np.exp(-logits))


def main() -> None:
    """Simulate the weeks, and print what the history says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--weeks", type=int, default=30)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--out", type=Path, default=None)
    asked = parser.parse_args()
    out = asked.out or Path(tempfile.mkdtemp())
    out.mkdir(parents=True, exist_ok=True)
    history = out / "history.jsonl"
    history.unlink(missing_ok=True)
    worse_since = 2 * asked.weeks // 3
    planted = min(PLANTED, asked.models - 1)
    draw = np.random.default_rng(18)
    skills = draw.uniform(0.6, 1.6, asked.models)
    for week in range(asked.weeks):
        truth = draw.integers(0, 2, asked.rows)
        models = {}
        for place, skill in enumerate(skills):
            lost = 0.5 if place == planted and week >= worse_since else 0.0
            models[f"model-{place:03d}"] = predictions(draw, truth, skill - lost)
        os.environ["SOURCE_DATE_EPOCH"] = str(FIRST_WEEK + week * WEEK)  # a simulated clock
        night = celoss_cli.evaluate_many(models, truth, input="probs", tag={"week": week + 1})
        celoss_cli.append_history(night, history)
    found = celoss_cli.read_history(history)
    changed = [series for series in found.series if series.changes]
    for series in changed:
        for change in series.changes:
            word = "worse" if change.after > change.before else "better"
            print(f"{series.name}: {word} since week {change.run + 1}, {change.before:.4f} to {change.after:.4f} nats")
    quiet = [series for series in changed if series.name != f"model-{planted:03d}"]
    print(f"planted: model-{planted:03d}, worse since week {worse_since + 1}")
    print(f"changes called in {len(quiet)} of {asked.models - 1} quiet histories")
    celoss_cli.write_report(found, out / "history.html")


if __name__ == "__main__":
    main()
