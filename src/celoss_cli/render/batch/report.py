"""A batch in the parts that every form is made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from celoss_cli.render.report import Report
from celoss_cli.results.batch import Batch

if TYPE_CHECKING:
    from celoss_cli.errors import DataError
    from celoss_cli.render.forms.findings import Findings, Origin
    from celoss_cli.render.forms.outline import Outline
    from celoss_cli.render.pictures.picture import Picture
    from celoss_cli.render.terminal import Surface


class BatchReport(Report):
    """The parts of a batch's report."""

    def __init__(self, batch: Batch) -> None:
        self.result: Batch = batch

    def text(self, surface: Surface) -> str:
        """Return the table for a person."""
        from celoss_cli.render.batch import table

        return table.render(self.result, **surface._asdict())

    def findings(self) -> Findings:
        """Return the checks of all evaluations."""
        from celoss_cli.render.batch.findings import findings_of

        return findings_of(self.result)

    def suites(self) -> Iterable[Findings | tuple[DataError, Origin]]:
        """Return the findings of each evaluation."""
        from celoss_cli.render.batch.findings import suites_of

        return suites_of(self.result)

    def page(self, *, comment: bool) -> Outline:
        """Return the page of the batch."""
        from celoss_cli.render.batch import page

        return page.outline_of(self.result, comment=comment)

    def pictures(self) -> Iterable[Picture]:
        """Return that of the losses: each evaluation has its own pictures."""
        from celoss_cli.render.pictures.batch import of_batch

        return of_batch(self.result)

    def table(self) -> str:
        """Return one line an evaluation as CSV."""
        from celoss_cli.render.batch import csv

        return csv.render(self.result)

    def lines(self) -> str:
        """Return one JSON document a line, an evaluation each."""
        from celoss_cli.render.forms.json import line

        return "".join(line(item.to_dict()) for item in self.result.evaluations)

    def bare(self) -> str:
        """Return the name and the mean of each evaluation that was scored, one a line, a tab between them."""
        from celoss_cli.render.text import Charset

        shown = Charset()
        return "".join(
            f"{shown.escaped(name)}\t{evaluation.loss.mean:.17g}\n" for name, evaluation in self.result.scored
        )
