"""What a batch says in words and figures, for the table, the page and the machines."""

from __future__ import annotations

from celoss_cli.render import numbers
from celoss_cli.results.batch import Batch, Item

TITLES = ("rows", "loss", "95% interval", "accuracy", "ECE", "gate")
"""Of the columns after the name."""


def titles(batch: Batch) -> tuple[str, ...]:
    """Return the titles of the columns after the name: without a gate there is none."""
    return TITLES if any(item.passed is not None for item in batch.evaluations) else TITLES[:-1]


def lines(batch: Batch) -> list[tuple[Item, tuple[str, ...]]]:
    """Return each evaluation that was scored with the figures after its name."""
    found = list(batch.scored)
    losses = numbers.column([evaluation.loss.mean for _, evaluation in found], digits=numbers.DIGITS)
    items = [item for item in batch.evaluations if item.evaluation is not None]
    judged = len(titles(batch)) == len(TITLES)
    shown = []
    for item, (_, evaluation), loss in zip(items, found, losses, strict=True):
        low_high = evaluation.loss.ci95
        error = evaluation.loss.standard_error
        spread = "–" if low_high is None or error is None else " to ".join(numbers.interval(*low_high, error))
        metrics = evaluation.metrics
        accuracy = numbers.tabled_percent(None if metrics is None else metrics.accuracy)
        ece = "–" if metrics is None or metrics.ece is None else numbers.significant(metrics.ece, 3)
        gate = [{True: "pass", False: "FAIL", None: "–"}[item.passed]] if judged else []
        shown.append((item, (numbers.count(evaluation.counts.scored), loss, spread, accuracy, ece, *gate)))
    return shown


def sentence(batch: Batch) -> str:
    """Return how many evaluations there are and what became of them."""
    counts = batch.counts
    parts = [f"{numbers.count(counts.scored)} of {numbers.count(counts.evaluations)} scored"]
    if counts.errors:
        parts.append(f"{numbers.count(counts.errors)} could not be scored")
    if counts.not_tried:
        parts.append(f"{numbers.count(counts.not_tried)} not tried")
    if any(item.passed is not None for item in batch.evaluations):
        parts.append(f"{numbers.count(counts.failed)} miss{'es' if counts.failed == 1 else ''} a limit")
    return ", ".join(parts)


def unit(batch: Batch) -> str:
    """Return the unit of the losses, that of all if they have one."""
    units = {evaluation.loss.unit for _, evaluation in batch.scored}
    return units.pop() if len(units) == 1 else "in each one's own unit" if units else "nats"


def title(batch: Batch) -> str:
    """Return the result in a few words."""
    word = "" if batch.verdict is None else ": PASS" if batch.verdict.passed else ": FAIL"
    return f"Cross-entropy of {numbers.count(batch.counts.evaluations)} evaluations{word}"
