"""A comparison in the parts that every form is made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from celoss_cli.render.report import Report
from celoss_cli.results.comparison import Comparison

if TYPE_CHECKING:
    from celoss_cli.render.forms.findings import Findings
    from celoss_cli.render.forms.outline import Outline
    from celoss_cli.render.pictures.picture import Picture
    from celoss_cli.render.terminal import Surface


class ComparisonReport(Report):
    """The parts of a comparison's report."""

    def __init__(self, comparison: Comparison) -> None:
        self.result: Comparison = comparison

    def text(self, surface: Surface) -> str:
        """Return the report for a person."""
        from celoss_cli.render.comparison import table

        return table.render(self.result, **surface._asdict())

    def findings(self) -> Findings:
        """Return the check, the numbers and the warnings."""
        from celoss_cli.render.comparison.findings import findings_of

        return findings_of(self.result)

    def page(self, *, comment: bool) -> Outline:
        """Return the page of the comparison."""
        from celoss_cli.render.comparison.page import outline_of

        return outline_of(self.result, pictures=not comment)

    def pictures(self) -> Iterable[Picture]:
        """Return the pictures of the page."""
        from celoss_cli.render.pictures.differences import of_comparison

        return of_comparison(self.result)

    def table(self) -> str:
        """Return the differences by class and slice."""
        from celoss_cli.render.comparison import csv

        return csv.render(self.result)

    def means(self) -> list[float]:
        """Return the mean difference of each candidate, in the order given."""
        board = self.result.leaderboard
        by_path = {row.path: row.difference.mean for row in board if row.difference is not None}
        return [by_path[one.path] for one in self.result.candidates] if by_path else [self.result.difference.mean]
