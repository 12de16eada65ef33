"""The records of delimited text, as Python's csv module cuts them: slow, exact, and with the lines they stand on."""

from __future__ import annotations

import csv
import io
import itertools
import re
import threading
from collections.abc import Iterator
from typing import Any

from celoss_cli.tuples import NamedTuple

_FIELD_LIMIT = threading.Lock()

_MARKDOWN = rb"[^\r\n]+(?:\r\n|\r|\n)(?=[^\r\n]*-)([ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-*:?[ \t]*(?:\r\n|\r|\n))"


class Record(NamedTuple):
    """One record: its fields, the 1-based line it starts on, and the last line it takes."""

    fields: list[str]
    line: int
    last_line: int


def records(data: bytes, delimiter: str) -> Iterator[Record]:
    """Yield the records of UTF-8 text, blank lines skipped. A cell may be as long as the data."""
    lines = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="replace", newline="")
    reader = csv.reader(lines, delimiter=delimiter)
    last = 0
    while several := _next_fields(reader, len(data)):
        for fields, line in several:
            if fields:
                yield Record(fields, last + 1, line)
            last = line


def moved(records: list[Record], lines: int) -> list[Record]:
    """Return records as they stand so many lines further down."""
    if not lines:
        return records
    return [Record(record.fields, record.line + lines, record.last_line + lines) for record in records]


def _next_fields(reader: Any, longest: int) -> list[tuple[list[str], int]]:
    """Return the fields of the next records, each with its last line. Cells may have ``longest`` characters.

    Python's limit of 128 KiB is one for the whole process, which may be somebody else's. So it is raised, never
    lowered, for no longer than some records take, and by one thread at a time: a second would restore the raised one.
    """
    with _FIELD_LIMIT:
        usual = csv.field_size_limit()
        try:
            csv.field_size_limit(max(usual, longest))
            return [(fields, reader.line_num) for fields in itertools.islice(reader, 100)]
        finally:
            csv.field_size_limit(usual)


def rule_of_markdown(text: bytes) -> tuple[int, int] | None:
    """Return where the second line begins and ends if it is the rule of a Markdown table: ``| --- | ---: |``."""
    found = re.match(_MARKDOWN, text) if b"|" in text else None
    return found.span(1) if found is not None and b"|" in found[0] else None


def unframed(text: bytes) -> bytes:
    """Return the lines of a Markdown table without the bars at their ends and the blanks around those inside."""
    text = re.sub(rb"(?:\A|(?<=[\r\n]))[ \t]*\|[ \t]*|[ \t]*\|[ \t]*(?=[\r\n]|\Z)", b"", text)
    return re.sub(rb"[ \t]*\|[ \t]*", b"|", text)


def squeeze_blanks(text: bytes) -> bytes:
    """Return the text with each run of blanks as one, and none at the ends of lines. Lines stay lines."""
    text = re.sub(rb"(?:\A|(?<=[\r\n]))[ \t]+|[ \t]+(?=[\r\n]|\Z)", b"", text)
    return re.sub(rb"[ \t]+", b" ", text)


def bytes_of_lines(text: bytes, lines: int) -> int:
    """Return how many bytes the first lines take, line ends and all."""
    ends = re.finditer(rb"\r\n|\r|\n", text)
    end = 0
    for _ in range(lines):
        match = next(ends, None)
        end = len(text) if match is None else match.end()
    return end
