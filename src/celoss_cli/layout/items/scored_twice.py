"""Rows that stand for one item with nothing that tells them apart: ids that repeat, or a truth that starts over."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.layout.cells import MANY_VALUED, head_is_all
from celoss_cli.layout.items.names import OCCASIONS, names_runs
from celoss_cli.layout.items.stacked import ItemRows, chance_of_one_truth
from celoss_cli.layout.names import plain
from celoss_cli.request import Request
from celoss_cli.results.document import Notice
from celoss_cli.spelling import listed, option
from celoss_cli.tables.batch import renamed
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.views.shards import batches_of
from celoss_cli.tuples import NamedTuple

_FILES = frozenset({"filename", "file_name", "path", "image_path", "key"})  # of which windows or crops are samples

_FOLDS = frozenset(
    {"fold", "folds", "fold_id", "fold_no", "cv", "cv_fold", "kfold", "k_fold", "outer_fold", "inner_fold"}
)

_WITHIN_REACH = frozenset({"csv", "parquet", "npz", "memory"})

_LAST_ROWS = 100

_BY_CHANCE = 0.01

_FEWEST_ROWS = 5  # of one run

_MOST_RUNS = 50


def scored_twice(rows: ItemRows, item: str) -> tuple[Notice, ...]:
    """Return a warning if most ids of ``item`` stand in several rows of one truth, more than by chance.

    The scores of these rows differ, and no column tells them apart: which of them are meant cannot be told.
    """
    if plain(item) in _FILES or plain(item) in OCCASIONS or rows.truth is None:
        return ()
    places: dict[str, list[int]] = {}
    for row, name in enumerate(rows.ids):
        if name is not None:
            places.setdefault(name, []).append(row)
    twice = {name: group for name, group in places.items() if len(group) > 1}
    chance = chance_of_one_truth(rows.truth, list(twice.values()))
    if len(twice) < 2 or 2 * len(twice) < len(places) or chance is None or chance >= _BY_CHANCE:
        return ()
    if 2 * sum(len({rows.scores[row] for row in group}) > 1 for group in twice.values()) < len(twice):
        return ()
    text = (
        f"{item!r} stands in several rows of one label with other scores ({listed(twice)}), and no column tells these "
        "rows apart: several models or a run of a model that was repeated may stand in one file"
    )
    return (Notice("repeated_ids", text),)


def refused_if_strict(notices: tuple[Notice, ...], table: Table, request: Request) -> tuple[Notice, ...]:
    """Return the warnings; under ``--strict``, raise AmbiguousData for ids that repeat, unless that is allowed."""
    for notice in notices:
        if notice.code == "repeated_ids" and request.strict and notice.code not in request.allow:
            raise AmbiguousData(
                f"--strict: {notice.message}",
                code=notice.code,
                where=Where(table.path),
                hint=f"write one row for each id, or --allow {notice.code} if all are samples",
            )
    return notices


def check_truth_starts_over(table: Table, label: str, taken: Collection[str]) -> None:
    """Raise AmbiguousData where a column named after runs parts the rows, and the truth is the same in each part.

    Then several models were written one below the other, without ids. Columns ``taken`` have parts of their own.
    """
    for column in table.columns:
        if column.name == label or column.name in taken or column.kind in MANY_VALUED or not names_runs(column.name):
            continue
        if not head_is_all(table) and (plain(column.name) in _FOLDS or not _changes_once(table, column.name)):
            continue  # the rows of a fold are its own
        found = _by_run(table, label, column.name)
        if found is not None and found.chance < _BY_CHANCE:
            raise AmbiguousData(
                f"the labels are the same, row by row, for each {column.name!r} ({listed(found.runs)}): several "
                "models, folds or settings in one file",
                code="stacked_rows",
                where=Where(table.path),
                hint=f"score one of them: {option('--where', f'{column.name}={found.runs[0]}')}",
            )


def _changes_once(table: Table, name: str) -> bool:
    """Whether a column is the same in all first rows of a long file, and another in all the last: as runs follow.

    Only of files of which the last rows can be read without the others.
    """
    first = set(table.head().texts(name))
    if len(first) > 1 or table.format not in _WITHIN_REACH:
        return False
    last = deque(table.partitions(), maxlen=1)
    found: set[str | None] = set()
    for batch in last[0].batches({name: Need.CATEGORY}) if last else ():
        found.update(batch.texts(name)[-_LAST_ROWS:])
    return len(found) == 1 and found != first


class _Runs(NamedTuple):
    """Runs that have the same labels in the same order, and how likely that is by chance."""

    runs: tuple[str, ...]
    chance: float


def _by_run(table: Table, label: str, name: str) -> _Runs | None:
    """Return the runs that column ``name`` parts the rows into, if all have as many rows and the same labels."""
    runs: dict[str, int] = {}
    truths: dict[str, int] = {}
    parts: list[npt.NDArray[np.int64]] = []
    needs = {name: Need.CATEGORY, label: Need.CATEGORY}
    for batch in [table.head()] if head_is_all(table) else batches_of(table, needs):
        run, truth = (renamed(batch.categories(one), known) for one, known in ((name, runs), (label, truths)))
        parts.append(np.stack([run, truth]).astype(np.int64))
        if len(runs) > _MOST_RUNS or parts[-1].min(initial=0) < 0:
            return None
    codes = np.concatenate(parts, axis=1)
    sizes = np.bincount(codes[0], minlength=len(runs))
    if len(runs) < 2 or sizes.min() < _FEWEST_ROWS or sizes.min() < sizes.max():
        return None
    truth = codes[1][np.argsort(codes[0], kind="stable")].reshape(len(runs), -1)
    if not (truth == truth[0]).all():
        return None
    shares = np.bincount(truth[0]) / truth.shape[1]
    return _Runs(tuple(runs), float((shares**2).sum() ** (truth.shape[1] * (len(runs) - 1))))
