"""A directory or a glob of files that are parts of one table, read as if they were one file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from celoss_cli.errors import DataError, UnreadableFile, Where
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import cut_to
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Kind, Need, Partition, Table
from celoss_cli.tables.views.in_order import in_order_of
from celoss_cli.tables.views.view import stored


class ShardedTable:
    """Several tables with the same columns, one after the other in the order given. Implements ``Table``.

    Columns that have names may stand in another order in each: it is that of the first.
    ``empty`` are the files among them that have no rows, ``left_out`` the names of those that are no parts, ``lists``
    the columns that are no vectors of scores by class, whatever their lengths.
    """

    def __init__(
        self,
        path: str,
        shards: Sequence[Table],
        empty: Sequence[str] = (),
        left_out: Sequence[str] = (),
        lists: Sequence[str] = (),
    ) -> None:
        first = shards[0]
        names = [column.name for column in first.columns]
        shards = (first, *(in_order_of(shard, names) for shard in shards[1:]))
        for shard in shards[1:]:
            _check_same(first, shard)
        self.path = path
        self.shards = tuple(shards)
        self.empty = tuple(empty)
        self.format = first.format
        by_place = zip(*(shard.columns for shard in shards), strict=True)
        self.columns: tuple[Column, ...] = tuple(widest(columns) for columns in by_place)
        self.named = first.named
        self.places = first.places
        self.sequences_of = getattr(first, "sequences_of", None)
        self.lists = frozenset(lists)
        self.size = sum(shard.size for shard in shards)
        counts = [shard.rows for shard in shards]
        self.rows = None if None in counts else sum(count for count in counts if count is not None)
        self.decisions: tuple[Decision, ...] = (_pooled(path, self.shards, empty, left_out), *first.decisions)

    def head(self) -> Batch:
        """Return the first rows of the first shard."""
        return self.shards[0].head()

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions of each shard in turn. Raises UnreadableFile for vectors of another length."""
        for shard in self.shards:
            if shard is not self.shards[0]:
                check_widths(self.shards[0], shard, self.lists)
            yield from shard.partitions()

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return ``None``: the row of several files is on no one line. ``place`` finds the shard."""
        return None


def shards_below(table: Table) -> tuple[Table, ...]:
    """Return the parts of a table or of the one that it presents, () where there is one file."""
    below = stored(table)
    return below.shards if isinstance(below, ShardedTable) else ()


def opened_parts(
    openers: Sequence[Callable[[], Table]],
    prepared: Callable[[Table, Table | None], Table],
    line_of: Callable[[str], bytes],
) -> tuple[list[Table], list[str]]:
    """Return the parts that have rows, each ``prepared`` like the first of them, and the paths of those that have none.

    A part of text that has a header alone is one without rows if the others have that header; where they have none, it
    may be a row: ``line_of`` returns the first line of a part. Raises UnreadableFile as the openers do, and where no
    part has rows.
    """
    tables: list[Table] = []
    empty: list[UnreadableFile] = []
    for opener in openers:
        try:
            tables.append(prepared(opener(), tables[0] if tables else None))
        except UnreadableFile as error:
            if error.code not in WITHOUT_ROWS:
                raise
            empty.append(error)
    if not tables:
        raise empty[0]
    for one in empty:
        if one.code == "no_data_rows" and line_of(_path(one)) != line_of(tables[0].path):
            raise one
    return tables, [_path(one) for one in empty]


WITHOUT_ROWS = ("no_rows", "empty_file", "no_data_rows")
"""The codes of errors that a file without rows is opened with."""


def _path(error: UnreadableFile) -> str:
    return "" if error.where is None else error.where.path


def first_line(path: str) -> bytes:
    """Return the first line of a file, or its path where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return file.readline().strip()
    except OSError:
        return path.encode()


def _pooled(path: str, shards: Sequence[Table], empty: Sequence[str], left_out: Sequence[str]) -> Decision:
    """Return the decision which files make the table."""
    names = [_below(path, shard.path) for shard in shards]
    evidence = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"
    if empty:
        evidence += f"; without rows: {_listed(empty)}"
    if left_out:
        evidence += f"; left out: {_listed(left_out)}"
    return Decision("parts", f"{len(names):,} file{'s' * (len(names) > 1)}", How.DETECTED, evidence)


def _below(directory: str, path: str) -> str:
    """Return the path of a file as seen from the directory, its name alone if it is elsewhere."""
    place = Path(path)
    name = place.relative_to(directory).as_posix() if place.is_relative_to(directory) else place.name
    return cut_to(name, _LONGEST)


