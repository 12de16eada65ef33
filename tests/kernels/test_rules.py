"""The rules of libraries as kernels: values of the semantics' table, and what counts as changed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.kernels.rules import Complement, Precision, Renormalize, Rule

CLIP = Rule(low=0.1, high=0.9, complement=Complement.FIRST)


def one(rule: Rule, p: list[list[float]], y: int, file_type: str = "float64") -> float:
    """The loss of one row: p is one probability, or one a class."""
    return float(rule.row_losses(np.array(p), np.array([y]), file_type).loss[0])


def test_the_default_rule_is_exact() -> None:
    p, y = np.array([[0.0, 0.25, 1.0, 0.3, 1e-20]]), np.array([1, 0, 1, 1, 0])
    rows = Rule().row_losses(p, y)
    assert rows.loss.tolist() == [math.inf, -math.log1p(-0.25), 0.0, -math.log(0.3), 1e-20]
    assert rows.limited == 0
    assert not rows.zero.any()
    assert Rule().exact
    assert not CLIP.exact


def test_the_inputs_stay_as_they_are() -> None:
    p = np.array([[0.2, 0.0], [0.3, 1.0]])
    Rule(low=0.1, high=0.9, renormalize=Renormalize.AFTER_LIMITS).row_losses(p, np.array([1, 0]))
    assert p.tolist() == [[0.2, 0.0], [0.3, 1.0]]


def test_what_a_rule_changed_is_counted_by_its_kind() -> None:
    p = np.array([[0.0, 0.05, 0.95, 0.5, 1.0, 0.97]])
    rows = CLIP.row_losses(p, np.array([1, 1, 1, 1, 0, 0]))
    assert rows.zero.tolist() == [True, False, False, False, True, False]
    assert rows.raised.tolist() == [False, True, False, False, False, True]
    assert rows.lowered.tolist() == [False, False, True, False, False, False]
    assert rows.limited == 5
    limited = [0.1, 0.1, 0.9, 0.5, 0.1, 0.1]
    assert rows.loss == pytest.approx([-math.log(x) for x in limited], rel=1e-15)


def test_one_minus_p_before_or_after_the_limits() -> None:
    limits = {"low": 1e-7, "high": 1.0 - 1e-7, "precision": Precision.FLOAT32}
    first, after = (Rule(**limits, complement=how) for how in (Complement.FIRST, Complement.AFTER_LIMITS))
    assert one(first, [[1.0]], 0) == pytest.approx(16.118095, abs=5e-7)
    assert one(after, [[1.0]], 0) == pytest.approx(15.942385, abs=5e-7)
    assert one(after, [[0.0]], 1) == pytest.approx(16.118095, abs=5e-7)


def test_log1p_keeps_what_one_minus_p_loses() -> None:
    assert one(Rule(complement=Complement.NEVER), [[1e-20]], 0) == 1e-20
    assert one(Rule(complement=Complement.FIRST), [[1e-20]], 0) == 0.0


@pytest.mark.parametrize(
    ("file_type", "cost"), [("float64", 36.04365338911715), ("float32", 15.942385), ("float16", 6.929688)]
)
def test_eps_of_the_type(file_type: str, cost: float) -> None:
    rule = Rule(type_eps=True, precision=Precision.FILE, complement=Complement.FIRST)
    assert one(rule, [[0.0]], 1, file_type) == pytest.approx(cost, abs=5.1e-7)
    assert one(rule, [[1.0]], 0, file_type) == pytest.approx(cost, abs=5.1e-7)
    assert one(rule, [[0.0], [1.0]], 0, file_type) == pytest.approx(cost, abs=5.1e-7)


def test_a_cap_on_the_log_term_and_a_price_for_zero() -> None:
    p, y = np.array([[0.0, 1e-60, 0.5]]), np.array([1, 1, 1])
    capped = Rule(most=100.0).row_losses(p, y)
    assert capped.loss.tolist() == [100.0, 100.0, -math.log(0.5)]
    assert (capped.zero | capped.raised).tolist() == [True, True, False]
    priced = Rule(zero=9e99).row_losses(p, y)
    assert priced.loss.tolist() == [9e99, -math.log(1e-60), -math.log(0.5)]
    assert priced.zero.tolist() == [True, False, False]


def test_rows_are_divided_by_their_sum_before_or_after_the_limits() -> None:
    row = [[0.2], [0.3]]
    assert one(Rule(), row, 1) == -math.log(0.3)
    for when in (Renormalize.BEFORE_LIMITS, Renormalize.AFTER_LIMITS):
        rows = Rule(renormalize=when).row_losses(np.array(row), np.array([1]))
        assert rows.loss[0] == -math.log(0.3 / 0.5)
        assert rows.renormalised.all()
        assert rows.limited == 0
    assert one(Rule(low=0.4, renormalize=Renormalize.AFTER_LIMITS), row, 0) == -math.log(0.5)
    assert one(Rule(low=0.4, renormalize=Renormalize.BEFORE_LIMITS), row, 0) == -math.log(0.4)


def test_a_row_whose_sum_is_0_in_the_type_of_the_rule_costs_inf() -> None:
    rule = Rule(1e-7, 1.0 - 1e-7, renormalize=Renormalize.BEFORE_LIMITS, precision=Precision.FLOAT32)
    rows = rule.row_losses(np.array([[1e-109, 0.5], [3e-109, 0.5]]), np.array([1, 1]))
    assert rows.loss == pytest.approx([math.inf, math.log(2.0)])


def test_rows_that_sum_to_1_but_for_rounding_are_not_counted() -> None:
    rows = Rule(renormalize=Renormalize.BEFORE_LIMITS).row_losses(np.array([[0.1], [0.2], [0.7]]), np.array([0]))
    assert not rows.renormalised.any()
    p = np.array([[0.1], [0.2], [0.7]], dtype=np.float32).astype(np.float64)
    rule = Rule(renormalize=Renormalize.BEFORE_LIMITS, precision=Precision.FILE)
    assert not rule.row_losses(p, np.array([0]), "float32").renormalised.any()


@given(
    p=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20),
    y=st.integers(0, 1),
    eps=st.sampled_from([1e-3, 0.1, 1e-7, 1e-15]),
)
def test_a_clip_is_a_clip(p: list[float], y: int, eps: float) -> None:
    rule = Rule(low=eps, high=1.0 - eps, complement=Complement.FIRST)
    rows = rule.row_losses(np.array([p]), np.full(len(p), y))
    truth = [x if y else 1.0 - x for x in p]
    assert rows.loss == pytest.approx([-math.log(min(max(x, eps), 1.0 - eps)) for x in truth], rel=1e-14)
    assert rows.limited == sum(not eps <= x <= 1.0 - eps for x in truth)
