"""The first records of a text file: enough to tell how it is written, never more than has to fit into memory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.tables.text.byte_ranges import LONGEST_RECORD, Cutter, EndlessRecord
from celoss_cli.tables.text.csv_faults import open_quote
from celoss_cli.tables.text.dialect import Dialect
from celoss_cli.tables.text.records import Record
from celoss_cli.tables.text.text_stream import utf8_chunks

SAMPLE_SIZE = 256 << 10  # about a thousand rows of ten columns

_ANY_DELIMITER = b",;\t|"


def sample_of(path: str, compression: str | None, encoding: str) -> tuple[bytes, bool]:
    """Return the first records as UTF-8: about SAMPLE_SIZE, or as much as three lines take, or the whole file; and
    whether it is that.

    Raises UnreadableFile for a record of more than LONGEST_RECORD: the rest of a file need not fit into memory.
    """
    sample = bytearray()
    wanted = SAMPLE_SIZE
    with closing(utf8_chunks(path, compression, encoding)) as chunks:
        for chunk, _ in chunks:
            sample += chunk
            while len(sample) > wanted:
                newline = b"\n" if b"\n" in sample else b"\r"
                try:
                    end = Cutter(wanted, newline, _ANY_DELIMITER).cut(sample, 0, ended=False) or 0
                except EndlessRecord:
                    end = 0
                lines = sample.count(newline, 0, end)
                if lines >= 3 or (lines == 2 and wanted >= LONGEST_RECORD):
                    return bytes(sample[:end]), end == len(sample) and next(chunks, None) is None
                if wanted >= LONGEST_RECORD:
                    raise endless(path)
                wanted *= 4
    return (bytes(sample) if len(sample) <= SAMPLE_SIZE else _without_open_cell(bytes(sample))), True


def _without_open_cell(sample: bytes) -> bytes:
    """Return a whole file without most of the cell that its last quote opens: that one is refused, not sniffed.

    What looks like an open cell may be a stray quote, so it ends with a line.
    """
    opened = open_quote(sample, _ANY_DELIMITER)
    newline = b"\n" if b"\n" in sample else b"\r"
    end = 0 if opened is None else sample.rfind(newline, opened, opened + SAMPLE_SIZE) + 1
    return sample[:end] if end else sample


def head_text(sample: bytes, dialect: Dialect, head: Sequence[Record]) -> bytes:
    """Return the bytes of the sampled data records."""
    lines = sample[dialect.data_start :].splitlines(keepends=True)  # of bytes: at LF, CR and CRLF only
    return b"".join(lines[: head[-1].last_line - dialect.header_lines])


def endless(path: str) -> UnreadableFile:
    """Return the error for a record that does not end."""
    return UnreadableFile(
        "a record goes on for more than 256 MiB: a quote is never closed",
        code="unclosed_quote",
        where=Where(path),
        hint="close the quote",
    )
