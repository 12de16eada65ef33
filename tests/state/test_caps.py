"""Caps against brute force: Σ v·min(l, cap) over every term of every row, in rational numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.api.functions import evaluate
from celoss_cli.state.caps import CAPS, CapAccumulator, CapState

surprisals = st.floats(0.0, 200.0) | st.sampled_from([0.0, math.inf, 16.0, 20.0, 34.5, 36.5, 99.0, 101.0, 1e6])
weights = st.floats(0.0, 10.0) | st.sampled_from([0.0, 1.0])
Term = tuple[float, float]


def expected(rows: Sequence[Sequence[Term]]) -> list[Fraction]:
    """Return Σ v·min(l, cap) for each cap, over rows of (surprisal, weight) terms."""
    terms = [term for row in rows for term in row if term[1]]
    return [
        sum((Fraction(v) * Fraction(min(loss, cap)) for loss, v in terms), Fraction(0)) for _, cap in CAPS
    ]  # fmt: skip


def finite_sum(rows: Sequence[Sequence[Term]]) -> Fraction:
    """Return Σ v·l over the rows in which no term that counts is infinite: what a loss state holds.

    Each product is rounded, as it is there: what a cap takes away again is the same number.
    """
    kept = [row for row in rows if not any(math.isinf(loss) and v for loss, v in row)]
    return sum((Fraction(v * loss) for row in kept for loss, v in row if v), Fraction(0))


def added(rows: Sequence[Sequence[Term]]) -> CapState:
    """Return the state of some rows of equally many terms, added as one block."""
    accumulator = CapAccumulator()
    if rows:
        block = np.array(rows, dtype=np.float64)  # (n, C, 2)
        accumulator.add_terms(block[:, :, 0].T.copy(), block[:, :, 1].T.copy())
    return accumulator.finish()


def close(found: Fraction, truth: Fraction) -> bool:
    """Whether two sums agree up to the rounding of each product v·l."""
    return abs(found - truth) <= Fraction(1, 10**12) * max(truth, Fraction(1))


@given(st.integers(1, 4).flatmap(lambda c: st.lists(st.lists(st.tuples(surprisals, weights), min_size=c, max_size=c))))
def test_terms_are_capped_one_by_one(rows: list[list[Term]]) -> None:
    for (name, found), truth, (cap, _) in zip(added(rows).capped(finite_sum(rows)), expected(rows), CAPS, strict=True):
        assert name == cap
        assert close(found, truth)


@given(st.lists(st.tuples(surprisals, weights), min_size=1))
def test_rows_of_one_term_agree_with_terms(terms: list[Term]) -> None:
    loss, v = (np.array(column) for column in zip(*terms, strict=True))
    accumulator = CapAccumulator()
    accumulator.add(loss, v, float(loss.max()))
    rows = [[term] for term in terms]
    for (_, found), truth in zip(accumulator.finish().capped(finite_sum(rows)), expected(rows), strict=True):
        assert close(found, truth)


@given(st.lists(st.lists(st.tuples(surprisals, weights), min_size=2, max_size=2), max_size=9), st.integers(0, 9))
def test_merge_is_addition(rows: list[list[Term]], cut: int) -> None:
    assert added(rows[:cut]).merge(added(rows[cut:])) == added(rows)
    assert CapState().merge(added(rows)) == added(rows)


# Through the whole evaluation: the notice names the mean under each cap.

P = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [1e-30, 0.25, 0.75], [0.1, 0.1, 0.8]]


def noticed(data: pa.Table, **options: Any) -> list[float]:
    found = evaluate(data, **options)
    text = next(notice.message for notice in found.warnings if notice.code == "infinite_loss")
    return [float(number) for number in re.findall(r"([0-9.]+(?:e[+-]?\d+)?) \((?:Keras|1e-15|scikit|torch)", text)]


def brute_force(targets: Any, columns: Any, s: Any, denominator: float) -> list[float]:
    """Return the mean of Σ_c t_c·min(−log p_c, cap), weighed by s."""
    with np.errstate(divide="ignore"):
        each = -np.log(np.asarray(columns, dtype=np.float64))
    return [
        math.fsum((np.asarray(s)[:, None] * np.asarray(targets) * np.minimum(each, cap)).ravel()) / denominator
        for _, cap in CAPS
    ]


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_soft_labels(weighted: bool) -> None:
    soft = [[0.5, 0.5, 0.0], [0.2, 0.5, 0.3], [0.25, 0.25, 0.5], [0.0, 0.0, 1.0]]
    s = [1.0, 2.0, 0.5, 3.0] if weighted else [1.0] * 4
    columns = {f"p_{c}": [row[i] for row in P] for i, c in enumerate("abc")}
    labels = {f"label_{c}": [row[i] for row in soft] for i, c in enumerate("abc")}
    found = noticed(pa.table({**columns, **labels, "s": s}), label="label_*", sample_weight="s" if weighted else None)
    assert found == pytest.approx(brute_force(soft, P, s, sum(s)), rel=2e-3)  # the notice shows four digits


def test_several_labels_a_row() -> None:
    p = [[0.0, 0.5], [1.0, 0.25], [0.3, 1e-40]]
    t = [[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    data = pa.table({**{f"p_{i}": [row[i] for row in p] for i in (0, 1)},
                     **{f"label_{i}": [row[i] for row in t] for i in (0, 1)}})  # fmt: skip
    found = noticed(data, label="label_*", task="multilabel", input="probs")
    questions = np.stack([1.0 - np.array(p), np.array(p)], axis=2).reshape(3, 4)
    answers = np.stack([1.0 - np.array(t), np.array(t)], axis=2).reshape(3, 4)
    assert found == pytest.approx(brute_force(answers, questions, [1.0] * 3, 6.0), rel=2e-3)


def test_smoothed_labels_and_positive_weights() -> None:
    p, y, q, e = [0.0, 1.0, 0.25, 1e-20], [1, 1, 0, 1], 3.0, 0.1
    hot = np.eye(2)[y]
    smooth = (1 - e) * hot + e / 2
    columns = np.stack([1.0 - np.array(p), np.array(p)], axis=1)
    data = pa.table({"y": y, "p": p})
    assert noticed(data, label="y", pred="p", label_smoothing=e) == pytest.approx(
        brute_force(smooth, columns, [1.0] * 4, 4.0), rel=2e-3
    )
    assert noticed(data, label="y", pred="p", pos_weight=q) == pytest.approx(
        brute_force(hot * [1.0, q], columns, [1.0] * 4, 4.0), rel=2e-3
    )
