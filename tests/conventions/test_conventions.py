"""Conventions: clipping limits what a row can cost, whatever its loss was computed from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.api.functions import evaluate
from celoss_cli.conventions.convention import Convention
from celoss_cli.request import Base, Denominator


def test_the_default_changes_nothing() -> None:
    losses = np.array([0.0, 1e-300, 5.0, np.inf])
    found, changed = Convention().clipped(losses)
    assert found.tolist() == losses.tolist()
    assert changed == 0
    assert Convention().denominator is Denominator.WEIGHTS
    assert Convention().base is Base.E
    assert not Convention().renormalize


@pytest.mark.parametrize(
    ("eps", "cost"), [(2.0**-52, 36.043653), (1e-15, 34.538776), (1e-12, 27.631021), (2.0**-23, 15.942385)]
)
def test_a_truth_of_probability_0_costs_what_the_libraries_say(eps: float, cost: float) -> None:
    found, changed = Convention(clip=eps).clipped(np.array([np.inf, 1.0]))
    assert found[0] == pytest.approx(cost, abs=5e-7)
    assert found[1] == 1.0
    assert changed == 1


def test_certainty_costs_a_little() -> None:
    found, changed = Convention(clip=1e-15).clipped(np.array([0.0, 1e-15, 1e-14]))
    assert found[0] == -math.log1p(-1e-15)
    assert found[0] != -math.log(1.0 - 1e-15)  # 1 − 1e-15 is rounded: off by an eighth
    assert found[2] == 1e-14
    assert changed == 2


def test_the_losses_are_left_alone() -> None:
    losses = np.array([np.inf, 1.0])
    Convention(clip=1e-3).clipped(losses)
    assert losses.tolist() == [np.inf, 1.0]


@given(p=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20), eps=st.sampled_from([1e-3, 0.1, 0.49, 1e-7]))
def test_limiting_the_loss_is_limiting_the_probability(p: list[float], eps: float) -> None:
    with np.errstate(divide="ignore"):
        losses = -np.log(np.array(p))
    found, changed = Convention(clip=eps).clipped(losses)
    limited = [min(max(x, eps), 1.0 - eps) for x in p]
    assert found == pytest.approx([-math.log(x) for x in limited], rel=1e-9)
    assert changed >= sum(abs(x - y) > 1e-12 for x, y in zip(p, limited, strict=True))
    assert changed <= sum(x <= eps or x >= 1.0 - eps for x in p) or found.tolist() != losses.tolist()


@pytest.mark.parametrize("kind", ["probs", "logits", "logprobs"])
def test_the_clip_is_the_same_for_every_kind_of_input(kind: str) -> None:
    p = np.array([[0.9995, 0.0005], [0.0005, 0.9995], [0.3, 0.7], [0.6, 0.4]])
    y = np.array([0, 0, 1, 1])
    scores = p if kind == "probs" else np.log(p) + (3.0 if kind == "logits" else 0.0)
    found = evaluate(scores, y, input=kind, clip=1e-2)
    expected = [-math.log(0.99), -math.log(0.01), -math.log(0.7), -math.log(0.4)]
    assert found.loss.mean == pytest.approx(math.fsum(expected) / 4, rel=1e-14)
    assert found.counts.clipped == 2
    assert found.counts.infinite == 0


def test_clipped_infinities_are_no_longer_infinite() -> None:
    found = evaluate(np.array([[0.0, 1.0], [0.25, 0.75]]), np.array([0, 1]), clip=1e-15)
    assert found.loss.mean == pytest.approx((-math.log(1e-15) - math.log(0.75)) / 2, rel=1e-15)
    assert (found.counts.infinite, found.counts.clipped) == (0, 1)


def test_renormalising_divides_each_row_by_its_sum() -> None:
    rows, y = np.array([[0.2, 0.79], [0.5, 0.495], [0.25, 0.75]]), np.array([1, 0, 0])
    exact = [-math.log(0.79), -math.log(0.5), -math.log(0.25)]
    scaled = [-math.log(0.79 / 0.99), -math.log(0.5 / 0.995), -math.log(0.25)]
    plain, divided = evaluate(rows, y), evaluate(rows, y, renormalize=True)
    assert plain.loss.mean == pytest.approx(math.fsum(exact) / 3, rel=1e-14)
    assert divided.loss.mean == pytest.approx(math.fsum(scaled) / 3, rel=1e-14)
    notices = {notice.code: notice.message for notice in plain.warnings}
    assert f"renormalised the mean would be {divided.loss.mean:.10g}" in notices["rows_not_normalised"]
    notices = {notice.code: notice.message for notice in divided.warnings}
    assert f"as it stands the mean would be {plain.loss.mean:.10g}" in notices["rows_not_normalised"]


@pytest.mark.parametrize(("rows", "expected"), [([[0.2, 0.3]] * 2, 1.2039728), ([[0.2, 0.3], [0.1, 0.15]], None)])
def test_rows_far_from_1_are_taken_as_they_are_only_when_said_so(
    rows: list[list[float]], expected: float | None
) -> None:
    from celoss_cli.errors import InvalidScores

    y = np.array([1, 1])
    with pytest.raises(InvalidScores):
        evaluate(np.array(rows), y)
    divided = evaluate(np.array(rows), y, renormalize=True)
    assert divided.loss.mean == pytest.approx(0.5108256, abs=5e-8)
    if expected is not None:
        assert evaluate(np.array(rows), y, input="probs").loss.mean == pytest.approx(expected, abs=5e-8)
