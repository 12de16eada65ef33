"""A result in the parts that reports are made of, so that every command writes the same kinds of report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from celoss_cli.render.forms.findings import Findings
    from celoss_cli.render.forms.outline import Outline


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
