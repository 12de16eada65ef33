"""The fixes of a diagnosis as CSV, at full precision, safe to open in a spreadsheet."""

from __future__ import annotations

from celoss_cli.render.evaluation.csv import Value, written
from celoss_cli.results.diagnosis import Diagnosis, Fix

HEADER = (
    *("fix", "after", "degrees", "gain_in_sample", "optimism", "gain", "low", "high", "loss_after", "p_value"),
    *("verdict", "no_better_than"),
)


def render(diagnosis: Diagnosis) -> str:
    """Return one line a fix, in the order of the document; what means nothing is an empty cell."""
    return written([HEADER, *(_cells(fix) for fix in diagnosis.fixes)])


def _cells(fix: Fix) -> list[Value]:
    low, high = fix.gain_ci95 or (None, None)
    gains: list[Value] = [fix.gain_in_sample, fix.optimism, fix.gain, low, high, fix.loss_after, fix.p_value]
    return [fix.name, fix.after, fix.degrees, *gains, fix.verdict, fix.no_better_than]
