"""Pictures of means and differences with their intervals: of a comparison, and of the parts of an evaluation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from celoss_cli.render import numbers
from celoss_cli.render.forms.outline import Grid, Name
from celoss_cli.render.pictures.calibration import named, panels
from celoss_cli.render.pictures.picture import (
    MOST_NAMES,
    ROW,
    SIDES_90,
    SIDES_95,
    Axis,
    Band,
    Curve,
    Dots,
    Ink,
    Key,
    Layer,
    Names,
    Panel,
    Picture,
    Rule,
)
from celoss_cli.render.pictures.scale import spanning
from celoss_cli.render.text import apart
from celoss_cli.results.comparison import Comparison
from celoss_cli.results.evaluation import MISSING_SHOWN, Evaluation
from celoss_cli.results.metrics import Metrics
from celoss_cli.results.unpaired import Unpaired


class _Part(NamedTuple):
    """Some rows: what they are called, how many, and a number of theirs with its standard error."""

    name: str
    rows: int
    value: float
    error: float | None

    @property
    def sides(self) -> float:
        """Half the width of the 95% interval."""
        return SIDES_95 * (self.error or 0.0)


def of_comparison(comparison: Comparison) -> Iterator[Picture]:
    """Yield the leaderboard of several candidates, then the differences of all rows, those by class and by slice."""
    yield from _leaderboard(comparison)
    unit = comparison.difference.unit
    title = f"candidate − baseline, {unit}"
    mean = comparison.difference.mean
    groups = [("By class", "by-class", comparison.per_class, [row.class_ for row in comparison.per_class])]
    for i, column in enumerate(dict.fromkeys(row.column for row in comparison.slices)):
        held = [row for row in comparison.slices if row.column == column]
        names = [MISSING_SHOWN if row.value is None else row.value for row in held]
        groups.append((f"By {column}", f"by-slice-{i + 1}", tuple(held), names))  # type: ignore[arg-type]
    yield from _sorted(comparison)
    for shown, name, rows, names in groups:
        parts = [
            _Part(called, row.count, row.difference, row.standard_error)
            for called, row in zip(names, rows, strict=True)
            if row.count and row.difference is not None and math.isfinite(row.difference)
        ]
        hidden = sum(1 for row in rows if row.count) - len(parts)
        kept = sorted(parts, key=lambda part: -abs(part.value))[:MOST_NAMES]
        if len(kept) > 1:
            kept = [part for part in parts if part in kept]  # in the order of the table
            finding = _on_worst(max(kept, key=lambda part: part.value), unit) + _not_drawn(hidden)
            yield _dotted(name, f"{shown}: better is left of 0", finding, title, kept, (Rule(0.0), *_mean_rule(mean)))


def _on_worst(part: _Part, unit: str) -> str:
    if part.value == 0:
        return f"{part.name} stays the same, and no other is worse."
    how = "worsens most" if part.value > 0 else "improves least"
    return f"{part.name} {how}, by {numbers.significant(abs(part.value), 3)} {unit}."


_MOST_BEYOND = 1  # percent of the rows at each end: the few that changed most would leave no room for the others

_LISTED = (0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100)


def _sorted(comparison: Comparison) -> Iterator[Picture]:
    """Yield the differences of all rows, sorted: how many changed, and by how much."""
    found = comparison.change.percentiles
    held = [(value, place / 100) for place, value in enumerate(found) if math.isfinite(value)]
    inner = [one for one in held if _MOST_BEYOND <= 100 * one[1] <= 100 - _MOST_BEYOND]
    if len(inner) < 2 or inner[0][0] == inner[-1][0]:
        return
    unit, counts = comparison.difference.unit, comparison.rows
    rows = counts.won + counts.lost + counts.tied
    x = spanning([value for value, _ in inner], f"candidate − baseline of a row, {unit}", zero=True)
    curve = Curve([value for value, _ in inner], [share for _, share in inner])
    rule = _mean_rule(comparison.difference.mean)
    layers: tuple[Layer, ...] = (Rule(0.0), *rule, curve)
    middle = [abs(value) for value, _ in held]
    half = sorted(middle)[len(middle) // 2]
    tied = f", {numbers.percent(counts.tied / rows)} have not changed" if counts.tied else ""
    finding = (
        f"{numbers.percent(counts.won / rows)} of the rows have a smaller loss under the candidate and "
        f"{numbers.percent(counts.lost / rows)} a larger one{tied}. Half of them change by less than "
        f"{numbers.significant(half, 2)} {unit}."
    )
    lines = tuple(((f"{place}%",), (numbers.signed(found[place], 3),)) for place in _LISTED)
    table = Grid(("rows below", f"candidate − baseline, {unit}"), lines, figures_from=0)
    keys = (
        Key(Ink.MAIN, "share of the rows below, without the 1% at each end"),
        *([Key(Ink.OTHER, "mean of all rows")] if rule else []),
    )
    panel = Panel(x, Axis("share of the rows", 0.0, 1.0), layers, 200)
    yield Picture("rows", "How many rows change, and by how much: better is left of 0", finding, (panel,), keys, table)


def of_evaluation(evaluation: Evaluation) -> Iterator[Picture]:
    """Yield how often things happen as they are predicted, and the mean loss of each slice beside that of all rows."""
    if evaluation.metrics is not None and evaluation.metrics.bins:
        yield _binned(evaluation.metrics)
    unit, mean = evaluation.loss.unit, evaluation.loss.mean
    for i, column in enumerate(dict.fromkeys(row.column for row in evaluation.slices)):
        held = [row for row in evaluation.slices if row.column == column]
        parts = [
            _Part(MISSING_SHOWN if row.value is None else row.value, row.scored, row.mean_loss, row.standard_error)
            for row in held
            if row.mean_loss is not None and math.isfinite(row.mean_loss)
        ]
        kept = sorted(parts, key=lambda part: -part.value)[:MOST_NAMES]
        if len(kept) < 2:
            continue
        kept = [part for part in parts if part in kept]
        worst = max(kept, key=lambda part: part.value)
        finding = (
            f"{worst.name} has the largest loss, {numbers.significant(worst.value, 4)} {unit}; "
            f"all rows have {numbers.significant(mean, 4)}.{_not_drawn(sum(1 for row in held if row.infinite))}"
        )
        yield _dotted(f"by-slice-{i + 1}", f"By {column}", finding, f"mean loss, {unit}", kept, _mean_rule(mean), 0.0)


def _binned(metrics: Metrics) -> Picture:
    positive = metrics.ece_positive is not None
    what, happens = named(positive=positive)
    held = [one for one in metrics.bins if one.mean_p is not None and one.frequency is not None]
    means = [one.mean_p or 0.0 for one in held]
    sides = [SIDES_90 * one.spread for one in held if one.spread is not None]
    band: tuple[Band, ...] = ()
    if len(sides) == len(held):
        low = [max(0.0, mean - side) for mean, side in zip(means, sides, strict=True)]
        band = (Band(means, low, [min(1.0, mean + side) for mean, side in zip(means, sides, strict=True)]),)
    seen = Curve(means, [one.frequency or 0.0 for one in held], dots=True)
    both = panels(what, happens, band, seen, metrics.bins, [one.weight for one in metrics.bins])
    error, null = (metrics.ece_positive, metrics.ece_positive_null) if positive else (metrics.ece, metrics.ece_null)
    chance = "" if null is None else f"; a calibrated model would show {numbers.significant(null.mean, 3)} by chance"
    finding = f"The expected calibration error of {what} is {numbers.significant(error or 0.0, 3)}{chance}."
    rows = tuple(
        (
            (f"{numbers.probability(one.low)} to {numbers.probability(one.high)}",),
            (numbers.significant(one.weight, 6) if one.weight % 1 else numbers.count(int(one.weight)),),
            (numbers.probability(one.mean_p or 0.0),),
            (numbers.probability(one.frequency or 0.0),),
        )
        for one in held
    )
    keys = (Key(Ink.MAIN, "what happens"), *([Key(Ink.QUIET, "90% of what chance makes of it")] if band else []))
    table = Grid((what, "rows", "predicted", "happens"), rows, figures_from=1)
    return Picture("reliability", f"Does it happen as often as {what} says?", finding, both, keys, table)


def _leaderboard(comparison: Comparison) -> Iterator[Picture]:
    board = comparison.leaderboard
    if len(board) < 2:
        return
    best = board[0]
    held = [(row, row.to_best) for row in board]
    values = [0.0 if to_best is None else to_best.mean for _, to_best in held]
    ends = [to_best.interval if to_best is not None and to_best.interval is not None else None for _, to_best in held]
    low, high = [e and e[0] for e in ends], [e and e[1] for e in ends]
    span = [value for value in (*values, *low, *high) if value is not None]
    names = apart([row.path for row in board])
    panel = Panel(
        spanning(span, f"behind the best, {comparison.difference.unit}", zero=True),
        Names("", tuple(names)),
        (Rule(0.0), Dots(values, low, high)),
        ROW * len(board) + 12,
    )
    level = [row for row in board[1:] if row.indistinguishable]
    finding = f"{names[0]} has the smallest loss, {numbers.significant(best.mean)}; " + (
        f"{len(level)} more cannot be told from it." if level else "every other is behind it by more than chance."
    )
    rows = tuple(
        ((str(row.rank),), (Name(name),), (numbers.significant(row.mean),), (numbers.signed(value, 4),))
        for row, name, value in zip(board, names, values, strict=True)
    )
    table = Grid(("rank", "model", "mean loss", "behind the best"), rows)
    yield Picture("leaderboard", "How far each is behind the best", finding, (panel,), (), table)


def of_unpaired(found: Unpaired) -> Iterator[Picture]:
    """Yield both means with their intervals."""
    unit = found.difference.unit
    sides = (("baseline", found.baseline), ("candidate", found.candidate))
    parts = [_Part(role, side.rows, side.mean, side.standard_error) for role, side in sides]
    if all(math.isfinite(part.value) for part in parts):
        means = [numbers.significant(part.value, 4) for part in parts]
        finding = f"The candidate has a mean loss of {means[1]} {unit}, the baseline one of {means[0]}."
        yield _dotted("means", "Both means", finding, f"mean loss, {unit}", parts, (), 0.0)


def _dotted(
    name: str,
    title: str,
    finding: str,
    axis: str,
    parts: Sequence[_Part],
    rules: tuple[Rule, ...],
    least: float = -math.inf,
) -> Picture:
    """Return a dot for each part with its interval, which is cut where nothing can be below ``least``."""
    values = [part.value for part in parts]
    low = [None if part.error is None else max(least, part.value - part.sides) for part in parts]
    high = [None if part.error is None else part.value + part.sides for part in parts]
    span = [value for value in (*values, *low, *high, *(rule.x for rule in rules)) if value is not None]
    names = Names("", tuple(part.name for part in parts))
    panel = Panel(spanning(span, axis), names, (*rules, Dots(values, low, high)), ROW * len(parts) + 12)
    shown = numbers.column(values)
    rows = tuple(
        ((Name(part.name),), (numbers.count(part.rows),), (value,), ("–" if not part.error else f"± {_se(part)}",))
        for part, value in zip(parts, shown, strict=True)
    )
    table = Grid(("", "rows", axis, "95%"), rows, figures_from=1)
    held = any(rule.ink is Ink.OTHER for rule in rules)
    keys = (Key(Ink.MAIN, "with the 95% interval"), *([Key(Ink.OTHER, "all rows")] if held else []))
    return Picture(name, title, finding, (panel,), keys, table)


def _se(part: _Part) -> str:
    return numbers.significant(part.sides, 3)


def _mean_rule(mean: float) -> tuple[Rule, ...]:
    return (Rule(mean, "", Ink.OTHER),) if math.isfinite(mean) else ()


def _not_drawn(parts: int) -> str:
    return f" Not drawn: {numbers.count(parts)} with an infinite loss." if parts else ""
