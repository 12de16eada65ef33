"""What pairs of classes cost, and how much probability they are given: counts and sums, the same for any cut."""

from __future__ import annotations

import numpy as np
import pytest

from celoss_cli.state import class_sums
from celoss_cli.state.class_sums import UNIT, ClassAccumulator, ClassSums
from celoss_cli.state.confusion import ConfusionAccumulator, ConfusionState
from celoss_cli.state.exact_sum import UNIT_BITS

RNG = np.random.default_rng(4)
LOSS = RNG.exponential(size=500)
CODES = RNG.integers(0, 3, 500)
PREDICTED = RNG.integers(0, 3, 500)
P = RNG.dirichlet(np.ones(3), 500).T


def confusions(part: slice, classes: int = 3) -> ConfusionState:
    taken = ConfusionAccumulator(classes)
    taken.add(LOSS[part], CODES[part], PREDICTED[part])
    return taken.finish()


def sums(part: slice) -> ClassSums:
    taken = ClassAccumulator(3)
    taken.add(P[:, part], CODES[part])
    return taken.finish()


def test_pairs_are_counted_and_their_losses_added_up() -> None:
    state = confusions(slice(None))
    for truth in range(3):
        for predicted in range(3):
            chosen = (truth == CODES) & (predicted == PREDICTED)
            place = 3 * truth + predicted
            assert state.rows[place] == int(chosen.sum())
            assert state.loss.units[place] / (1 << UNIT_BITS) == pytest.approx(LOSS[chosen].sum(), abs=1e-6)


def test_any_cut_leaves_the_same_sums() -> None:
    assert confusions(slice(0, 200)).merge(confusions(slice(200, None))) == confusions(slice(None))
    assert sums(slice(0, 200)).merge(sums(slice(200, None))) == sums(slice(None))


def test_infinite_losses_are_counted_apart() -> None:
    taken = ConfusionAccumulator(2)
    taken.add(np.array([np.inf, 1.0, np.inf]), np.array([0, 0, 1]), np.array([1, 1, 0]))
    state = taken.finish()
    assert (state.rows, state.infinite) == ((0, 2, 1, 0), (0, 1, 1, 0))
    assert state.loss.units[1] == 1 << UNIT_BITS


def test_many_classes_are_told_by_truth_alone() -> None:
    state = confusions(slice(None), classes=300)
    assert len(state.rows) == 300
    assert state.rows[:3] == tuple(np.bincount(CODES).tolist())


def test_class_sums_are_those_of_the_columns() -> None:
    state = sums(slice(None))
    own = [P[c, c == CODES].sum() for c in range(3)]
    for found, wanted in ((state.p, P.sum(axis=1)), (state.spread, (P * (1 - P)).sum(axis=1)), (state.own, own)):
        assert [units * UNIT for units in found] == pytest.approx(list(wanted), abs=500 * UNIT)
    assert state.rows == tuple(np.bincount(CODES).tolist())


def test_one_score_tells_both_classes() -> None:
    p, codes = RNG.random(300), RNG.integers(0, 2, 300)
    both, single = ClassAccumulator(2), ClassAccumulator(2, single=True)
    for taken in (both, single):
        taken.add(np.stack([1.0 - p, p]), codes)
    for mine, theirs in zip(single.finish(), both.finish(), strict=True):
        assert mine == pytest.approx(theirs, abs=300)


@pytest.mark.parametrize(("classes", "single"), [(2, True), (2, False), (3, False), (70, False)])
def test_the_core_adds_classes_up_as_numpy_does(classes: int, single: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    p, codes = RNG.dirichlet(np.full(classes, 0.1), 1300).T, RNG.integers(0, classes, 1300)

    def added() -> ClassSums:
        taken = ClassAccumulator(classes, single=single)
        taken.add(p[:, :1], codes[:1])
        taken.add(p[:, 1:], codes[1:])
        return taken.finish()

    compiled = added()
    monkeypatch.setattr(class_sums, "CORE", None)
    assert added() == compiled
    assert all(map(any, compiled))
