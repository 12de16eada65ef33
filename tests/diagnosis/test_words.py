"""The headline in words: which way the probabilities are off, what recalibration saves, and no more than is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from celoss_cli.diagnosis.fixes import Fixes
from celoss_cli.diagnosis.left_out import Reason, without
from celoss_cli.diagnosis.verdicts import Gained
from celoss_cli.diagnosis.words import headline_of
from celoss_cli.results.diagnosis import Fix
from diagnoses import a_fix

LOSS = 0.5


def gained(fix: Fix, low: float, high: float) -> Gained:
    """A fix whose interval is that."""
    gain = fix.gain
    assert gain is not None
    error = (gain - low) / 1.959963984540054
    in_sample = high - 1.959963984540054 * error
    return Gained(
        fix.name, fix.degrees, in_sample, in_sample - gain, error, 0.001, np.empty(0), np.empty(0), np.empty(0)
    )


def said(*fixes: tuple[Fix, float, float], recommended: int | None = None, infinite: int = 0) -> str:
    """The text of the headline of 500 rows."""
    found = tuple(gained(*one) for one in fixes)
    best = None if recommended is None else found[recommended]
    return headline_of(Fixes(tuple(one[0] for one in fixes), best, found, (), LOSS), 500, infinite).text


@pytest.mark.parametrize(
    ("fix", "way"),
    [
        (a_fix("temperature", 0.01, parameters={"t": 1.3}), "The probabilities are too extreme."),
        (a_fix("temperature", 0.01, parameters={"t": 0.7}), "The probabilities are too timid."),
        (a_fix("shift", 0.01, parameters={"shift": -0.2}), "The probabilities are too high."),
        (a_fix("shift", 0.01, parameters={"shift": 0.2}), "The probabilities are too low."),
        (
            a_fix("logistic", 0.01, parameters={"intercept": 0.1, "slope": 0.8}),
            "The probabilities are off, and too extreme.",
        ),
        (a_fix("class_biases", 0.01), "Some classes are predicted too often, others too rarely."),
        (
            a_fix("temperature_biases", 0.01, parameters={"t": 1.3}),
            "Some classes are predicted too often, others too rarely, and all of them too extreme.",
        ),
    ],
)
def test_which_way_they_are_off(fix: Fix, way: str) -> None:
    text = said((fix, 0.002, 0.02), recommended=0)
    assert text.startswith(f"{way} Recalibration (")
    assert text.endswith("would save 2% of the loss on new rows like these (0.002 to 0.02 nats a row).")


@pytest.mark.parametrize(
    ("verdict", "way"), [("helps", "too low and too timid"), ("too_few_rows", "off, and too timid")]
)
def test_a_logistic_is_high_or_low_where_the_shift_alone_shows_it(verdict: str, way: str) -> None:
    logistic = a_fix("logistic", 0.01, parameters={"intercept": 0.1, "slope": 1.2})
    shift = a_fix("shift", 0.005, verdict, parameters={"shift": 0.2})
    assert f"are {way}." in said((shift, 0.001, 0.02), (logistic, 0.002, 0.02), recommended=1)


def test_what_is_not_sure_is_not_promised() -> None:
    text = said((a_fix("temperature", 0.01, "probably_helps", parameters={"t": 1.3}), -0.004, 0.02), recommended=0)
    assert "would probably save 2% of the loss" in text
    assert "(−0.004 to 0.02 nats a row)" in text
    few = said((a_fix("temperature", 0.01, "too_few_rows", parameters={"t": 1.3}), -0.004, 0.02))
    assert few == (
        "500 rows are too few to tell whether recalibration would help: one temperature would save between −0.004 "
        "and 0.02 nats a row."
    )


def test_nothing_to_gain_says_how_little_it_is_at_most() -> None:
    one = a_fix("temperature", 0.001, "nothing_to_gain", parameters={"t": 1.01})
    assert said((one, -0.001, 0.0015)) == (
        "Calibration is not the problem: recalibration would save at most 0.3% of the loss."
    )


def test_classes_that_do_not_overlap_are_not_called_too_few_rows() -> None:
    shift = a_fix("shift", 0.001, "too_few_rows", parameters={"shift": 0.15})
    apart = (without("temperature", Reason.SEPARATION), without("logistic", Reason.SEPARATION))
    found = headline_of(Fixes((shift,), None, (gained(shift, -0.03, 0.02),), apart, LOSS), 20, 0)
    assert found.text.startswith("These rows are told apart without fail: ")
    assert (found.verdict, found.fix) == ("too_few_rows", None)


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert said() == "Whether recalibration would help cannot be told here: what is left out says why."


def test_an_infinite_loss_is_said_first() -> None:
    floor = a_fix("floor", math.inf, parameters={"epsilon": 2.0**-5}, loss_after=0.4961)
    fixes = Fixes((floor,), None, (), (), 0.4961)
    assert headline_of(fixes, 223, 3).text == (
        "3 of 223 rows have probability 0 for what is true: the loss is infinite. With no probability below 0.031 it "
        "would be about 0.4961 nats on new rows."
    )
    assert headline_of(Fixes((), None, (), (), math.inf), 223, 1).text.startswith("1 of 223 rows has probability 0")


def test_a_floor_that_leaves_more_than_the_class_frequencies_says_so() -> None:
    floor = a_fix("floor", math.inf, parameters={"epsilon": 2.0**-5}, loss_after=0.9)
    found = headline_of(Fixes((floor,), None, (), (), 0.9), 223, 3, prior=0.6)
    assert found.text.endswith(
        "on new rows, still more than the 0.6 of knowing only how often each class occurs: "
        "nothing here mends these scores."
    )
    assert found.fix is None
    assert "more than" not in headline_of(Fixes((floor,), None, (), (), 0.9), 223, 3, prior=0.95).text


@pytest.mark.parametrize(
    ("most", "share"),
    [(8e-18, "would save nothing."), (0.49985, "at most 99.97% of the loss"), (0.0015, "at most 0.3% of the loss")],
)
def test_shares_are_neither_noise_nor_all_where_something_is_left(most: float, share: str) -> None:
    one = a_fix("temperature", 0.001, "nothing_to_gain", parameters={"t": 1.01})
    assert share in said((one, -0.001, most))
