"""Rows that contradict their label are those that confident learning flags, and so many as chance would have."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.diagnosis.looking import thresholds_of
from celoss_cli.state import contradictions
from celoss_cli.state.class_sums import UNIT, ClassAccumulator
from celoss_cli.state.contradictions import SLACK, ContradictionAccumulator, ContradictionState, judged
from celoss_cli.state.exact_sum import UNIT_BITS

Floats = npt.NDArray[np.float64]


def flagged_one_by_one(p: Floats, label: int, thresholds: Floats) -> tuple[bool, int]:
    """Judge one row as cleanlab does: p (C,). Returns whether it is flagged, and the guess (−1 for none)."""
    confident = [c for c in range(p.shape[0]) if p[c] >= thresholds[c] - SLACK]
    if not confident:
        return False, -1
    guess = confident[0] if len(confident) == 1 else int(np.argmax(p))
    raised = p.copy()
    raised[label] += SLACK
    return guess != label and int(np.argmax(raised)) != label, guess


def cases(classes: int) -> st.SearchStrategy[tuple[Floats, Floats]]:
    row = st.lists(st.integers(0, 8), min_size=classes, max_size=classes).filter(any)
    some = st.lists(row, min_size=1, max_size=15).map(lambda rows: np.array([np.array(r) / sum(r) for r in rows]).T)
    limits = st.lists(st.sampled_from([0.0, 0.25, 0.4, 0.5, 0.75, 2.0]), min_size=classes, max_size=classes)
    return st.tuples(some, limits.map(np.array))


@pytest.mark.parametrize("classes", [2, 3, 5])
@given(data=st.data())
def test_rows_are_judged_as_one_by_one(classes: int, data: st.DataObject) -> None:
    p, thresholds = data.draw(cases(classes))
    n = p.shape[1]
    codes = np.array(data.draw(st.lists(st.integers(0, classes - 1), min_size=n, max_size=n)))
    found = judged(p, p.argmax(axis=0), codes, thresholds)
    for i in range(n):
        wanted = [flagged_one_by_one(p[:, i], c, thresholds) for c in range(classes)]
        assert bool(found.flagged[i]) == wanted[codes[i]][0]
        assert int(found.guess[i]) == wanted[codes[i]][1]
        chance = sum(p[c, i] for c in range(classes) if wanted[c][0])
        assert found.expected[i] == pytest.approx(chance, abs=1e-12)


def test_a_calibrated_model_is_flagged_as_often_as_expected() -> None:
    rng = np.random.default_rng(3)
    n, classes = 20_000, 10
    z = 2.0 * rng.normal(size=(classes, n))
    p = np.exp(z) / np.exp(z).sum(axis=0)
    codes = (rng.random(n) > np.cumsum(p, axis=0)).sum(axis=0)
    state = gathered(p, codes)
    expected, variance = (units / (1 << UNIT_BITS) for units in state.expected.units)
    assert 0.05 * n < expected < 0.4 * n
    assert abs(state.flagged - expected) < 4.0 * variance**0.5


def test_thresholds_are_the_mean_of_a_class_over_its_own_rows() -> None:
    p = np.array([[0.9, 0.6, 0.2], [0.1, 0.4, 0.8], [0.0, 0.0, 0.0]])
    sums = ClassAccumulator(3)
    sums.add(p, np.array([0, 0, 1]))
    assert thresholds_of(sums.finish()) == pytest.approx((0.75, 0.8, 2.0), abs=2 * UNIT)


def test_the_worst_rows_are_named_and_any_cut_leaves_the_same() -> None:
    rng = np.random.default_rng(8)
    p = rng.dirichlet(np.ones(3), 60).T
    codes = rng.integers(0, 3, 60)
    whole = gathered(p, codes, top=4)
    parts = gathered(p[:, :25], codes[:25], top=4).merge(gathered(p[:, 25:], codes[25:], top=4).shifted(25))
    assert parts == whole
    flagged = judged(p, p.argmax(axis=0), codes, np.full(3, 0.4)).flagged
    order = sorted(np.flatnonzero(flagged).tolist(), key=lambda i: (p[codes[i], i], i))
    assert [row.row for row in whole.worst.rows] == order[:4]
    assert [row.loss for row in whole.worst.rows] == pytest.approx([-np.log(p[codes[i], i]) for i in order[:4]])
    assert sum(whole.pairs) == int((judged(p, p.argmax(axis=0), codes, np.full(3, 0.4)).guess >= 0).sum())


def gathered(p: Floats, codes: npt.NDArray[np.intp], top: int = 0) -> ContradictionState:
    classes = p.shape[0]
    limits = np.full(classes, 0.4) if top else np.array([p[c, codes == c].mean() for c in range(classes)])
    taken = ContradictionAccumulator(limits, top)
    taken.add(p, p.argmax(axis=0), codes, lambda places, own: -np.log(p[own, places]), lambda i: (i, None), None)
    return taken.finish()


@pytest.mark.parametrize("classes", [2, 3, 12, 64, 65])
def test_the_core_judges_as_numpy_does(classes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(classes)
    p = np.floor(rng.dirichlet(np.full(classes, 0.3), size=1500).T * 16) / 16  # so coarse that many are equal
    p[:, ::3] += rng.uniform(-1e-6, 1e-6, size=p[:, ::3].shape)  # and some nearly so
    codes = rng.integers(0, classes, 1500)
    thresholds = rng.choice([0.0, 1 / 16, 0.25, 0.5, 2.0], classes)

    def added() -> tuple[ContradictionState, list[int]]:
        described: list[int] = []

        def row(place: int) -> tuple[int, None]:
            described.append(place)
            return place, None

        some = ContradictionAccumulator(thresholds, 40)
        for part in (slice(0, 1), slice(1, 700), slice(700, None)):
            block, labels = p[:, part], codes[part]
            some.add(block, block.argmax(axis=0), labels, lambda places, _: 1.0 / (1.0 + places), row, None)
        return some.finish(), described

    compiled = added()
    monkeypatch.setattr(contradictions, "CORE", None)
    assert added() == compiled
    assert compiled[0].flagged > 100
    assert compiled[0].expected.units[1] > 0
