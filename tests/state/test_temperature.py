"""The loss at other temperatures, and its derivatives, are what mpmath says; the sums are the same for any cut."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from celoss_cli.kernels import compiled
from celoss_cli.kernels.compiled import CORE
from celoss_cli.kernels.functions import softmax
from celoss_cli.state import temperature
from celoss_cli.state.exact_sum import UNIT_BITS
from celoss_cli.state.temperature import BETAS, CurveAccumulator, CurveState, FixedAccumulator, FixedState, Rows

Scores = list[tuple[list[float], int]]

mp.dps = 40

scores = st.lists(
    st.tuples(st.lists(st.floats(-30.0, 30.0), min_size=3, max_size=3), st.integers(0, 2)), min_size=1, max_size=12
)


def rows_of(some: Scores, weights: np.ndarray | None = None) -> Rows:
    return Rows.of(softmax(np.array([row for row, _ in some]).T), np.array([y for _, y in some]), weights)


def at(row: list[float], y: int, beta: float) -> tuple[mpf, mpf, mpf]:
    powers = [mp.exp(mpf(beta) * mpf(x)) for x in row]
    total = mpmath.fsum(powers)
    mean = mpmath.fsum(p * mpf(x) for p, x in zip(powers, row, strict=True)) / total
    square = mpmath.fsum(p * mpf(x) ** 2 for p, x in zip(powers, row, strict=True)) / total
    return mp.log(total) - mpf(beta) * mpf(row[y]), mean - mpf(row[y]), square - mean**2


def number(units: int) -> float:
    return units / (1 << UNIT_BITS)


@given(scores)
def test_the_curve_is_that_of_the_formula(some: Scores) -> None:
    taken = CurveAccumulator(weighted=False)
    taken.add(rows_of(some))
    curve = taken.finish()
    for place, beta in enumerate(BETAS):
        wanted = [mpmath.fsum(part) for part in zip(*(at(row, y, beta) for row, y in some), strict=True)]
        for sums, value in zip((curve.loss, curve.slope, curve.curvature), wanted, strict=True):
            assert number(sums.units[place]) == pytest.approx(float(value), rel=1e-9, abs=1e-7)


@given(scores, st.floats(0.3, 3.0))
def test_the_sums_at_one_temperature_are_those_of_the_formula(some: Scores, beta: float) -> None:
    taken = FixedAccumulator(beta, weighted=False)
    taken.add(rows_of(some))
    sums = taken.finish().named()
    gains = [float(at(row, y, 1.0)[0] - at(row, y, beta)[0]) for row, y in some]
    slopes = [float(at(row, y, beta)[1]) for row, y in some]
    assert sums["before"] - sums["after"] == pytest.approx(sum(gains), abs=1e-9)
    assert sums["slope"] == pytest.approx(sum(slopes), abs=1e-9)
    assert sums["s"] == pytest.approx(sum(g * g for g in slopes), rel=1e-9, abs=1e-8)
    assert sums["u2"] == pytest.approx(sum(u * u for u in gains), rel=1e-9, abs=1e-8)
    assert sums["w"] == sums["w2"] == len(some)


@given(scores, scores, st.booleans())
def test_sums_are_the_same_for_any_cut(a: Scores, b: Scores, weighted: bool) -> None:
    def curve(some: Scores) -> CurveState:
        taken = CurveAccumulator(weighted=weighted)
        taken.add(rows_of(some, np.linspace(0.5, 1.5, len(some)) if weighted else None))
        return taken.finish()

    def fixed(some: Scores) -> FixedState:
        taken = FixedAccumulator(0.7, weighted=weighted)
        taken.add(rows_of(some, np.full(len(some), 0.3) if weighted else None))
        return taken.finish()

    assert curve(a).merge(curve(b)) == curve(b).merge(curve(a))
    assert fixed(a).merge(fixed(b)) == fixed([*b, *a])


def test_weights_of_one_change_nothing_but_the_last_digits() -> None:
    some: Scores = [([0.2, 1.0, -3.0], 1), ([2.0, 1.0, 0.0], 2), ([0.0, 0.0, 5.0], 0)]
    weighted, plain = FixedAccumulator(0.7, weighted=True), FixedAccumulator(0.7, weighted=False)
    weighted.add(rows_of(some, np.ones(3)))
    plain.add(rows_of(some))
    assert weighted.finish().named() == pytest.approx(plain.finish().named(), abs=1e-9)


def test_rows_of_infinite_loss_are_left_out_and_classes_ruled_out_weigh_nothing() -> None:
    x = np.array([[0.0, -np.inf], [-np.inf, 0.0], [-1.0, -1.0]])
    rows = Rows.of(softmax(x), np.array([2, 0]), None)
    taken = CurveAccumulator(weighted=False)
    taken.add(rows)
    curve = taken.finish()
    assert curve.rows == 1
    for place, beta in enumerate(BETAS):
        wanted = float(at([0.0, -1.0], 1, beta)[0])
        assert number(curve.loss.units[place]) == pytest.approx(wanted, abs=1e-8)


def test_rows_told_right_are_counted_apart() -> None:
    taken = CurveAccumulator(weighted=False)
    taken.add(rows_of([([1.0, 0.0, 0.0], 0), ([1.0, 1.0, 0.0], 1), ([1.0, 0.0, 0.0], 2)]))
    assert taken.finish().behind == 1


LEVELS = pytest.mark.parametrize("level", () if CORE is None else CORE.levels())


@LEVELS
@pytest.mark.parametrize(("classes", "n"), [(2, 5), (5, 2000), (33, 300), (64, 130)])
@pytest.mark.parametrize("size", [1.0, 300.0, 1e5])
def test_the_core_adds_up_the_same_bits(
    level: str, classes: int, n: int, size: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(2)
    rows = Rows.of(softmax(rng.normal(size=(classes, n)) * size), rng.integers(0, classes, n), None)

    def found() -> tuple[CurveState, FixedState]:
        curve, fixed = CurveAccumulator(weighted=False), FixedAccumulator(0.83, weighted=False)
        curve.add(rows)
        fixed.add(rows)
        return curve.finish(), fixed.finish()

    CORE.use(level)
    try:
        mine = found()
    finally:
        CORE.use(compiled.KERNELS.level)
    monkeypatch.setattr(temperature, "CORE", None)
    assert found() == mine


@LEVELS
def test_the_core_adds_nothing_of_rows_whose_terms_are_too_large(level: str) -> None:
    x, truth = np.zeros((3, 700)), np.zeros(700)
    x[1] = -2.0
    CORE.use(level)
    try:
        for place, loss in ((699, 2.0**18), (0, np.nan)):
            truth[:] = -1.0
            truth[place] = -loss
            quanta, parts = np.zeros((3, 5), dtype=np.int64), np.zeros((6, 2), dtype=np.int64)
            assert not CORE.curve(x, truth, 0.25, 3, 700, quanta)
            assert not CORE.fixed(x, truth, np.ones(700), 1.0, 3, 700, parts)
            assert not quanta.any()
            assert not parts.any()
    finally:
        CORE.use(compiled.KERNELS.level)


def test_sums_of_many_large_terms_do_not_overflow() -> None:
    """2^15 losses of nearly 64 nats are nearly 2^65 quanta of 2^-44."""
    n = 1 << 15
    x = np.zeros((2, n))
    x[1] = -63.9
    taken = FixedAccumulator(1.0, weighted=False)
    taken.add(Rows.of(softmax(x), np.ones(n, dtype=np.int64), None))
    assert taken.finish().named()["before"] == pytest.approx(63.9 * n, rel=1e-12)
