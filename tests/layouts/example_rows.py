"""The rows behind the examples that are written by hand, and what any reading of them has to come to.

``FLOWERS`` have three classes, ``LOANS`` two. Nothing here uses celoss.
"""

from __future__ import annotations

from typing import NamedTuple

from mpmath import mp, mpf


class Flower(NamedTuple):
    """A row with its true class, the number of it, and the probability of each of ``SPECIES``."""

    species: str
    probabilities: tuple[float, float, float]

    @property
    def code(self) -> int:
        return SPECIES.index(self.species)

    @property
    def predicted(self) -> str:
        return SPECIES[self.probabilities.index(max(self.probabilities))]


class Loan(NamedTuple):
    """A row with its true class, ``no`` or ``yes``, and the probability of ``yes``."""

    default: str
    p_yes: float

    @property
    def code(self) -> int:
        return int(self.default == "yes")

    @property
    def p_no(self) -> float:
        return round(1.0 - self.p_yes, 4)

    @property
    def predicted(self) -> str:
        return "yes" if self.p_yes > 0.5 else "no"

    @property
    def p_predicted(self) -> float:
        return max(self.p_yes, self.p_no)


SPECIES = ("setosa", "versicolor", "virginica")

FLOWERS = (
    Flower("setosa", (0.9125, 0.0625, 0.025)),
    Flower("versicolor", (0.0375, 0.8125, 0.15)),
    Flower("virginica", (0.0125, 0.2375, 0.75)),
    Flower("versicolor", (0.05, 0.3, 0.65)),
    Flower("setosa", (0.7, 0.2, 0.1)),
    Flower("virginica", (0.0625, 0.125, 0.8125)),
    Flower("setosa", (0.4, 0.35, 0.25)),
    Flower("versicolor", (0.15, 0.6, 0.25)),
    Flower("virginica", (0.2, 0.45, 0.35)),
    Flower("versicolor", (0.025, 0.9, 0.075)),
    Flower("setosa", (0.85, 0.1, 0.05)),
    Flower("virginica", (0.0375, 0.1625, 0.8)),
)

LOANS = (
    Loan("no", 0.125),
    Loan("yes", 0.8125),
    Loan("no", 0.3),
    Loan("no", 0.65),
    Loan("yes", 0.9),
    Loan("yes", 0.4),
    Loan("no", 0.0625),
    Loan("yes", 0.75),
    Loan("no", 0.2),
    Loan("no", 0.45),
)


def flowers_loss() -> float:
    """Return the mean of −log p of the true class."""
    return float(-mp.fsum(mp.log(mpf(row.probabilities[row.code])) for row in FLOWERS) / len(FLOWERS))


def loans_loss() -> float:
    """Return the mean of −log p of the true class."""
    return float(-mp.fsum(mp.log(mpf(row.p_yes if row.code else row.p_no)) for row in LOANS) / len(LOANS))
