"""The outcome of an evaluation for other programs: checks, numbers, warnings."""

from __future__ import annotations

from collections.abc import Iterator

from celoss_cli.render import numbers
from celoss_cli.render.evaluation import reading
from celoss_cli.render.evaluation.checks import not_judged
from celoss_cli.render.evaluation.checks import verdict as verdict_in_words
from celoss_cli.render.forms.findings import Findings, Measure, Origin, finding_of, shown_safely
from celoss_cli.render.text import Charset, called
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.results.metrics import ChanceError, Metrics

_CHARSET = Charset()


def findings_of(evaluation: Evaluation) -> Findings:
    """Return the outcome of ``evaluation``, with all texts safe to show."""
    verdict = evaluation.verdict
    checks = () if verdict is None else verdict.checks
    paths = tuple(source.path for _, source in evaluation.inputs.by_role)
    return Findings(
        origin=Origin("eval", evaluation.celoss_version, paths, tags=tuple(evaluation.tags.items())),
        passed=None if verdict is None else verdict.passed,
        checks=tuple(
            finding_of(check, check.asked, remark.text)
            for check, remark in zip(checks, verdict_in_words(evaluation), strict=False)
        ),
        measures=tuple(_measures(evaluation)),
        facts=tuple(_facts(evaluation)),
        warnings=shown_safely(evaluation.warnings),
    )


def _facts(evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    interval = reading.spread(evaluation.loss)
    spread = reading.no_spread(evaluation) if interval is None else f"95% interval {interval}"
    yield "mean loss", f"{reading.mean(evaluation)} {evaluation.loss.unit} ({spread})"
    yield "scored", f"{numbers.rows(evaluation.counts.scored)}, {reading.fates(evaluation.counts)}"
    if evaluation.baseline is not None:
        of, difference = _CHARSET.name(evaluation.baseline.path), numbers.exactly(evaluation.baseline.difference)
        yield "baseline", f"{of}, mean {numbers.exactly(evaluation.baseline.mean)}, difference {difference}"
    skipped = not_judged(evaluation)
    if skipped is not None:
        yield "not judged", _CHARSET.prose(skipped)
    for role, source in evaluation.inputs.by_role:
        yield role, _CHARSET.name(called(source.path))


def _measures(evaluation: Evaluation) -> Iterator[Measure]:
    loss, counts, unit = evaluation.loss, evaluation.counts, evaluation.loss.unit
    yield Measure("loss", loss.mean, "Mean cross-entropy", unit)
    if loss.standard_error is not None:
        yield Measure("loss_standard_error", loss.standard_error, "Standard error of the mean", unit)
    if loss.ci95 is not None:
        yield Measure("loss_lower", loss.ci95[0], "Lower end of the 95% interval of the mean", unit)
        yield Measure("loss_upper", loss.ci95[1], "Upper end of the 95% interval of the mean", unit)
    if evaluation.baseline is not None:
        yield Measure("loss_baseline", evaluation.baseline.mean, "Mean cross-entropy of the baseline", unit)
        yield Measure("loss_difference", evaluation.baseline.difference, "Loss above that of the baseline", unit)
    yield Measure("perplexity", loss.perplexity, "exp of the mean loss in nats")
    yield from _of_sequences(evaluation)
    baselines = evaluation.baselines
    if baselines is not None:
        yield Measure("prior_loss", baselines.prior, "Loss of always predicting the class frequencies", unit)
        if baselines.skill_vs_prior is not None:
            yield Measure("skill", baselines.skill_vs_prior, "1 - loss / loss of the class frequencies")
    if evaluation.metrics is not None:
        yield from _of_metrics(evaluation.metrics)
    yield Measure("rows", counts.rows, "Rows read")
    yield Measure("rows_scored", counts.scored, "Rows scored")
    yield Measure("rows_ignored", counts.ignored, "Rows left out")
    yield Measure("rows_infinite", counts.infinite, "Rows with infinite loss")
    yield Measure("rows_clipped", counts.clipped, "Rows changed by the clip")
    for part in evaluation.per_class:
        if part.mean_loss is not None:
            of_class = (("class", _CHARSET.escaped(part.class_)),)
            yield Measure("class_loss", part.mean_loss, "Mean cross-entropy of the rows of a class", unit, of_class)
    for group in evaluation.slices:
        if group.mean_loss is not None:
            of_slice = (("slice", _CHARSET.escaped(group.name)),)
            yield Measure("slice_loss", group.mean_loss, "Mean cross-entropy of the rows of a slice", unit, of_slice)


def _of_sequences(evaluation: Evaluation) -> Iterator[Measure]:
    loss, counts = evaluation.loss, evaluation.counts
    if loss.per is None:
        return
    yield Measure("units", loss.units or 0.0, f"Units that the mean is over ({loss.per})")
    yield Measure("sequences", loss.sequences or 0, "Sequences with something to count")
    if loss.bits_per is not None:
        for unit, value in zip(loss.bits_per._fields, loss.bits_per, strict=True):
            if value is not None:
                yield Measure(f"bits_per_{unit}", value, f"Mean cross-entropy per {unit}", "bits")
    if counts.tokens is not None:
        yield Measure("tokens", counts.tokens, "Tokens scored")
    if counts.masked is not None:
        yield Measure("tokens_masked", counts.masked, "Tokens left out by their label")


def _of_metrics(metrics: Metrics) -> Iterator[Measure]:
    for name, value in zip(Metrics._fields, metrics, strict=True):
        words = _METRICS.get(name, name.replace("_", " ").capitalize())
        if isinstance(value, ChanceError):
            yield Measure(name, value.mean, words)
            yield Measure(f"{name}_sd", value.sd, f"{words}: standard deviation")
        elif isinstance(value, float):
            yield Measure(name, value, words)


_METRICS = {
    "accuracy": "Share of rows whose most probable class is the true one",
    "brier": "Brier score, summed over classes",
    "ece": "Expected calibration error of the most probable class",
    "ece_null": "Calibration error that chance alone would show, were the model calibrated",
    "ece_positive": "Expected calibration error of the probability of the positive class",
    "ece_positive_null": "Error of the positive class that chance alone would show, were the model calibrated",
    "mean_positive": "Mean probability of the positive class",
    "rate_positive": "Share of the positive class",
}
