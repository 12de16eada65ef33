"""Several things at a time: the results, their order, the errors and NumPy's error state of one after the other."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from celoss_cli.diagnosis.curve import decomposed
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.side_by_side import SideBySide
from celoss_cli.state.scores import ScoreState

THREADS = pytest.mark.parametrize("threads", [1, 2, 3])


@THREADS
def test_results_stand_in_the_order_of_the_items(threads: int) -> None:
    with SideBySide(threads) as several:
        assert several.each(lambda item: item * item, range(50)) == [item * item for item in range(50)]


def test_two_things_are_worked_on_at_a_time() -> None:
    met = threading.Barrier(2, timeout=10.0)  # neither would pass it alone
    with SideBySide(2) as two:
        two.each(lambda _: met.wait(), range(2))


@THREADS
def test_an_error_is_raised_where_the_result_is_asked_for(threads: int) -> None:
    def refuse() -> None:
        raise ValueError("no")

    with SideBySide(threads) as several:
        waiting = several.begin(refuse)
        with pytest.raises(ValueError, match="no"):
            waiting()


@THREADS
@np.errstate(over="raise")
def test_the_error_state_is_that_of_the_caller(threads: int) -> None:
    with SideBySide(threads) as several, pytest.raises(FloatingPointError):
        several.each(lambda x: np.array([x]) * 1e300, [1e300])


@THREADS
def test_draws_are_the_same_in_any_number_of_threads(threads: int) -> None:
    rng = np.random.default_rng(5)
    z = np.round(rng.normal(0.0, 2.0, 5000), 2)
    groups = Groups.of(ScoreState.of(z, (rng.random(5000) < 1.0 / (1.0 + np.exp(-z))).astype(np.int64)))
    with SideBySide(threads) as several:
        assert decomposed(groups, several) == decomposed(groups)
