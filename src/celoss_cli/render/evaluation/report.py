"""An evaluation in the parts that every form is made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from celoss_cli.render.report import Report
from celoss_cli.results.evaluation import Evaluation

if TYPE_CHECKING:
    from celoss_cli.render.forms.findings import Findings
    from celoss_cli.render.forms.outline import Outline
    from celoss_cli.render.pictures.picture import Picture
    from celoss_cli.render.terminal import Surface


class EvaluationReport(Report):
    """The parts of an evaluation's report."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.result: Evaluation = evaluation

    def text(self, surface: Surface) -> str:
        """Return the report for a person."""
        from celoss_cli.render.evaluation import table

        return table.render(self.result, **surface._asdict())

    def findings(self) -> Findings:
        """Return the checks, numbers and warnings."""
        from celoss_cli.render.evaluation.findings import findings_of

        return findings_of(self.result)

    def page(self, *, comment: bool) -> Outline:
        """Return the page of the evaluation."""
        from celoss_cli.render.evaluation import page

        return page.outline_of(self.result, page.COMMENT if comment else page.FILE)

    def pictures(self) -> Iterable[Picture]:
        """Return the pictures of the page."""
        from celoss_cli.render.pictures.differences import of_evaluation

        return of_evaluation(self.result)

    def table(self) -> str:
        """Return the per-class table."""
        from celoss_cli.render.evaluation import csv

        return csv.render(self.result)

    def means(self) -> list[float]:
        """Return the mean loss."""
        return [self.result.loss.mean]
