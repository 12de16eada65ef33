"""The sorted differences of all rows, held against NumPy on the rows themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest

import celoss_cli


def compared(p: np.ndarray, q: np.ndarray, y: np.ndarray, **options: object) -> celoss_cli.Comparison:
    return celoss_cli.compare(p, q, y, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [2, 5, 101, 5000])
def test_they_are_those_of_the_rows(n: int) -> None:
    rng = np.random.default_rng(n)
    p, q, y = rng.uniform(0.02, 0.98, n), rng.uniform(0.02, 0.98, n), rng.integers(0, 2, n)
    change = np.log(np.where(y == 1, p, 1.0 - p)) - np.log(np.where(y == 1, q, 1.0 - q))
    found = compared(p, q, y, base=2).change.percentiles
    expected = np.sort(change / math.log(2.0))[np.arange(101) * (n - 1) // 100]
    assert len(found) == 101
    np.testing.assert_allclose(found, expected, rtol=0.03)
    assert list(found) == sorted(found)


def test_rows_that_do_not_change_are_0() -> None:
    p = np.array([0.5] * 60 + [0.9] * 40)
    q = np.array([0.5] * 60 + [0.8] * 40)
    found = compared(p, q, np.ones(100, dtype=int)).change.percentiles
    assert found[:60] == (0.0,) * 60
    assert found[61] == pytest.approx(math.log(9.0 / 8.0), rel=0.03)


def test_rows_with_an_infinite_loss_are_at_the_ends() -> None:
    p = np.array([0.0, 0.5, 0.5, 0.5, 0.0, 0.6])
    q = np.array([0.5, 0.0, 0.5, 0.6, 0.0, 0.5])
    found = compared(p, q, np.ones(6, dtype=int), input="probs").change.percentiles
    assert (found[0], found[-1]) == (-math.inf, math.inf)
    assert found[40] == found[60] == 0.0


def test_the_picture_says_how_many_change() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 4000)
    p, q = rng.uniform(0.3, 0.7, 4000), rng.uniform(0.3, 0.7, 4000)
    comparison = compared(p, q, y)
    pictures = {one.name: one for one in comparison._report().pictures()}
    rows = pictures["rows"]
    (curve,) = [layer for layer in rows.panels[0].layers if hasattr(layer, "y")]
    assert (curve.y[0], curve.y[-1]) == (0.01, 0.99)
    share = float(np.interp(0.0, curve.x, curve.y))
    assert share == pytest.approx(comparison.rows.won / 4000, abs=0.011)
    assert rows.finding.startswith(f"{100 * comparison.rows.won / 4000:.1f}% of the rows have a smaller loss")
    assert next(iter(pictures)) == "rows"
    same = compared(p, p, y)
    assert not [one for one in same._report().pictures() if one.name == "rows"]
