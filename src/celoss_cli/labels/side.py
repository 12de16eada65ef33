"""A label file in the order of the prediction rows, which it pairs with by position or by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import InvalidLabels, MisalignedData, Where
from celoss_cli.kernels.outcome import Floats, Mask
from celoss_cli.labels.codes import target_numbers
from celoss_cli.labels.conditions import refuse_alike, rows_and_texts_with
from celoss_cli.layout import Layout
from celoss_cli.layout.cells import head_is_all
from celoss_cli.request import Unmatched
from celoss_cli.spelling import list_option
from celoss_cli.state.texts_met import TextsMet
from celoss_cli.tables.batch import MISSING, Batch, Categories, renamed
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.views.shards import batches_of
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.labels.by_id import Pairs
    from celoss_cli.labels.slices import SideSlices


class LabelSide(NamedTuple):
    """The labels of a second file in the order of the prediction rows, 4 bytes a row, and weights if it has them.

    ``labels.codes`` (n,) int32 into ``labels.values``, or ``targets`` (C, n) where labels have a number for every
    class; ``weights`` (n,) or ``None``, and so the ``counts`` of ``--count``. ``rows`` is the number of rows of the
    label file. ``pairs`` says how rows were paired by id, ``None`` if they pair by position; ``paired`` (n,) which
    predictions have a label, ``None`` for all. ``slices`` are those of each row for each column of ``--slice`` that is
    in this file, and ``chosen`` (n,) the rows that ``--where`` selects by columns of it, ``None`` for all.
    """

    labels: Categories
    targets: Floats | None
    weights: Floats | None
    rows: int
    pairs: Pairs | None = None
    paired: Mask | None = None
    slices: tuple[Categories, ...] = ()
    chosen: Mask | None = None
    counts: Floats | None = None

    @property
    def names(self) -> set[str]:
        """The labels of the rows that may be scored: those of label rows without a prediction name no class."""
        if self.chosen is None and (self.pairs is None or not self.pairs.unmatched_labels):
            return set(self.labels.values)
        used = np.unique(self.labels.codes if self.chosen is None else self.labels.codes[self.chosen])
        return {self.labels.values[code] for code in used if code != MISSING}

    @property
    def rows_in_order(self) -> int:
        """How many prediction rows there are labels for."""
        return int(self.labels.codes.shape[0] if self.targets is None else self.targets.shape[1])


def read_label_side(
    predictions: Table,
    labels: Table,
    layout: Layout,
    unmatched: Unmatched,
    where: Sequence[tuple[str, str]] = (),
    where_here: Sequence[tuple[str, str]] = (),
    *,
    of_part: bool = False,
) -> LabelSide:
    """Read the second file and put it in the order of the prediction rows.

    ``where`` are conditions on its columns, ``where_here`` on those of the predictions: rows that these leave out need
    no partner. ``of_part``: nor do labels, which may be those of other parts of the predictions.

    Raises MisalignedData for ids that are repeated, missing or, unless ``unmatched`` drops them, in one file only. Row
    counts of files paired by position are compared by ``check_rows`` once both are known.
    """
    ids = None
    if layout.pair_ids:
        from celoss_cli.labels.by_id import IdPairing

        ids = IdPairing(predictions, labels, layout.pair_ids, unmatched, where_here, of_part=of_part)
    else:
        _refuse_other_order(predictions, labels, layout)
    label = _Targets(layout.target_names) if layout.targets else _Labels(layout.label, labels.rows)
    weights = _Numbers(layout.weight if layout.weight_beside_label else None)
    counts = _Numbers(layout.counts if layout.counts_beside_label else None)
    conditions = _Conditions(where)
    needs = _needs(layout, (weights.name, counts.name), where)
    sliced = _side_slices(layout, needs, labels.path)
    columns: list[_Gathered] = [label, weights, counts, conditions, *([] if ids is None else [ids]), *sliced]
    rows = 0
    for batch in batches_of(labels, needs):
        rows += batch.rows
        for column in columns:
            column.add(batch)
    if rows == 0:
        raise InvalidLabels("the label file has no rows", code="no_rows", where=Where(labels.path))
    chosen = conditions.chosen(labels.path)
    pairs = None if ids is None else ids.pair(chosen)
    order, paired = _order_of(pairs, some=bool(where_here))
    names, targets = label.finish(order, paired)
    return LabelSide(
        labels=names,
        targets=targets,
        weights=weights.finish(order),
        rows=rows,
        pairs=pairs,
        paired=paired,
        slices=tuple(slices.finish(order) for slices in sliced),
        chosen=None if chosen is None else chosen[order],
        counts=counts.finish(order),
    )


def _needs(layout: Layout, numbers: Sequence[str | None], where: Sequence[tuple[str, str]]) -> dict[str, Need]:
    """Return what each column of the label file is read for; where it has several parts, one of them decides.

    ``numbers`` are the columns of weights and of counts, if it has any.
    """
    needs = layout.label_needs | {name: Need.NUMBER for name in numbers if name is not None}
    needs |= dict.fromkeys(layout.pair_ids, Need.KEY)
    for by in layout.slices:
        if by.beside_label:
            needs.setdefault(by.column, by.need)
    for name, _ in where:
        needs.setdefault(name, Need.CATEGORY)
    return needs


def _side_slices(layout: Layout, needs: Mapping[str, Need], path: str) -> list[SideSlices]:
    beside = [by for by in layout.slices if by.beside_label]
    if not beside:
        return []
    from celoss_cli.labels.slices import SideSlices

    return [SideSlices(by, needs[by.column], path) for by in beside]


def _order_of(pairs: Pairs | None, *, some: bool) -> tuple[Any, Mask | None]:
    """Return what puts label rows in the order of the predictions, and which of these have a label, ``None`` for all.

    ``some``: only some of the predictions were to be paired.
    """
    if pairs is None or pairs.order is None:
        return slice(None), None
    return pairs.order, pairs.order >= 0 if pairs.unmatched or some else None


class _Gathered(Protocol):
    """What is taken from a label file batch by batch, in one pass over it."""

    def add(self, batch: Batch) -> None:
        """Add the rows of a batch."""


class _Labels:
    """Takes the labels of a label file batch by batch: one piece of codes, where the number of rows is known before."""

    def __init__(self, name: str, rows: int | None) -> None:
        self._name = name
        self._values: dict[str, int] = {}
        try:
            self._room = np.empty(rows or 0, dtype=np.int32)
        except (MemoryError, ValueError):  # a damaged file may say anything
            self._room = np.empty(0, dtype=np.int32)
        self._end = 0
        self._beyond: list[npt.NDArray[np.int32]] = []

    def add(self, batch: Batch) -> None:
        """Add the rows of a batch."""
        codes = renamed(batch.categories(self._name), self._values)
        end = self._end + codes.shape[0]
        if self._beyond or end > self._room.shape[0]:
            self._beyond.append(codes)
            return
        self._room[self._end : end] = codes
        self._end = end

    def finish(self, order: Any, paired: Mask | None) -> tuple[Categories, None]:
        """Return the rows in the order of the predictions: missing where these are not ``paired``."""
        here = self._room[: self._end]
        codes = (np.concatenate([here, *self._beyond]) if self._beyond else here)[order]
        if paired is not None:
            codes[~paired] = MISSING
        return Categories(codes, tuple(self._values)), None


class _Targets:
    """Takes the label columns of a label file that have a number for every class, batch by batch."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._parts: list[Floats] = []

    def add(self, batch: Batch) -> None:
        """Add the rows of a batch."""
        self._parts.append(target_numbers(batch, self._names))

    def finish(self, order: Any, _: Mask | None) -> tuple[Categories, Floats]:
        """Return no names, and the numbers (C, n) in the order of the predictions."""
        return Categories(np.empty(0, dtype=np.int32), ()), np.concatenate(self._parts, axis=1)[:, order]


