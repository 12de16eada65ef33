"""Simulate how often intervals miss the true mean, and write the tables of docs/explanation/intervals.md.

    python docs/simulate_coverage.py            # about three minutes
    python docs/simulate_coverage.py --runs 500 # a look

Each cell is of as many data sets as ``--runs`` says, drawn from a known model with a fixed seed. The intervals are made
by the functions that the commands call. "Before" is mean ± 1.96 standard errors for ``eval``, and Student's t for
``compare``. tests/docs/test_coverage.py draws some of the cells anew.
"""

from __future__ import annotations

import argparse
import functools
import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.state.tail import TailAccumulator
from celoss_cli.statistics import student_t
from celoss_cli.statistics.skewed_mean import interval_of_mean, sample_skewness
from celoss_cli.summary.interval import MeanSpread, interval_95

PAGE = Path(__file__).parent / "explanation" / "intervals.md"

RUNS = 4_000

ROWS_OF_TRUTH = 2_000_000

Floats = npt.NDArray[np.float64]
Random = np.random.Generator
Interval = tuple[float, float]


class Rows(NamedTuple):
    """Rows of one data set: the loss of each (n,), or its difference, the entropy of each, and whether any is wrong."""

    loss: Floats
    entropy: Floats
    wrong: bool


class Case(NamedTuple):
    """A model: its name in the table, and what draws n rows of it."""

    name: str
    draw: Callable[[Random, int], Rows]


class Misses(NamedTuple):
    """How often the truth was above and below the interval, and how often an interval came with a warning."""

    above: float
    below: float
    warned: float = 0.0

    @property
    def coverage(self) -> float:
        """How often it was inside."""
        return 1.0 - self.above - self.below


def _binary(random: Random, n: int, sharpness: float) -> Rows:
    """Logits around −1, as a calibrated model gives them, times ``sharpness``."""
    z = random.normal(-1.0, 2.0, n)
    y = random.random(n) < 1.0 / (1.0 + np.exp(-z))
    z = z * sharpness
    p = 1.0 / (1.0 + np.exp(-z))
    entropy = p * np.logaddexp(0.0, -z) + (1.0 - p) * np.logaddexp(0.0, z)
    return Rows(np.logaddexp(0.0, np.where(y, -z, z)), entropy, bool(((z > 0.0) != y).any()))


def _multiclass(random: Random, n: int, sharpness: float) -> Rows:
    """Ten classes, logits as a calibrated model gives them, times ``sharpness``."""
    z = random.normal(0.0, 2.0, (n, 10))
    y = (z + random.gumbel(size=z.shape)).argmax(axis=1)
    surprisal = _surprisals(z * sharpness)
    wrong = bool((surprisal.argmin(axis=1) != y).any())
    return Rows(surprisal[np.arange(n), y], (np.exp(-surprisal) * surprisal).sum(axis=1), wrong)


def _surprisals(z: Floats) -> Floats:
    most = z.max(axis=1)[:, None]
    found: Floats = np.log(np.exp(z - most).sum(axis=1))[:, None] + most - z
    return found


def _rare(random: Random, n: int, claimed: float) -> Rows:
    """One row in a hundred is an error, and each row claims to be right with the probability ``claimed``."""
    right = random.random(n) < 0.99
    loss = np.where(right, -math.log(claimed), -math.log1p(-claimed))
    entropy = -claimed * math.log(claimed) - (1.0 - claimed) * math.log1p(-claimed)
    return Rows(loss, np.full(n, entropy), not right.all())


def _noisier(random: Random, n: int) -> Rows:
    """Two noisy readings of the same truth, the candidate's twice as noisy."""
    y = random.random(n) < 0.5
    shared = random.normal(size=n) + np.where(y, 1.0, -1.0)
    a, b = (np.where(y, -2.0, 2.0) * (shared + random.normal(size=n) * noise) for noise in (0.5, 1.0))
    return _paired(a, b)


