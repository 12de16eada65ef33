"""The diagnosis of the Python API, which also shows itself; apart from the others, as its tree takes long to load."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

from celoss_cli.api.shown import Shown
from celoss_cli.results import diagnosis

if TYPE_CHECKING:
    from celoss_cli.render.report import Report


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis(Shown, diagnosis.Diagnosis):
    """What ``celoss_cli.diagnose`` returns."""

    @classmethod
    def of(cls, found: diagnosis.Diagnosis) -> Self:
        """Return a diagnosis as one that can show itself."""
        return cls(**{field.name: getattr(found, field.name) for field in fields(found)})

    def _report(self) -> Report:
        from celoss_cli.render.diagnosis.report import DiagnosisReport

        return DiagnosisReport(self)
