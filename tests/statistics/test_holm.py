"""Holm's adjustment by its definition, and what it promises, by simulation."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.statistics.holm import holm


def test_a_worked_example() -> None:
    # R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    assert np.allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert holm([0.2]) == [0.2]


@given(st.lists(st.floats(0.0, 1.0), max_size=8))
def test_adjusted_is_no_smaller_keeps_the_order_and_stays_a_probability(p: list[float]) -> None:
    adjusted = holm(p)
    assert all(x <= y <= 1.0 for x, y in zip(p, adjusted, strict=True))
    order = sorted(range(len(p)), key=lambda i: p[i])
    assert [adjusted[i] for i in order] == sorted(adjusted)


def test_any_false_rejection_is_as_rare_as_stated() -> None:
    runs = 4000
    p = np.random.default_rng(20).uniform(size=(runs, 5))
    wrong = sum(min(holm(row.tolist())) <= 0.05 for row in p)
    assert wrong / runs < 0.05 + 4 * np.sqrt(0.05 * 0.95 / runs)
