"""What the reader should know about the number: the warnings that go with a result, in words."""

from __future__ import annotations

import math
from fractions import Fraction

from celoss_cli.detection.judge import may_hold_sentinels
from celoss_cli.detection.reading import contradicting_name, named_percent
from celoss_cli.pipeline.matching import found_by
from celoss_cli.pipeline.respelt import alike, rows_of_classes, said_of_alike, texts_met
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import Average, InputKind, InvalidRows, TargetKind, UnknownClass
from celoss_cli.results.document import Notice
from celoss_cli.spelling import in_order, listed, option, rows_in_words
from celoss_cli.state.evidence import ROUNDED, Flaw
from celoss_cli.summary.weighted_mean import units_of

_UNDERCONFIDENT = 0.15


def notices_of(settled: Settled) -> tuple[Notice, ...]:
    """Return all warnings that apply, the gravest last, where they are seen."""
    if settled.plan.targets is TargetKind.TRUTH:
        from celoss_cli.pipeline.sequence_notices import sequence_notices

        return sequence_notices(settled)
    makers = (
        _double_softmax,
        _called_otherwise,
        _sentinels,
        _percentages,
        _by_position,
        _against_names,
        _respelt,
        _unmatched,
        _unknown_class,
        _left_out,
        _single_row,
        _empty_classes,
        _slices_weighted,
        _renormalised,
        _rounded,
        _clipped,
        _infinite,
    )
    return tuple(notice for make in makers if (notice := make(settled)) is not None)


def slices_weighted(settled: Settled) -> Notice | None:
    """Return what is to be known of slices under class weights that all rows together tell; ``None`` without such."""
    if settled.plan.targets is TargetKind.TRUTH or found_by(settled.request, settled.class_weight) is None:
        return None
    option = "--average macro" if settled.request.average is Average.MACRO else "--class-weight balanced"
    text = (
        f"slices have the class weights that {option} finds in all rows: together they make up the mean, and none is "
        "what its rows alone would give; --where, or celoss batch --by, scores a slice by itself"
    )
    return Notice("slices_weighted", text)


def _slices_weighted(settled: Settled) -> Notice | None:
    return slices_weighted(settled) if settled.plan.slices else None


def _holds_distributions(settled: Settled) -> bool:
    """Whether each row was read as the probabilities of one of several classes."""
    return settled.plan.input is InputKind.PROBS and settled.plan.targets is not TargetKind.MULTILABEL


def _percentages(settled: Settled) -> Notice | None:
    reading = settled.assumed.reading
    if not reading.percent:
        return None
    why = "the rows sum to 100"
    if settled.plan.single or reading.named:
        high = 100.0 * settled.partial.evidence.high
        named = named_percent(settled.layout)
        why = "the column is named so" if named else f"a column of probabilities goes up to {high:g}"
    return Notice("percentages", f"{why}: the scores were taken as percentages and divided by 100")


def _called_otherwise(settled: Settled) -> Notice | None:
    called = contradicting_name(settled.assumed.reading, settled.layout)
    if called is None:
        return None
    text = (
        f"the columns are called {called.noun}, but every row is a distribution: read as probabilities; "
        f"if the name is right, --input {called.value}, else --input probs"
    )
    return Notice("name_contradicts_scores", text)


def _sentinels(settled: Settled) -> Notice | None:
    """Say that ``--input logits`` makes scores of what seems to mark missing ones: without it they are refused."""
    seen = settled.partial.evidence
    if settled.request.input is not InputKind.LOGITS or not may_hold_sentinels(seen):
        return None
    from celoss_cli.detection.sentinels import said_of, sentinel_in

    found = sentinel_in(seen, single=settled.plan.single)
    return None if found is None else Notice("sentinel_scores", f"{said_of(found)}; read as a logit by --input logits")


def _by_position(settled: Settled) -> Notice | None:
    match = settled.assumed.match
    if not match.guess:
        return None
    return Notice("classes_by_position", f"{match.evidence}: if that is wrong, name them in order with --classes")


def _against_names(settled: Settled) -> Notice | None:
    """Say that ``--classes`` has the names of the columns in another order than these, unless the rows bear it out."""
    called, classes = settled.assumed.match.called, settled.assumed.match.scored.names
    place = next((i for i, name in enumerate(called) if name != classes[i]), None)
    if place is None:
        return None
    from celoss_cli.pipeline.alarming import order_is_borne_out

    if order_is_borne_out(settled, [called.index(name) for name in classes]):
        return None
    text = (
        f"--classes takes the scores called {called[place]!r} for class {classes[place]!r}: it lists the "
        f"classes that the columns are named after, but not in the order of the columns, {in_order(called)}. If the "
        "names are right, leave --classes out"
    )
    return Notice("classes_against_names", text)


