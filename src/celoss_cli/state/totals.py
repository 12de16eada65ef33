"""Everything one pass leaves behind, as one mergeable value."""

from __future__ import annotations

from dataclasses import dataclass, replace

from celoss_cli.state.by_convention import ByConvention
from celoss_cli.state.calibration import CalibrationState
from celoss_cli.state.loss import LossState
from celoss_cli.state.worst import WorstState


@dataclass(frozen=True, slots=True)
class Totals:
    """The statistics of ``rows`` rows read, of which some were scored. Without details: the mean alone.

    A fold over partitions: start from the first, ``merge`` the next with its rows ``shifted`` by those before it.
    """

    rows: int
    ignored: int
    loss: LossState
    calibration: CalibrationState | None
    worst: WorstState | None
    conventions: ByConvention | None = None

    def merge(self, other: Totals) -> Totals:
        """Return the statistics of both sets of rows; both must have been gathered under the same plan."""
        return Totals(
            self.rows + other.rows,
            self.ignored + other.ignored,
            self.loss.merge(other.loss),
            None
            if self.calibration is None or other.calibration is None
            else self.calibration.merge(other.calibration),
            None if self.worst is None or other.worst is None else self.worst.merge(other.worst),
            None
            if self.conventions is None or other.conventions is None
            else self.conventions.merge(other.conventions),
        )

    def shifted(self, rows: int) -> Totals:
        """Return the same statistics for rows that start ``rows`` further down the file."""
        return replace(self, worst=None if self.worst is None else self.worst.shifted(rows))
