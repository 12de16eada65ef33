"""Results in which every name is markup, a formula or very long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import celoss_cli

NAMES = ("$\\frac{", "<b>&amp;</b>", "_" * 300 + "\n\x1b[31m")


def hostile_results(directory: Path) -> dict[str, Any]:
    """Every kind of result, with a history in ``directory``."""
    draw = np.random.default_rng(1)
    p = draw.dirichlet([1.0, 1.0, 1.0], 200)
    labels = [NAMES[i] for i in draw.integers(0, 3, 200)]
    said = {"classes": list(NAMES), "slice": {"$x_{": np.array(labels, dtype=object)}}
    batch = celoss_cli.evaluate_many(dict.fromkeys(NAMES, p), labels, classes=list(NAMES), max_loss=9.0)
    other = np.roll(p, 1, axis=1)
    for _ in range(3):
        celoss_cli.append_history(batch, directory / "runs.jsonl")
    return {
        "evaluation": celoss_cli.evaluate(p, labels, tag={"<i>": "_" * 80}, **said),
        "comparison": celoss_cli.compare(p, other, labels, **said),
        "leaderboard": celoss_cli.compare(p, [other, np.flip(p, axis=1)], labels, **said),
        "diagnosis": celoss_cli.diagnose(p, labels, classes=list(NAMES)),
        "batch": batch,
        "history": celoss_cli.read_history(directory / "runs.jsonl", max_regression="2%"),
    }
