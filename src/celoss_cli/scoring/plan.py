"""The plan: everything resolved that scoring depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from celoss_cli.conventions.convention import Convention
from celoss_cli.labels.classes import ClassMap
from celoss_cli.layout import Layout
from celoss_cli.request import Detail, InputKind, InvalidRows, TargetKind, UnknownClass

if TYPE_CHECKING:
    from celoss_cli.layout.slice_columns import SliceBy


class Plan(NamedTuple):
    """How to score any row of the predictions. Under one plan, partitions can be scored in any order, anywhere.

    ``classes`` in code order, of which no score speaks of the last ``beyond``; ``input`` and ``percent`` say how to
    read the scores; ``tolerance`` is for the sums of rows; ``targets`` is what the labels say, ``smoothing`` the ε of
    label smoothing, ``pos_weight`` the weight of positive terms (one, or one a label; empty for none); rows labelled
    ``ignore`` are left out; ``class_weights`` (C,) where they are known before the data, ``weighted_classes`` if any
    kind of them is in play; ``where`` are (column, value) that a row must have to be scored; ``per_sample`` if every
    row is written, ``gradients`` with its gradient; so many rows following each other are one ``cluster``, 1 where all
    are independent; ``paired`` if every row is kept. ``any_sum``: rows of numbers above 1 are divided by their sums.
    """

    layout: Layout
    classes: ClassMap
    beyond: int
    input: InputKind
    percent: bool
    tolerance: float
    targets: TargetKind
    smoothing: float
    pos_weight: tuple[float, ...]
    ignore: str | None
    convention: Convention
    detail: Detail
    top: int
    invalid: InvalidRows
    unknown: UnknownClass
    where: tuple[tuple[str, str], ...]
    class_weights: tuple[float, ...] | None
    weighted_classes: bool
    per_sample: bool
    gradients: bool
    cluster: int
    paired: bool = False
    any_sum: bool = False

    @property
    def single(self) -> bool:
        """Whether one number per row speaks of the positive class."""
        return len(self.layout.scores) == 1 and not self.layout.vector

    @property
    def plain(self) -> bool:
        """Whether the loss of a row is the surprisal of its one true class, and nothing else."""
        return self.targets is TargetKind.INDEX and not (self.smoothing or self.pos_weight or self.gradients)

    @property
    def slices(self) -> tuple[SliceBy, ...]:
        """The columns to slice by, where slices are wanted."""
        return self.layout.slices if self.full and not self.paired else ()

    @property
    def kept_slices(self) -> tuple[SliceBy, ...]:
        """The columns whose slices are kept with every row."""
        return self.layout.slices if self.paired else ()

    @property
    def full(self) -> bool:
        """Whether the whole report is wanted, or the mean alone."""
        return self.detail is Detail.FULL

    @property
    def row_moments(self) -> bool:
        """Whether the spread is that of the rows, and is wanted."""
        return (self.full or self.paired) and self.cluster == 1

    @property
    def score_names(self) -> tuple[str, ...]:
        """The prediction columns, in file order."""
        return tuple(column.name for column in self.layout.scores)

    @property
    def width(self) -> int:
        """How many scores a row has."""
        return 1 if self.single else len(self.classes.names) - self.beyond