def _respelt(settled: Settled) -> Notice | None:
    """Say which labels were counted as one class though their letters differ, and what to do if they are two."""
    seen, classes = settled.partial.evidence, settled.assumed.match.scored
    if not seen.respelt:
        return None
    rows = rows_of_classes(settled.totals, seen, settled.request.unknown_class)
    found = alike(texts_met(classes, rows, seen))
    if not found:
        return None
    text = (
        f"{said_of_alike(classes, found)}. If they are two, one has no score: "
        f"{option('--ignore-index', found[0][1])} leaves its rows out, counted"
    )
    return Notice("labels_alike", text)


def _left_out(settled: Settled) -> Notice | None:
    request, ignored = settled.request, settled.totals.ignored
    if not ignored:
        return None
    reasons = [f"{column}={value}" for column, value in request.where]
    if request.ignore_index is not None:
        reasons.append(f"--ignore-index {request.ignore_index}")
    if settled.unknown_rows and request.unknown_class is UnknownClass.DROP:
        reasons.append("--unknown-class drop")
    if settled.dropped is not None and settled.dropped.predictions:
        reasons.append("--unmatched drop")
    if request.invalid is InvalidRows.DROP:
        reasons.append("--invalid drop")
    return Notice(
        "rows_ignored", f"{rows_in_words(ignored)} of {settled.totals.rows:,} left out ({', '.join(reasons)})"
    )


def _unmatched(settled: Settled) -> Notice | None:
    dropped = settled.dropped
    if dropped is None or not any(dropped):
        return None
    sides = (("prediction", dropped.predictions, "label"), ("label", dropped.labels, "prediction"))
    parts = (f"{n:,} {what}{'' if n == 1 else 's'} without a {other}" for what, n, other in sides if n)
    return Notice("unmatched_dropped", f"--unmatched drop left out {' and '.join(parts)}")


def _unknown_class(settled: Settled) -> Notice | None:
    rows = settled.unknown_rows
    if not rows:
        return None
    names = settled.plan.classes.names
    unknown = tuple(settled.partial.evidence.labels) or names[len(names) - settled.plan.beyond :]
    what = "has a label that names" if rows == 1 else "have labels that name"
    text = f"{rows_in_words(rows)} {what} no class ({listed(unknown)})"
    infinite = settled.request.unknown_class is UnknownClass.INF
    end = "an infinite loss each (--unknown-class inf)" if infinite else "left out (--unknown-class drop)"
    return Notice("unknown_class", f"{text}: {end}")


def _single_row(settled: Settled) -> Notice | None:
    loss = settled.totals.loss
    if loss.scored > 1 and units_of(loss, settled.weights, settled.plan.convention.denominator) != 1:
        return None
    what = "one row was scored" if loss.scored == 1 else "one row alone has a weight"
    return Notice("single_row", f"{what}: there is no standard error and no interval")


def _empty_classes(settled: Settled) -> Notice | None:
    names, targets = settled.plan.classes.names, settled.plan.targets
    if targets is TargetKind.SOFT:
        return None  # a class of which no row is most of all can have its share in all of them
    empty = [name for name, rows in zip(names, settled.totals.loss.rows, strict=True) if not rows]
    if not empty:
        return None
    if targets is TargetKind.MULTILABEL:
        return Notice("labels_without_rows", f"no row has the label {listed(empty)}")
    if len(empty) == len(names) - 1:
        only = next(name for name in names if name not in empty)
        text = f"all rows are of class {only!r}: the prior's entropy is 0, and there is no skill against it"
        return Notice("single_class", text)
    return Notice("classes_without_rows", f"no row is of class {listed(empty)}")


def _renormalised(settled: Settled) -> Notice | None:
    seen, plan, sums = settled.partial.evidence, settled.plan, settled.sums
    convention, logits = plan.convention, plan.input is InputKind.LOGITS
    if not seen.deviating:
        if convention.renormalize and not seen.deviation > plan.undivided:
            why = "the softmax of logits" if logits else "every row"
            already = "anyway" if logits else "already"
            return Notice("renormalize_no_effect", f"--renormalize changed nothing: {why} sums to 1 {already}")
        return None
    normalizer = settled.totals.loss.normalizer
    added = sum((w * normalizer.fraction(c) for c, w in enumerate(settled.weights)), Fraction(0))
    other = sums.loss + (-added if convention.renormalizes else added)
    where = settled.most_deviating
    place = f"row {where.row}" if where.line is None else f"row {where.row} (line {where.line})"
    verb = "does" if seen.deviating == 1 else "do"
    text = f"{rows_in_words(seen.deviating)} {verb} not sum to 1, by up to {seen.deviation:.3g} at {place}"
    if settled.calibration is not None:
        return Notice("rows_not_normalised", f"{text}; the fix divides each row by its sum")
    if plan.any_sum and seen.high > 1.0 + plan.tolerance:
        return Notice("rows_not_normalised", f"{text}: counts, divided by the sum of their row")
    if sums.infinite:
        return Notice("rows_not_normalised", text)
    mean = float(other / sums.denominator) / convention.base.nats
    if convention.renormalizes:
        return Notice("rows_not_normalised", f"{text}; as it stands the mean would be {mean:.10g}")
    if seen.deviating == settled.totals.loss.scored or plan.tolerance < _FULL_DIGITS:
        return Notice("rows_not_normalised", f"{text}; renormalised the mean would be {mean:.10g} (--renormalize)")
    # What the others would add is not known: those that rounding explains are not added up.
    rest = f"with {'it' if seen.deviating == 1 else 'them'} divided by the sum the mean would be {mean:.10g}"
    return Notice("rows_not_normalised", f"{text}; {rest} (--renormalize divides every row)")


