"""A result in the parts that reports are made of, so that every command writes the same kinds of report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from celoss_cli.evaluation import Evaluation
    from celoss_cli.render.findings import Findings
    from celoss_cli.render.outline import Outline


class Origin(NamedTuple):
    """Whose result it is: the command, the version of celoss, and the files as they were named."""

    command: str
    version: str
    files: tuple[str, ...]


class Report(Protocol):
    """A result that can be reported. Each part is made when it is asked for."""

    def document(self) -> dict[str, Any]:
        """Return what the JSON holds."""

    def findings(self) -> Findings:
        """Return the checks, numbers and warnings, for readers that are machines."""

    def page(self, *, comment: bool) -> Outline:
        """Return the page to be laid out; for a ``comment``, no longer than one may be."""

    def table(self) -> str:
        """Return the table as CSV."""


class EvaluationReport:
    """The parts of an evaluation's report."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation

    def document(self) -> dict[str, Any]:
        """Return the ``celoss.evaluation`` document."""
        return self._evaluation.to_dict()

    def findings(self) -> Findings:
        """Return the checks, numbers and warnings."""
        from celoss_cli.render.findings import findings_of

        return findings_of(self._evaluation)

    def page(self, *, comment: bool) -> Outline:
        """Return the page of the evaluation."""
        from celoss_cli.render import evaluation_page

        return evaluation_page.outline_of(
            self._evaluation, evaluation_page.COMMENT if comment else evaluation_page.FILE
        )

    def table(self) -> str:
        """Return the per-class table."""
        from celoss_cli.render import csv

        return csv.render(self._evaluation)
