"""Files whose rows are no samples because items repeat: found in rows at hand, and refused with the flag that helps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from celoss_cli.errors import AmbiguousData, DataError, InvalidScores, Where
from celoss_cli.layout.cells import MANY_VALUED, has, head_is_all, is_predicted
from celoss_cli.layout.items.long_form import CLOSE
from celoss_cli.layout.items.names import may_name_items, may_tell_apart, names_runs
from celoss_cli.layout.items.scored_twice import refused_if_strict, scored_twice
from celoss_cli.layout.items.stacked import ItemRows, Stack, apart_so_far, stack_of
from celoss_cli.layout.names import SCORES, plain
from celoss_cli.layout.roles import Layout
from celoss_cli.layout.weight_columns import is_weight
from celoss_cli.request import Detail, Request
from celoss_cli.results.document import Notice
from celoss_cli.spelling import listed, number, option, same
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Kind, Need, Table
from celoss_cli.tables.views.shards import ShardedTable
from celoss_cli.tuples import NamedTuple

PART = "\0part"
"""Under this name the part that a row is in stands among the columns that may tell rows apart."""

_MOST_WATCHED = 2

_FEWEST_TWICE = 2

_SOON = 1 << 14  # rows: of ten million that stand twice in any order, a dozen pairs are among so many

_FEW_VALUES = 20  # of a column that may tell apart the rows of ids that stand twice among the first ones

_KEYS = (
    "id", "ids", "index", "idx", "row", "row_id", "rowid", "row_index", "uid", "uuid", "guid", "key", "sample_id",
    "sampleid", "example_id", "image_id", "image", "filename", "file_name", "path", "image_path", "record_id",
    "instance_id", "passengerid", "passenger_id", "docid", "doc_id",
)  # fmt: skip
"""Names of what should name one row."""


class ItemColumns(NamedTuple):
    """What repeated items are looked for in: ``items`` may name what a row is about, ``others`` tell its rows apart.

    ``truth`` are the label columns, () where the labels stand in a second file; ``scores`` the prediction columns.
    """

    items: tuple[str, ...]
    others: tuple[str, ...]
    truth: tuple[str, ...]
    scores: tuple[str, ...]
    vector: bool

    def needs(self, item: str, where: Sequence[tuple[str, str]]) -> dict[str, Need]:
        """Return what has to be read to look for items of one column."""
        needs = dict.fromkeys((item, *self.others, *self.truth, *(name for name, _ in where)), Need.KEY)
        return needs | dict.fromkeys(self.scores, Need.NUMBER)


def columns_of(table: Table, labels: Table | None, layout: Layout, request: Request) -> ItemColumns:
    """Return the columns in which repeated items show; ``items`` is empty where nothing can."""
    scores = tuple(column.name for column in layout.scores)
    truth = () if labels is not None else tuple(c.name for c in layout.targets) or (layout.label,)
    taken = {*scores, *truth, layout.weight}
    free = [c for c in table.columns if c.name not in taken and c.kind not in MANY_VALUED]
    settled = request.cluster is not None  # which rows belong together is said
    if settled or not table.named or any(column.kind is Kind.VECTOR for column in layout.targets):
        return ItemColumns((), (), truth, scores, layout.vector)
    given = request.id or layout.pair_ids
    items = [c.name for c in free if (c.name in given if given else may_name_items(c.name))]
    items = [name for name in items if len(given) < 2]
    sliced = {by.column for by in layout.slices}
    others = [
        c.name
        for c in free
        if c.name not in sliced
        and not is_predicted(c, table)
        and not is_weight(c.name)
        and not (plain(c.name) in SCORES and c.kind is Kind.NUMBER)
        and not (labels is not None and has(labels, c.name))
    ]
    return ItemColumns(tuple(items), tuple(others), truth, scores, layout.vector)


def watched_columns(columns: ItemColumns, table: Table, layout: Layout, request: Request) -> tuple[str, ...]:
    """Return the columns whose ids are worth a look in every row: none if the first rows are all there is.

    An id column that is read anyway is; where none is, one whose ids repeat in the first part, beside a column of few
    values; others where something may tell the rows of an item apart that the first rows would not show: a column named
    after runs, or one that is the same in all of them; or one of few values, where some ids stand twice among the first
    rows already.
    """
    if head_is_all(table) or not columns.items:
        return ()
    ids = table.head().texts(columns.items[0])
    most = _FEW_VALUES if len(set(ids)) < len(ids) else 1
    telling = any(
        names_runs(name) or (may_tell_apart(name) and len(set(table.head().texts(name))) <= most)
        for name in columns.others
        if name not in columns.items
    )
    if telling:
        return columns.items[:_MOST_WATCHED]
    full = request.detail in (Detail.FULL, Detail.DIAGNOSIS) or request.per_sample is not None
    if not full and any(
        may_tell_apart(name) and 1 < len(set(table.head().texts(name))) <= _FEW_VALUES
        for name in columns.others
        if name not in columns.items
    ):
        return columns.items[:_MOST_WATCHED] if _repeats_soon(table, columns.items[0]) else ()
    return tuple(name for name in layout.ids if name in columns.items)[:1] if full else ()


def _repeats_soon(table: Table, item: str) -> bool:
    """Whether ids stand twice in the first batch of a file: of a shuffled stack some do, though not in a thousand."""
    from celoss_cli.tables.id_prints import MISSING, id_prints

    part = next(iter(table.partitions()), None)
    batch = None if part is None else next(iter(part.batches({item: Need.KEY})), None)
    prints = None if batch is None else id_prints(batch.held(item))
    if prints is None:
        return False
    known = prints[:_SOON]
    known = known[known != MISSING]
    return int(known.size - np.unique(known).size) >= _FEWEST_TWICE


def check_first_rows(columns: ItemColumns, table: Table, request: Request) -> tuple[Notice, ...]:
    """Return a warning if the first rows say the same twice.

    Raises AmbiguousData if they, or those of several parts, show that items repeat and should not.
    """
    notices: tuple[Notice, ...] = ()
    for item in columns.items:
        ids = table.head().texts(item)
        if len(set(ids)) < len(ids):
            notices = notices or check_rows([rows_of(table.head(), item, columns, request)], item, table)
    if isinstance(table, ShardedTable) and len(table.shards) > 1:
        for item in columns.items:
            _check_parts(columns, table, item, request)
    return refused_if_strict(notices, table, request)


def _check_parts(columns: ItemColumns, table: ShardedTable, item: str, request: Request) -> None:
    """Look at parts whose first rows are about the same items."""
    seen: set[str | None] = set()
    for shard in table.shards:
        ids = set(shard.head().texts(item)) - {None}
        if not seen.isdisjoint(ids):
            parts = [rows_of(shard.head(), item, columns, request, shard.path) for shard in table.shards]
            check_rows(parts, item, table)
            return
        seen |= ids


def check_rows(parts: Sequence[ItemRows], item: str, table: Table) -> tuple[Notice, ...]:
    """Return a warning if rows of one file say the same twice. Raises AmbiguousData where items should not repeat."""
    rows = together(parts)
    if len(parts) > 1 and (twice := _in_two_parts(rows)) is not None:
        raise _parts_refused(twice, item, table)
    stack = stack_of(rows)
    if stack is not None and stack.columns == (PART,):
        raise _parts_refused((stack.values[0][0], stack.values[1][0]), item, table)
    if stack is not None and _is_long(rows, stack):
        raise _long_refused(stack, item, table)
    if stack is not None:
        raise _refused(stack, item, table)
    return _said_twice(rows, item) or (scored_twice(rows, item) if plain(item) in _KEYS else ())


def could_be_refused(rows: ItemRows, item: str) -> bool:
    """Whether rows of items that repeat, and of which there are more, could end in an error or a warning."""
    doubted = _said_twice(rows, item) or (scored_twice(rows, item) if plain(item) in _KEYS else ())
    return apart_so_far(rows) or bool(doubted) or _in_two_parts(rows) is not None


def _in_two_parts(rows: ItemRows) -> tuple[str, str] | None:
    """Return two parts that both have some rows, if all items that stand in several parts are the same there."""
    if PART not in rows.columns:
        return None
    places: dict[str, dict[str | None, list[tuple[Any, Any]]]] = {}
    for i, name in enumerate(rows.ids):
        if name is not None:
            said = (None if rows.truth is None else rows.truth[i], rows.scores[i])
            places.setdefault(name, {}).setdefault(rows.columns[PART][i], []).append(said)
    shared = [by_part for by_part in places.values() if len(by_part) > 1]
    if len(shared) < _FEWEST_TWICE:
        return None
    for by_part in shared:
        if any(len(said) > 1 for said in by_part.values()) or len({said[0] for said in by_part.values()}) > 1:
            return None
    first, second, *_ = shared[0]
    return first or "", second or ""


def _said_twice(rows: ItemRows, item: str) -> tuple[Notice, ...]:
    """Return a warning if a column that should name one row names several of the same truth and scores."""
    if plain(item) not in _KEYS:
        return ()
    said: dict[str, set[Any]] = {}
    counts: Counter[str] = Counter()
    for i, name in enumerate(rows.ids):
        if name is not None:
            said.setdefault(name, set()).add((None if rows.truth is None else rows.truth[i], rows.scores[i]))
            counts[name] += 1
    twice = [name for name, count in counts.items() if count > 1]
    if len(twice) < _FEWEST_TWICE or any(len(said[name]) > 1 for name in twice):
        return ()
    text = (
        f"{item!r} repeats with the same label and scores ({listed(twice)}): rows that count twice leave the standard "
        "error too small, and the mean to those repeated"
    )
    return (Notice("repeated_rows", text),)


def rows_of(batch: Batch, item: str, columns: ItemColumns, request: Request, part: str | None = None) -> ItemRows:
    """Return the rows of a batch that ``--where`` leaves; with the part they are in, where there are several."""
    rows = np.arange(batch.rows)
    for name, value in request.where:
        texts = _texts(batch, name)
        if texts is not None:
            rows = rows[[same(texts[row] or "", value) for row in rows.tolist()]]
    chosen = rows.tolist()
    truth = [batch.texts(name) for name in columns.truth if not batch.is_vector(name)]
    cells: dict[str, Sequence[str | None]] = {
        name: _at(batch.texts(name), chosen) for name in columns.others if name != item
    }
    if part is not None:
        cells[PART] = [part] * len(chosen)
    return ItemRows(
        _at(batch.texts(item), chosen),
        [_joined([column[row] for column in truth]) for row in chosen] if truth else None,
        _scores(batch, columns, chosen),
        cells,
    )


def together(parts: Sequence[ItemRows]) -> ItemRows:
    """Return the rows of several parts."""
    first = parts[0]
    return ItemRows(
        [name for part in parts for name in part.ids],
        None if first.truth is None else [label for part in parts for label in part.truth or ()],
        [score for part in parts for score in part.scores],
        {name: [cell for part in parts for cell in part.columns[name]] for name in first.columns},
    )


def _is_long(rows: ItemRows, stack: Stack) -> bool:
    """Whether what tells the rows of an item apart are classes, and their scores sum to 1: the file is in long form."""
    classes = set(rows.columns[stack.columns[0]])
    if len(stack.columns) > 1 or not (rows.truth is None or set(rows.truth) <= classes):
        return False
    sums: dict[str | None, float] = {}
    for name, score in zip(rows.ids, rows.scores, strict=True):
        value = number(score[0] or "") if isinstance(score, tuple) and len(score) == 1 else None
        if value is None:
            return False
        sums[name] = sums.get(name, 0.0) + value
    return all(abs(total - 1.0) <= CLOSE for total in sums.values())


def _long_refused(stack: Stack, item: str, table: Table) -> DataError:
    return InvalidScores(
        f"the file is in long form, one row for each item and class ({stack.columns[0]!r}), and the rows of an item "
        f"({item!r}) do not stand together",
        code="long_form",
        where=Where(table.path),
        hint=f"sort the rows by {item!r}, each class once an item; or write one row for each item, with a column for "
        "each class",
    )


def _refused(stack: Stack, item: str, table: Table) -> DataError:
    names = " and ".join(repr(name) for name in stack.columns)
    values = listed(dict.fromkeys(row[0] for row in stack.values)) if len(stack.columns) == 1 else ""
    conditions = " ".join(
        option("--where", f"{name}={value}") for name, value in zip(stack.columns, stack.values[0], strict=True)
    )
    return AmbiguousData(
        f"each {item!r} stands in up to {stack.rows} rows of one truth, told apart by {names}"
        f"{f' ({values})' if values else ''}: several models, folds or settings in one file",
        code="stacked_rows",
        where=Where(table.path),
        hint=f"score one of them: {conditions}",
    )


def _parts_refused(parts: tuple[str, str], item: str, table: Table) -> DataError:
    return AmbiguousData(
        f"{parts[0]} and {parts[1]} have rows of the same {item!r} and one truth: they are no parts of one table, or "
        "were scored twice",
        code="repeated_parts",
        where=Where(table.path),
        hint="name the parts that belong together, each row once, with a quoted glob; or score one of them",
    )


def _texts(batch: Batch, name: str) -> Sequence[str | None] | None:
    try:
        return batch.texts(name)
    except KeyError:
        return None


def _at(texts: Sequence[str | None], rows: Sequence[int]) -> list[str | None]:
    return [texts[row] for row in rows]


def _joined(texts: Sequence[str | None]) -> str | None:
    return texts[0] if len(texts) == 1 else "\0".join(text or "" for text in texts)


def _scores(batch: Batch, columns: ItemColumns, rows: Sequence[int]) -> list[Any]:
    """Return something for each row that is equal where all scores are."""
    if columns.vector:
        matrix = np.ascontiguousarray(batch.matrix(columns.scores[0]), dtype=np.float64)
        return [matrix[row].tobytes() for row in rows]
    cells = [batch.texts(name) for name in columns.scores]
    return [tuple(column[row] for column in cells) for row in rows]


def parts_of(table: Table) -> Iterator[tuple[str | None, Table]]:
    """Yield the parts of a table, each with its name; a table that is one has none."""
    if isinstance(table, ShardedTable) and len(table.shards) > 1:
        for shard in table.shards:
            yield shard.path, shard
    else:
        yield None, table
