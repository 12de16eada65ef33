"""Where a row and a score stand in the files: what an error message points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli.errors import Where
from celoss_cli.layout import Layout
from celoss_cli.tables.source import Table
from celoss_cli.tables.views.shards import place
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.pairing.ids import Rows


class Locator(NamedTuple):
    """Turns a row number of the predictions and the number of a score into a place in a file.

    ``column`` is used where there is no score number: the label's name for the label side. ``order`` has the row of
    ``table`` for each row of the predictions where these were paired by id, and do not stand in the same order.
    """

    table: Table
    scores: tuple[str, ...]
    column: str | None
    label_table: Table | None = None
    label_column: str | None = None
    weight_column: str | None = None
    weight_beside_label: bool = False
    order: Rows | None = None

    @classmethod
    def of(cls, predictions: Table, labels: Table | None, layout: Layout, order: Rows | None) -> Locator:
        """Return the locator of an evaluation."""
        names = tuple(column.name for column in layout.scores)
        if layout.vector:
            inner = layout.scores[0].classes or range(layout.scores[0].width or 0)
            names = tuple(f"{names[0]}[{element}]" for element in inner)
        label = layout.label if len(layout.targets) < 2 else None  # of several label columns none stands for all
        return cls(predictions, names, None, labels, label, layout.weight, layout.weight_beside_label, order)

    @property
    def labels(self) -> Locator:
        """The locator of the label column."""
        return self._beside_label(self.label_column)

    @property
    def weights(self) -> Locator:
        """The locator of the sample-weight column."""
        return self._beside_label(self.weight_column) if self.weight_beside_label else self._here(self.weight_column)

    def where(self, row: int | None, score: int | None) -> Where:
        """Return the place of a row (``None``: the whole column) and, if given, of its score number ``score``."""
        column = self.column
        if score is not None and score < len(self.scores):
            column = self.scores[score]
        elif score is None and column is None and len(self.scores) == 1:
            column = self.scores[0]
        if row is not None and self.label_table is None and self.order is not None:
            row = int(self.order[row])
        return place(self.table, row, column)

    def _beside_label(self, column: str | None) -> Locator:
        return (
            self._here(column) if self.label_table is None else Locator(self.label_table, (), column, order=self.order)
        )

    def _here(self, column: str | None) -> Locator:
        return Locator(self.table, (), column)
