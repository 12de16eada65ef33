"""What a history says in words and figures, for the table, the page and the machines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from celoss_cli.render import numbers
from celoss_cli.render.forms.outline import Grid, Line, Name
from celoss_cli.render.forms.remark import Remark, Tone
from celoss_cli.results.evaluation import Check
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
    low, high = (end(finite, default=0.0) / 2.0 for end in (min, max))  # halves: the span of any two is a number
    span = high - low

    def bar(value: float) -> str:
        if not math.isfinite(value):
            return " "
        return bars[0] if not span > 0.0 else bars[min(len(bars) - 1, int(len(bars) * ((value / 2.0 - low) / span)))]

    return "".join(map(bar, values))


def lines(series: Series) -> list[tuple[Run, tuple[str, ...]]]:
    """Return each run with the figures after its time."""
    losses = numbers.column([run.mean for run in series.runs], digits=numbers.DIGITS)
    return [(run, _figures(run, loss)) for run, loss in zip(series.runs, losses, strict=True)]


def table(series: Series, most: int | None = None) -> Grid:
    """Return the runs, or the last ``most`` of them, as a table of a page."""
    shown = lines(series)[-(most or len(series.runs)) :]
    tagged = any(run.tags for run, _ in shown)
    rows: list[tuple[Line, ...]] = []
    for run, (*figures, tags) in shown:
        noted: list[Line] = [((Name(tags) if tags else "–"),)] if tagged else []
        rows.append(((Name(time(run.time)),), *((figure,) for figure in figures), *noted))
    return Grid(("time, UTC", *(TITLES if tagged else TITLES[:-1])), tuple(rows), figures_from=1)


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
        when = "" if one.run is None else f" at {time(series.runs[one.run].time)}"
        told.append(
            f"the last run is {_apart(one, unit)} {_OF[one.of]}, {numbers.significant(one.mean)}{when}{_surely(one)}"
        )
    return told


def _apart(one: Beside, unit: str) -> str:
    if one.difference == 0:
        return "level with"
    where = "above" if one.difference > 0 else "below"
    return f"{numbers.significant(abs(one.difference), 4)} {unit} {where}"


def _surely(one: Beside) -> str:
    """Return what of a difference may be chance."""
    if one.same_rows:
        return " (the same rows: celoss compare says what of it is chance)"
    if one.ci95 is None or one.standard_error is None:
        return ""
    return f" (95% interval {numbers.signed_interval(*one.ci95, one.standard_error)}, as between independent rows)"


def verdict(history: History) -> list[Remark]:
    """Return one sentence a check."""
    if history.verdict is None:
        return []
    by_name = {series.name: series for series in history.series}
    return [
        Remark(
            f"{check.subject}: {_judged(by_name[check.subject or ''], check, history.against)} (--max-regression)",
            "PASS" if check.passed else "FAIL",
            Tone.GOOD if check.passed else Tone.BAD,
        )
        for check in history.verdict.checks
    ]


def _judged(series: Series, check: Check, against: str | None) -> str:
    unit = series.runs[-1].unit
    reference = next(one for one in series.beside if one.of == against)
    of = f"{_OF[reference.of]}, {numbers.significant(reference.mean)}"
    if not math.isfinite(check.value):
        return f"there is no interval to hold the last run against {of}"
    value = numbers.signed(check.value, numbers.digits_beside(check.value, check.limit))
    whole = check.value == reference.difference
    change = f"changed by {value}" if whole else f"may have changed by {value}, the upper end of the 95% interval,"
    return f"the mean {change} from {of}; {numbers.significant(check.limit)} {unit} more is allowed"


def title(history: History) -> str:
    """Return the result in a few words."""
    word = "" if history.verdict is None else ": PASS" if history.verdict.passed else ": FAIL"
    changed = sum(1 for series in history.series if series.changes)
    runs = sum(len(series.runs) for series in history.series)
    if len(history.series) == 1:
        last = history.series[0].runs[-1]
        told = f"Cross-entropy {numbers.significant(last.mean)} {last.unit} after {_runs(runs)} of {last.name}"
        return f"{told}{', the level changed' if changed else ''}{word}"
    told = f"{_runs(runs)} of {numbers.count(len(history.series))} names"
    return f"{told}, the level changed in {changed}{word}" if changed else f"{told}{word}"


def _runs(number: int) -> str:
    return "1 run" if number == 1 else f"{numbers.count(number)} runs"


OVERVIEW = ("name", "runs", "last loss", "vs before", "vs best", "level")
"""The titles of a table of names."""


def overview(series: Sequence[Series]) -> list[tuple[str, ...]]:
    """Return a line a name: how many runs, the last, what it is beside others, and whether the level changed."""
    losses = numbers.column([one.runs[-1].mean for one in series], digits=numbers.DIGITS)
    return [
        (
            one.name,
            numbers.count(len(one.runs)),
            loss,
            *(_beside_in_short(one, of) for of in ("before", "best")),
            _level(one),
        )
        for one, loss in zip(series, losses, strict=True)
    ]


def _beside_in_short(series: Series, of: str) -> str:
    found = next((one for one in series.beside if one.of == of), None)
    return "–" if found is None else numbers.signed(found.difference, 3)


def _level(series: Series) -> str:
    if not series.changes:
        return "–"
    last = series.changes[-1]
    return f"{'rose' if last.after > last.before else 'fell'} with run {last.run + 1}"


def by_urgency(history: History) -> list[Series]:
    """Return the names that want to be looked at first: where the gate failed, and where the level rose last."""

    def calm(series: Series) -> tuple[bool, bool]:
        passed = series.verdict is None or series.verdict.passed
        rose = bool(series.changes) and series.changes[-1].after > series.changes[-1].before
        return passed, not rose

    return sorted(history.series, key=calm)
