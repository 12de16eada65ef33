"""Warnings where rows are not independent of each other: they belong together, or are copies of each other."""

from __future__ import annotations

from celoss_cli.diagnosis.looking import Looked
from celoss_cli.results.document import Notice

_MOST_REPEATED = 0.2  # of the rows: every row twice makes intervals too narrow by a factor of 1.4


def about_dependence(looked: Looked | None) -> tuple[Notice, ...]:
    """Return what is to be known of the intervals and verdicts of a diagnosis."""
    if looked is None:
        return ()
    if looked.clustered:
        return () if looked.first.scores is None else (_chance_by_row(),)
    share = 0.0 if looked.first.repeats is None else looked.first.repeats.share
    return (_repeated(share),) if share > _MOST_REPEATED else ()


def _chance_by_row() -> Notice:
    text = (
        "what chance would show (beside the curve, each ECE, the classes and the rows that contradict their label) "
        "takes rows for independent: rows that belong together show more. Fixes, slope and temperature are judged by "
        "cluster"
    )
    return Notice("chance_by_row", text)


def _repeated(share: float) -> Notice:
    text = (
        f"about {100.0 * share:.0f}% of the rows have the same scores and label as another one: if they are copies, "
        "intervals are too narrow and verdicts too sure. --cluster COLUMN says which rows belong together"
    )
    return Notice("repeated_rows", text)
