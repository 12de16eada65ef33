"""A batch of columns that the compiled core parsed: NumPy arrays, and Arrow ones only for whom nothing else will do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.tables.batch import (
    Batch,
    Categories,
    FloatArray,
    categories_of,
    categories_of_integers,
    label_text,
)
from celoss_cli.tuples import NamedTuple


class Names(NamedTuple):
    """A column of text as codes: ``codes`` (n,) int32 into ``values``, the different cells as they are written."""

    codes: npt.NDArray[np.int32]
    values: tuple[str, ...]


class Texts(NamedTuple):
    """A column of text: the UTF-8 of one cell after the other, and where each begins and ends, (n + 1,) int32."""

    ends: npt.NDArray[np.int32]
    data: npt.NDArray[np.uint8]


Cells = npt.NDArray[np.float64] | npt.NDArray[np.int64] | Names | Texts


class Block(NamedTuple):
    """Columns that lie in memory one after the other: ``numbers`` (C, n), and the place of each by name."""

    numbers: npt.NDArray[np.float64]
    places: Mapping[str, int]


class PlainBatch:
    """Consecutive rows without a missing number. Implements ``Batch``."""

    __slots__ = ("_block", "_columns", "_texts", "known", "rows")

    def __init__(self, columns: Mapping[str, Cells], rows: int, block: Block | None = None) -> None:
        """``block`` has some of the columns once more, together."""
        self._columns = columns
        self._block = block
        self._texts: dict[str, list[str | None]] = {}
        self.known: dict[Any, Any] = {}
        self.rows = rows

    def numbers(self, name: str) -> FloatArray | npt.NDArray[np.integer[Any]]:
        """Return a number column, shape (n,), float64 or int64. Texts that are all booleans become 0 and 1."""
        cells = self._columns[name]
        return cells if isinstance(cells, np.ndarray) else self._in_arrow(name).numbers(name)

    def stacked(self, names: Sequence[str]) -> npt.NDArray[Any]:
        """Return the ``numbers`` of several columns, shape (C, n), not to be written to."""
        places = [] if self._block is None else [self._block.places.get(name, -1) for name in names]
        if self._block is None or -1 in places:
            return np.stack([self.numbers(name) for name in names])
        first, last = places[0], places[-1]
        together = places == list(range(first, last + 1))
        return self._block.numbers[first : last + 1] if together else self._block.numbers[places]

    def matrix(self, name: str) -> FloatArray:
        """Raise what Arrow does: there are no vectors here."""
        return self._in_arrow(name).matrix(name)

    def is_vector(self, name: str) -> bool:  # noqa: ARG002
        """Return False: there are no vectors here."""
        return False

    def categories(self, name: str) -> Categories:
        """Return a column of names or labels as codes. Numbers are named as numbers: ``1``, ``1.0`` and 1 agree."""
        cells = self._columns[name]
        if isinstance(cells, Names):
            return categories_of(cells.codes, cells.values)
        whole = self.integers(name)
        if whole is not None:
            return categories_of_integers(whole)
        return self._in_arrow(name).categories(name)

    def integers(self, name: str) -> npt.NDArray[np.integer[Any]] | None:
        """Return an integer column, shape (n,), or ``None`` if it is not that (then: ``categories``)."""
        cells: Any = self._columns[name]
        return cells if isinstance(cells, np.ndarray) and cells.dtype == np.int64 else None

    def column(self, name: str) -> Any:
        """Return a column as an Arrow array over the same memory."""
        from celoss_cli.tables.arrow.build import names_array, numbers_array, texts_in

        cells = self._columns[name]
        if isinstance(cells, Names):
            return names_array(cells.codes, cells.values)
        return texts_in(cells.ends, cells.data) if isinstance(cells, Texts) else numbers_array(cells)

    def held(self, name: str) -> Cells:
        """Return a column as it is."""
        return self._columns[name]

    def stored(self, name: str) -> npt.NDArray[Any] | None:  # noqa: ARG002
        """Return ``None``: text is no bfloat16."""
        return None

    def taken(self, rows: npt.NDArray[np.signedinteger[Any]]) -> Batch:
        """Return some rows, by their places in this batch."""
        return self._in_arrow(*self._columns).taken(rows)

    def text_at(self, name: str, row: int) -> str | None:
        """Return one cell as the text a person would type for it."""
        return label_text(self._cell(name, row))

    def texts(self, name: str) -> list[str | None]:
        """Return any column as the text a person would type for each cell."""
        texts = self._texts.get(name)
        if texts is None:
            texts = self._texts[name] = self._spelled(name)
        return texts

    def _spelled(self, name: str) -> list[str | None]:
        cells = self._columns[name]
        if isinstance(cells, Names):
            values = [label_text(value) for value in cells.values]
            return [values[code] for code in cells.codes.tolist()]
        if isinstance(cells, Texts):
            return [label_text(self._cell(name, row)) for row in range(self.rows)]
        if cells.dtype == np.int64:
            return list(map(str, cells.tolist()))
        return [str(int(value)) if value.is_integer() else repr(value) for value in cells.tolist()]  # as label_text

    def _cell(self, name: str, row: int) -> str | float | int:
        cells = self._columns[name]
        if isinstance(cells, Names):
            return cells.values[int(cells.codes[row])]
        if isinstance(cells, Texts):
            cell: bytes = cells.data[cells.ends[row] : cells.ends[row + 1]].tobytes()
            return cell.decode()
        value: str | float | int = cells[row].item()
        return value

    def _in_arrow(self, *names: str) -> Batch:
        from celoss_cli.tables.arrow.batch import ArrowBatch

        return ArrowBatch({name: self.column(name) for name in names}, self.rows)