def _surer(random: Random, n: int) -> Rows:
    """A calibrated model, and one that doubles its logits."""
    z = random.normal(-1.0, 2.0, n)
    y = random.random(n) < 1.0 / (1.0 + np.exp(-z))
    margin = np.where(y, -z, z)
    return _paired(margin, 2.0 * margin)


def _surer_and_rarely_wrong(random: Random, n: int) -> Rows:
    """One row in a hundred is an error of both models; the baseline is sure to 0.99, the candidate to 0.999."""
    right = random.random(n) < 0.99
    margin = np.where(right, -1.0, 1.0)
    rows = _paired(margin * math.log(0.99 / 0.01), margin * math.log(0.999 / 0.001))
    return rows._replace(wrong=not right.all())


def _equal(random: Random, n: int) -> Rows:
    """Two equally noisy readings of ten classes."""
    z = random.normal(0.0, 2.0, (n, 10))
    y = (z + random.gumbel(size=z.shape)).argmax(axis=1)
    a, b = (_surprisals(z + random.normal(size=z.shape))[np.arange(n), y] for _ in range(2))
    return Rows(b - a, np.zeros(n), True)


def _paired(a: Floats, b: Floats) -> Rows:
    """Rows with the margins of two models by which the other class is ahead."""
    return Rows(np.logaddexp(0.0, b) - np.logaddexp(0.0, a), np.zeros(a.shape[0]), bool((a > 0).any() or (b > 0).any()))


EVAL = (
    Case("binary, calibrated", functools.partial(_binary, sharpness=1.0)),
    Case("binary, logits doubled", functools.partial(_binary, sharpness=2.0)),
    Case("10 classes, calibrated", functools.partial(_multiclass, sharpness=1.0)),
    Case("10 classes, logits doubled", functools.partial(_multiclass, sharpness=2.0)),
    Case("1 % errors, p = 0.99", functools.partial(_rare, claimed=0.99)),
    Case("1 % errors, p = 0.999", functools.partial(_rare, claimed=0.999)),
)

COMPARE = (
    Case("twice as noisy", _noisier),
    Case("logits doubled", _surer),
    Case("equally noisy, 10 classes", _equal),
    Case("1 % errors, sure to 0.999", _surer_and_rarely_wrong),
)

EVAL_ROWS = (3, 5, 10, 30, 100, 300, 1000)

COMPARE_ROWS = (10, 30, 100, 300, 1000)


