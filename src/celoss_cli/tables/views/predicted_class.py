"""The probability of whichever of two classes was predicted, presented as the probabilities of both."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.arrow.build import vectors
from celoss_cli.tables.arrow.columns import ready
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Kind, Need, Table
from celoss_cli.tables.views.shards import placed
from celoss_cli.tables.views.view import View


class PredictedClassTable(View):
    """A table whose column ``score`` is the probability of the class named in the column ``predicted``.

    ``score`` becomes vectors with one probability for each of the two ``classes``.
    """

    def __init__(self, table: Table, score: str, predicted: str, classes: tuple[str, str]) -> None:
        super().__init__(table)
        self._score, self._predicted, self._classes = score, predicted, classes
        self.columns = tuple(
            column._replace(kind=Kind.VECTOR, width=2, classes=classes) if column.name == score else column
            for column in table.columns
        )

    def head(self) -> Batch:
        """Return the first rows."""
        return self._first_rows

    @functools.cached_property
    def _first_rows(self) -> Batch:
        try:
            needs = {column.name: Need.CATEGORY for column in self.columns}
            return self.presented(self.table.head(), needs, 0)
        except InvalidScores as error:
            raise placed(error, self.table, 0) from None

    def needed(self, needs: Mapping[str, Need]) -> dict[str, Need]:
        """Return which columns of the file are needed, and for what."""
        below = dict(needs)
        if self._score in below:
            below[self._score] = Need.NUMBER
            below.setdefault(self._predicted, Need.CATEGORY)
        return below

    def presented(self, batch: Batch, needs: Mapping[str, Need], first: int) -> Batch:
        """Return a batch with the two probabilities in place of the one; its first row is ``first`` of its partition.

        Raises InvalidScores for a class that is neither, and for a probability below 1/2, which the predicted one of
        two classes cannot have.
        """
        columns = {name: batch.column(name) for name in needs}
        if self._score not in columns:
            return ArrowBatch(columns, batch.rows)
        read = ready(batch, {self._score: Need.NUMBER}, {}, first, self.path)  # a head may hold it as text
        scores = read.numbers(self._score).astype(np.float64)
        chosen = batch.categories(self._predicted)
        places = [self._classes.index(name) if name in self._classes else -1 for name in chosen.values]
        codes = np.array([*places, -1])[chosen.codes]
        self._refuse(codes < 0, first, self._predicted, f"is neither {self._classes[0]!r} nor {self._classes[1]!r}")
        self._refuse(scores < 0.5, first, self._score, "is below 0.5, which the class predicted of two cannot have")
        both = np.empty((batch.rows, 2))
        rows = np.arange(batch.rows)
        both[rows, codes] = scores
        both[rows, 1 - codes] = 1.0 - scores
        return ArrowBatch({**columns, self._score: vectors(both)}, batch.rows)

    def _refuse(self, bad: np.ndarray[tuple[int], np.dtype[np.bool_]], first: int, column: str, message: str) -> None:
        if bad.any():
            raise InvalidScores(
                message,
                code="predicted_class",
                where=Where(self.path, row=first + int(bad.argmax()), column=column),
                hint=f"if {self._score!r} speaks of the same class in every row: --pred {self._score} --positive CLASS",
            )
