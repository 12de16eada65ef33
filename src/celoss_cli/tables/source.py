"""The port every file form is read through: a table splits into partitions, a partition into batches of columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from celoss_cli.spec import Decision

if TYPE_CHECKING:
    from celoss_cli.tables.batch import Batch


class Kind(Enum):
    """What the cells of a column are, as far as its roles care.

    ``NESTED`` cells hold several values that are not all numbers; ``OTHER`` are single values that are neither numbers
    nor names, such as dates, and columns in which no value was seen (their type is ``empty`` or ``null``).
    """

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    VECTOR = "vector"
    NESTED = "nested"
    OTHER = "other"


class Need(Enum):
    """What a column is read for. Text files convert by it: ``001`` is the number 1 as a score, itself as a label.

    A label is a category that goes by its number too: where the first ones are whole numbers, ``001`` may become ``1``.
    """

    NUMBER = "number"
    CATEGORY = "category"
    LABEL = "label"
    KEY = "key"


class Column(NamedTuple):
    """A column of a table: its name as the file spells it, what its cells are, and the file's own type for it.

    ``width`` is the number of elements in each cell of a vector column, ``None`` otherwise. ``digits`` is the
    largest number of significant decimal digits in the first cells of a text file's number column. ``classes`` are the
    names of a vector's elements where its cells carry them (``[{"label": "cat", "score": 0.9}, …]``), in the order of
    the elements; () where they do not. That order is this program's, not the model's: a label may match such a class by
    name, never by position.
    """

    name: str
    kind: Kind
    dtype: str
    width: int | None = None
    digits: int | None = None
    classes: tuple[str, ...] = ()


class Partition(Protocol):
    """A run of consecutive rows that can be read without reading any other."""

    @property
    def rows(self) -> int | None:
        """The number of rows, if that is known before reading."""
        ...

    @property
    def size(self) -> int:
        """Its share of the table's ``size``."""
        ...

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order, only the columns of ``needs``. May be called from any thread, and again.

        Raises UnreadableFile or InvalidScores, with the row counted from the start of this partition.
        """
        ...


class Table(Protocol):
    """One opened table: a file, or an in-memory object."""

    @property
    def path(self) -> str:
        """What messages call it: the path as the user gave it."""
        ...

    @property
    def format(self) -> str:
        """The detected form: ``csv``, ``csv.gz``, ``parquet``."""
        ...

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in file order."""
        ...

    @property
    def named(self) -> bool:
        """Whether the columns have names of their own, or are numbered for want of a header."""
        ...

    @property
    def rows(self) -> int | None:
        """The number of data rows, where it is known without reading them."""
        ...

    @property
    def size(self) -> int:
        """The total to which the partitions' sizes add up, for progress: bytes or rows."""
        ...

    @property
    def places(self) -> tuple[int, ...]:
        """The shape of what each leading index of an array of rank > 2 holds, each place a row; () elsewhere."""
        ...

    @property
    def divisible(self) -> bool:
        """Whether a partition is known by its place: another process that has the table can then read it by itself.

        Those of a compressed stream hold their text, which only who reads all before it can have.
        """
        ...

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """How a text file is being read."""
        ...

    def head(self) -> Batch:
        """Return the first rows (at most 1,000) of all columns, to form a first opinion from."""
        ...

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions in file order. Lazy, so that a compressed stream is never held whole."""
        ...

    def line_of(self, row: int) -> int | None:
        """Return the 1-based line on which data row ``row`` starts, or ``None`` where there are no lines."""
        ...
