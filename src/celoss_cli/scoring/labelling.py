"""The labels and weights that pair with the rows of a batch, whichever file they come from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.labels.classes import is_ignored
from celoss_cli.labels.codes import ClassCodes, batch_codes, class_codes, target_numbers
from celoss_cli.labels.side import LabelSide
from celoss_cli.request import InvalidRows, TargetKind
from celoss_cli.scoring.chunk import Mask
from celoss_cli.scoring.plan import Plan
from celoss_cli.spelling import number
from celoss_cli.tables.batch import MISSING, UNKNOWN, Batch, Categories
from celoss_cli.tables.source import Need
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.layout.slice_columns import SliceBy


class Labels(NamedTuple):
    """The labels of n rows of a batch, and what came with them."""

    codes: Codes
    """The class codes, (n,): negative where the label is missing or names no class."""
    names: Categories | None = None
    """The names behind the codes, where they were needed."""
    targets: Floats | None = None
    """A number for every class, (C, n), or for the positive class alone, (1, n); NaN where it is missing."""
    weights: Floats | None = None
    """The sample weights, (n,)."""
    ignored: Mask | None = None
    """The rows, (n,), whose label is ``--ignore-index``, or that have no row in the label file."""


_SMALL = 1000  # whole numbers up to it are their own codes

_FEW = 1 << 12  # labels that are looked at one by one, whether they name a class or not


@functools.lru_cache(maxsize=16)
def _numbers_below(size: int) -> tuple[str, ...]:
    return tuple(map(str, range(size)))


class Labelling:
    """Pairs batches with their labels under one plan: a column of the same file, or row numbers of a second one."""

    def __init__(self, plan: Plan, side: LabelSide | None) -> None:
        self._plan = plan
        self._side = side
        self._side_codes = None if side is None else ClassCodes(side.labels.values, plan.classes)

    def needs(self) -> Mapping[str, Need]:
        """Return the columns that have to be read beside the scores."""
        layout = self._plan.layout
        needs: dict[str, Need] = {}
        if layout.sequences is not None:
            needs.update(layout.sequences.needs())
        elif self._side is None:
            needs = layout.label_needs
        if layout.weight is not None and not layout.weight_beside_label:
            needs[layout.weight] = Need.NUMBER
        if layout.counts is not None and not layout.counts_beside_label:
            needs[layout.counts] = Need.NUMBER
        return needs

    def of(self, batch: Batch, row: int) -> Labels:
        """Return the labels of a batch whose first row is ``row`` of the file."""
        labels = self._beside(row, batch.rows) if self._side is not None else self._within(batch)
        weight = self._plan.layout.weight
        if weight is not None and labels.weights is None:
            labels = labels._replace(weights=batch.numbers(weight).astype(np.float64, copy=False))
        return labels

    def names(self, batch: Batch, row: int) -> Categories:
        """Return the labels of a batch as they are spelled, none where a number for every class stands in their place.

        The first row of the batch is ``row`` of the file.
        """
        if self._plan.layout.targets:
            return Categories(np.empty(0, dtype=np.int32), ())
        if self._plan.layout.sequences is not None:
            return Categories(np.zeros(batch.rows, dtype=np.int32), ("",))  # sequences have no label
        if self._side is None:
            numbers = batch.integers(self._plan.layout.label)
            if numbers is None or not numbers.size or int(numbers.min()) < 0 or int(numbers.max()) > _SMALL:
                return batch.categories(self._plan.layout.label)
            return Categories(
                numbers.astype(np.int32, copy=False), _numbers_below(1 << int(numbers.max()).bit_length())
            )
        codes = self._side.labels.codes[row : row + batch.rows]
        missing = np.full(batch.rows - codes.shape[0], MISSING, dtype=np.int32)  # said when all rows are counted
        return Categories(np.concatenate((codes, missing)) if missing.size else codes, self._side.labels.values)

    def counts(self, batch: Batch, row: int) -> Floats | None:
        """Return how many rows each row (n,) stands for, ``None`` for one; the first is row ``row`` of the file."""
        layout = self._plan.layout
        if layout.counts is None:
            return None
        if self._side is None or self._side.counts is None:
            return batch.numbers(layout.counts).astype(np.float64)
        counts: Floats = self._side.counts[row : row + batch.rows]
        return counts if counts.shape[0] == batch.rows else np.ones(batch.rows)  # said when all rows are counted

    def chosen(self, row: int, rows: int) -> Mask | None:
        """Return which rows (n,) the label file selects, from row ``row`` of the predictions; ``None`` for all."""
        if self._side is None or self._side.chosen is None:
            return None
        chosen: Mask = self._side.chosen[row : row + rows]
        return chosen if chosen.shape[0] == rows else None  # more predictions than labels: said when all are counted

    def _within(self, batch: Batch) -> Labels:
        layout = self._plan.layout
        if layout.sequences is not None:
            return Labels(np.zeros(batch.rows, dtype=np.intp))  # what is true is what was scored
        if layout.targets:
            return self._of_targets(target_numbers(batch, layout.target_names))
        if self._plan.ignore is None and self._plan.targets is TargetKind.INDEX:
            return Labels(*batch_codes(batch, layout.label, self._plan.classes))
        names = batch.categories(layout.label)
        return self._of_names(names, class_codes(names, self._plan.classes))

    def _beside(self, row: int, rows: int) -> Labels:
        side = self._side
        if side is None or self._side_codes is None:
            raise ValueError("there is no label file")
        part = slice(row, row + rows)
        weights = None if side.weights is None else side.weights[part]
        if side.rows_in_order < row + rows:
            # More predictions than labels. That is said when all rows are counted; until then, any class will do.
            targets = None if side.targets is None else np.full((side.targets.shape[0], rows), 0.5)
            return Labels(np.zeros(rows, dtype=np.intp), None, targets, None if weights is None else np.ones(rows))
        if side.targets is not None:
            labels = self._of_targets(side.targets[:, part])
        else:
            names = Categories(side.labels.codes[part], side.labels.values)
            labels = self._of_names(names, self._side_codes.of(names.codes))
            dropping = self._plan.invalid is InvalidRows.DROP
            if self._side_codes.all_known and not self._side_codes.some_respelt and not dropping:
                labels = labels._replace(names=None)  # there is none to be named
        alone = None if side.paired is None else ~side.paired[part]
        ignored = labels.ignored if alone is None or labels.ignored is None else labels.ignored | alone
        return labels._replace(weights=weights, ignored=alone if ignored is None else ignored)

    def _of_names(self, names: Categories, codes: Codes) -> Labels:
        if self._plan.targets is TargetKind.SOFT:
            numbers = _numbers_of(names)
            unknown = np.isnan(numbers) & (names.codes != MISSING)
            labels = self._of_targets(np.where(unknown, 0.0, numbers)[None, :])  # what a word stands for: its evidence
            codes = np.where(unknown, UNKNOWN, labels.codes)
            return labels._replace(codes=codes, names=names, ignored=self._ignored(names))
        return Labels(codes, names, ignored=self._ignored(names))

    def _of_targets(self, targets: Floats) -> Labels:
        missing = np.isnan(targets).any(axis=0)
        if self._plan.targets is TargetKind.INDEX:
            # One-hot: the class is where the 1 stands. Should a row say otherwise, its evidence will.
            return Labels(np.where(missing, MISSING, np.nan_to_num(targets).argmax(axis=0)), None, targets)
        most = targets.argmax(axis=0) if targets.shape[0] > 1 else (targets[0] > 0.5).astype(np.intp)
        return Labels(np.where(missing, MISSING, most), None, targets)

    def _ignored(self, names: Categories) -> Mask | None:
        ignore = self._plan.ignore
        if ignore is None:
            return None
        ignored: Mask = np.array([*(is_ignored(name, ignore) for name in names.values), False])[names.codes]
        return ignored


def _numbers_of(names: Categories) -> Floats:
    values = [np.nan if (value := number(name)) is None else value for name in names.values]
    numbers: Floats = np.array([*values, np.nan])[names.codes]
    return numbers


def unknown_labels(labels: Labels, chosen: Mask | None) -> list[tuple[str, int, int]]:
    """Return the labels that name no class, each with how many rows have it and the first of them in the batch."""
    if labels.names is None:
        return []
    return _by_label(labels.names, labels.codes == UNKNOWN, chosen)


def respelt_labels(
    labels: Labels, chosen: Mask | None, plan: Plan, counts: Callable[[], Floats | None]
) -> list[tuple[str, int, int]]:
    """Return the labels that name their class by letters alone, each with its rows and the first of them in the batch.

    Those in the letters of their class are there, too, where rows that cannot be scored are dropped afterwards: what is
    counted says less of the labels then. Rows are as many as ``counts`` (n,) says they stand for, if it says so.
    """
    if labels.names is None:
        return []
    met: Iterable[int] = range(len(labels.names.values))
    if len(labels.names.values) > _FEW:
        met = np.unique(labels.names.codes[labels.codes >= 0]).tolist()  # those that name a class may still be few
    values, classes, dropping = labels.names.values, plan.classes, plan.invalid is InvalidRows.DROP
    wanted = [
        code for code in met if classes.respelt(values[code]) or (dropping and classes.spelt_as_it_is(values[code]))
    ]
    return _by_label(labels.names, np.isin(labels.names.codes, wanted), chosen, counts()) if wanted else []


def _by_label(
    names: Categories, wanted: Mask, chosen: Mask | None, counts: Floats | None = None
) -> list[tuple[str, int, int]]:
    """Return the labels of the rows (n,) that are ``wanted`` and ``chosen``, each with their number and the first."""
    rows = np.flatnonzero(wanted if chosen is None else wanted & chosen)
    if not rows.size:
        return []
    codes, firsts, of_label = np.unique(names.codes[rows], return_index=True, return_inverse=True)
    weights = None if counts is None else np.nan_to_num(counts[rows], posinf=0.0)
    many = np.bincount(of_label, weights, codes.size)
    found = zip(codes.tolist(), many.tolist(), rows[firsts].tolist(), strict=True)
    return [(names.values[code], int(count), first) for code, count, first in found]


class Slicing:
    """Tells the slice of every row, for each of some columns. Holds nothing that changes."""

    def __init__(self, slices: Sequence[SliceBy], side: LabelSide | None, needs: dict[str, Need]) -> None:
        """Add the columns that have to be read for it to ``needs``."""
        self._side = side
        self._slices: list[tuple[SliceBy, Categories | None, Need]] = []
        beside = iter(() if side is None else side.slices)
        for by in slices:
            if by.beside_label:
                self._slices.append((by, next(beside), by.need))
            else:
                self._slices.append((by, None, needs.setdefault(by.column, by.need)))

    def of(self, batch: Batch, row: int) -> tuple[Categories, ...]:
        """Return the slices of a batch whose first row is ``row`` of the file, column by column."""
        from celoss_cli.labels.slices import slice_codes  # most runs have no slices

        return tuple(
            slice_codes(batch, by, read_as) if beside is None else _part(beside, row, batch.rows)
            for by, beside, read_as in self._slices
        )


def _part(slices: Categories, row: int, rows: int) -> Categories:
    codes = slices.codes[row : row + rows]
    if codes.shape[0] < rows:  # fewer labels than predictions: that is said when all rows are counted
        codes = np.full(rows, MISSING, dtype=np.int32)
    return Categories(codes, slices.values)
