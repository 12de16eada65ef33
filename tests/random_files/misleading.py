"""Random files that mislead about what columns are or which rows belong together: no number is right as it stands."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

Columns = dict[str, list[Any]]

WAYS = ("sentinel", "of truth", "second score", "tanh", "numbers in another order", "labels in another order")

_SCORED_ROWS = 60
"""So few rows tell a second score, a tanh or an order from chance; and so few the probability of the truth from that of
True where the labels are False and True, beside which ``p_true`` is an ordinary name for the latter."""


def misled(
    dice: random.Random, rng: Any, columns: Columns, truth: str, labels: list[Any], more: Columns, margin: Any
) -> tuple[list[Columns], str] | None:
    """Return the tables of a file that misleads, one or two, and in which way; ``None`` where this one cannot.

    ``margin`` (n,) are the log-odds of a model of two classes, whose scores are in one column; ``None`` for others.
    """
    n = len(labels)
    single = margin is not None and len(columns) == 1
    probs = all(0.0 <= value <= 1.0 for values in columns.values() for value in values)
    plain = {**columns, truth: labels, **more}
    name = next(iter(columns))
    match dice.choice(WAYS):
        case "sentinel" if n >= _SCORED_ROWS:
            mark = dice.choice((-999.0, -9999.0, -99.0, -1.0) if probs else (-999.0, 9999.0, 999.0, -99.0))
            rows = set(rng.choice(n, max(3, n // 12), replace=False).tolist())
            marked = {key: [mark if i in rows else v for i, v in enumerate(vs)] for key, vs in columns.items()}
            return [{**plain, **marked}], f"{mark:g} in {len(rows)} rows"
        case "of truth" if single and probs and (n >= _SCORED_ROWS or not _false_and_true(labels)):
            values = columns[name]
            right = [value if known else 1.0 - value for value, known in zip(values, _ones(labels), strict=True)]
            called = dice.choice(("p_true", "prob_correct", "true_prob", "prob_of_truth", "prob_true_class"))
            return [{called: right, truth: labels, **more}], f"the probability of the truth as {called!r}"
        case "second score" if single and probs and n >= _SCORED_ROWS and float(margin.std()) > 1.0:
            called = dice.choice(("ensemble", "prob_rf", "y_prob_v2", "prob_calibrated", "model_b_prob"))
            noisy = 0.9 * margin + rng.normal(0.0, 0.3, n)
            return [{**plain, called: np.round(1.0 / (1.0 + np.exp(-noisy)), 6).tolist()}], f"a second score {called!r}"
        case "tanh" if single and not probs and n >= _SCORED_ROWS and float(np.tanh(margin).std()) > 0.7:
            return [{**plain, name: np.round(np.tanh(margin), 6).tolist()}], "tanh"
        case "numbers in another order" if n >= _SCORED_ROWS and len(set(map(str, labels))) > 1:
            mine, theirs = dice.choice((("row", "n"), ("nr", "no"), ("idx", "index"), ("sample", "case_no")))
            order = rng.permutation(n).tolist()
            second = {theirs: order, truth: [labels[i] for i in order]}
            return [{**columns, mine: list(range(n))}, second], f"{mine!r} and {theirs!r} in another order"
        case "labels in another order" if n >= _SCORED_ROWS and len(set(map(str, labels))) > 1:
            order = rng.permutation(n).tolist()
            called = dice.choice((truth, "label", "y_true", "class"))
            if called in columns:
                return None
            first = {**columns, called: labels}
            return [first, {truth: [labels[i] for i in order]}], f"the labels beside the scores as {called!r}"
    return None


def _false_and_true(labels: list[Any]) -> bool:
    return {str(label).lower() for label in labels} == {"false", "true"}


def _ones(labels: list[Any]) -> list[bool]:
    """Whether each label is the later of the two."""
    order = sorted({str(label) for label in labels})
    return [str(label) == order[-1] for label in labels]
