"""What an evaluation works on, from pass to pass, and what one pass takes for granted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from celoss_cli.detection.precision import WrittenPrecision
from celoss_cli.detection.reading import Reading
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.labels.match import Match
from celoss_cli.labels.side import LabelSide
from celoss_cli.labels.weights import Given
from celoss_cli.layout import Layout
from celoss_cli.layout.location import Locator
from celoss_cli.request import Request, TargetKind
from celoss_cli.tables.source import Table
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.pipeline.clustered import Clustered
    from celoss_cli.results.calibration import Calibration

Opener = Callable[[Any, str], Table]
"""Opens an input (a path or an object) in the role of predictions or labels."""


Progress = Callable[[int], Any]
"""Takes the size of the work and returns a context manager that gives something with ``advance(size)``."""


class Job(NamedTuple):
    """What stays the same from pass to pass."""

    request: Request
    """What the user said."""
    predictions: Table
    """The predictions, open."""
    labels: Table | None
    """The label file, open, if there is one."""
    layout: Layout
    """Which column is what."""
    side: LabelSide | None
    """The labels of the second file, in the order of the predictions."""
    at: Locator
    """Finds the place of a row in the files, for messages."""
    precision: WrittenPrecision
    """How exactly the scores were written down."""
    class_weight: Given | str | None
    """The class weights as they were given."""
    pos_weight: tuple[float, ...]
    """The weights of positive terms."""
    head: Floats
    """The scores of the first rows, (n, C)."""
    first_labels: frozenset[str]
    """The labels of the first rows that are to be scored, or of the whole label file."""
    calibration: Calibration | None = None
    """The fix that is applied before scoring."""
    others: Mapping[str, Codes] | None = None
    """What ``other_labels`` of ``alarming`` says, where the tables are gone: merged states."""
    cluster: Clustered | None = None
    """What scores the rows, if not this process does."""

    @property
    def where(self) -> tuple[tuple[str, str], ...]:
        """The conditions of ``--where`` on columns of the predictions; those on the label file are in ``side``."""
        pairs = zip(self.request.where, self.layout.where_beside_label, strict=True)
        return tuple(condition for condition, beside in pairs if not beside)

    @property
    def width(self) -> int:
        """How many scores a row has."""
        return int(self.head.shape[1])

    @property
    def single(self) -> bool:
        """Whether one number per row speaks of the positive class."""
        return self.layout.single


class Assumed(NamedTuple):
    """What a pass takes for granted, and the pass itself may contradict."""

    reading: Reading
    """What the scores are."""
    targets: TargetKind
    """What a label says."""
    match: Match
    """Which class each label names, and each score speaks of."""
    class_weights: tuple[Fraction, ...] | None
    """The class weights (C,), ``None`` where only the whole file tells them."""
