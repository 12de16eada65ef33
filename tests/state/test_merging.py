"""States merged field by field: numbers add, what was not gathered stays out."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from celoss_cli.state.exact_sum import ExactSums
from celoss_cli.state.merging import merged


class State(NamedTuple):
    rows: int
    by_class: tuple[int, ...]
    sums: ExactSums
    detail: ExactSums | None = None


def test_numbers_tuples_and_states_are_added() -> None:
    a = State(1, (2, 3), ExactSums((5,)), ExactSums((7,)))
    b = State(10, (20, 30), ExactSums((50,)), ExactSums((70,)))
    assert merged(a, b) == State(11, (22, 33), ExactSums((55,)), ExactSums((77,)))
    assert isinstance(merged(a, b), State)


@pytest.mark.parametrize("detail", [None, ExactSums((7,))])
def test_what_either_lacks_stays_out(detail: ExactSums | None) -> None:
    a, b = State(1, (), ExactSums(()), detail), State(1, (), ExactSums(()), None)
    assert merged(a, b).detail is None
    assert merged(b, a).detail is None


def test_states_of_other_classes_are_not_added() -> None:
    with pytest.raises(ValueError, match="zip"):
        merged(State(1, (1, 2), ExactSums((1,))), State(1, (1,), ExactSums((1,))))
