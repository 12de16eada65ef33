"""The debiased error is that of uncertainty-calibration, on bins worked out by hand."""

from __future__ import annotations

import math

import pytest

from celoss_cli.statistics.calibration_error import BinSums, rms_debiased


def test_the_square_of_a_bin_is_freed_of_the_variance_of_its_share() -> None:
    bins = [BinSums(10, 5, 2.0), BinSums(30, 27, 28.5)]
    wanted = 0.25 * ((0.5 - 0.2) ** 2 - 0.25 / 9) + 0.75 * ((0.9 - 0.95) ** 2 - 0.09 / 29)
    assert rms_debiased(bins) == pytest.approx(math.sqrt(wanted), rel=1e-14)


def test_less_than_chance_is_nothing_and_single_rows_say_nothing() -> None:
    assert rms_debiased([BinSums(10, 5, 5.0)]) == 0.0
    assert rms_debiased([BinSums(1, 1, 0.1), BinSums(0, 0, 0.0)]) == 0.0
