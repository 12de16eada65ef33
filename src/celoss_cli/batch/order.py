"""The order of the evaluations: what ``--sort`` takes, and what each of them means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from celoss_cli.results.batch import Item
from celoss_cli.spelling import natural_key


def sorted_by(items: Iterable[Item], key: str | None) -> list[Item]:
    """Return the evaluations in the order asked for, those without the number last; ``None`` for the order given."""
    if key is None:
        return list(items)
    return sorted(items, key=lambda item: _SORTS[key](item))


def _by_loss(item: Item) -> tuple[bool, float]:
    return (True, 0.0) if item.evaluation is None else (False, item.evaluation.loss.mean)


def _by_rows(item: Item) -> tuple[bool, float]:
    return (True, 0.0) if item.evaluation is None else (False, -item.evaluation.counts.scored)


def _by_accuracy(item: Item) -> tuple[bool, float]:
    metrics = None if item.evaluation is None else item.evaluation.metrics
    return (True, 0.0) if metrics is None or metrics.accuracy is None else (False, -metrics.accuracy)


def _by_name(item: Item) -> Any:
    return item.error is not None, natural_key(item.name)


_SORTS: dict[str, Callable[[Item], Any]] = {
    "loss": _by_loss,
    "name": _by_name,
    "accuracy": _by_accuracy,
    "rows": _by_rows,
}
