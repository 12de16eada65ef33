"""The port every file form is read through: a table splits into partitions, a partition into batches of columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from celoss_cli.spec import Decision
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.tables.batch import Batch


HEAD_ROWS = 1000
"""How many rows a first opinion of a table is formed from."""


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
    A list may have another length in every row.
    """

    NUMBER = "number"
    CATEGORY = "category"
    LABEL = "label"
    KEY = "key"
    LIST = "list"


class Column(NamedTuple):
    """A column of a table."""

    name: str
    """As the file spells it."""

    kind: Kind
    """What its cells are."""

    dtype: str
    """The file's own type for it, as NumPy users know it."""

    width: int | None = None
    """How many elements each cell of a vector column has; ``None`` elsewhere, and where the type leaves it open."""

    digits: int | None = None
    """With how many significant decimal digits the first numbers were printed; ``None`` where they are binary."""

    classes: tuple[str, ...] = ()
    """The names of a vector's elements where its cells carry them (``[{"label": "cat", "score": 0.9}, …]``).

    Their order is this program's, not the model's: a label may match such a class by name, never by position.
    """

    listed: tuple[str, ...] = ()
    """The names of a vector's elements in their order, where the file lists these once, beside the vectors."""

    codes: tuple[str, ...] = ()
    """Of a column of whole numbers, what 0, 1, … stand for, where the file says so (``ClassLabel`` of datasets)."""

    is_share: bool = False
    """Whether its cells have a percent sign: what is read of ``70%`` is 0.7, whatever the column is called."""

    is_truth: bool = False
    """Whether the file itself says that this is the class to be predicted (Orange's row of roles)."""


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
    def decisions(self) -> tuple[Decision, ...]:
        """How a text file is being read."""
        ...

    def head(self) -> Batch:
        """Return the first rows (at most HEAD_ROWS) of all columns, to form a first opinion from."""
        ...

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions in file order. Lazy, so that a compressed stream is never held whole."""
        ...

    def line_of(self, row: int) -> int | None:
        """Return the 1-based line on which data row ``row`` starts, or ``None`` where there are no lines."""
        ...