_FULL_DIGITS = 1e-10  # a tolerance below which all other rows sum to 1 as far as the digits shown tell


_PANDAS_DIGITS = 10  # that DataFrame.to_json writes

_FEW_DIGITS = range(3, _PANDAS_DIGITS + 1)  # one or two are shares of a few votes, and their zeros real


def _rounded(settled: Settled) -> Notice | None:
    seen = settled.partial.evidence
    rounded = seen.flaws.get(Flaw.ROUNDED)
    if rounded is None:
        return None
    logs = settled.plan.input is InputKind.LOGPROBS
    what, most = ("a log-probability", 0) if logs else ("a probability", 1)
    verb = "has" if rounded.count == 1 else "have"
    rows = rows_in_words(rounded.count)
    text = f"{rows} {verb} {what} above {most}, by at most {ROUNDED:g}: rounded so, it counts as {most}"
    return Notice("rounded_probabilities", text)


def _clipped(settled: Settled) -> Notice | None:
    """Say that values that are no probabilities were taken for 0 or 1, because ``--clip`` moves these anyway."""
    seen = settled.partial.evidence
    outside = seen.flaws.get(Flaw.OUTSIDE)
    if outside is None:
        return None
    verb = "has a value" if outside.count == 1 else "have values"
    text = (
        f"{rows_in_words(outside.count)} {verb} outside [0, 1] ({seen.low:g} to {seen.high:g} in all): limited by "
        f"--clip {settled.plan.convention.clip:g} as 0 and 1 are"
    )
    return Notice("outside_clipped", text)


def _infinite(settled: Settled) -> Notice | None:
    sums, nats = settled.sums, settled.plan.convention.base.nats
    if not sums.infinite:
        return None
    text = f"{rows_in_words(sums.infinite)} gave the truth probability 0: their loss is infinite, and so is the mean"
    text += _rounded_to_zero(settled)
    rest = sums.weight - sums.infinite_weight
    if rest:
        mean = float(sums.loss / rest) / nats
        text += f"; the mean of the others is {mean:.10g}"
    caps = settled.totals.caps
    if caps is not None and settled.assumed.class_weights is not None:
        capped = caps.capped(sums.loss)
        means = (f"{float(loss / sums.denominator) / nats:.4g} ({name})" for name, loss in capped)
        text += f"; with a common clip it would be about {', '.join(means)}: celoss explain has them all"
    return Notice("infinite_loss", text)


def _rounded_to_zero(settled: Settled) -> str:
    """Return what a printed 0 may stand for, and between what the mean lies then, where few digits were printed."""
    digits = max((column.digits or 0 for column in settled.layout.scores), default=0)
    if digits not in _FEW_DIGITS or settled.plan.input is not InputKind.PROBS:
        return ""
    sums, nats = settled.sums, settled.plan.convention.base.nats
    most = 0.5 * 10.0**-digits
    least = -math.log(most)
    mean = (float(sums.loss) + float(sums.infinite_weight) * least) / float(sums.denominator) / nats
    by_pandas = digits == _PANDAS_DIGITS and settled.predictions.format.startswith("json")
    cause = ", which is what to_json of pandas and datasets leaves" if by_pandas else ""
    return (
        f"; the scores have {digits} decimals{cause}, so a 0 may stand for up to {most:g}: then such a row loses "
        f"{least / nats:.4g} or more, and the mean lies between about {mean:.4g} and inf: a 0 has no least number "
        "that it may stand for"
    )


def _double_softmax(settled: Settled) -> Notice | None:
    """Say when probabilities seem to have been taken for logits, here or by whoever wrote the file."""
    seen = settled.partial.evidence
    if settled.request.input is InputKind.LOGITS and seen.rows and seen.plausible == seen.rows:
        text = (
            "every row is a distribution already: read as logits it goes through a second softmax; "
            "without --input logits it is read as probabilities"
        )
        return Notice("double_softmax", text)
    calibration, classes = settled.totals.calibration, settled.plan.classes.names
    if calibration is None or not seen.squeezed or len(classes) < 3 or not _holds_distributions(settled):
        return None
    total = settled.totals.loss.weight.total()
    gap = (calibration.correct.total() - calibration.top.claimed.total()) / total if total else Fraction(0)
    if gap < _UNDERCONFIDENT:
        return None
    text = (
        "no class is more than e times as probable as another in any row, yet the predictions are right "
        f"{float(gap):.0%} more often than they claim: softmax may have been applied twice (probabilities taken for "
        "logits) before the file was written"
    )
    return Notice("double_softmax", text)
