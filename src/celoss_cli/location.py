"""Where a row and a score stand in the files: what an error message points at."""

from __future__ import annotations

from dataclasses import dataclass

from celoss_cli.errors import Where
from celoss_cli.layout import Layout
from celoss_cli.tables.shards import place
from celoss_cli.tables.source import Table


@dataclass(frozen=True, slots=True)
class Locator:
    """Turns a row number and the number of a score into a place in a file.

    ``column`` is used where there is no score number: the label's name for the label side.
    """

    table: Table
    scores: tuple[str, ...]
    column: str | None
    label_table: Table | None = None
    label_column: str | None = None
    weight_column: str | None = None
    weight_beside_label: bool = False

    @classmethod
    def of(cls, predictions: Table, labels: Table | None, layout: Layout) -> Locator:
        """Return the locator of an evaluation."""
        names = tuple(column.name for column in layout.scores)
        if layout.vector:
            names = tuple(f"{names[0]}[{i}]" for i in range(layout.scores[0].width or 0))
        # With ids the rows of the two files differ: then only the prediction's row is known.
        side = labels if layout.pair_id is None else None
        return cls(predictions, names, None, side, layout.label, layout.weight, layout.weight_beside_label)

    @property
    def labels(self) -> Locator:
        """The locator of the label column."""
        return Locator(self.label_table or self.table, (), self.label_column)

    @property
    def weights(self) -> Locator:
        """The locator of the sample-weight column."""
        beside_label = self.weight_beside_label and self.label_table is not None
        return Locator(self.label_table if beside_label and self.label_table else self.table, (), self.weight_column)

    def where(self, row: int | None, score: int | None) -> Where:
        """Return the place of a row (``None``: the whole column) and, if given, of its score number ``score``."""
        column = self.column
        if score is not None and score < len(self.scores):
            column = self.scores[score]
        elif score is None and column is None and len(self.scores) == 1:
            column = self.scores[0]
        return place(self.table, row, column)
