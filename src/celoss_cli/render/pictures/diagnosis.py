"""The pictures of a diagnosis: calibration, what would fix it, and where the loss is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from celoss_cli.render import numbers
from celoss_cli.render.forms.outline import Grid, Name
from celoss_cli.render.pictures.calibration import named, panels
from celoss_cli.render.pictures.picture import (
    MOST_NAMES,
    ROW,
    SIDES_95,
    Axis,
    Band,
    Bars,
    Cells,
    Curve,
    Dots,
    Ink,
    Key,
    Lengths,
    Names,
    Panel,
    Picture,
    Rule,
)
from celoss_cli.render.pictures.scale import spanning, thinned
from celoss_cli.results.diagnosis import Confusion, Diagnosis

_MOST_PAIRS = 15

_MOST_STEPS = 300  # of a curve: more than can be told apart

_MOST_LINES = 100  # of them in the table

_FEW_POINTS = 9  # so few are shown as dots, too


def pictures_of(diagnosis: Diagnosis) -> Iterator[Picture]:
    """Yield the pictures that the parts of ``diagnosis`` allow, the one that matters most first."""
    makers: tuple[Callable[[Diagnosis], Picture | None], ...] = (
        reliability,
        fixes,
        temperature,
        losses,
        classes,
        confusions,
    )
    for made in (make(diagnosis) for make in makers):
        if made is not None:
            yield made


def reliability(diagnosis: Diagnosis) -> Picture | None:
    """Return how often the event happens against how probable it was said to be, above the number of such rows."""
    corp, ece = diagnosis.corp, diagnosis.ece
    if corp is None or not corp.curve or ece is None:
        return None
    binary = corp.of == "positive" and ece.positive is not None
    error = ece.positive if binary and ece.positive is not None else ece.top_label
    what, happens = named(positive=binary)
    steps = thinned(corp.curve, _MOST_STEPS)
    points = [step.p for step in steps]
    band = Band(points, [step.low for step in steps], [step.high for step in steps])
    curve = Curve(points, [step.frequency for step in steps], dots=len(points) <= MOST_NAMES)
    both = panels(what, happens, (band,), curve, error.bins, [found.rows for found in error.bins])
    finding = (
        f"The expected calibration error of {what} is {numbers.significant(error.value, 3)}; a calibrated model would "
        f"show {numbers.significant(error.null, 3)} ± {numbers.significant(error.null_sd, 2)} on these rows. "
        f"{numbers.significant(error.over, 3)} of it is predicted too high, "
        f"{numbers.significant(error.under, 3)} too low."
    )
    rows = [
        (
            (numbers.probability(step.p),),
            (numbers.probability(step.frequency),),
            (f"{numbers.probability(step.low)} to {numbers.probability(step.high)}",),
            (numbers.count(step.rows),),
        )
        for step in thinned(corp.curve, _MOST_LINES)
    ]
    keys = (
        Key(Ink.MAIN, "what happens"),
        Key(Ink.QUIET, "where 90% of calibrated models with these scores would lie"),
    )
    table = Grid((what, happens, "90% of calibrated models", "rows"), tuple(rows), figures_from=0)
    return Picture("reliability", f"Does it happen as often as {what} says?", finding, both, keys, table)


def fixes(diagnosis: Diagnosis) -> Picture | None:
    """Return what each fix would save on new rows."""
    held = [fix for fix in diagnosis.fixes if fix.gain is not None and fix.gain_in_sample is not None]
    if not held:
        return None
    names = tuple(_fix(fix.name, fix.after) for fix in held)
    ends = [fix.gain_ci95 or (None, None) for fix in held]
    low, high = [end[0] for end in ends], [end[1] for end in ends]
    gains, seen = [fix.gain for fix in held], [fix.gain_in_sample for fix in held]
    worth = diagnosis.worth
    shown = [value for value in (*low, *high, *gains, *seen, worth) if value is not None]
    panel = Panel(
        spanning(shown, "saved on new rows like these, nats a row", zero=True),
        Names("", names),
        (Rule(0.0), Rule(worth, "worth a fix"), Dots(seen, ink=Ink.OTHER, hollow=True), Dots(gains, low, high)),
        ROW * len(held) + 12,
    )
    rows = tuple(
        ((name,), (numbers.signed(fix.gain or 0.0, 4),), (_interval(fix.gain_ci95),), (fix.verdict.replace("_", " "),))
        for name, fix in zip(names, held, strict=True)
    )
    table = Grid(("fix", "saves", "95%", "verdict"), rows)
    keys = (
        Key(Ink.MAIN, "saved on new rows, with the 95% interval"),
        Key(Ink.OTHER, "saved on the rows it was fitted on", hollow=True),
    )
    return Picture("fixes", "What would fix it", diagnosis.headline.text, (panel,), keys, table)


def temperature(diagnosis: Diagnosis) -> Picture | None:
    """Return the loss of these rows at other temperatures."""
    found = diagnosis.temperature
    if found is None or len(found.curve) < 2:
        return None
    points = sorted(found.curve, key=lambda point: point.t)
    ts, values = [point.t for point in points], [point.loss for point in points]
    y = spanning(values, "mean loss, nats")
    x = Axis("temperature (above 1: less extreme)", ts[0], ts[-1], log=True)
    between = found.t_ci95
    band = () if between is None else (Band(between, (y.low, y.low), (y.high, y.high)),)
    curve = Curve(ts, values, dots=len(ts) <= _FEW_POINTS)
    layers = (*band, Rule(1.0, "as it is"), Rule(found.t, "", Ink.OTHER), curve)
    finding = f"The loss is smallest at temperature {numbers.significant(found.t, 3)}, 95% {_interval(between)}."
    rows = tuple(((numbers.significant(p.t, 4),), (numbers.significant(p.loss),)) for p in points)
    keys = (Key(Ink.OTHER, f"best: {numbers.significant(found.t, 3)}"), Key(Ink.QUIET, "where it lies, 95%"))
    table = Grid(("temperature", "mean loss"), rows, figures_from=0)
    return Picture("temperature", "The loss at other temperatures", finding, (Panel(x, y, layers, 220),), keys, table)


def losses(diagnosis: Diagnosis) -> Picture | None:
    """Return how the rows and the loss are spread over sizes of loss."""
    found = diagnosis.distribution
    bars = [] if found is None else [bar for bar in found.bars if bar.loss_share is not None]
    if found is None or not bars:
        return None
    total = sum(bar.rows for bar in bars)
    least = min((bar.low for bar in bars if bar.low > 0), default=1e-3)
    lefts, rights = [bar.low or least / 2 for bar in bars], [bar.high for bar in bars]
    inner = [((a**3 * b) ** 0.25, (a * b**3) ** 0.25) for a, b in zip(lefts, rights, strict=True)]
    rows, shares = [bar.rows / total for bar in bars], [bar.loss_share or 0.0 for bar in bars]
    layers = (
        Bars(lefts, rights, rows, Ink.QUIET),
        Bars([a for a, _ in inner], [b for _, b in inner], shares, Ink.MAIN),
    )
    y = Axis("share", 0.0, max(*rows, *shares))
    x = Axis("loss of a row, nats", min(lefts), max(rights), log=True)
    half = "" if found.half_rows is None else f"{numbers.rows(found.half_rows)} of {numbers.count(total)} carry half. "
    rest = None if found.effective_rows is None else numbers.significant(found.effective_rows, 3)
    finding = f"{half}{'' if rest is None else f'The mean rests on about {rest} rows.'}".strip()
    cells = tuple(
        (
            (f"{numbers.significant(bar.low, 3)} to {numbers.significant(bar.high, 3)}",),
            (numbers.count(bar.rows),),
            (numbers.tabled_percent(bar.loss_share),),
        )
        for bar in bars
    )
    table = Grid(("loss", "rows", "share of loss"), cells, figures_from=1)
    keys = (Key(Ink.QUIET, "share of the rows"), Key(Ink.MAIN, "share of the loss"))
    return Picture("losses", "Which rows carry the loss", finding, (Panel(x, y, layers, 200),), keys, table)


def classes(diagnosis: Diagnosis) -> Picture | None:
    """Return how often each class is predicted and happens, for the classes that differ most."""
    held = [found for found in diagnosis.classes if found.z is not None]
    shown = sorted(held, key=lambda found: -abs(found.z or 0.0))[:MOST_NAMES]
    if not shown:
        return None
    sides = [SIDES_95 * (f.mean_p - f.frequency) / f.z if f.z else 0.0 for f in shown]
    means = [found.mean_p for found in shown]
    low, high = ([m - s for m, s in zip(means, sides, strict=True)], [m + s for m, s in zip(means, sides, strict=True)])
    frequencies = [found.frequency for found in shown]
    panel = Panel(
        spanning([*means, *frequencies, *low, *high], "share of the rows"),
        Names("", tuple(found.name for found in shown)),
        (Dots(means, low, high), Dots(frequencies, (None,) * len(shown), (None,) * len(shown), Ink.OTHER, hollow=True)),
        ROW * len(shown) + 12,
    )
    first = shown[0]
    finding = (
        f"{first.name} is predicted for {numbers.percent(first.mean_p)} of the rows and happens in "
        f"{numbers.percent(first.frequency)} (z {numbers.signed(first.z or 0.0, 2)}): no class differs by more."
    )
    rows = tuple(
        (
            (Name(found.name),),
            (numbers.count(found.rows),),
            (numbers.percent(found.mean_p),),
            (numbers.percent(found.frequency),),
            (numbers.signed(found.z or 0.0, 3),),
        )
        for found in shown
    )
    table = Grid(("class", "rows", "predicted", "happens", "z"), rows, figures_from=1)
    keys = (
        Key(Ink.MAIN, "predicted on average, ± 1.96 standard deviations"),
        Key(Ink.OTHER, "happens", hollow=True),
    )
    return Picture("classes", "Is each class predicted as often as it happens?", finding, (panel,), keys, table)


def confusions(diagnosis: Diagnosis) -> Picture | None:
    """Return what each pair of classes costs: as a map of all pairs, or as bars for the costliest."""
    held = [pair for pair in diagnosis.confusions if pair.loss_share is not None and pair.loss_share > 0]
    if not held:
        return None
    costly = sorted(held, key=lambda pair: -(pair.loss_share or 0.0))
    met = {name for pair in diagnosis.confusions for name in (pair.truth, pair.predicted)}
    names = [name for name in diagnosis.spec.classes if name in met]
    mapped = 2 <= len(names) <= MOST_NAMES and all(pair.predicted is not None for pair in held)
    panel = _pair_map(held, names) if mapped else _pair_bars(costly[:_MOST_PAIRS])
    top = costly[0]
    finding = f"{_pair(top)} carries {numbers.percent(top.loss_share or 0.0)} of the loss: no pair costs more."
    rows = tuple(
        (
            (Name(pair.truth),),
            (Name(pair.predicted) if pair.predicted is not None else "any",),
            (numbers.count(pair.rows),),
            (numbers.tabled_percent(pair.loss_share),),
        )
        for pair in costly[: 10 * MOST_NAMES]
    )
    table = Grid(("truth", "predicted", "rows", "share of loss"), rows, figures_from=2)
    return Picture("confusions", "Which confusions cost most", finding, (panel,), (), table)


def _pair_map(pairs: Sequence[Confusion], names: list[str]) -> Panel:
    shares = {(pair.truth, pair.predicted): pair.loss_share for pair in pairs}
    values = tuple(tuple(shares.get((truth, predicted)) for predicted in names) for truth in names)
    shown = tuple(tuple("" if v is None else f"{100 * v:.0f}%" for v in row) for row in values)
    ordered = tuple(names)
    return Panel(Names("predicted", ordered), Names("truth", ordered), (Cells(values, shown),), ROW * len(names))


def _pair_bars(pairs: Sequence[Confusion]) -> Panel:
    shares = [100.0 * (pair.loss_share or 0.0) for pair in pairs]
    x = Axis("share of the loss, %", 0.0, max(shares))
    return Panel(x, Names("", tuple(_pair(pair) for pair in pairs)), (Lengths(shares),), ROW * len(pairs))


def _pair(pair: Confusion) -> str:
    return pair.truth if pair.predicted is None else f"{pair.truth} → {pair.predicted}"


def _fix(name: str, after: str | None) -> str:
    shown = name.replace("temperature_biases", "temperature + biases").replace("_", " ")
    return shown if after is None else f"{after}, then {shown}"


def _interval(ends: tuple[float, float] | None) -> str:
    if ends is None:
        return "–"
    low, high = (numbers.signed(end, 3).removeprefix("+") for end in ends)
    return f"{low} to {high}"
