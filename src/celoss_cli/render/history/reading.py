"""What a history says in words and figures, for the table, the page and the machines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from celoss_cli.render import numbers
from celoss_cli.render.forms.remark import Remark, Tone
from celoss_cli.results.history import Beside, History, Run, Series

_BARS = "▁▂▃▄▅▆▇█"

_PLAIN_BARS = "_.-=+*%#"

_MOST_BARS = 60

_OF = {
    "before": "the run before",
    "best": "the best run",
    "last": "the last accepted run",
    "median": "the median of the last accepted runs",
}

TITLES = ("loss", "95% interval", "rows", "accuracy", "gate", "tags")
"""Of the columns after the time of a run."""


def sparkline(series: Series, *, plain: bool = False) -> str:
    """Return the means of the last runs as bars, low for a small loss; a blank is a mean that is not finite."""
    bars = _PLAIN_BARS if plain else _BARS
    values = [run.mean for run in series.runs[-_MOST_BARS:]]
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    span = high - low

    def bar(value: float) -> str:
        if not math.isfinite(value):
            return " "
        return bars[0] if not span > 0.0 else bars[min(len(bars) - 1, int(len(bars) * (value - low) / span))]

    return "".join(map(bar, values))


def lines(series: Series) -> list[tuple[Run, tuple[str, ...]]]:
    """Return each run with the figures after its time."""
    losses = numbers.column([run.mean for run in series.runs], digits=numbers.DIGITS)
    return [(run, _figures(run, loss)) for run, loss in zip(series.runs, losses, strict=True)]


def _figures(run: Run, loss: str) -> tuple[str, ...]:
    spread = "–"
    if run.ci95 is not None and run.standard_error is not None:
        spread = " to ".join(numbers.interval(*run.ci95, run.standard_error))
    gate = {True: "pass", False: "FAIL", None: "–"}[run.passed]
    tags = " ".join(f"{key}={value}" for key, value in run.tags.items())
    return loss, spread, numbers.count(run.scored), numbers.tabled_percent(run.accuracy), gate, tags


def time(run_time: str) -> str:
    """Return a time as it is shown: without seconds."""
    return run_time[:16].replace("T", " ")


def changes(series: Series) -> list[Remark]:
    """Return a sentence for each place where the level changed."""
    found = []
    for change in series.changes:
        word = "rose" if change.after > change.before else "fell"
        before, after = numbers.column([change.before, change.after])
        text = (
            f"at {time(change.time)}, with run {change.run + 1} of {len(series.runs)}: the mean of the runs {word} "
            f"from {before} to {after} (p = {numbers.significant(change.p_value, 2)})"
        )
        found.append(Remark(text, "level changed", Tone.BAD if word == "rose" else Tone.GOOD))
    return found


def beside(series: Series) -> list[str]:
    """Return a sentence for each run that the last is held against; the last accepted one only where it is another."""
    told: list[str] = []
    places: set[int | None] = set()
    unit = series.runs[-1].unit
    for one in series.beside:
        if one.of == "median" or one.run in places:
            continue
        places.add(one.run)
        when = "" if one.run is None else f" ({time(series.runs[one.run].time)}, {numbers.significant(one.mean)})"
        told.append(f"the last run − {_OF[one.of]}{when}: {difference(one, unit)}")
    return told


def difference(one: Beside, unit: str) -> str:
    """Return a difference with its interval, and what that is worth."""
    shown = f"{numbers.signed(one.difference, 4)} {unit}"
    if one.same_rows:
        return f"{shown}, of the same rows: celoss compare says what of it is chance"
    if one.ci95 is None or one.standard_error is None:
        return shown
    low, high = numbers.interval(*one.ci95, one.standard_error)
    return f"{shown}, 95% interval {low} to {high} of independent rows"


def verdict(history: History) -> list[Remark]:
    """Return one sentence a check."""
    checks = () if history.verdict is None else history.verdict.checks
    return [
        Remark(
            f"{check.subject}: {numbers.significant(check.value)} "
            f"{'is within' if check.passed else 'is not within'} the limit of {numbers.exactly(check.limit)} "
            "(--max-regression)",
            "PASS" if check.passed else "FAIL",
            Tone.GOOD if check.passed else Tone.BAD,
        )
        for check in checks
    ]


def title(history: History) -> str:
    """Return the result in a few words."""
    word = "" if history.verdict is None else ": PASS" if history.verdict.passed else ": FAIL"
    changed = sum(1 for series in history.series if series.changes)
    runs = sum(len(series.runs) for series in history.series)
    told = f"{numbers.count(runs)} runs of {_named(history.series)}"
    return f"{told}, the level changed in {changed}{word}" if changed else f"{told}{word}"


def _named(series: Sequence[Series]) -> str:
    return series[0].name if len(series) == 1 else f"{numbers.count(len(series))} names"
