"""An evaluation is put together as it is looked at, and is what it would be at once."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli import AmbiguousData, Evaluation, UsageError, evaluate

RNG = np.random.default_rng(20)

LOGITS = RNG.normal(size=(1000, 10))

LABELS = RNG.integers(0, 10, 1000)

SOFT = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)

AT_ONCE: dict[str, Any] = {"max_loss": 1e300}
"""A limit needs the whole evaluation."""


@pytest.mark.parametrize(
    "inputs",
    [
        (LOGITS, LABELS),
        (SOFT, LABELS),
        (LOGITS[:, 0], LABELS % 2),
        (SOFT[:, :2] * 3, LABELS % 2),
        (SOFT, SOFT),
        (SOFT, (SOFT > 0.1).astype(int)),
        (pd.DataFrame({"p": SOFT[:, 0], "y": LABELS % 2, "guess": (SOFT[:, 0] > 0.1).astype(int)}), None),
        (np.where(SOFT < 0.02, 0.0, SOFT), LABELS),
    ],
)
@pytest.mark.parametrize("options", [{}, {"base": "2"}, {"class_weight": "balanced"}, {"top": 0}])
def test_the_parts_are_those_of_the_whole(inputs: tuple[Any, Any], options: dict[str, Any]) -> None:
    input = {} if inputs[0].ndim == 1 or isinstance(inputs[0], pd.DataFrame) else {"renormalize": True}
    try:
        whole = evaluate(*inputs, **options, **input, **AT_ONCE)
    except (AmbiguousData, UsageError) as error:
        with pytest.raises(type(error), match=r"."):
            evaluate(*inputs, **options, **input)
        return
    parts = evaluate(*inputs, **options, **input)
    for name in reversed(Evaluation._fields):
        if name not in ("verdict", "metrics"):
            assert getattr(parts, name) == getattr(whole, name), name
    assert tuple(parts.metrics) == tuple(whole.metrics)
    assert parts.to_dict() == {**whole.to_dict(), "verdict": None}


def test_arrays_are_let_go_and_may_change() -> None:
    scores, labels = LOGITS.copy(), LABELS.copy()
    expected = evaluate(LOGITS, LABELS).to_dict()
    found = evaluate(scores, labels)
    scores[:], labels[:] = 0.0, 0
    assert found.to_dict() == expected
    scores, labels = LOGITS.copy(), LABELS.copy()
    other = evaluate(scores, labels)
    gone = [weakref.ref(scores), weakref.ref(labels)]
    del scores, labels
    gc.collect()
    assert all(one() is None for one in gone)
    assert other.counts.rows == 1000


def test_what_would_be_refused_is_refused_at_once() -> None:
    turned = (LABELS + 1) % 10
    sure = np.eye(10)[LABELS] * 8.0 + LOGITS
    assert "classes_permuted" in [one.code for one in evaluate(sure, turned).warnings]
    with pytest.raises(AmbiguousData):
        evaluate(sure, turned, strict=True)


def test_a_call_on_small_arrays_does_little() -> None:
    """It took 14,000 calls of functions before anything was left for later."""
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:  # noqa: ARG001
        nonlocal calls
        calls += event in ("call", "c_call")

    evaluate(LOGITS, LABELS)
    sys.setprofile(count)
    try:
        evaluate(LOGITS, LABELS)
    finally:
        sys.setprofile(None)
    assert calls < 3000
