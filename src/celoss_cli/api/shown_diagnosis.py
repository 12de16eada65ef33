"""The diagnosis of the Python API, which also shows itself; apart from the others, as its tree takes long to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli.api.shown import Shown
from celoss_cli.results import diagnosis

if TYPE_CHECKING:
    from celoss_cli.render.report import Report


class Diagnosis(Shown, diagnosis.Diagnosis):
    """What ``celoss_cli.diagnose`` returns."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(self.loss)  # other parts hold dictionaries

    def _report(self) -> Report:
        from celoss_cli.render.diagnosis.report import DiagnosisReport

        return DiagnosisReport(self)
