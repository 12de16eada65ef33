"""A diagnosis in the parts that every form is made from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from celoss_cli.render.report import Report
from celoss_cli.results.diagnosis import Diagnosis

if TYPE_CHECKING:
    from celoss_cli.render.forms.findings import Findings
    from celoss_cli.render.forms.outline import Outline
    from celoss_cli.render.pictures.picture import Picture
    from celoss_cli.render.terminal import Surface


class DiagnosisReport(Report):
    """The parts of a diagnosis's report."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        self.result: Diagnosis = diagnosis

    def text(self, surface: Surface) -> str:
        """Return the report for a person."""
        from celoss_cli.render.diagnosis import table

        return table.render(self.result, **surface._asdict())

    def findings(self) -> Findings:
        """Return the check, the numbers and the warnings."""
        from celoss_cli.render.diagnosis.findings import findings_of

        return findings_of(self.result)

    def page(self, *, comment: bool) -> Outline:
        """Return the page of the diagnosis."""
        from celoss_cli.render.diagnosis import page

        return page.outline_of(self.result, page.COMMENT if comment else page.FILE)

    def pictures(self) -> Iterable[Picture]:
        """Return the pictures of the page."""
        from celoss_cli.render.pictures.diagnosis import pictures_of

        return pictures_of(self.result)

    def table(self) -> str:
        """Return the fixes."""
        from celoss_cli.render.diagnosis import csv

        return csv.render(self.result)

    def means(self) -> list[float]:
        """Return what recalibration would save, as the gate judges it; NaN where that is not known."""
        from celoss_cli.gate.miscalibration import miscalibration_of

        found = miscalibration_of(self.result)
        return [math.nan if found is None else found]
