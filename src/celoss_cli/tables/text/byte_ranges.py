"""Cuts delimited text into byte ranges that end where records end, so that each can be parsed alone.

A line end is a record's end if the number of quotes before it, from the range's start, is even. Quotes inside an
unquoted cell (``a 5" disk``) break that rule: they are noticed, and then the quoted cells are walked one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from celoss_cli.tuples import NamedTuple

_LARGEST_RANGE = 8 << 20

_FEWEST_RECORDS = 64  # of thousands of columns, each of which costs something in every range

RANGE_SIZE = 2 << 20  # parsing is then far above its fixed costs, and the memory that it fills is small

LONGEST_RECORD = 256 << 20


def range_for(record: int) -> int:
    """Return how long a range is to be where a record has so many bytes."""
    return max(RANGE_SIZE, min(_LARGEST_RANGE, _FEWEST_RECORDS * record))


class EndlessRecord(ValueError):
    """A record longer than ``LONGEST_RECORD``: in practice a quote that is never closed."""


class Cutter(NamedTuple):
    """How one file is cut: about ``size`` bytes a range, at ``newline`` (LF, or CR in old Mac files).

    ``quotes``: a line end inside of quotes is none.
    """

    size: int
    newline: bytes
    delimiter: bytes
    quotes: bool = True

    def cut(self, text: bytes | bytearray, start: int, *, ended: bool) -> int | None:
        """Return where the range that starts at ``start`` ends: after a record's line end, or at the text's end.

        ``None`` means that more text is needed, which cannot be if ``ended``. ``start`` must be a record's start.
        Raises EndlessRecord.
        """
        length = self.size
        while start + length < len(text):
            end = self._record_end(text, start, start + length)
            if end is not None:
                return end
            if length > LONGEST_RECORD:
                raise EndlessRecord
            length *= 2
        return len(text) if ended else None

    def _record_end(self, text: bytes | bytearray, start: int, stop: int) -> int | None:
        """Return the last record's end in ``text[start:stop]``, or ``None``."""
        latest = text.rfind(self.newline, start, stop) + 1
        if latest <= start:
            return None
        if not self.quotes or text.find(b'"', start, latest) < 0:  # four times as fast as counting none
            return latest
        piece = bytes(text[start:latest])
        quotes = piece.count(b'"')
        if not self._quotes_alternate(piece):
            walked = self._walk(piece)
            return start + walked if walked else None
        end = len(piece)
        while quotes % 2:
            last = piece.rfind(b'"', 0, end)  # every line end after it is inside the quotes, too
            previous = piece.rfind(self.newline, 0, last) + 1
            quotes -= piece.count(b'"', previous, end)
            end = previous
        return start + end if end else None

    def _quotes_alternate(self, piece: bytes) -> bool:
        """Whether every second quote, from the first, stands where a cell begins or doubles the one before it.

        Then quotes open and close in turn, and counting them tells what is quoted.
        """
        characters = np.frombuffer(piece, dtype=np.uint8)
        opening = np.flatnonzero(characters == ord('"'))[::2]
        before = characters[opening - 1]
        before[opening == 0] = ord("\n")
        allowed = np.zeros(256, dtype=bool)
        allowed[list(self.delimiter + b'\r\n"')] = True
        return bool(allowed[before].all())

    def _walk(self, piece: bytes) -> int:
        """Return the end of the last line in ``piece`` that does not end inside quotes, or 0."""
        stop = len(piece)
        for quoted in reversed(list(quoted_cell(self.delimiter).finditer(piece))):
            end = piece.rfind(self.newline, quoted.end(), stop) + 1
            if end:
                return end
            stop = quoted.start()
        return piece.rfind(self.newline, 0, stop) + 1


def quoted_cell(delimiter: bytes) -> re.Pattern[bytes]:
    """Return a pattern for the quoted part of a cell; its group 1 is empty if the text ends inside the quotes.

    It begins with the quote and looks back from there: a search for a fixed first byte is twenty times faster.
    """
    return re.compile(rb'"(?<![^' + re.escape(delimiter) + rb'\r\n]")(?:[^"]++|"")*+("?)')


def cut_file(file: BinaryIO, start: int, cutter: Cutter) -> Iterator[tuple[memoryview, int, bool]]:
    """Yield the ranges of a plain file from byte ``start`` on, each with where it ends, and whether it is the last.

    The file is read, not mapped: one that is truncated meanwhile would end the process from within.
    """
    wanted = cutter.size
    while True:
        file.seek(start)
        text = file.read(wanted + 1)
        if not text:
            return
        ended = len(text) <= wanted
        end = cutter.cut(text, 0, ended=ended)
        if end is None:
            wanted *= 2
            continue
        start += end
        last = ended and end == len(text)
        yield memoryview(text)[:end], start, last
        wanted = cutter.size


def cut_stream(chunks: Iterator[bytes], cutter: Cutter) -> Iterator[tuple[bytes, bool]]:
    """Yield the ranges of a stream, each with whether it is the last.

    Holds one range and one chunk at a time, more only for a longer record.
    """
    pending = bytearray()
    wanted = cutter.size
    for chunk in chunks:
        pending += chunk
        if len(pending) <= wanted:
            continue
        start = 0
        while (end := cutter.cut(pending, start, ended=False)) is not None:
            yield bytes(pending[start:end]), False
            start = end
        del pending[:start]
        wanted = max(cutter.size, 2 * len(pending))  # a long record is not searched again for each chunk
    start = 0
    while start < len(pending):
        end = cutter.cut(pending, start, ended=True)
        assert end is not None
        yield bytes(pending[start:end]), end == len(pending)
        start = end