@functools.cache
def truth_of(case: Case) -> float:
    """Return the true mean, from rows enough to know it to a thousandth of what is asked."""
    random = _random(case.name, 0)
    parts = [float(case.draw(random, ROWS_OF_TRUTH // 40).loss.mean()) for _ in range(40)]
    return math.fsum(parts) / len(parts)


def _random(name: str, n: int) -> Random:
    return np.random.default_rng([zlib.crc32(name.encode()), n])


class _Count:
    """Counts the misses of one way to make an interval."""

    def __init__(self, interval: Callable[[Rows], tuple[Interval, bool]]) -> None:
        self._interval = interval
        self._above = self._below = self._warned = 0

    def add(self, rows: Rows, mean: float) -> None:
        """Add a data set."""
        (low, high), warned = self._interval(rows)
        slack = 1e-9 * abs(mean)
        self._above += mean > high + slack
        self._below += mean < low - slack
        self._warned += warned

    def of(self, runs: int) -> Misses:
        """Return the shares of so many data sets."""
        return Misses(self._above / runs, self._below / runs, self._warned / runs)


@functools.cache
def _critical(units: int) -> float:
    return student_t.critical_value(0.05, units - 1)


def of_eval(rows: Rows) -> tuple[Interval, bool]:
    """Return the interval of ``celoss eval``, and whether it comes with a warning."""
    loss = rows.loss
    n = loss.shape[0]
    squares = float((loss**2).sum())
    tail = TailAccumulator()
    tail.add(loss)
    _, second, third = tail.finish().moments()
    effective = float(loss.sum()) ** 2 / squares if squares else None
    expected = None if rows.wrong else float(rows.entropy.mean())
    spread = MeanSpread(n, effective, sample_skewness(n, second, third), expected)
    error = float(loss.std(ddof=1)) / math.sqrt(n)
    return interval_95(float(loss.mean()), error, spread), spread.few or expected is not None


def of_eval_before(rows: Rows) -> tuple[Interval, bool]:
    """Return mean ± 1.96 standard errors."""
    mean, half = rows.loss.mean(), 1.959963984540054 * rows.loss.std(ddof=1) / math.sqrt(rows.loss.shape[0])
    return (float(mean - half), float(mean + half)), False


def of_compare(rows: Rows) -> tuple[Interval, bool]:
    """Return the interval of ``celoss compare``: none, and no verdict, where neither model has an error."""
    if not rows.wrong:
        return (-math.inf, math.inf), True
    d = rows.loss
    n = d.shape[0]
    u = d - d.mean()
    skewness = sample_skewness(n, float((u**2).sum()), float((u**3).sum()))
    error = float(d.std(ddof=1)) / math.sqrt(n)
    return interval_of_mean(float(d.mean()), error, _critical(n), n, skewness), False


def of_compare_before(rows: Rows) -> tuple[Interval, bool]:
    """Return the interval of the paired t-test."""
    d = rows.loss
    half = _critical(d.shape[0]) * d.std(ddof=1) / math.sqrt(d.shape[0])
    return (float(d.mean() - half), float(d.mean() + half)), False


def of_cell(case: Case, n: int, runs: int, mean: float, *, paired: bool) -> tuple[Misses, Misses]:
    """Return how often the intervals of before and of now miss, of the same data sets."""
    ways = (of_compare_before, of_compare) if paired else (of_eval_before, of_eval)
    before, now = map(_Count, ways)
    random = _random(case.name, n)
    for _ in range(runs):
        rows = case.draw(random, n)
        before.add(rows, mean)
        now.add(rows, mean)
    return before.of(runs), now.of(runs)


def eval_table(runs: int) -> str:
    """Return the table of ``eval``."""
    lines = [
        "| rows of | n | covers, before | covers | truth above, before | above | below | warned |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for case in EVAL:
        mean = truth_of(case)
        for n in EVAL_ROWS:
            old, new = of_cell(case, n, runs, mean, paired=False)
            shown = (old.coverage, new.coverage, old.above, new.above, new.below)
            lines.append(_line(case.name, n, *(f"{share:.1%}" for share in shown), f"{new.warned:.0%}"))
    return "\n".join(lines)


def compare_table(runs: int) -> str:
    """Return the table of ``compare``: a candidate that is worse by exactly M passes where the truth is above."""
    lines = [
        "| candidate | n | false passes, before | false passes | false alarms, before | false alarms |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for case in COMPARE:
        mean = truth_of(case)
        for n in COMPARE_ROWS:
            old, new = of_cell(case, n, runs, mean, paired=True)
            lines.append(_line(case.name, n, *(f"{x:.1%}" for x in (old.above, new.above, old.below, new.below))))
    return "\n".join(lines)


def _line(name: str, n: int, *cells: str) -> str:
    return f"| {name} | {n:,} | {' | '.join(cell.replace('%', ' %') for cell in cells)} |"


def renewed(page: str, tables: dict[str, str]) -> str:
    """Return the page with its tables replaced."""
    for name, table in tables.items():
        begin, end = f"<!-- simulated: {name} -->\n", "<!-- end -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}{table}\n{end}{rest.partition(end)[2]}"
    return page


def main() -> None:
    """Simulate, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    runs = parser.parse_args().runs
    tables = {"eval": eval_table(runs), "compare": compare_table(runs)}
    print("\n\n".join(tables.values()))
    if runs == RUNS:
        PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


if __name__ == "__main__":
    main()
