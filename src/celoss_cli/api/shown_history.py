"""The history of the Python API, which also shows itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli.api.shown import Shown
from celoss_cli.results import history

if TYPE_CHECKING:
    from celoss_cli.render.report import Report


class History(Shown, history.History):
    """What ``celoss_cli.read_history`` returns."""

    __slots__ = ()

    def _report(self) -> Report:
        from celoss_cli.render.history.report import HistoryReport

        return HistoryReport(self)
