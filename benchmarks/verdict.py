"""Outcomes beside their bars: what was met, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.race import Outcome
from benchmarks.work import EARLIER, GROWTH_BAR, Work


@dataclass(frozen=True)
class Judged:
    """A value, its bar, and whether it is met; ``met`` is None where one of the two is missing."""

    value: float | None
    bar: float | None
    low: float | None = None  # the rounds' extremes
    high: float | None = None

    @property
    def met(self) -> bool | None:
        """At most the bar, unrounded."""
        return None if self.value is None or self.bar is None else self.value <= self.bar


@dataclass(frozen=True)
class Row:
    """One work, judged."""

    work: Work
    celoss: Outcome
    peers: Mapping[str, Outcome]
    ratios: Mapping[str, Judged]  # peer -> celoss's wall time over its, the median of the rounds' pairs
    peak: Judged  # MB


@dataclass(frozen=True)
class Growth:
    """celoss's peak memory when the rows are four times as many."""

    work: Work
    before: Outcome
    after: Outcome

    @property
    def ratio(self) -> Judged:
        """Peak over peak."""
        if self.before.peak is None or self.after.peak is None:
            return Judged(None, GROWTH_BAR)
        return Judged(self.after.peak / self.before.peak, GROWTH_BAR)


def ratio(celoss: Outcome, peer: Outcome, bar: float | None) -> Judged:
    """The median of the ratios of runs of one round: what slows the machine for a while slows both of a pair."""
    pairs = [ours.wall / theirs.wall for ours, theirs in zip(celoss.runs, peer.runs, strict=False)]
    return Judged(median(pairs), bar, min(pairs), max(pairs)) if pairs else Judged(None, bar)


def judge(work: Work, outcomes: Mapping[str, Outcome], peers: Sequence[str], earlier: str) -> Row:
    """The work's row of the table; ``earlier`` is the program of the peer of that name, if it takes part."""
    celoss = outcomes[work.tool.name]
    names = {peer: work.earlier(earlier).name if peer == EARLIER else peer for peer in peers}
    others = {peer: outcomes[name] for peer, name in names.items() if name in outcomes}
    ratios = {peer: ratio(celoss, outcome, work.bars.get(peer)) for peer, outcome in others.items()}
    return Row(work, celoss, others, ratios, Judged(celoss.peak, work.peak_bar))