class _Numbers:
    """Takes weights or counts of a label file batch by batch, if it has a column of them."""

    def __init__(self, name: str | None) -> None:
        self.name = name
        self._parts: list[Floats] = []

    def add(self, batch: Batch) -> None:
        """Add the rows of a batch."""
        if self.name is not None:
            self._parts.append(batch.numbers(self.name).astype(np.float64))

    def finish(self, order: Any) -> Floats | None:
        """Return the numbers (n,) in the order of the predictions."""
        return np.concatenate(self._parts)[order] if self._parts else None


class _Conditions:
    """Holds ``--where`` against the rows of a label file batch by batch."""

    def __init__(self, where: Sequence[tuple[str, str]]) -> None:
        self._where = where
        self._parts: list[Mask] = []
        self._met = TextsMet()

    def add(self, batch: Batch) -> None:
        """Add the rows of a batch."""
        chosen, texts = rows_and_texts_with(batch, self._where)
        if chosen is not None:
            self._parts.append(chosen)
            self._met = self._met.merge(texts)

    def chosen(self, path: str) -> Mask | None:
        """Return which rows of the file (n,) are left, ``None`` for all. Raises AmbiguousData as ``refuse_alike``."""
        refuse_alike(path, self._where, self._met)
        return np.concatenate(self._parts) if self._parts else None


def _refuse_other_order(predictions: Table, labels: Table, layout: Layout) -> None:
    """Raise MisalignedData where rows that pair by position have another key in each file, below the first rows."""
    if not (predictions.named and labels.named) or len(labels.columns) < 2:
        return
    from celoss_cli.layout.key_columns import key_of_both

    mine = {layout.label, *(column.name for column in (*layout.scores, *layout.targets))}
    names = () if head_is_all(labels) else key_of_both(predictions, labels, besides=mine, some=True)
    if names:
        from celoss_cli.labels.by_id import IdPairing

        ids = IdPairing(predictions, labels, names, Unmatched.ERROR)
        for batch in batches_of(labels, dict.fromkeys(names, Need.KEY)):
            ids.add(batch)
        ids.refuse_other_order()


def check_rows(predictions: Table, labels: Table, rows: int, side: LabelSide) -> None:
    """Raise MisalignedData unless the files paired by position have the same number of rows."""
    if side.pairs is None and rows != side.rows:
        from celoss_cli.layout.key_columns import key_of_both

        named = predictions.named and labels.named
        key = key_of_both(predictions, labels) if named else ()
        ways = [f"pass {list_option('--id', key) if key else '--id COLUMN'} if both files have a key"] if named else []
        if any(table.line_of(0) is not None for table in (predictions, labels)):
            ways.append("pass --header/--no-header if a header was taken for a row or the reverse")
        if not named:
            ways.append("leave out the rows that only one of them has")
        raise MisalignedData(
            f"{rows:,} predictions but {side.rows:,} labels in {labels.path}",
            code="row_count_mismatch",
            where=Where(predictions.path),
            hint=f"rows pair by position: {', or '.join(ways)}",
        )
