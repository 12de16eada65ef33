"""The statistics of some rows: of the loss, and of all that the report shows beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli.state.calibration import CalibrationState
from celoss_cli.state.caps import CapState
from celoss_cli.state.loss import LossState
from celoss_cli.state.merging import merged
from celoss_cli.state.tail import TailState
from celoss_cli.state.worst import WorstState
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.state.by_convention import ByConvention
    from celoss_cli.state.diagnosis import DiagnosisState
    from celoss_cli.state.keyed_sums import KeyedSums
    from celoss_cli.state.paired import ThirdSums
    from celoss_cli.state.sequences import SequenceState
    from celoss_cli.state.slices import SliceState


class Totals(NamedTuple):
    """The statistics of the rows read, of which some were scored. Without details: the mean alone.

    A fold over partitions: start from the first, ``merge`` the next with its rows ``shifted`` by those before it.
    """

    rows: int
    """How many rows were read."""
    ignored: int
    """How many of them were left out."""
    loss: LossState
    """The loss: counts and exact sums, by class."""
    calibration: CalibrationState | None
    """Accuracy, Brier score and calibration bins."""
    worst: WorstState | None
    """The rows with the largest loss."""
    conventions: ByConvention | None = None
    """The loss under the rules of libraries, for ``celoss explain``."""
    tail: TailState | None = None
    """How the loss is spread over the rows."""
    caps: CapState | None = None
    """What common clips would make of very large losses."""
    slices: SliceState | None = None
    """The loss of slices of the rows."""
    diagnosis: DiagnosisState | None = None
    """What ``celoss diagnose`` looks at."""
    thirds: ThirdSums | None = None
    """What the skewness of weighted losses follows from."""
    clusters: KeyedSums | None = None
    """The weighted loss and the weight of each cluster, in a pass that knows what to count them in."""
    wrong: int | None = None
    """How many rows are known to be predicted wrong, where calibration is not gathered: 0 if none is, else some."""

    sequences: SequenceState | None = None
    """What sequences of tokens say besides their loss."""

    def merge(self, other: Totals) -> Totals:
        """Return the statistics of both sets of rows; both must have been gathered under the same plan."""
        return merged(self, other)

    def shifted(self, rows: int) -> Totals:
        """Return the same statistics for rows that start ``rows`` further down the file."""
        return self._replace(
            worst=None if self.worst is None else self.worst.shifted(rows),
            diagnosis=None if self.diagnosis is None else self.diagnosis.shifted(rows),
            sequences=None if self.sequences is None else self.sequences.shifted(rows),
            clusters=None if self.clusters is None else self.clusters.shifted(rows),
        )
