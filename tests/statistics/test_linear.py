"""Products and systems of equations agree with NumPy's, which BLAS and LAPACK compute."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.statistics.linear import Singular, gram, products, solved, times


@given(st.integers(1, 12), st.integers(1, 1500), st.integers(0, 2**32))
def test_products_are_those_of_numpy(rows: int, columns: int, seed: int) -> None:
    a = np.random.default_rng(seed).normal(size=(rows, columns))
    wanted = a @ a.T
    scale = np.abs(a) @ np.abs(a).T
    for found in (gram(a), products(a, a)):
        assert (np.abs(found - wanted) <= 1e-14 * scale).all()
        assert (found == found.T).all()
    assert times(wanted, a[:, :3]) == pytest.approx(wanted @ a[:, :3], rel=1e-9, abs=1e-9)


@given(st.integers(1, 12), st.integers(0, 2**32))
def test_systems_are_solved(size: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    a = draw.normal(size=(size, size)) + 0.1 * np.eye(size)[draw.permutation(size)]
    b = draw.normal(size=(size, 3))
    found = solved(a, b)
    residual = np.abs(a @ found - b).max()
    assert residual <= 1e-13 * (np.abs(a) @ np.abs(found)).max()
    assert (solved(a, b[:, 0]) == found[:, 0]).all()


def test_a_pivot_of_zero_is_exchanged() -> None:
    assert solved(np.array([[0.0, 2.0], [4.0, 0.0]]), np.array([2.0, 8.0])).tolist() == [2.0, 1.0]


@pytest.mark.parametrize("a", [[[0.0]], [[1.0, 2.0], [2.0, 4.0]]])
def test_no_single_solution(a: list[list[float]]) -> None:
    with pytest.raises(Singular):
        solved(np.array(a), np.zeros(len(a)))


@pytest.mark.parametrize("rows", [3, 16, 17])
@pytest.mark.parametrize("columns", [5, 700])
def test_products_do_not_depend_on_the_memory_or_on_how_many_rows_there_are(rows: int, columns: int) -> None:
    a = np.random.default_rng(rows).random((rows, columns))
    found = gram(a)
    assert np.array_equal(gram(np.asfortranarray(a)), found)
    assert np.array_equal(gram(np.concatenate([a, a]))[:rows, :rows], found)
