"""New scores for old ones, block by block, while every row is looked at: is the fix for such scores?"""

from __future__ import annotations

import numpy as np

from celoss_cli.detection.judge import judge
from celoss_cli.detection.reading import Reading
from celoss_cli.errors import DataError, InvalidScores, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.kernels.recalibration import Recalibration
from celoss_cli.layout import Layout
from celoss_cli.layout.location import Locator
from celoss_cli.pipeline.calibrated import check_kind
from celoss_cli.request import InputKind, Request
from celoss_cli.results.calibration import Calibration
from celoss_cli.scoring.recalibrated import recalibrated, written_as
from celoss_cli.state.evidence import FAR
from celoss_cli.state.observer import Observer
from celoss_cli.tables.source import Column, Table

_MOST_PLAUSIBLE = 0.9
"""The share of rows of logits that may look like probabilities."""


class Rescorer:
    """Applies a fix to the scores of one table, which come in file order."""

    def __init__(
        self,
        fix: Calibration,
        by: Recalibration,
        table: Table,
        columns: tuple[Column, ...],
        kind: InputKind | None,
        into: InputKind | None,
    ) -> None:
        """``kind`` is what the scores are said to be, ``None`` where rows have to show it; ``into`` what is wanted."""
        self._fix, self._by = fix, by
        self._kind = kind or fix.scores.input
        self._given = kind is not None
        self._into = into or self._kind
        self._percent = fix.scores.percent and self._kind is InputKind.PROBS
        layout = Layout(columns, "", (), (), None, weight_beside_label=False, where_beside_label=(), targets=(),
                        decisions=())  # fmt: skip
        self._layout = layout
        self._at = Locator.of(table, None, layout, None)._replace(label_column=None)
        self._observer = Observer(self._kind, FAR)
        self.rows = 0

    def __call__(self, scores: Floats, axis: int) -> Floats:
        """Return the new scores of the next rows, (C, n) or (n, C) with the classes along ``axis``; may overwrite them.

        Raises InvalidScores at the first row that no reading could score.
        """
        if self._percent:
            scores /= 100.0
        self._observer.observe(scores, axis, self.rows)
        self.rows += scores.shape[1 - axis]
        if self._observer.fatal:
            self.check()
        with np.errstate(all="ignore"):  # scores of another kind are refused when all are known
            logits = recalibrated(self._kind, scores, axis, self._by)
            new = written_as(self._into, logits, axis)
        if self._percent and self._into is InputKind.PROBS:
            new = 100.0 * new
        return new

    def check(self) -> None:
        """Refuse scores that are not what the fix is for. Raises DataError."""
        seen, path = self._observer.finish(), self._at.table.path
        if self._kind is InputKind.LOGITS and seen.plausible > _MOST_PLAUSIBLE * seen.rows:
            check_kind(self._fix, InputKind.PROBS, path, given=self._given)
        reading = Reading(self._kind, percent=self._percent, given=self._given)
        try:
            found = judge(reading, seen, self._layout, Request(path), self._at)
        except DataError as error:
            error.hint = f"the fix is for {self._kind.noun}: correct the rows, or say what the scores are: --input"
            raise
        if self._kind is InputKind.PROBS and not self._given and seen.low >= 0.0 and 1.0 < seen.high <= 100.0:
            raise InvalidScores(
                f"the scores go from {seen.low:g} to {seen.high:g}, as percentages do; the fix is for probabilities",
                code="calibration_percent",
                where=Where(path),
                hint="divide them by 100, or fit one on percentages",
            )
        check_kind(self._fix, found.input, path, given=self._given)
