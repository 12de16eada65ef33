"""What the numbers mean, in words: the sentences that the table and the markdown share."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from celoss_cli.render import numbers
from celoss_cli.render.forms.remark import Remark, Tone
from celoss_cli.render.text import Charset
from celoss_cli.request import Base
from celoss_cli.results.evaluation import (
    MISSING_SHOWN,
    Baselines,
    BaselineUsed,
    ClassResult,
    Counts,
    Evaluation,
    Loss,
    SliceResult,
)
from celoss_cli.results.metrics import ChanceError, Metrics
from celoss_cli.spelling import number
from celoss_cli.tuples import NamedTuple

_USUAL = 1.645
"""A calibrated model exceeds what chance shows on average by more standard deviations in 5 of 100 cases."""


class ReferenceLoss(NamedTuple):
    """A loss to compare with: that of these predictions, or of a guess."""

    who: str
    loss: float

    chance: float | None
    """exp(−loss in nats), where that is a probability."""


def mean(evaluation: Evaluation) -> str:
    """Return the mean loss at 6 digits, or at as many as it takes not to contradict the verdict."""
    value = evaluation.loss.mean
    checks = () if evaluation.verdict is None else evaluation.verdict.checks
    digits = [numbers.digits_beside(value, check.limit) for check in checks if check.value == value]
    return numbers.significant(value, max(digits, default=numbers.DIGITS))


def spread(loss: Loss) -> str | None:
    """Return the 95 % interval as "0.105 to 0.744", or ``None`` where there is none."""
    if loss.ci95 is None or loss.standard_error is None:
        return None
    low, high = numbers.interval(*loss.ci95, loss.standard_error)
    return f"{low} to {high}"


def of_clusters(evaluation: Evaluation) -> str:
    """Return over what the interval runs where that is not rows, led by a comma; empty where it is."""
    found = evaluation.clusters
    if found is None:
        return ""
    by = "" if found.column is None else f" of {found.column}"
    return f", over {numbers.count(found.count)} {'cluster' if found.count == 1 else 'clusters'}{by}"


def no_spread(evaluation: Evaluation) -> str:
    """Return why there is no standard error."""
    if evaluation.loss.per is not None and (evaluation.loss.sequences or 0) < 2:
        return "one sequence: no standard error, for its tokens are not independent"
    if evaluation.counts.scored < 2:
        return "one row: no standard error" if evaluation.counts.scored else "no rows: no standard error"
    if not math.isfinite(evaluation.loss.mean):
        return "no standard error: the mean is not finite"
    if evaluation.clusters is not None and evaluation.clusters.count < 2:
        return "one cluster: no standard error"
    return "no standard error"


def totals(evaluation: Evaluation) -> tuple[str, ...]:
    """Return the sum, what it was divided by, and the perplexity, each as a few words."""
    loss = evaluation.loss
    if loss.per is not None:
        from celoss_cli.render.evaluation import sequences

        total = f"sum {numbers.significant(loss.sum)} over {sequences.over(evaluation)}"
        return (total, sequences.perplexity(evaluation), *sequences.in_other_units(evaluation))
    divisor = loss.denominator
    scored = evaluation.counts.scored
    over = (
        numbers.rows(scored) if divisor.value == scored else f"a total weight of {numbers.significant(divisor.value)}"
    )
    return (
        f"sum {numbers.significant(loss.sum)} over {over}",
        f"perplexity {numbers.significant(loss.perplexity)}",
    )


def fates(counts: Counts) -> str:
    """Return what became of the rows that are not simply scored, or "all of them"."""
    parts = []
    if counts.ignored:
        parts.append(f"{numbers.count(counts.ignored)} ignored")
    if counts.clipped:
        parts.append(f"{numbers.count(counts.clipped)} changed by the clip")
    if counts.infinite:
        parts.append(f"{numbers.count(counts.infinite)} with infinite loss")
    return ", ".join(parts) or "all of them"


def reference_losses(evaluation: Evaluation) -> tuple[ReferenceLoss, ...]:
    """Return the loss of these predictions beside the two guesses; empty when no baselines were computed."""
    baselines = evaluation.baselines
    if baselines is None:
        return ()
    losses = (
        ("these predictions", evaluation.loss.mean),
        ("class frequencies", baselines.prior),
        ("uniform guess", baselines.uniform),
    )
    return tuple(ReferenceLoss(who, loss, _chance(loss, evaluation)) for who, loss in losses)


def remarks(evaluation: Evaluation) -> tuple[Remark, ...]:
    """Return what the loss means, sentence by sentence."""
    found = [_on_infinity(evaluation), _on_truth(evaluation), _on_baseline(evaluation), _on_sequences(evaluation)]
    if evaluation.baselines is not None:
        found.append(_on_skill(evaluation.loss, evaluation.baselines))
        found.append(_on_uniform(evaluation.loss, evaluation.baselines))
    if evaluation.metrics is not None:
        found.append(_on_metrics(evaluation.metrics))
        which = "second" if evaluation.spec.positive is None else "positive"
        found += _on_calibration(evaluation.metrics, which)
    found.append(_on_tail(evaluation.loss))
    return tuple(remark for remark in found if remark is not None)


def costliest(evaluation: Evaluation, most: int) -> tuple[ClassResult, ...]:
    """Return all classes in class order if there are at most ``most``, or the most costly ones, the worst first."""
    if len(evaluation.per_class) <= most:
        return evaluation.per_class
    return tuple(sorted(evaluation.per_class, key=_cost, reverse=True)[:most])


def sliced(evaluation: Evaluation, most: int) -> tuple[tuple[str, tuple[SliceResult, ...], int], ...]:
    """Return for each column sliced by: its name, its ``most`` worst slices, and how many more.

    Numbers, bins and dates stand in their own order, other values the worst first.
    """
    columns: dict[str, list[SliceResult]] = {}
    for result in evaluation.slices:
        columns.setdefault(result.column, []).append(result)
    return tuple(
        (column, tuple(_worst_slices(found, most)), max(0, len(found) - most)) for column, found in columns.items()
    )


def _worst_slices(found: list[SliceResult], most: int) -> list[SliceResult]:
    worst = sorted(found, key=_slice_cost, reverse=True)[:most]
    values = [result.value for result in found if result.value is not None]
    ordered = all(_has_place(value) for value in values)
    kept = {result.value for result in worst}
    return [result for result in found if result.value in kept] if ordered else worst


_DATE = r"\d{4}-(\d\d|\d\d-\d\d|W\d\d|Q\d)"


def _has_place(value: str) -> bool:
    """Whether the value of a slice has an order of its own: numbers, bins, days, weeks, months and quarters."""
    return number(value) is not None or (value[:1] in ("[", "(") and ", " in value) or bool(re.fullmatch(_DATE, value))


def slice_value(result: SliceResult, charset: Charset) -> str:
    """Return the value of a slice, made safe to show."""
    return MISSING_SHOWN if result.value is None else charset.name(result.value)


def is_weighted_by_class(evaluation: Evaluation) -> bool:
    """Return whether any class weighs other than 1."""
    return any(result.weight != 1 for result in evaluation.per_class)


def _slice_cost(result: SliceResult) -> tuple[float, float, int]:
    return _known(result.mean_loss), _known(result.loss_share), result.scored


def _cost(result: ClassResult) -> tuple[float, float, int]:
    return _known(result.loss_share), _known(result.mean_loss), result.count


def _known(value: float | None) -> float:
    return -math.inf if value is None or math.isnan(value) else value


def _nats(loss: Loss) -> float:
    return next(base.nats for base in Base if base.unit == loss.unit)


def _weighted(evaluation: Evaluation) -> bool:
    return evaluation.spec.columns.sample_weight is not None or is_weighted_by_class(evaluation)


def _chance(loss: float, evaluation: Evaluation) -> float | None:
    """Return exp(−loss), or ``None``: a weighted sum over a count is not the mean of a −log p."""
    if evaluation.loss.denominator.kind == "count" and _weighted(evaluation):
        return None
    if math.isnan(loss):
        return None
    return math.exp(-loss * _nats(evaluation.loss))


def _on_infinity(evaluation: Evaluation) -> Remark | None:
    infinite = evaluation.counts.infinite
    if evaluation.loss.per is not None:
        return None  # which the warning says of tokens
    if not (math.isinf(evaluation.loss.mean) and infinite):
        return None
    verb = "gives" if infinite == 1 else "give"
    return Remark(
        lead=f"{numbers.count(infinite)} of {numbers.rows(evaluation.counts.scored)}",
        text=f"{verb} the truth a probability of exactly 0. The loss there is infinite, and one such row is "
        "enough to make the mean infinite.",
        tone=Tone.BAD,
    )


def _on_truth(evaluation: Evaluation) -> Remark | None:
    if not math.isfinite(evaluation.loss.mean):
        return None
    chance = _chance(evaluation.loss.mean, evaluation)
    if chance is None:
        return Remark("The sum is weighted and divided by the number of rows: it has no reading as a probability.")
    kind = "weighted geometric mean" if _weighted(evaluation) else "geometric mean"
    if evaluation.loss.per is not None:
        return None  # which the perplexity says
    in_nats = "" if evaluation.loss.unit == Base.E.unit else " in nats"
    return Remark(
        f"The truth was typically given a probability of {numbers.chance(chance)} ({kind}, exp(−mean loss{in_nats}))."
    )


def _on_baseline(evaluation: Evaluation) -> Remark | None:
    baseline, unit = evaluation.baseline, evaluation.loss.unit
    if baseline is None or not math.isfinite(baseline.difference):
        return None
    earlier = f"the baseline {baseline.path} ({numbers.significant(baseline.mean)} {unit})"
    if baseline.same_rows is False:
        interval = "" if baseline.ci95 is None else _interval_of(baseline)
        return Remark(f"{earlier} is of other rows: this − that is {numbers.signed(baseline.difference, 3)}{interval}.")
    if baseline.difference == 0:
        return Remark(f"as {earlier}.", "The same loss")
    by = numbers.significant(abs(baseline.difference), 3)
    if baseline.mean:
        by += f" or {numbers.percent(abs(baseline.difference) / baseline.mean)}"
    worse = baseline.difference > 0
    return Remark(
        f"than {earlier}, by {by}.", "A larger loss" if worse else "A smaller loss", Tone.BAD if worse else Tone.GOOD
    )


def _interval_of(baseline: BaselineUsed) -> str:
    if baseline.ci95 is None or baseline.standard_error is None:
        return ""
    between = numbers.signed_interval(*baseline.ci95, baseline.standard_error)
    return f", 95% interval {between} as between independent rows"


def _on_sequences(evaluation: Evaluation) -> Remark | None:
    if evaluation.sequences is None:
        return None
    from celoss_cli.render.evaluation.sequences import one_by_one

    text = one_by_one(evaluation)
    return None if text is None else Remark(f"{text[0].upper()}{text[1:]}.")


def _on_skill(loss: Loss, baselines: Baselines) -> Remark | None:
    skill = baselines.skill_vs_prior
    if skill is None:
        return Remark("All the weight is on one class: a constant guess is perfect, and there is no skill to measure.")
    if math.isnan(skill):
        return None
    if skill > 0:
        gone = "all of that loss is gone" if skill == 1 else f"{numbers.percent(skill)} of that loss is gone"
        return Remark(f"than always predicting the class frequencies: {gone}.", "Better", Tone.GOOD)
    if skill == 0:
        return Remark("than always predicting the class frequencies.", "No better", Tone.BAD)
    times = numbers.significant(loss.mean / baselines.prior, 3)
    by = f"the loss is {times} times that" if math.isfinite(skill) else "that loss is finite"
    if math.isfinite(skill) and float(times.replace(",", "")) == 1:
        by = f"the loss is {numbers.percent(-skill)} larger"
    return Remark(f"than always predicting the class frequencies: {by}.", "WORSE", Tone.BAD)


def _on_uniform(loss: Loss, baselines: Baselines) -> Remark | None:
    if not (math.isfinite(loss.mean) and loss.mean > baselines.uniform):
        return None
    return Remark(
        "than a uniform guess, too: is the order of the classes right, and the kind of input?",
        "WORSE",
        Tone.BAD,
    )


def _on_tail(loss: Loss) -> Remark | None:
    if loss.worst_percent_share is None:
        return None
    return Remark(f"The worst 1% of the rows carry about {loss.worst_percent_share:.0%} of the total loss.")


def _on_metrics(metrics: Metrics) -> Remark:
    brier = f"Brier {numbers.significant(metrics.brier, 4)} (0 is perfect, 2 the worst)"
    if metrics.accuracy is None or metrics.ece is None:
        return Remark(f"{brier}; with soft labels no row is right or wrong, so there is no accuracy")
    return Remark(f"Accuracy {numbers.percent(metrics.accuracy)} · {brier}")


def _on_calibration(metrics: Metrics, which: str) -> Iterator[Remark]:
    if metrics.ece is None:
        return
    text = f"ECE {numbers.significant(metrics.ece, 3)}"
    if metrics.ece_null is None:
        yield Remark(f"{text} (the gap between confidence and accuracy, of which chance alone makes some)")
    else:
        yield Remark(f"{text}: {_beside_chance(metrics.ece, metrics.ece_null)}.")
    if metrics.mean_positive is None or metrics.rate_positive is None or metrics.ece_positive is None:
        return
    given, found = numbers.percent(metrics.mean_positive), numbers.percent(metrics.rate_positive)
    error = numbers.significant(metrics.ece_positive, 3)
    text = f"The {which} class is given {given} on average, and {found} of the rows are of it. ECE of that {error}"
    beside = metrics.ece_positive_null
    yield Remark(f"{text}." if beside is None else f"{text}: {_beside_chance(metrics.ece_positive, beside)}.")


def _beside_chance(error: float, chance: ChanceError) -> str:
    """Return in words whether a calibration error is more than what chance alone shows."""
    would = f"a calibrated model would show {chance_alone(chance)} by chance"
    beyond = error - chance.mean
    if beyond <= _USUAL * chance.sd:
        return f"{would}, so that it is no sign of miscalibration"
    if not chance.sd:
        return f"{would}"
    return f"{would}, and it is {numbers.significant(beyond / chance.sd, 2)} standard deviations above that"


def chance_alone(chance: ChanceError) -> str:
    """Return the calibration error that chance alone shows, with its standard deviation."""
    return f"{numbers.significant(chance.mean, 3)} ± {numbers.significant(chance.sd, 2)}"
