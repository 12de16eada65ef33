"""The plan: everything resolved that scoring depends on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from celoss_cli.conventions.convention import Convention
from celoss_cli.labels.classes import ClassMap
from celoss_cli.layout import Layout
from celoss_cli.request import Detail, InputKind, InvalidRows, TargetKind, UnknownClass
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.kernels.recalibration import Recalibration
    from celoss_cli.layout.slice_columns import SliceBy
    from celoss_cli.scoring.examined import Examined
    from celoss_cli.tables.id_prints import IdFilter


class Plan(NamedTuple):
    """How to score any row of the predictions. Under one plan, partitions can be scored in any order, anywhere."""

    layout: Layout
    """Which column is what."""
    classes: ClassMap
    """The classes, in the order of their codes."""
    beyond: int
    """How many of them, the last ones, no score speaks of."""
    input: InputKind
    """What the scores are."""
    percent: bool
    """Whether they are percentages."""
    tolerance: float
    """How far from 1 the sum of a row may be."""
    targets: TargetKind
    """What a label says: one class, a number for every class, or which of several labels hold."""
    smoothing: float
    """The ε of label smoothing."""
    pos_weight: tuple[float, ...]
    """The weights of positive terms: one, or one a label; empty for none."""
    ignore: str | None
    """The label of rows that are left out."""
    convention: Convention
    """What is meant by the loss."""
    detail: Detail
    """How much of the report is wanted."""
    top: int
    """How many of the worst rows are kept."""
    invalid: InvalidRows
    """What becomes of rows that cannot be scored."""
    unknown: UnknownClass
    """What becomes of labels that name no class."""
    where: tuple[tuple[str, str], ...]
    """Pairs of a column and the value that a row must have in it to be scored."""
    class_weights: tuple[float, ...] | None
    """The class weights (C,), where they are known before the data."""
    weighted_classes: bool
    """Whether class weights of any kind are in play."""
    per_sample: bool
    """Whether every row is written to a file."""
    gradients: bool
    """Whether its gradient is written too."""
    cluster: int
    """How many rows in succession belong together; 1 where all are independent."""
    paired: bool = False
    """Whether every row is kept, to be held against another model's."""
    any_sum: bool = False
    """Whether rows of numbers above 1 are divided by their sums."""
    counted_in: str = ""
    """The file with the counts of rows, for messages."""
    id_filters: tuple[IdFilter, ...] = ()
    """Which ids are looked at in each column of ``layout.watched``."""

    digest: bool = False
    """Whether the rows are to be told by a digest."""

    examined: Examined | None = None
    """What ``celoss diagnose`` looks at in this pass."""
    by_cluster: bool = False
    """Whether the last column of slices says which rows belong together: ``--cluster``."""
    cluster_quanta: tuple[float, float] | None = None
    """What the v·l and the v of clusters are counted in, where these are added up in this pass."""
    recalibration: Recalibration | None = None
    """What is done to the scores before they are scored."""
    watch_ids: bool = False
    """Whether ids of ``--id`` that stand in several rows are looked for: those are sequences that count twice."""
    macro: bool = False
    """Whether class weights are those by which each class counts the same: they weigh whole rows, by their label."""
    before: int = 0
    """How many rows of the whole come before these, where these are a part and that is known."""

    @property
    def as_scored(self) -> Plan:
        """The plan of what is scored in the place of the scores as they are read: logits, where a fix is applied."""
        return self if self.recalibration is None else self._replace(input=InputKind.LOGITS, percent=False)

    @property
    def single(self) -> bool:
        """Whether one number per row speaks of the positive class."""
        return self.layout.single

    @property
    def clips_outside(self) -> bool:
        """Whether values outside [0, 1] are taken for 0 or 1, because they are clipped anyway."""
        return self.input is InputKind.PROBS and self.convention.clip is not None

    @property
    def mixes_weights(self) -> bool:
        """Whether the loss of a row with one true class is weighed term by term, as torch does where it is smoothed."""
        return self.targets is TargetKind.INDEX and self.smoothing > 0.0 and self.weighted_classes and not self.macro

    @property
    def undivided(self) -> float:
        """How far from 1 the sum of a row may be that is not divided by it.

        Where every row is to be divided, that is what the rounding of the sum itself explains: such rows sum to 1.
        """
        if not self.convention.renormalizes or self.input is InputKind.LOGITS:
            return self.tolerance
        return min(self.tolerance, sys.float_info.epsilon * (8.0 + self.width))

    @property
    def plain(self) -> bool:
        """Whether the loss of a row is the surprisal of its one true class, and nothing else."""
        return self.targets is TargetKind.INDEX and not (self.smoothing or self.pos_weight or self.gradients)

    @property
    def binary(self) -> bool:
        """Whether a row has one of two classes, and scores that speak of both."""
        return self.targets is TargetKind.INDEX and len(self.classes.names) == 2 and not self.beyond

    @property
    def slices(self) -> tuple[SliceBy, ...]:
        """The columns to slice by, where slices are wanted."""
        columns = self.layout.slices if self.full and not self.paired else ()
        return columns[:-1] if self.by_cluster else columns

    @property
    def kept_slices(self) -> tuple[SliceBy, ...]:
        """The columns whose slices are kept with every row."""
        return self.layout.slices if self.paired else ()

    @property
    def independent(self) -> bool:
        """Whether each row is taken to be independent of all others."""
        return self.cluster == 1 and not self.by_cluster

    @property
    def cluster_columns(self) -> tuple[SliceBy, ...]:
        """The columns to slice by and that of ``--cluster``, in a pass that adds up its clusters."""
        looks = self.cluster_quanta is not None or (self.examined is not None and self.examined.clustered is not None)
        return self.layout.slices if self.by_cluster and looks else ()

    @property
    def full(self) -> bool:
        """Whether the whole report is wanted, or the mean alone."""
        return self.detail is Detail.FULL

    @property
    def conventions(self) -> bool:
        """Whether the rows are wanted under every convention."""
        return self.detail is Detail.CONVENTIONS

    @property
    def row_moments(self) -> bool:
        """Whether the spread is that of the rows, and is wanted."""
        return (self.full or self.paired) and self.cluster == 1

    @property
    def third_moments(self) -> bool:
        """Whether rows have weights of their own, so that their skewness takes sums of third powers."""
        return self.layout.weight is not None and self.independent and not self.weighted_classes

    @property
    def score_names(self) -> tuple[str, ...]:
        """The prediction columns, in file order."""
        return tuple(column.name for column in self.layout.scores)

    @property
    def width(self) -> int:
        """How many scores a row has."""
        return 1 if self.single else len(self.classes.names) - self.beyond
