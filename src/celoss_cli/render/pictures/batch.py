"""The picture of a batch: the mean loss of each evaluation with its interval, the largest where there are many."""

from __future__ import annotations

import math
from collections.abc import Iterator

from celoss_cli.render import numbers
from celoss_cli.render.forms.outline import Grid, Name
from celoss_cli.render.pictures.picture import MOST_NAMES, ROW, Dots, Ink, Key, Layer, Names, Panel, Picture, Rule
from celoss_cli.render.pictures.scale import spanning
from celoss_cli.render.text import apart
from celoss_cli.results.batch import Batch
from celoss_cli.results.evaluation import Evaluation


def of_batch(batch: Batch) -> Iterator[Picture]:
    """Yield the losses of two evaluations or more that are finite and in one unit."""
    scored = list(batch.scored)
    finite = [one for one in scored if math.isfinite(one[1].loss.mean)]
    units = {found.loss.unit for _, found in finite}
    if len(finite) < 2 or len(units) != 1:
        return
    (unit,) = units
    largest = sorted(finite, key=lambda one: -one[1].loss.mean)[:MOST_NAMES]
    held = [one for one in finite if one in largest]  # in the order of the table
    names = apart([name for name, _ in held])
    means = [found.loss.mean for _, found in held]
    ends = [found.loss.ci95 or (None, None) for _, found in held]
    low, high = [end[0] for end in ends], [end[1] for end in ends]
    span = [value for value in (*means, *low, *high) if value is not None]
    limits = {limit for _, found in held for limit in _limits(found)}
    rules = tuple(Rule(limit, "limit", Ink.OTHER) for limit in limits if len(limits) == 1 and limit <= 2 * max(span))
    span += [rule.x for rule in rules]  # one far off would leave no room for the losses
    layers: tuple[Layer, ...] = (*rules, Dots(means, low, high))
    panel = Panel(spanning(span, f"mean loss, {unit}"), Names("", tuple(names)), layers, ROW * len(held) + 12)
    shown = numbers.column(means, digits=numbers.DIGITS)
    worst = max(range(len(held)), key=lambda place: means[place])
    finding = f"{names[worst]} has the largest loss, {shown[worst]} {unit}."
    if len(held) < len(finite):
        finding += f" These are the {len(held)} largest of {numbers.count(len(finite))}."
    if len(finite) < len(scored):
        finding += f" Not drawn: {numbers.count(len(scored) - len(finite))} with an infinite loss."
    rows = tuple(((Name(name),), (mean,), _between(found)) for (name, found), mean in zip(held, shown, strict=True))
    table = Grid(("name", f"mean loss, {unit}", "95% interval"), rows, figures_from=1)
    keys = (Key(Ink.MAIN, "with the 95% interval"),)
    yield Picture("losses", "The mean loss of each", finding, (panel,), keys, table)


def _limits(found: Evaluation) -> Iterator[float]:
    for check in () if found.verdict is None else found.verdict.checks:
        if check.name == "max_loss":
            yield check.limit


def _between(found: Evaluation) -> tuple[str]:
    loss = found.loss
    if loss.ci95 is None or loss.standard_error is None:
        return ("–",)
    return (" to ".join(numbers.interval(*loss.ci95, loss.standard_error)),)
