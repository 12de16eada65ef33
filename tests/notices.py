"""The warnings of a result, without those about the interval of its mean: few rows of a test have them all."""

from __future__ import annotations

from celoss_cli.results.evaluation import Evaluation

ABOUT_THE_INTERVAL = {"few_rows", "no_errors_seen"}


def about_the_data(found: Evaluation) -> list[str]:
    """Return the codes of the warnings that are about the data and how they were read, in order."""
    return [notice.code for notice in found.warnings if notice.code not in ABOUT_THE_INTERVAL]
