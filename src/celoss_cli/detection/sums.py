"""What rows that do not sum to 1 may be instead: the columns of two models, or probabilities taken from 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout import Layout
from celoss_cli.spelling import list_option, option
from celoss_cli.state.evidence import Evidence

_NEAR = 0.02

_MOST_MODELS = 8

ALL_CLASSES = (
    "write the scores of all classes (fastText: k = -1; transformers: top_k=None); if no class is left out, --input "
    "logits or --input probs says what they are"
)
"""What to do about cells that may name the best classes alone: to divide by their sum would be wrong."""


def with_other_columns(what: str, hint: str, seen: Evidence, layout: Layout) -> tuple[str, str]:
    """Return what an error says and its hint, with what the columns may be besides, if the rows kept tell.

    Where they speak for something that no division by the sum makes right, the hint is that alone.
    """
    scores = seen.sample.scores
    names = [column.name for column in layout.scores]
    if layout.vector and layout.scores[0].classes and scores.size and bool((scores.sum(axis=0) < 1.0 - _NEAR).any()):
        return f"{what}; the cells name their classes, and may leave out the less likely ones", ALL_CLASSES
    if layout.vector or scores.shape[0] != len(names) or scores.shape[1] < 2:
        return what, hint
    sets = _sets(names, scores)
    if sets:
        # Zeros and ones are codes, or a truth in one-hot columns: no scores to choose.
        soft = [one for one in sets if not np.isin(scores[[names.index(name) for name in one]], (0.0, 1.0)).all()]
        ways = " or ".join(list_option("--pred", one) for one in (soft or sets)[:3])
        return f"{what}; {len(sets)} sets of columns sum to 1 each, as those of several models do", f"score one: {ways}"
    if len(names) > 2 and _sums_to(scores, len(names) - 1.0):
        return f"{what}; each may be 1 minus the probability of its class", "write 1 − score in each column if it is"
    if len(names) == 2:
        one, other = (option("--pred", name) for name in names)
        return f"{what}; they may be those of two models", f"{hint}; if they are two models', {one} or {other}"
    return what, hint


def _sets(names: Sequence[str], scores: Floats) -> list[list[str]]:
    """Return the sets of columns that sum to 1 each, one after the other or in turn; none if there are no such."""
    places = {name: place for place, name in enumerate(names)}
    for models in range(2, min(len(names) // 2, _MOST_MODELS) + 1):
        if len(names) % models == 0:
            for sets in (_side_by_side(names, models), _in_turn(names, models)):
                if all(_sums_to(scores[[places[name] for name in one]], 1.0) for one in sets):
                    return sets
    return []


def _side_by_side(names: Sequence[str], models: int) -> list[list[str]]:
    size = len(names) // models
    return [list(names[start : start + size]) for start in range(0, len(names), size)]


def _in_turn(names: Sequence[str], models: int) -> list[list[str]]:
    return [list(names[first::models]) for first in range(models)]


@np.errstate(over="ignore", invalid="ignore")  # scores of any size sum to no such total
def _sums_to(scores: Floats, total: float) -> bool:
    return bool((np.abs(scores.sum(axis=0) - total) <= _NEAR).all())
