"""Everything a partition leaves behind, as one mergeable value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli.state.evidence import Evidence
from celoss_cli.state.merging import merged
from celoss_cli.state.target_evidence import TargetEvidence
from celoss_cli.state.texts_met import TextsMet
from celoss_cli.state.totals import Totals
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.state.digest import DigestState
    from celoss_cli.state.row_sample import RowSample


class Partial(NamedTuple):
    """What some rows of the predictions leave behind: small, whatever their number, and free of the files.

    A fold over partitions: start from the first, and ``merge`` the next, ``shifted`` by the rows before it. Merging is
    associative; both sides must have been gathered under one plan.
    """

    totals: Totals
    """The statistics: counts, exact sums, calibration, the worst rows."""
    evidence: Evidence
    """What the scores say about what the columns hold."""
    targets: TargetEvidence
    """What labels that are numbers say."""
    repeats: tuple[RowSample, ...] = ()
    """How often ids stand in the file, for each column that is watched."""
    digest: DigestState | None = None
    """Which rows they are, where somebody asks."""
    met: TextsMet = TextsMet()
    """In which spellings rows have the values that ``--where`` asks for."""

    @property
    def rows(self) -> int:
        """How many rows were read, scored or not."""
        return self.totals.rows

    def merge(self, other: Partial) -> Partial:
        """Return what both sets of rows leave behind."""
        return merged(self, other)

    def shifted(self, rows: int) -> Partial:
        """Return the same for rows that start ``rows`` further down the file."""
        return self._replace(
            totals=self.totals.shifted(rows),
            evidence=self.evidence.shifted(rows),
            targets=self.targets.shifted(rows),
        )
