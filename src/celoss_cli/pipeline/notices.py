"""What the reader should know about the number: the warnings that go with a result, in words."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from celoss_cli.conventions.convention import Convention
from celoss_cli.layout.location import Locator
from celoss_cli.request import InputKind, InvalidRows, Request, TargetKind, Task, UnknownClass
from celoss_cli.results.document import Notice
from celoss_cli.spec import Decision
from celoss_cli.spelling import listed
from celoss_cli.state.evidence import Evidence
from celoss_cli.state.totals import Totals
from celoss_cli.summary.weighted_mean import Weighted

if TYPE_CHECKING:
    from celoss_cli.labels.by_id import Pairs

_UNDERCONFIDENT = 0.15


class Known(NamedTuple):
    """What the notices are made from. ``weights_in_pass``: class weights, if any, were known to the rows;
    ``pairs`` says how rows were paired by id, if they were; ``unknown`` are the labels that name no class, which
    ``unknown_rows`` have; ``called`` is what their column's name says of the scores, if these were
    read as something else."""

    request: Request
    convention: Convention
    classes: tuple[str, ...]
    class_weights: tuple[Fraction, ...]
    totals: Totals
    sums: Weighted
    seen: Evidence
    decisions: tuple[Decision, ...]
    at: Locator
    percent: bool
    sums_to_100: bool
    logits: bool = False
    divided: bool = False
    weights_in_pass: bool = True
    pairs: Pairs | None = None
    unknown: tuple[str, ...] = ()
    unknown_rows: int = 0
    called: InputKind | None = None


def notices_of(known: Known) -> tuple[Notice, ...]:
    """Return all warnings that apply, the gravest last, where they are seen."""
    first = (_double_softmax, _called_otherwise, _percentages, _by_position)
    makers = (*first, _unmatched, _unknown_class, _left_out, _single_row, _empty_classes, _renormalised, _infinite)
    return tuple(notice for make in makers if (notice := make(known)) is not None)


def _holds_distributions(known: Known) -> bool:
    """Whether each row was read as the probabilities of one of several classes."""
    decided = {(decision.what, decision.value) for decision in known.decisions}
    return ("input", InputKind.PROBS.value) in decided and ("task", Task.MULTILABEL.value) not in decided


def _percentages(known: Known) -> Notice | None:
    if not known.percent:
        return None
    why = "the rows sum to 100" if known.sums_to_100 else "the column is named so"
    return Notice("percentages", f"{why}: the scores were taken as percentages and divided by 100")


def _called_otherwise(known: Known) -> Notice | None:
    if known.called is None:
        return None
    text = (
        f"the columns are called {known.called.noun}, but every row is a distribution: read as probabilities; "
        f"if the name is right, --input {known.called.value}, else --input probs"
    )
    return Notice("name_contradicts_scores", text)


def _by_position(known: Known) -> Notice | None:
    for decision in known.decisions:
        if decision.what == "classes" and decision.guess:
            return Notice(
                "classes_by_position", f"{decision.evidence}: if that is wrong, name them in order with --classes"
            )
    return None


def _left_out(known: Known) -> Notice | None:
    ignored = known.totals.ignored
    if not ignored:
        return None
    reasons = [f"{column}={value}" for column, value in known.request.where]
    if known.request.ignore_index is not None:
        reasons.append(f"--ignore-index {known.request.ignore_index}")
    if known.unknown_rows and known.request.unknown_class is UnknownClass.DROP:
        reasons.append("--unknown-class drop")
    if known.pairs is not None and known.pairs.unmatched:
        reasons.append("--unmatched drop")
    if known.request.invalid is InvalidRows.DROP:
        reasons.append("--invalid drop")
    return Notice("rows_ignored", f"{_rows(ignored)} of {known.totals.rows:,} left out ({', '.join(reasons)})")


def _unmatched(known: Known) -> Notice | None:
    pairs = known.pairs
    if pairs is None or not (pairs.unmatched or pairs.unmatched_labels):
        return None
    sides = (("prediction", pairs.unmatched, "label"), ("label", pairs.unmatched_labels, "prediction"))
    parts = (f"{n:,} {what}{'' if n == 1 else 's'} without a {other}" for what, n, other in sides if n)
    return Notice("unmatched_dropped", f"--unmatched drop left out {' and '.join(parts)}")


def _unknown_class(known: Known) -> Notice | None:
    if not known.unknown_rows:
        return None
    what = "has a label that names" if known.unknown_rows == 1 else "have labels that name"
    text = f"{_rows(known.unknown_rows)} {what} no class ({listed(known.unknown)})"
    infinite = known.request.unknown_class is UnknownClass.INF
    end = "an infinite loss each (--unknown-class inf)" if infinite else "left out (--unknown-class drop)"
    return Notice("unknown_class", f"{text}: {end}")


def _single_row(known: Known) -> Notice | None:
    if known.totals.loss.scored > 1:
        return None
    return Notice("single_row", "one row was scored: there is no standard error and no interval")


def _empty_classes(known: Known) -> Notice | None:
    decided = {(decision.what, decision.value) for decision in known.decisions}
    if ("labels", TargetKind.SOFT.value) in decided:
        return None  # a class of which no row is most of all can have its share in all of them
    empty = [name for name, rows in zip(known.classes, known.totals.loss.rows, strict=True) if not rows]
    if not empty:
        return None
    if ("task", Task.MULTILABEL.value) in decided:
        return Notice("labels_without_rows", f"no row has the label {listed(empty)}")
    if len(empty) == len(known.classes) - 1:
        only = next(name for name in known.classes if name not in empty)
        text = f"all rows are of class {only!r}: the prior's entropy is 0, and there is no skill against it"
        return Notice("single_class", text)
    return Notice("classes_without_rows", f"no row is of class {listed(empty)}")


def _renormalised(known: Known) -> Notice | None:
    seen, convention = known.seen, known.convention
    if not seen.deviating:
        if convention.renormalize:
            why = "the softmax of logits" if known.logits else "every row"
            already = "anyway" if known.logits else "already"
            return Notice("renormalize_no_effect", f"--renormalize changed nothing: {why} sums to 1 {already}")
        return None
    added = sum((w * known.totals.loss.normalizer.fraction(c) for c, w in enumerate(known.class_weights)), Fraction(0))
    other = known.sums.loss + (-added if convention.renormalizes else added)
    where = known.at.where(seen.deviation_row, None)
    place = f"row {where.row}" if where.line is None else f"row {where.row} (line {where.line})"
    verb = "does" if seen.deviating == 1 else "do"
    text = f"{_rows(seen.deviating)} {verb} not sum to 1, by up to {seen.deviation:.3g} at {place}"
    if known.divided:
        return Notice("rows_not_normalised", f"{text}: counts, divided by the sum of their row")
    if known.sums.infinite:
        return Notice("rows_not_normalised", text)
    mean = float(other / known.sums.denominator) / convention.base.nats
    alternative = "as it stands the mean would be" if convention.renormalizes else "renormalised the mean would be"
    flag = "" if convention.renormalizes else " (--renormalize)"
    return Notice("rows_not_normalised", f"{text}; {alternative} {mean:.10g}{flag}")


def _infinite(known: Known) -> Notice | None:
    sums = known.sums
    if not sums.infinite:
        return None
    text = f"{_rows(sums.infinite)} gave the truth probability 0: their loss is infinite, and so is the mean"
    rest = sums.weight - sums.infinite_weight
    if rest:
        mean = float(sums.loss / rest) / known.convention.base.nats
        text += f"; the mean of the others is {mean:.10g}"
    caps = known.totals.caps
    if caps is not None and known.weights_in_pass:
        capped = caps.capped(sums.loss)
        means = (f"{float(loss / sums.denominator) / known.convention.base.nats:.4g} ({name})" for name, loss in capped)
        text += f"; with a common clip it would be about {', '.join(means)}: celoss explain has them all"
    return Notice("infinite_loss", text)


def _double_softmax(known: Known) -> Notice | None:
    """Say when probabilities seem to have been taken for logits, here or by whoever wrote the file."""
    seen = known.seen
    if known.request.input is InputKind.LOGITS and seen.rows and seen.plausible == seen.rows:
        text = (
            "every row is a distribution already: read as logits it goes through a second softmax; "
            "without --input logits it is read as probabilities"
        )
        return Notice("double_softmax", text)
    calibration = known.totals.calibration
    if calibration is None or not seen.squeezed or len(known.classes) < 3 or not _holds_distributions(known):
        return None
    total = known.totals.loss.weight.total()
    gap = (calibration.correct.total() - calibration.bin_confidence.total()) / total if total else Fraction(0)
    if gap < _UNDERCONFIDENT:
        return None
    text = (
        "no class is more than e times as probable as another in any row, yet the predictions are right "
        f"{float(gap):.0%} more often than they claim: softmax may have been applied twice (probabilities taken for "
        "logits) before the file was written"
    )
    return Notice("double_softmax", text)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
