"""The difference of two means of independent samples: its standard error, and Welch's degrees of freedom.

References
----------
B. L. Welch, "The generalization of 'Student's' problem when several different population variances are involved",
Biometrika 34 (1947), 28-35.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from celoss_cli.statistics.special import hypot
from celoss_cli.statistics.student_t import critical_value, two_sided_p


class IndependentDifference(NamedTuple):
    """A difference of means, second − first, with what may be chance."""

    difference: float
    standard_error: float
    """√(s₁² + s₂²) of the standard errors of the two means."""

    df: float
    """(s₁² + s₂²)² / (s₁⁴/(n₁ − 1) + s₂⁴/(n₂ − 1))."""

    interval: tuple[float, float]
    p_value: float


def difference_of_means(
    means: tuple[float, float], errors: tuple[float, float], rows: tuple[int, int], confidence: float = 0.95
) -> IndependentDifference | None:
    """Return the second mean − the first, ``None`` where a mean or a standard error is not finite, or rows are too few.

    ``errors`` are the standard errors of the means, ``rows`` how many rows each is of.
    """
    if min(rows) < 2 or not all(math.isfinite(value) for value in (*means, *errors)):
        return None
    difference = means[1] - means[0]
    first, second = (error / max(*errors, 1e-300) for error in errors)  # squares of small numbers would vanish
    total = first**2 + second**2
    error = hypot(*errors)
    if error == 0.0:
        return IndependentDifference(
            difference, 0.0, rows[0] + rows[1] - 2.0, (difference,) * 2, float(difference == 0)
        )
    df = total**2 / (first**4 / (rows[0] - 1) + second**4 / (rows[1] - 1))
    half = critical_value(1.0 - confidence, df) * error
    p_value = two_sided_p(difference / error, df)
    return IndependentDifference(difference, error, df, (difference - half, difference + half), p_value)
