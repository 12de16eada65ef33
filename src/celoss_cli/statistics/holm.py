"""Holm's adjustment: p-values of several comparisons, so that all of them together keep one error rate."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the adjusted p-values in the order given: reject those at most α to err with probability at most α at all.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979: the
    k-th smallest of m counts m − k + 1 times, and no less than those before it. It asks nothing of how the comparisons
    depend on each other; here they share rows, and the best model.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted = [0.0] * len(p_values)
    least = 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = least
    return adjusted
