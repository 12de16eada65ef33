"""Two results of other rows, from their reports: for a person, for machines, and as a page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from celoss_cli.render import numbers
from celoss_cli.render.report import Report
from celoss_cli.results.comparison import ComparisonOutcome
from celoss_cli.results.unpaired import Side, Unpaired

if TYPE_CHECKING:
    from celoss_cli.render.forms.findings import Findings, Measure
    from celoss_cli.render.forms.outline import Outline
    from celoss_cli.render.pictures.picture import Picture
    from celoss_cli.render.terminal import Surface

_GOOD = (ComparisonOutcome.BETTER, ComparisonOutcome.NO_WORSE)

_STYLES = {
    ComparisonOutcome.BETTER: "bold green",
    ComparisonOutcome.NO_WORSE: "green",
    ComparisonOutcome.UNDECIDED: "bold yellow",
}


def difference(found: Unpaired) -> str:
    """Return the difference with its standard error; that of two infinite means is no number."""
    if math.isnan(found.difference.mean):
        baseline, candidate = numbers.significant(found.baseline.mean), numbers.significant(found.candidate.mean)
        return f"none that is a number, between {baseline} and {candidate}"
    shown = f"{numbers.signed(found.difference.mean)} {found.difference.unit}"
    error = found.difference.standard_error
    return shown if error is None else f"{shown}  ± {numbers.significant(error, 3)}"


def change(found: Unpaired) -> str:
    """Return both means, the candidate's first, and by how much it is better or worse."""
    one = found.difference
    means = (
        f"{numbers.significant(found.candidate.mean)} instead of {numbers.significant(found.baseline.mean)} {one.unit}"
    )
    return f"{means}{numbers.better_or_worse(one.mean)}"


def spread(found: Unpaired) -> str:
    """Return the interval, and how it was made."""
    one = found.difference
    if one.interval is None or one.df is None or one.p_value is None:
        if not math.isfinite(one.mean):
            return "no interval: a mean is not finite"
        return "no interval: a report has no standard error"
    between = numbers.signed_interval(*one.interval, one.standard_error or 0.0)
    test = f"Welch's t with {numbers.significant(one.df, 4)} degrees of freedom"
    p_value = numbers.significant(one.p_value, 3)
    return f"{100 * one.confidence:g}% interval {between}, p = {p_value} ({test})"


def _sides(found: Unpaired) -> Iterator[tuple[str, Side]]:
    yield from (("baseline", found.baseline), ("candidate", found.candidate))


def failures(found: Unpaired) -> list[str]:
    """Return what the gate is not met by, in words."""
    return [] if found.verdict.passed is not False else [found.verdict.text]


