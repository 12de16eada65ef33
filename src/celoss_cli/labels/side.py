"""A label file in the order of the prediction rows, which it pairs with by position or by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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
from celoss_cli.tables.batch import MISSING, Categories, renamed
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


class _CodesOfAll:
    """The codes of all batches, put into one piece as they come where the number of rows is known before."""

    def __init__(self, rows: int | None) -> None:
        try:
            self._room = np.empty(rows or 0, dtype=np.int32)
        except (MemoryError, ValueError):  # a damaged file may say anything
            self._room = np.empty(0, dtype=np.int32)
        self._end = 0
        self._beyond: list[npt.NDArray[np.int32]] = []

    def add(self, codes: npt.NDArray[np.int32]) -> None:
        """Add the codes of the next batch (n,)."""
        end = self._end + codes.shape[0]
        if self._beyond or end > self._room.shape[0]:
            self._beyond.append(codes)
            return
        self._room[self._end : end] = codes
        self._end = end

    def whole(self) -> npt.NDArray[np.int32]:
        """Return the codes of all rows."""
        here = self._room[: self._end]
        return np.concatenate([here, *self._beyond]) if self._beyond else here


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
    names = tuple(column.name for column in layout.targets)
    needs = dict.fromkeys(names, Need.NUMBER) if names else {layout.label: Need.LABEL}
    weight = layout.weight if layout.weight_beside_label else None
    count = layout.counts if layout.counts_beside_label else None
    needs |= {name: Need.NUMBER for name in (weight, count) if name is not None}
    needs |= dict.fromkeys(layout.pair_ids, Need.KEY)
    sliced = _side_slices(layout)
    for slices in sliced:
        needs.setdefault(slices.by.column, slices.by.need)
    for name, _ in where:
        needs.setdefault(name, Need.CATEGORY)
    chosen: list[Mask] = []
    ids = None
    if layout.pair_ids:
        from celoss_cli.labels.by_id import IdPairing

        ids = IdPairing(predictions, labels, layout.pair_ids, unmatched, where_here, of_part=of_part)
    elif predictions.named and labels.named and len(labels.columns) > 1:
        _refuse_other_order(predictions, labels, layout)
    codes = _CodesOfAll(0 if names else labels.rows)
    targets: list[Floats] = []
    weights: list[Floats] = []
    counts: list[Floats] = []
    values: dict[str, int] = {}
    met = TextsMet()
    rows = 0
    for batch in batches_of(labels, needs):
        rows += batch.rows
        if names:
            targets.append(target_numbers(batch, names))
        else:
            codes.add(renamed(batch.categories(layout.label), values))
        if weight is not None:
            weights.append(batch.numbers(weight).astype(np.float64))
        if count is not None:
            counts.append(batch.numbers(count).astype(np.float64))
        selected, texts = rows_and_texts_with(batch, where)
        if selected is not None:
            chosen.append(selected)
            met = met.merge(texts)
        if ids is not None:
            ids.add(batch)
        for slices in sliced:
            slices.add(batch, needs[slices.by.column], labels.path)
    if rows == 0:
        raise InvalidLabels("the label file has no rows", code="no_rows", where=Where(labels.path))
    refuse_alike(labels.path, where, met)
    selection = np.concatenate(chosen) if chosen else None
    pairs = None if ids is None else ids.pair(selection)
    order: Any = slice(None) if pairs is None or pairs.order is None else pairs.order
    paired: Mask | None = None
    if pairs is not None and pairs.order is not None and (pairs.unmatched or where_here):
        paired = pairs.order >= 0
    column = codes.whole() if names else codes.whole()[order]
    if paired is not None and not names:
        column[~paired] = MISSING
    return LabelSide(
        Categories(column, tuple(values)),
        np.concatenate(targets, axis=1)[:, order] if targets else None,
        np.concatenate(weights)[order] if weights else None,
        rows,
        pairs,
        paired,
        tuple(slices.finish(order) for slices in sliced),
        None if selection is None else selection[order],
        np.concatenate(counts)[order] if counts else None,
    )


def _refuse_other_order(predictions: Table, labels: Table, layout: Layout) -> None:
    """Raise MisalignedData where rows that pair by position have another key in each file, below the first rows."""
    from celoss_cli.layout.key_columns import key_of_both

    mine = {layout.label, *(column.name for column in (*layout.scores, *layout.targets))}
    names = () if head_is_all(labels) else key_of_both(predictions, labels, besides=mine, some=True)
    if names:
        from celoss_cli.labels.by_id import IdPairing

        ids = IdPairing(predictions, labels, names, Unmatched.ERROR)
        for batch in batches_of(labels, dict.fromkeys(names, Need.KEY)):
            ids.add(batch)
        ids.refuse_other_order()


def _side_slices(layout: Layout) -> list[SideSlices]:
    beside = [by for by in layout.slices if by.beside_label]
    if not beside:
        return []
    from celoss_cli.labels.slices import SideSlices

    return [SideSlices(by) for by in beside]


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
