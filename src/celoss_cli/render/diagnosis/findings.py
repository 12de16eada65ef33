"""The outcome of a diagnosis for other programs: the check, the numbers, the warnings."""

from __future__ import annotations

from collections.abc import Iterator

from celoss_cli.gate.miscalibration import miscalibration_of
from celoss_cli.render import numbers
from celoss_cli.render.diagnosis import reading
from celoss_cli.render.forms.findings import Findings, Measure, Origin, finding_of, shown_safely
from celoss_cli.render.text import Charset
from celoss_cli.results.diagnosis import Diagnosis

_CHARSET = Charset()


def findings_of(diagnosis: Diagnosis) -> Findings:
    """Return the outcome of ``diagnosis``, with all texts safe to show."""
    verdict = diagnosis.verdict
    checks = () if verdict is None else verdict.checks
    paths = tuple(source.path for _, source in diagnosis.inputs.by_role)
    return Findings(
        origin=Origin("diagnose", diagnosis.celoss_version, paths, tags=tuple(diagnosis.tags.items())),
        passed=None if verdict is None else verdict.passed,
        checks=tuple(
            finding_of(check, check.subject, remark.text)
            for check, remark in zip(checks, reading.verdict(diagnosis), strict=True)
        ),
        measures=tuple(_measures(diagnosis)),
        facts=tuple((what, _CHARSET.prose(text)) for what, text in _facts(diagnosis)),
        warnings=shown_safely(diagnosis.warnings),
    )


def _facts(diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    yield "diagnosis", diagnosis.headline.text
    yield "mean loss", reading.mean(diagnosis)
    yield "scored", numbers.rows(diagnosis.loss.rows)
    for part, message in reading.left_out(diagnosis):
        yield "left out", f"{part}: {message}"
    for role, source in diagnosis.inputs.by_role:
        yield role, source.path


def _measures(diagnosis: Diagnosis) -> Iterator[Measure]:
    loss, unit = diagnosis.loss, "nats"
    yield Measure("loss", loss.mean, "Mean cross-entropy", unit)
    yield Measure("rows_scored", loss.rows, "Rows scored")
    yield Measure("rows_infinite", loss.infinite, "Rows with infinite loss")
    found = miscalibration_of(diagnosis)
    if found is not None:
        yield Measure("miscalibration", found, "What recalibration would save on new rows", unit)
    if diagnosis.in_the_large is not None:
        yield Measure("mean_positive", diagnosis.in_the_large.mean_p, "Mean of P(positive)")
        yield Measure("rate_positive", diagnosis.in_the_large.base_rate, "Share of the positive class")
    if diagnosis.cox is not None:
        yield Measure("calibration_slope", diagnosis.cox.slope, "Slope of the logit of the truth on that predicted")
        if diagnosis.cox.shift is not None:
            yield Measure("calibration_shift", diagnosis.cox.shift, "Calibration in the large, on the logit scale")
    if diagnosis.corp is not None:
        of = (("of", diagnosis.corp.of),)
        text = "Loss that the best calibration curve would save, chance removed"
        yield Measure("corp_miscalibration", diagnosis.corp.debiased, text, unit, of)
    if diagnosis.ece is not None:
        for name, one in (("top_label", diagnosis.ece.top_label), ("positive", diagnosis.ece.positive)):
            if one is not None:
                yield Measure("ece", one.value, "Expected calibration error", labels=(("of", name),))
                yield Measure("ece_null", one.null, "What a calibrated model would show", labels=(("of", name),))
    if diagnosis.temperature is not None:
        yield Measure("temperature", diagnosis.temperature.t, "The best temperature")
    for fix in diagnosis.fixes:
        if fix.gain is not None:
            of_fix = (("fix", fix.name), *([] if fix.after is None else [("after", fix.after)]))
            yield Measure("fix_gain", fix.gain, "What a fix would save on new rows", unit, of_fix)
    if diagnosis.contradictions is not None:
        count, expected = diagnosis.contradictions.count, diagnosis.contradictions.expected
        yield Measure("contradicting_rows", count, "Rows that contradict their label")
        yield Measure("contradicting_rows_expected", expected, "Rows that would if the probabilities were right")