def _listed(paths: Sequence[str]) -> str:
    shown = ", ".join(Path(path).name for path in paths[:_SHOWN])
    return shown if len(paths) <= _SHOWN else f"{shown} … ({len(paths):,})"


_SHOWN = 3

_LONGEST = 40


def widest(columns: tuple[Column, ...]) -> Column:
    """Return the one of several columns that is written with the most digits."""
    return max(columns, key=lambda column: column.digits or 0)


def _check_same(first: Table, other: Table) -> None:
    """Raise UnreadableFile where two parts have other columns, or columns of other classes: they are two tables."""
    wanted, found = [column.name for column in first.columns], [column.name for column in other.columns]
    if wanted != found:
        raise _differ(other, f"the columns differ from those of {first.path}")
    for mine, theirs in zip(first.columns, other.columns, strict=True):
        if mine.codes != theirs.codes:
            here, there = (", ".join(codes[:_SHOWN]) or "no names" for codes in (theirs.codes, mine.codes))
            text = f"0, 1, … stand for {here} here, and for {there} in {first.path}"
            raise _differ(other, text, theirs.name)
        if set(mine.classes) != set(theirs.classes):
            odd = sorted(set(mine.classes) ^ set(theirs.classes))[0]
            raise _differ(other, f"the classes differ from those of {first.path}: {odd!r} is in one alone", theirs.name)
        if mine.listed != theirs.listed:
            here, there = (", ".join(names[:_SHOWN]) or "nothing" for names in (theirs.listed, mine.listed))
            raise _differ(other, f"the classes are listed as {here} here, and as {there} in {first.path}", theirs.name)
        if None not in (mine.width, theirs.width) and mine.width != theirs.width:
            raise _other_width(first, other, theirs.name, mine.width, theirs.width)


def check_widths(first: Table, other: Table, lists: Collection[str] = ()) -> None:
    """Raise UnreadableFile where vectors whose type leaves their length open have another one than in the first.

    Lists of any length are none: those of a known tool, ``lists``, and those whose lengths differ among the first rows.
    """
    names = [
        column.name
        for column in other.columns
        if column.kind is Kind.VECTOR and column.width is None and column.name not in lists
    ]
    if not names or getattr(first, "sequences_of", None) is not None:
        return
    from celoss_cli.tables.arrow.columns import of_one_length, vector_widths

    mine, theirs = (vector_widths(table.head(), table.columns) for table in (first, other))
    for name in names:
        differ = mine.get(name) and theirs.get(name) and mine[name] != theirs[name]
        if differ and of_one_length(first.head(), name) and of_one_length(other.head(), name):
            raise _other_width(first, other, name, mine[name], theirs[name])


def _other_width(first: Table, other: Table, name: str, mine: int | None, theirs: int | None) -> UnreadableFile:
    return _differ(other, f"its vectors have {theirs} elements, those of {first.path} {mine}", name)


def _differ(other: Table, text: str, column: str | None = None) -> UnreadableFile:
    return UnreadableFile(
        text,
        code="shards_differ",
        where=Where(other.path, column=column),
        hint="a directory or glob has to hold parts of one table: name the files of one model, or run celoss batch",
    )


def place(table: Table, row: int | None, column: str | None = None) -> Where:
    """Return where a row of the table stands: in which shard, on which line."""
    if row is None:
        return Where(table.path, column=column)
    if isinstance(table, ShardedTable):
        for shard in table.shards:
            rows = rows_of_shard(shard)
            if row < rows:
                return place(shard, row, column)
            row -= rows
    return Where(table.path, row, table.line_of(row), column)


def placed(error: DataError, table: Table, first: int) -> DataError:
    """Return an error of a partition that begins at row ``first`` with the row, line and shard of the table."""
    return error.placed(lambda where, row: place(table, first + row, where.column))


def batches_of(table: Table, needs: Mapping[str, Need]) -> Iterator[Batch]:
    """Yield the batches of all partitions; an error that counts rows from its partition is placed in the file."""
    done = first = 0
    try:
        for partition in table.partitions():
            first = done
            for batch in partition.batches(needs):
                done += batch.rows
                yield batch
    except DataError as error:
        raise placed(error, table, first) from error


def rows_of_shard(shard: Table) -> int:
    """Return how many rows a file has; it is read where it does not say."""
    if shard.rows is not None:
        return shard.rows
    return sum(batch.rows for partition in shard.partitions() for batch in partition.batches({}))
