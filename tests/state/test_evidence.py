"""Evidence: what the observer notes of a block, the laws of merging, and the same evidence for any cut of the rows."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
from celoss_cli.request import InputKind
from celoss_cli.state.evidence import Evidence, Flaw, Sighting
from celoss_cli.state.observer import Observer
from row_sets import cuts

TOLERANCE = 1e-6
AXES = pytest.mark.parametrize("axis", [0, 1], ids=["by_class", "by_row"])


def observed(kind: InputKind, rows: np.ndarray, axis: int = 0, first: int = 0) -> tuple[Evidence, Observer]:
    observer = Observer(kind, TOLERANCE)
    observer.observe(oracles.blocked(rows, axis), axis, first)
    return observer.finish(), observer


@AXES
def test_good_probabilities(axis: int) -> None:
    seen, observer = observed(InputKind.PROBS, np.array([[0.25, 0.75], [1.0, 0.0]]), axis)
    assert seen == Evidence(rows=2, low=0.0, high=1.0, fractional=True, squeezed=False)
    assert not observer.unfit
    assert not observer.fatal


@AXES
def test_hard_predictions_are_not_fractional(axis: int) -> None:
    seen, _ = observed(InputKind.PROBS, np.array([[0.0, 1.0], [1.0, 0.0]]), axis)
    assert not seen.fractional
    seen, _ = observed(InputKind.PROBS, np.array([[0.0, 1.0], [0.5, 0.5]]), axis)
    assert seen.fractional


@AXES
def test_flaws_of_probabilities(axis: int) -> None:
    rows = np.array([[0.5, 0.5], [0.5, np.nan], [np.nan, np.nan]])
    seen, observer = observed(InputKind.PROBS, rows, axis, first=100)
    assert seen.flaws[Flaw.NAN].count == 2
    assert (seen.flaws[Flaw.NAN].row, seen.flaws[Flaw.NAN].column) == (101, 1)
    assert math.isnan(float(seen.flaws[Flaw.NAN].value))
    assert observer.fatal
    seen, observer = observed(InputKind.PROBS, np.array([[0.0, 0.0], [-0.25, 1.25], [0.5, np.inf]]), axis, first=103)
    assert seen.flaws[Flaw.ZERO_ROW] == Sighting(1, 103, None, 0.0)
    assert (seen.flaws[Flaw.OUTSIDE].row, seen.flaws[Flaw.OUTSIDE].column) == (104, 0)
    assert seen.flaws[Flaw.OUTSIDE].value == -0.25
    assert seen.flaws[Flaw.INFINITE] == Sighting(1, 105, 1, math.inf)
    assert observer.unfit
    assert observer.fatal


@AXES
def test_logits_may_be_minus_infinity_only(axis: int) -> None:
    seen, observer = observed(InputKind.LOGITS, np.array([[-np.inf, 3.0], [2.0, -5.0]]), axis)
    assert not seen.flaws
    assert (seen.low, seen.high) == (-np.inf, 3.0)
    seen, observer = observed(InputKind.LOGITS, np.array([[1.0, 3.0], [2.0, np.inf]]), axis)
    assert seen.flaws == {Flaw.INFINITE: Sighting(1, 1, 1, math.inf)}
    assert observer.fatal


@AXES
def test_a_row_of_logits_with_every_class_ruled_out_cannot_be_scored(axis: int) -> None:
    _, observer = observed(InputKind.LOGITS, np.array([[-np.inf, -np.inf], [2.0, -5.0]]), axis)
    assert observer.fatal


@AXES
def test_log_probabilities(axis: int) -> None:
    good = np.log(np.array([[0.25, 0.75], [0.5, 0.5]]))
    assert not observed(InputKind.LOGPROBS, good, axis)[0].flaws
    seen, observer = observed(InputKind.LOGPROBS, np.array([[0.5, -1.0], [-0.5, -0.5]]), axis)
    assert seen.flaws[Flaw.OUTSIDE] == Sighting(1, 0, 0, 0.5)
    assert observer.unfit
    assert not observer.fatal  # another reading may do


@AXES
def test_a_single_column_outside(axis: int) -> None:
    seen, _ = observed(InputKind.PROBS, np.array([[0.5], [1.5], [-0.5]]), axis)
    assert seen.flaws == {Flaw.OUTSIDE: Sighting(2, 1, 0, 1.5)}
    seen, _ = observed(InputKind.LOGPROBS, np.array([[-0.5], [0.0], [0.25]]), axis)
    assert seen.flaws == {Flaw.OUTSIDE: Sighting(1, 2, 0, 0.25)}


@AXES
def test_rows_that_do_not_sum_to_1(axis: int) -> None:
    rows = np.array([[0.25, 0.75], [0.25, 0.7501], [0.25, 0.74], [0.25, 0.75 + TOLERANCE / 2]])
    observer = Observer(InputKind.PROBS, TOLERANCE)
    logsum = observer.observe(oracles.blocked(rows, axis), axis, 10)
    seen = observer.finish()
    assert seen.deviating == 2
    assert seen.deviation == pytest.approx(0.01, rel=1e-12)
    assert seen.deviation_row == 12
    assert Flaw.FAR_ROW not in seen.flaws
    assert logsum is not None
    assert logsum == pytest.approx([0.0, math.log(1.0001), math.log(0.99), 0.0], rel=1e-9)
    assert observer.observe(oracles.blocked(rows[:1], axis), axis, 0) is None


@AXES
@pytest.mark.parametrize("total", [0.5, 1.03])
def test_rows_far_from_1(axis: int, total: float) -> None:
    seen, observer = observed(InputKind.PROBS, np.array([[0.5, 0.5], [0.25, total - 0.25]]), axis)
    assert seen.flaws[Flaw.FAR_ROW].row == 1
    assert seen.flaws[Flaw.FAR_ROW].value == pytest.approx(total)
    assert not observer.unfit


def test_rows_are_numbered_by_their_place_in_the_file() -> None:
    observer = Observer(InputKind.PROBS, TOLERANCE)
    observer.observe(np.array([[0.5, np.nan], [0.5, 0.5]]), 0, np.array([3, 8]))
    assert observer.finish().flaws[Flaw.NAN].row == 8


def test_labels_and_other_flaws_are_noted_with_their_first_row() -> None:
    observer = Observer(InputKind.PROBS, TOLERANCE)
    observer.note_label("cat", 2, 17)
    observer.note_label("cat", 3, 40)
    observer.note_label("dog", 1, 20)
    observer.note(Flaw.BAD_WEIGHT, np.array([False, True, True]), 5, np.array([1.0, -2.0, -3.0]))
    observer.note(Flaw.MISSING_LABEL, np.array([False, False]), 5, np.array([0, 0]))
    seen = observer.finish()
    assert seen.labels == {"cat": Sighting(5, 17, None, "cat"), "dog": Sighting(1, 20, None, "dog")}
    assert seen.flaws == {Flaw.BAD_WEIGHT: Sighting(2, 6, None, -2.0)}


@AXES
def test_a_row_of_zeros_before_a_nan_is_noted(axis: int) -> None:
    seen, _ = observed(InputKind.PROBS, np.array([[0.0, 0.0], [0.5, np.nan]]), axis)
    assert seen.flaws[Flaw.ZERO_ROW].row == 0


def test_the_sum_of_a_row_has_the_same_bits_in_any_block() -> None:
    rows = np.random.default_rng(0).dirichlet(np.ones(12), size=300) * 0.99
    whole = Observer(InputKind.PROBS, TOLERANCE).observe(oracles.blocked(rows, 0), 0, 0)
    assert whole is not None
    for i, logsum in enumerate(whole.tolist()):
        alone = Observer(InputKind.PROBS, TOLERANCE).observe(oracles.blocked(rows[i : i + 1], 0), 0, 0)
        assert alone is not None
        assert alone.tolist() == [logsum]


score = st.sampled_from([0.0, 1.0, 0.5, 0.25, 0.75, 0.2501, -0.1, 1.3, math.inf]) | st.floats(0.0, 1.0)


@given(
    data=st.data(),
    kind=st.sampled_from(list(InputKind)),
    axis=st.sampled_from([0, 1]),
    classes=st.integers(1, 3),
)
@settings(max_examples=120)
def test_the_same_evidence_however_the_rows_are_cut(
    data: st.DataObject, kind: InputKind, axis: int, classes: int
) -> None:
    row = st.lists(score, min_size=classes, max_size=classes)
    rows = np.array(data.draw(st.lists(row, min_size=1, max_size=12)))
    if kind is InputKind.LOGPROBS:
        rows = np.where(rows < 1.0, -rows, rows)
    whole, _ = observed(kind, rows, axis)
    seen, done = Evidence(), 0
    for partition in data.draw(cuts(len(rows), permuted=False)):
        observer, start = Observer(kind, TOLERANCE), done
        for block in partition:
            if len(block):
                observer.observe(oracles.blocked(rows[block], axis), axis, done - start)
            done += len(block)
        seen = seen.merge(observer.finish().shifted(start))
    assert seen == whole


sightings = st.builds(
    Sighting, st.integers(1, 5), st.integers(0, 10_000), st.none() | st.integers(0, 5), st.floats(-2, 2)
)


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    deviating = draw(st.integers(0, 3))
    return Evidence(
        rows=draw(st.integers(0, 50)),
        low=draw(st.floats(-5, 5)),
        high=draw(st.floats(-5, 5)),
        flaws=draw(st.dictionaries(st.sampled_from(list(Flaw)), sightings, max_size=3)),
        deviating=deviating,
        deviation=draw(st.floats(1e-9, 0.5) | st.just(0.25)) if deviating else 0.0,
        deviation_row=draw(st.integers(0, 10_000)) if deviating else -1,
        fractional=draw(st.booleans()),
        plausible=draw(st.integers(0, 9)),
        least_sum=draw(st.floats(0, 9)),
        most_sum=draw(st.floats(0, 9)),
        squeezed=draw(st.booleans()),
        labels=draw(st.dictionaries(st.sampled_from(["a", "b", "c"]), sightings, max_size=3)),
    )


def disjoint(*found: Evidence) -> list[Evidence]:
    """Move evidence to rows of its own: no row is in two sets."""
    return [seen.shifted(0)._replace().shifted(20_000 * i) for i, seen in enumerate(found)]


@given(a=evidences(), b=evidences(), c=evidences())
@settings(max_examples=100)
def test_laws(a: Evidence, b: Evidence, c: Evidence) -> None:
    x, y, z = disjoint(a, b, c)
    copies = copy.deepcopy((x, y))
    assert x.merge(Evidence()) == x == Evidence().merge(x)
    assert x.merge(y) == y.merge(x)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert (x, y) == copies
    assert pickle.loads(pickle.dumps(x)) == x
    assert x.shifted(5).shifted(7) == x.shifted(12)


def test_of_equal_deviations_the_first_row_is_named() -> None:
    a = Evidence(rows=1, deviating=1, deviation=0.25, deviation_row=7)
    b = Evidence(rows=1, deviating=1, deviation=0.25, deviation_row=3)
    assert a.merge(b).deviation_row == b.merge(a).deviation_row == 3


def test_a_block_of_nothing_but_nan() -> None:
    seen, observer = observed(InputKind.PROBS, np.full((2, 3), np.nan))
    assert observer.fatal
    assert seen.flaws[Flaw.NAN].count == 2
