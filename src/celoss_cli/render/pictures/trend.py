"""The picture of a history: the mean loss of each run with its interval, and the levels between changes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from celoss_cli.render import numbers
from celoss_cli.render.history import reading
from celoss_cli.render.pictures.picture import Axis, Band, Curve, Ink, Key, Layer, Panel, Picture, Rule
from celoss_cli.render.pictures.scale import spanning
from celoss_cli.results.history import Series


def trend_of(series: Series) -> Iterator[Picture]:
    """Yield the trend of a series of two finite runs or more."""
    held = [(place + 1, run) for place, run in enumerate(series.runs) if math.isfinite(run.mean)]
    if len(held) < 2:
        return
    x, means = [float(place) for place, _ in held], [run.mean for _, run in held]
    low = [run.mean if run.ci95 is None else run.ci95[0] for _, run in held]
    high = [run.mean if run.ci95 is None else run.ci95[1] for _, run in held]
    layers: list[Layer] = [Band(x, low, high), Curve(x, means, dots=True)]
    ends = [1, *(change.run + 1 for change in series.changes), len(series.runs) + 1]
    for start, stop in itertools.pairwise(ends) if series.changes else ():
        level = [mean for place, mean in zip(x, means, strict=True) if start <= place < stop]
        if level:
            middle = math.fsum(level) / len(level)
            layers.append(Curve([start - 0.5, stop - 0.5], [middle, middle], Ink.OTHER))
    layers += [Rule(change.run + 0.5, f"run {change.run + 1}") for change in series.changes]
    unit = series.runs[-1].unit
    panel = Panel(
        Axis("run", 0.5, len(series.runs) + 0.5), spanning([*low, *high], f"mean loss, {unit}"), tuple(layers), 200
    )
    keys = [Key(Ink.MAIN, "mean of a run"), Key(Ink.QUIET, "its 95% interval")]
    finding = f"The last of {len(series.runs)} runs has a mean loss of {numbers.significant(means[-1])} {unit}."
    if series.changes:
        keys.append(Key(Ink.OTHER, "mean of the runs between changes of the level"))
        finding += (
            f" The level changed {len(series.changes)} times."
            if len(series.changes) > 1
            else " The level changed once."
        )
    if len(held) < len(series.runs):
        finding += f" {len(series.runs) - len(held)} with an infinite mean are not drawn."
    yield Picture("trend", "The mean loss from run to run", finding, (panel,), tuple(keys), reading.table(series))
