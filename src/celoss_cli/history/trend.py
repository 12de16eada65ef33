"""What a history says: for each name its runs, where the level changed, and the last run beside those before it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from celoss_cli._version import __version__
from celoss_cli.errors import AmbiguousData, MisalignedData, UsageError, Where
from celoss_cli.gate.baseline import Baseline, differences_of
from celoss_cli.request import Margin
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import Check
from celoss_cli.results.history import Beside, Change, History, Run, Series, verdict_of
from celoss_cli.spelling import listed
from celoss_cli.statistics.independent import difference_of_means
from celoss_cli.statistics.level_change import level_changes

REFERENCES = ("last", "best", "median")


class Asked(NamedTuple):
    """What is asked of a history."""

    names: tuple[str, ...] = ()
    """Which names; all without."""

    tags: tuple[tuple[str, str], ...] = ()
    """What runs have to be tagged with."""

    max_regression: Margin | None = None
    """How much the last run may be above the reference."""

    against: str = "last"
    """The reference: the last accepted run before it, the best of them, or the median of the last ``last``."""

    last: int | None = None
    """How many runs the median is of; 5 without."""


def history_of(path: str, runs: Sequence[Run], asked: Asked) -> History:
    """Return what the runs of a history say.

    Raises
    ------
    UsageError
        Options make no sense.
    AmbiguousData
        No run is left.
    MisalignedData
        A last run is to be judged, and there are runs before it, of which none can be held against it.
    """
    _check(asked)
    chosen = [run for run in runs if all(run.tags.get(key) == value for key, value in asked.tags)]
    _check_chosen(path, runs, chosen, asked)
    named: dict[str, list[Run]] = {}
    for run in chosen:
        named.setdefault(run.name, []).append(run)
    named = {name: found for name, found in named.items() if name in (asked.names or named)}
    series = [_series(found, asked) for found in named.values()]
    if asked.max_regression is not None:
        _check_judged(path, series, named, asked.against)
    checks = tuple(
        check._replace(subject=one.name, asked=one.name)
        for one in series
        if one.verdict is not None
        for check in one.verdict.checks
    )
    return History(
        __version__,
        path,
        tuple(series),
        tuple(_warnings(series, asked.against, judged=asked.max_regression is not None)),
        verdict_of(checks),
        None if asked.max_regression is None else asked.against,
    )


def _check_chosen(path: str, runs: Sequence[Run], chosen: Sequence[Run], asked: Asked) -> None:
    """Raise AmbiguousData for tags that no run has, and for a name that no run with these tags has."""
    if not chosen:
        had = {f"{key}={value}" for run in runs for key, value in run.tags.items()}
        tags = " and ".join(f"{key}={value}" for key, value in asked.tags)
        raise AmbiguousData(
            f"no run is tagged {tags}",
            code="no_runs",
            where=Where(path),
            hint=f"--tag takes some of {listed(had)}" if had else "no run here has a tag: leave --tag out",
        )
    names = list(dict.fromkeys(run.name for run in chosen))
    missing = next((name for name in asked.names if name not in names), None)
    if missing is not None:
        raise AmbiguousData(
            f"no run is called {missing!r}",
            code="no_runs",
            where=Where(path),
            hint=f"--name takes some of {listed(names)}",
        )


def _check_judged(path: str, series: Iterable[Series], named: Mapping[str, Sequence[Run]], against: str) -> None:
    """Raise MisalignedData for a gate that cannot judge; the first run of a name passes, held against nothing."""
    told = [
        f"{one.name}: {_nothing_beside(one, named[one.name])}"
        for one in series
        if len(named[one.name]) > 1 and not any(beside.of == against for beside in one.beside)
    ]
    if told:
        raise MisalignedData(
            f"--max-regression has nothing to hold the last run against: {'; '.join(told)}",
            code="no_reference",
            where=Where(path),
            hint="choose runs that can be compared by --tag KEY=VALUE or --name NAME; a run that means something else "
            "gets a name of its own by celoss eval --tag name=NAME, or the options of the runs before it",
        )


def _nothing_beside(series: Series, runs: Sequence[Run]) -> str:
    """Return why none of the earlier runs can be held against the last one."""
    if len(series.runs) > 1:
        return "of the earlier runs that mean the same, none passed its gate with a finite mean"
    before, last = runs[-2:]
    differences = differences_of(_meant(last), _meant(before))
    return f"the run before means something else ({'; '.join(differences)})"


def _meant(run: Run) -> Baseline:
    """Return what a run means as a baseline does; how many rows it has is no part of that."""
    return Baseline(run.predictions, run.mean, run.task, run.classes, 0, 0, run.convention, {}, run.unit)


def _check(asked: Asked) -> None:
    margin = asked.max_regression
    if margin is not None and not (math.isfinite(margin.amount) and margin.amount >= 0.0):
        raise UsageError(
            f"--max-regression {margin.amount:g} is no regression to allow",
            code="limit_range",
            hint="a difference of mean losses from 0 up, such as 0.01, or a share, such as 2%",
        )
    if asked.last is not None and (asked.against != "median" or asked.last < 1):
        raise UsageError(
            f"--last {asked.last} says how many runs the median is of",
            code="last_without_median",
            hint="--against median --last 5",
        )


def _series(runs: Sequence[Run], asked: Asked) -> Series:
    last = runs[-1]
    same = [run for run in runs if _meaning(run) == _meaning(last)]
    finite = [place for place, run in enumerate(same) if math.isfinite(run.mean)]
    changes = [
        Change(finite[one.place], same[finite[one.place]].time, one.before, one.after, one.p_value)
        for one in level_changes([same[place].mean for place in finite])
    ]
    beside = tuple(_all_beside(same, asked))
    return Series(
        last.name,
        tuple(same),
        len(runs) - len(same),
        tuple(changes),
        beside,
        verdict_of(tuple(_judged(beside, asked))),
    )


def _meaning(run: Run) -> tuple[object, ...]:
    """Return what two runs must agree in to be compared; the order of the classes means nothing."""
    return run.task, run.unit, sorted(run.classes), run.convention


def _all_beside(runs: Sequence[Run], asked: Asked) -> Iterable[Beside]:
    """Yield the last run beside the one before, the best before, and the reference of the gate."""
    *earlier, last = runs
    if not earlier:
        return
    accepted = [place for place, run in enumerate(earlier) if run.accepted and math.isfinite(run.mean)]
    yield _beside("before", runs, len(earlier) - 1)
    if accepted:
        yield _beside("best", runs, min(accepted, key=lambda place: earlier[place].mean))
        yield _beside("last", runs, accepted[-1])
        some = [earlier[place].mean for place in accepted[-(asked.last or 5) :]]
        middle = statistics.median(some)
        yield Beside("median", None, middle, last.mean - middle, None, None, None, False)


def _units(run: Run) -> int:
    """Return how many rows the standard error of a run follows from."""
    counted = run.convention.get("denominator") == "count"
    return run.scored - run.infinite - (0 if counted else run.weightless)


def _beside(of: str, runs: Sequence[Run], place: int) -> Beside:
    other, last = runs[place], runs[-1]
    errors = (other.standard_error, last.standard_error)
    found = None
    if errors[0] is not None and errors[1] is not None:
        found = difference_of_means(
            (other.mean, last.mean),
            (errors[0], errors[1]),
            (_units(other), _units(last)),
        )
    same_rows = other.digest is not None and other.digest == last.digest
    difference = last.mean - other.mean
    if found is None:
        return Beside(of, place, other.mean, difference, None, None, None, same_rows)
    return Beside(of, place, other.mean, difference, found.standard_error, found.df, found.interval, same_rows)


def _judged(beside: Sequence[Beside], asked: Asked) -> Iterable[Check]:
    """Yield the check of the regression; the first run of a series has nothing to be held against.

    Of the same rows, and beside a median, it is the difference; of other rows the upper end of its interval.
    """
    if asked.max_regression is None:
        return
    reference = next((one for one in beside if one.of == asked.against), None)
    if reference is not None:
        limit = asked.max_regression.of(reference.mean)
        other_rows = reference.run is not None and not reference.same_rows
        value = reference.difference
        if other_rows:
            value = math.nan if reference.ci95 is None else reference.ci95[1]
        yield Check("max_regression", limit, value, math.isfinite(value) and value <= limit)


def _warnings(series: Iterable[Series], against: str, *, judged: bool) -> Iterable[Notice]:
    for one in series:
        if one.left_out:
            what = "1 run means" if one.left_out == 1 else f"{one.left_out:,} runs mean"
            text = f"{one.name}: {what} something else (task, classes, unit or convention): left out"
            yield Notice("runs_left_out", text)
        back = next((later for run, later in zip(one.runs, one.runs[1:], strict=False) if later.time < run.time), None)
        if back is not None:
            text = (
                f"{one.name}: the clock went backwards before {back.time}; runs stand in the order they were appended"
            )
            yield Notice("clock_backwards", text)
        if judged and not any(beside.of == against for beside in one.beside):
            text = f"{one.name}: this is its first run, with none before it to hold it against: nothing is judged yet"
            yield Notice("no_reference", text)
