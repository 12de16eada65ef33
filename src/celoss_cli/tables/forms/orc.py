"""ORC: a partition for each stripe."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision
from celoss_cli.tables.arrow.columns import of_record_batch, ready, vector_widths
from celoss_cli.tables.arrow.errors import reading
from celoss_cli.tables.arrow.types import columns_of
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import HEAD_ROWS, Column, Need, Partition

_POSTSCRIPT = 256  # bytes at most, with the one that says how many

_VERSIONS = ((0, 11), (0, 12), (1, 9999))

_VERSION = 4  # the number of the field

_WHOLE, _PACKED = 0, 2


@dataclass(frozen=True)
class OrcTable:
    """One ORC file. Implements ``Table``."""

    path: str
    rows: int
    stripes: int
    columns: tuple[Column, ...]
    format: str = "orc"
    named: bool = True
    places: tuple[int, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def size(self) -> int:
        """The number of stripes: what progress counts in."""
        return self.stripes

    def head(self) -> Batch:
        """Return the first rows of all columns."""
        return self._first_rows

    @functools.cached_property
    def _first_rows(self) -> Batch:
        return of_record_batch(stripe(self.path, 0, None).slice(0, HEAD_ROWS), "ORC", self.path)

    @functools.cached_property
    def widths(self) -> Mapping[str, int]:
        """The length of the vectors of each column."""
        return vector_widths(self._first_rows, self.columns)

    def partitions(self) -> Iterator[Partition]:
        """Yield the stripes."""
        for number in range(self.stripes):
            yield OrcStripe(self, number)

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return ``None``: an ORC file has no lines."""
        return None


class OrcStripe:
    """A stripe, read by whoever asks for it."""

    def __init__(self, table: OrcTable, number: int) -> None:
        self._table, self._number = table, number
        self.rows: int | None = None
        self.size = 1

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows as one batch."""
        names = list(needs) or [self._table.columns[0].name]
        batch = of_record_batch(stripe(self._table.path, self._number, names), "ORC", self._table.path)
        widths = {name: width for name, width in self._table.widths.items() if name in needs}
        yield ready(batch, needs, widths, 0, self._table.path)


def open_orc(path: str, options: ReadOptions) -> OrcTable:  # noqa: ARG001  as every reader is called
    """Open an ORC file by its footer. Raises UnreadableFile where there is none, or no rows."""
    _check_version(path)
    file = _file(path)
    if file.nrows == 0:
        raise UnreadableFile(
            "the file has no rows", code="no_rows", where=Where(path), hint="check the step that writes this file"
        )
    return OrcTable(path, file.nrows, file.nstripes, columns_of(file.schema))


def stripe(path: str, number: int, columns: list[str] | None) -> pa.RecordBatch:
    """Return a stripe of a file. Raises UnreadableFile."""
    with reading("ORC", path):
        batch: pa.RecordBatch = _file(path).read_stripe(number, columns=columns)
        return batch


def _file(path: str) -> Any:
    from pyarrow import orc

    with reading("ORC", path):
        return orc.ORCFile(path)


def _check_version(path: str) -> None:
    """Refuse a file whose version there is not: the library would say so on stderr itself, and go on."""
    with Path(path).open("rb") as file:
        file.seek(max(0, Path(path).stat().st_size - _POSTSCRIPT))
        end = file.read(_POSTSCRIPT)
    version = _version(end[-1 - end[-1] : -1])
    if version is not None and version not in _VERSIONS:
        raise UnreadableFile(
            f"is of version {'.'.join(map(str, version))} of ORC, which there is not: the file is damaged",
            code="unreadable",
            where=Where(path),
            hint="check the step that writes this file",
        )


def _version(postscript: bytes) -> tuple[int, ...] | None:
    """Return the version in the message that an ORC file ends with, ``None`` where none can be read from it.

    It is field 4, two whole numbers in one packed field (https://orc.apache.org/specification/ORCv1/, Postscript).
    """
    place = 0

    def whole() -> int:
        nonlocal place
        value = shift = 0
        while postscript[place] & 0x80:
            value |= (postscript[place] & 0x7F) << shift
            place, shift = place + 1, shift + 7
        place += 1
        return value | postscript[place - 1] << shift

    try:
        while place < len(postscript):
            tag, kind = divmod(whole(), 8)
            if kind not in (_WHOLE, _PACKED):
                return None
            length = whole()
            if kind == _PACKED and tag == _VERSION:
                end, found = place + length, []
                while place < end:
                    found.append(whole())
                return tuple(found)
            place += length if kind == _PACKED else 0
    except IndexError:
        return None
    return None
