"""A fix for a person: what was fitted, to what, and what it is to save on new rows; and as JSON."""

from __future__ import annotations

from celoss_cli.render import numbers
from celoss_cli.render.page import Page
from celoss_cli.render.report import Report
from celoss_cli.render.terminal import Surface
from celoss_cli.render.text import Charset, called
from celoss_cli.results.calibration import Calibration

_VERDICTS = {
    "helps": "helps",
    "probably_helps": "probably helps",
    "no_better": "helps, no better than a simpler one",
    "nothing_to_gain": "nothing to gain",
    "too_few_rows": "too few rows to tell",
}


class CalibrationReport(Report):
    """The parts of a fix's report: the text and the document."""

    def __init__(self, calibration: Calibration) -> None:
        self.result: Calibration = calibration

    def text(self, surface: Surface) -> str:
        """Return the report for a person."""
        fix, page = self.result, Page(Charset(surface.encoding), surface.width, surface.color)
        page.opening(fix.celoss_version)
        fitted, scores = fix.fitted_on, fix.scores
        name = page.charset.name(called(fitted.path))
        of = f"{name}: {numbers.rows(fitted.rows)}, {len(scores.classes)} classes, {scores.input.noun}"
        page.say((of, ""), indent=0)
        page.gap()
        page.say((fix.said, "bold"), indent=0)
        promise = fix.promise
        low, high = promise.gain_ci95
        gain, least, most = (numbers.signed(one, 3).removeprefix("+") for one in (promise.gain, low, high))
        page.say((f"saves {gain} nats a row on new rows ({least} to {most})", ""))
        before, after = numbers.significant(promise.loss, 6), numbers.significant(promise.loss_after, 6)
        page.say((f"{before} becomes {after}: {_VERDICTS.get(promise.verdict, promise.verdict)}", ""))
        page.warnings(fix.warnings)
        return page.text()
