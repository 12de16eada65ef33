"""The batch of the Python API, which also shows itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli.api.shown import Shown
from celoss_cli.results import batch

if TYPE_CHECKING:
    from celoss_cli.render.report import Report


class Batch(Shown, batch.Batch):
    """What ``celoss_cli.evaluate_many`` returns."""

    __slots__ = ()

    def _report(self) -> Report:
        from celoss_cli.render.batch.report import BatchReport

        return BatchReport(self)
