"""Simulate how often an interval of the mean per token misses, by whether it takes tokens or sequences as independent.

    python docs/simulate_tokens.py              # about half a minute
    python docs/simulate_tokens.py --runs 200   # a look

Each data set has K sequences of 20 to 400 tokens. The loss of a token is gamma distributed with mean 2, around a level
that its sequence shares, so that two tokens of a sequence correlate by ``rho``. The interval by sequence is that
of ``celoss eval``, by Student's t; the other is mean ± 1.96 standard errors of independent tokens.
tests/docs/test_token_coverage.py draws some of it anew.
"""

from __future__ import annotations

import argparse
import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.statistics.student_t import critical_value

RUNS = 2_000

CASES = ((20, 0.02), (20, 0.1), (200, 0.02), (200, 0.1))
"""How many sequences there are, and the correlation within one."""

_MEAN = 2.0

_SPREAD = 2.0  # the standard deviation of a token's loss

Floats = npt.NDArray[np.float64]


class Coverage(NamedTuple):
    """The share of data sets whose interval holds the true mean."""

    by_token: float
    by_sequence: float


def coverage(sequences: int, rho: float, runs: int, seed: int = 1) -> Coverage:
    """Return how often each interval holds the true mean, of so many data sets of so many sequences."""
    random = np.random.default_rng([seed, sequences, int(rho * 1000)])
    token = whole = 0
    for _ in range(runs):
        lengths = random.integers(20, 401, sequences)
        level = random.gamma(_MEAN**2 / (rho * _SPREAD**2), rho * _SPREAD**2 / _MEAN, sequences)
        rest = (1.0 - rho) * _SPREAD**2  # of a token around the level of its sequence
        shape = np.repeat(level**2 / rest, lengths)
        losses = random.gamma(shape, rest / np.repeat(level, lengths))
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        sums = np.add.reduceat(losses, starts)
        n, mean = losses.size, losses.mean()
        apart = abs(mean - _MEAN)
        token += apart <= 1.96 * losses.std(ddof=1) / math.sqrt(n)
        error = math.sqrt(sequences / (sequences - 1) * ((sums - mean * lengths) ** 2).sum()) / n
        whole += apart <= critical_value(0.05, sequences - 1) * error
    return Coverage(token / runs, whole / runs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=RUNS)
    runs = parser.parse_args().runs
    print("sequences   correlation   tokens independent   by sequence")
    for sequences, rho in CASES:
        found = coverage(sequences, rho, runs)
        print(f"{sequences:9}   {rho:11g}   {found.by_token:18.1%}   {found.by_sequence:11.1%}")


if __name__ == "__main__":
    main()