class UnpairedReport(Report):
    """The parts of its report."""

    def __init__(self, found: Unpaired) -> None:
        self.result: Unpaired = found

    def text(self, surface: Surface) -> str:
        """Return the comparison for a person."""
        from celoss_cli.render.page import LABEL, TITLE, Page
        from celoss_cli.render.text import Charset

        found = self.result
        page = Page(Charset(surface.encoding), surface.width, surface.color)
        page.opening(found.celoss_version)
        page.heading("Two results of independent rows, from their reports")
        for role, side in _sides(found):
            rows = f"{numbers.rows(side.rows)}, mean {numbers.significant(side.mean)}"
            page.say((role, LABEL), (f"  {rows}  {page.charset.name(side.path)}", ""))
        lines = [page.prose((difference(found), "bold cyan")), page.prose((spread(found), ""))]
        page.framed(page.prose(("candidate − baseline, mean cross-entropy", TITLE)), lines)
        word, _, rest = found.verdict.text.partition(":")
        page.gap()
        page.say((word, _STYLES.get(found.verdict.outcome, "bold red")), (f":{rest}", ""), indent=0)
        for check in found.verdict.checks:
            style = "bold green" if check.passed else "bold red"
            page.say(("PASS" if check.passed else "FAIL", style), ("  --max-regression", ""), indent=0)
        page.warnings(found.warnings)
        return page.text()

    def findings(self) -> Findings:
        """Return the check, the numbers and the warnings."""
        from celoss_cli.render.forms.findings import Findings, Origin, finding_of, shown_safely

        found = self.result
        return Findings(
            origin=Origin(
                "compare",
                found.celoss_version,
                (found.baseline.path, found.candidate.path),
                tags=tuple(found.tags.items()),
            ),
            passed=found.verdict.passed,
            checks=tuple(finding_of(check, None, found.verdict.text) for check in found.verdict.checks),
            measures=tuple(self._measures()),
            facts=(("difference", f"{difference(found)} ({spread(found)})"),),
            warnings=shown_safely(found.warnings),
        )

    def _measures(self) -> Iterator[Measure]:
        from celoss_cli.render.forms.findings import Measure

        one, unit = self.result.difference, self.result.difference.unit
        yield Measure("baseline_loss", self.result.baseline.mean, "Mean cross-entropy of the baseline", unit)
        yield Measure("candidate_loss", self.result.candidate.mean, "Mean cross-entropy of the candidate", unit)
        yield Measure("difference", one.mean, "Mean difference, candidate - baseline", unit)
        if one.standard_error is not None and one.interval is not None and one.p_value is not None:
            yield Measure("difference_standard_error", one.standard_error, "Standard error of the difference", unit)
            yield Measure("difference_p_value", one.p_value, "p-value of no difference")
            yield Measure("difference_lower", one.interval[0], "Lower end of the interval of the difference", unit)
            yield Measure("difference_upper", one.interval[1], "Upper end of the interval of the difference", unit)

    def page(self, *, comment: bool) -> Outline:
        """Return the page of the comparison."""
        from celoss_cli.render.forms.outline import Block, Grid, Name, Outline, Section, Sentence, Strong, warnings_in
        from celoss_cli.render.forms.remark import Tone

        found = self.result
        good = found.verdict.outcome in _GOOD if found.verdict.passed is None else found.verdict.passed
        word = {True: ": PASS", False: ": FAIL", None: ""}[found.verdict.passed]
        tone = Tone.GOOD if good else Tone.BAD
        lead, _, rest = found.verdict.text.partition(":")
        rows = tuple(
            ((role,), (Name(side.path),), (numbers.count(side.rows),), (numbers.significant(side.mean),))
            for role, side in _sides(found)
        )
        drawings: list[Block] = []
        if not comment:
            from celoss_cli.render.pictures import svg

            drawings = [svg.drawing(picture) for picture in self.pictures()]
        sections = (
            Section((), (Sentence((Strong(lead), f":{rest}"), tone), Sentence((spread(found),)), *drawings)),
            Section((), (Grid(("", "report", "rows", f"mean, {found.difference.unit}"), rows, figures_from=2),)),
            Section(("Warnings",), tuple(warnings_in(found.warnings, 20))),
        )
        return Outline(
            f"Cross-entropy {change(found)}{word}",
            tone,
            tuple(section for section in sections if section.blocks),
            f"celoss {found.celoss_version}",
            (found.baseline.path, found.candidate.path),
            tuple(found.tags.items()),
        )

    def pictures(self) -> Iterable[Picture]:
        """Return that of both means."""
        from celoss_cli.render.pictures.differences import of_unpaired

        return of_unpaired(self.result)

    def table(self) -> str:
        """Return the difference as one line of CSV."""
        from celoss_cli.render.evaluation.csv import written

        found, one = self.result, self.result.difference
        low, high = one.interval or (None, None)
        header = ("baseline", "candidate", "difference", "standard_error", "df", "lower", "upper", "p_value", "outcome")
        ends = (one.mean, one.standard_error, one.df, low, high, one.p_value, found.verdict.outcome.value)
        return written([header, (found.baseline.path, found.candidate.path, *ends)])

    def means(self) -> list[float]:
        """Return the difference of the means."""
        return [self.result.difference.mean]
