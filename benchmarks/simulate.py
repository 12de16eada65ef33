"""How often the verdicts and intervals of ``celoss diagnose`` are right: simulated, and held against stated rates.

``python -m benchmarks.simulate`` from the repository root. Scores are z ~ N(−1, 2) with outcomes drawn from them; the
model reports T·z: at T = 1 it is calibrated, above that overconfident. Of ten classes they are 2·N(0, 1) each, reported
as they are or, at T = 1.5, with biases of ±½. What a fix really saves is its expectation over new scores and outcomes:
by quadrature, of an isotonic curve over 2,000 quantiles, of class biases over 4,000 new rows. A rate that is off by
more than four standard errors is marked, and the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from celoss_cli.diagnosis.biases import fit_biases
from celoss_cli.diagnosis.cross_fit import blocks_of, cross_fitted, isotonic_losses
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.logistic import NoOverlap, NotSettled, fit
from celoss_cli.diagnosis.verdicts import FixVerdict, Gained, of_all, verdict_of
from celoss_cli.state.scores import ScoreState
from celoss_cli.statistics.chi_square import upper_tail

Floats = npt.NDArray[np.float64]

MEAN, SD = -1.0, 2.0

FAR = 4.0
"""So many standard errors a rate may be off."""


@dataclass(frozen=True)
class Case:
    """One simulation: n rows at temperature t, and how many draws."""

    fix: str
    n: int
    t: float
    draws: int

    def __str__(self) -> str:
        return f"{self.fix}, n = {self.n:,}, T = {self.t:g}"


@dataclass(frozen=True)
class Rates:
    """Shares of the draws."""

    covered: float
    """The interval of the gain holds the real one."""
    covered_narrow: float
    """So does G ± 1.96 SE."""
    positive: float
    """The corrected gain is above 0."""
    flagged: float
    """The verdict would be ``helps`` or ``probably_helps``, however little it saves."""
    harmful: float
    """Likewise, and the fix makes new rows worse."""
    nothing: float
    """The verdict is ``nothing_to_gain``."""


@dataclass(frozen=True)
class Simulated:
    """What one case came to; gains in nats, means over the draws."""

    real: float
    in_sample: float
    corrected: float
    rates: Rates


STATED: dict[Case, dict[str, float]] = {
    Case("temperature", 200, 1.0, 3000): {
        "covered": 0.98, "covered_narrow": 0.65, "positive": 0.16, "flagged": 0.010, "harmful": 0.010, "nothing": 0.32,
    },
    Case("temperature", 200, 1.1, 3000): {
        "covered": 0.98, "covered_narrow": 0.70, "positive": 0.25, "flagged": 0.027, "harmful": 0.027,
    },
    Case("temperature", 200, 1.3, 3000): {
        "covered": 0.97, "covered_narrow": 0.81, "positive": 0.68, "flagged": 0.27, "harmful": 0.013, "nothing": 0.06,
    },
    Case("temperature", 200, 1.5, 3000): {
        "covered": 0.95, "covered_narrow": 0.88, "positive": 0.93, "flagged": 0.66, "harmful": 0.0,
    },
    Case("temperature", 200, 0.75, 3000): {
        "covered": 0.97, "covered_narrow": 0.83, "positive": 0.73, "flagged": 0.25, "harmful": 0.038,
    },
    Case("temperature", 2000, 1.0, 1000): {
        "covered": 0.98, "covered_narrow": 0.67, "positive": 0.15, "flagged": 0.010, "harmful": 0.010, "nothing": 0.99,
    },
    Case("temperature", 2000, 1.1, 1000): {
        "covered": 0.98, "covered_narrow": 0.84, "positive": 0.76, "flagged": 0.35, "harmful": 0.013,
    },
    Case("temperature", 2000, 1.3, 1000): {
        "covered": 0.96, "covered_narrow": 0.94, "positive": 1.0, "flagged": 0.999, "harmful": 0.0,
    },
    Case("temperature", 20_000, 1.0, 150): {
        "covered": 0.98, "covered_narrow": 0.71, "positive": 0.17, "flagged": 0.013, "harmful": 0.013,
    },
    Case("temperature", 20_000, 1.1, 150): {
        "covered": 0.95, "covered_narrow": 0.93, "positive": 1.0, "flagged": 1.0, "harmful": 0.0,
    },
    Case("logistic", 200, 1.0, 3000): {"covered": 0.965, "flagged": 0.011},
    Case("logistic", 2000, 1.0, 1000): {"covered": 0.975, "flagged": 0.010},
    Case("isotonic", 200, 1.0, 1500): {"covered": 0.887, "positive": 0.031, "flagged": 0.001},
    Case("isotonic", 2000, 1.0, 500): {"covered": 0.836, "positive": 0.008, "nothing": 0.98},
    Case("isotonic", 2000, 1.3, 500): {"covered": 0.882, "positive": 0.85, "flagged": 0.13, "harmful": 0.0},
    Case("class_biases", 200, 1.0, 1500): {"covered": 0.927, "positive": 0.045, "flagged": 0.0},
    Case("class_biases", 1000, 1.0, 500): {"covered": 0.954, "flagged": 0.0, "nothing": 0.83},
    Case("class_biases", 200, 1.5, 1500): {"covered": 0.971, "flagged": 0.68, "harmful": 0.001},
    Case("class_biases", 1000, 1.5, 500): {"covered": 0.966, "flagged": 1.0, "harmful": 0.0},
}  # fmt: skip
"""The rates of the temperature as they were found when the rule was chosen, from as many draws; the verdict of nothing
to gain, and the logistic, were stated as ranges: their middle stands here. Those of isotonic and class biases are from
as many draws with a seed of their own (11)."""


def simulate(case: Case, seed: int = 0) -> Simulated:
    """Draw the case as often as it says."""
    rng = np.random.default_rng([seed, case.n, round(100 * case.t), len(case.fix)])
    draw = {"isotonic": _draw_isotonic, "class_biases": _draw_biases}.get(case.fix, _draw)
    found = np.array([draw(case, rng) for _ in range(case.draws)])
    real, in_sample, optimism, error, low, high, flags, nothing = found.T
    corrected = in_sample - optimism
    flagged = flags > 0.0
    return Simulated(
        real=float(real.mean()),
        in_sample=float(in_sample.mean()),
        corrected=float(corrected.mean()),
        rates=Rates(
            covered=float(((low <= real) & (real <= high)).mean()),
            covered_narrow=float((np.abs(real - corrected) <= 1.959964 * error).mean()),
            positive=float((corrected > 0.0).mean()),
            flagged=float(flagged.mean()),
            harmful=float((flagged & (real < 0.0)).mean()),
            nothing=float(nothing.mean()),
        ),
    )


def off_by(found: float, stated: float, draws: int) -> float:
    """Return by how many standard errors two rates differ, each found in so many draws; a rate of 0 counts as one in
    that many."""
    middle = min(max(0.5 * (found + stated), 1.0 / draws), 1.0 - 1.0 / draws)
    return (found - stated) / math.sqrt(2.0 * middle * (1.0 - middle) / draws)


def _draw(case: Case, rng: np.random.Generator) -> tuple[float, ...]:
    while True:
        z = rng.normal(MEAN, SD, case.n)
        outcome = (rng.random(case.n) < 1.0 / (1.0 + np.exp(-z))).astype(np.int64)
        groups = Groups.of(ScoreState.of(case.t * z, outcome))
        try:
            fitted = fit(groups, intercept=case.fix == "logistic", slope=True)
        except (NoOverlap, NotSettled):
            continue  # one in millions at 200 rows: no gain to speak of
        break
    real = _expected(case.t, 0.0, 1.0) - _expected(case.t, fitted.intercept, fitted.slope)
    gained = Gained(
        case.fix, fitted.degrees, fitted.gain_in_sample, fitted.optimism, fitted.standard_error, fitted.p_value,
        fitted.corrected, groups.weights, groups.squares,
    )  # fmt: skip
    return _judged(gained, groups.mean(groups.losses()), real)


def _judged(gained: Gained, loss: float, real: float) -> tuple[float, ...]:
    """Return what is counted of a fix that really saves so much of the loss."""
    nothing = verdict_of(gained, loss) is FixVerdict.NOTHING_TO_GAIN
    flagged = verdict_of(gained, 0.0) in (FixVerdict.HELPS, FixVerdict.PROBABLY_HELPS)
    return (
        real,
        gained.in_sample,
        gained.optimism,
        gained.standard_error,
        *gained.ci95,
        float(flagged),
        float(nothing),
    )


def _draw_isotonic(case: Case, rng: np.random.Generator) -> tuple[float, ...]:
    """The curve of all rows, judged out of fold as a diagnosis does, and what it saves over quantiles of new scores."""
    z = rng.normal(MEAN, SD, case.n)
    outcome = (rng.random(case.n) < 1.0 / (1.0 + np.exp(-z))).astype(np.int64)
    groups = Groups.of(ScoreState.of(case.t * z, outcome))
    before, fitted = groups.losses(), isotonic_losses(groups)
    crossed = cross_fitted(groups, before, fitted, np.zeros_like(before))
    in_sample = groups.mean(before - fitted(groups.rows))
    gained = Gained(
        case.fix, blocks_of(groups), in_sample, in_sample - crossed.gain, crossed.standard_error, None,
        np.empty(0), np.empty(0), np.empty(0),
    )  # fmt: skip
    new = MEAN + SD * _QUANTILES
    both = np.concatenate([case.t * new, case.t * new]), np.repeat([0, 1], new.shape[0])
    every = Groups.of(ScoreState.of(np.concatenate([case.t * z, both[0]]), np.concatenate([outcome, both[1]])))
    old = ScoreState.of(case.t * z, outcome)
    places = np.searchsorted(every.points.z, old.points().z)
    counts = np.zeros(every.points.counts.shape, dtype=np.int64)
    counts[places] = old.counts
    after = isotonic_losses(every)(counts[every.point, every.outcome.astype(np.intp)])
    chance = 1.0 / (1.0 + np.exp(-every.z / case.t))
    weight = (every.rows - counts[every.point, every.outcome.astype(np.intp)]) * np.where(
        every.outcome > 0.0, chance, 1.0 - chance
    )
    real = float((weight * (every.losses() - after)).sum() / weight.sum())
    return _judged(gained, groups.mean(before), real)


def _draw_biases(case: Case, rng: np.random.Generator) -> tuple[float, ...]:
    """Class biases of ten classes, fitted to log-probabilities that are right, or off by half a nat either way."""
    off = np.where(np.arange(CLASSES) % 2, 0.5, -0.5)[:, None] * (case.t != 1.0)
    z, new = 2.0 * rng.normal(size=(CLASSES, case.n)), 2.0 * rng.normal(size=(CLASSES, 4000))
    codes = (z + rng.gumbel(size=z.shape)).argmax(axis=0)
    fitted = fit_biases(z + off, codes, temperature=False, biases=True)
    m = 2.0 * case.n * fitted.gain_in_sample
    gained = Gained(
        case.fix, fitted.degrees, fitted.gain_in_sample, fitted.optimism, fitted.standard_error,
        upper_tail(m, fitted.degrees), fitted.corrected, *of_all(case.n),
    )  # fmt: skip
    p = np.exp(_log_softmax(new))
    before, after = _log_softmax(new + off), _log_softmax(new + off + np.asarray(fitted.biases)[:, None])
    real = float((p * (after - before)).sum(axis=0).mean())
    loss = -float(_log_softmax(z + off)[codes, np.arange(case.n)].mean())
    return _judged(gained, loss, real)


CLASSES = 10

_QUANTILES = np.array([NormalDist().inv_cdf((k + 0.5) / 2000) for k in range(2000)])


def _log_softmax(x: Floats) -> Floats:
    found: Floats = x - np.logaddexp.reduce(x, axis=0)
    return found


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(120)


def _expected(t: float, intercept: float, slope: float) -> float:
    """Return the expected loss of new rows under intercept + slope · t z."""
    z = MEAN + SD * _NODES
    p = 1.0 / (1.0 + np.exp(-z))
    eta = intercept + slope * t * z
    loss = p * np.logaddexp(0.0, -eta) + (1.0 - p) * np.logaddexp(0.0, eta)
    return float((loss * _WEIGHTS).sum() / _WEIGHTS.sum())


def lines(cases: Sequence[Case], share: float, seed: int) -> Iterator[tuple[str, bool]]:
    """Simulate cases, with a ``share`` of their draws, and yield a line of the table for each, and whether it holds."""
    for stated in cases:
        case = Case(stated.fix, stated.n, stated.t, max(50, round(share * stated.draws)))
        found = simulate(case, seed)
        cells, good = [], True
        for name, rate in STATED[stated].items():
            value = getattr(found.rates, name)
            far = abs(off_by(value, rate, case.draws)) > FAR
            good = good and not far
            cells.append(f"{name} {100 * value:.1f} % ({100 * rate:.1f}){' !' if far else ''}")
        gains = f"real {found.real:+.5f}, in sample {found.in_sample:+.5f}, corrected {found.corrected:+.5f}"
        yield f"{case}: {gains}; {', '.join(cells)}", good


def main() -> int:
    """Print every case beside what is stated of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=float, default=1.0, help="share of the draws that are stated (default 1)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    holds = True
    for line, good in lines(list(STATED), options.draws, options.seed):
        print(line, flush=True)
        holds = holds and good
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
