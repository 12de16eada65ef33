"""The mean alone, for scripts: 17 significant digits, which read back as the same double."""

from __future__ import annotations

from celoss_cli.results.evaluation import Evaluation


def render(evaluation: Evaluation) -> str:
    """Return the mean loss on a line of its own; ``inf`` and ``nan`` are spelled so."""
    return f"{evaluation.loss.mean:.17g}\n"
