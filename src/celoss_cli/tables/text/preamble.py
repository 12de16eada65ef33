"""Lines above a text table that are not part of it: comments, titles, and the delimiter that Excel names."""

from __future__ import annotations

import re

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision, How
from celoss_cli.tables.text.cells import all_numbers, is_number, shortened
from celoss_cli.tables.text.delimiter import DELIMITERS, Split, cut, split_records
from celoss_cli.tables.text.header import header_of
from celoss_cli.tuples import NamedTuple

_EXCEL = rb'(?i)"?sep=(.)"?[ \t;,]*(?:\r\n|\r|\n)'

_COMMENT = rb"\s*#[^\r\n]*[\r\n]+"

_LINE_END = rb"\r\n|\r|\n"

_TITLE = re.compile(rb'(?:"[^"\r\n]*"|[^,;\t"\r\n]*)(,+|;+|\t+)(?:\r\n|\r|\n)')

_BARE_TITLE = re.compile(rb'(?:"[^"\r\n]*"|[^,;\t|"\r\n]*)(?:\r\n|\r|\n)')

_MOST_TITLES = 20

_FEWEST_BELOW = 3  # records below a title that no delimiter cuts, the header among them

_FEWEST_EMPTY = 2  # cells behind a title: a row of two columns may lack one

_NUMBER = re.compile(rb"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")

# Forms that begin as text, and are not tables of delimited fields: said by name. Compiled where they may be needed.
_OTHER_FORMS = (
    (rb"\s*=== .* ===\s*[\r\n]", "Weka's output as text, without predictions",
     "write it with -p 0 -distribution, or with evaluation.output.prediction.CSV"),
    (rb"[ \t]*\+[-=+]{3,}\+[ \t]*[\r\n]", "a table drawn for people, whose cells may be cut off",
     "write it as CSV or Parquet instead of printing it"),
)  # fmt: skip


class Preamble(NamedTuple):
    """What stands above a table."""

    lines: int = 0
    """How many lines it takes."""

    size: int = 0
    """How many bytes of the text it takes."""

    delimiter: str | None = None
    """The delimiter that it names."""

    decisions: tuple[Decision, ...] = ()
    """What was decided by it."""


def preamble_of(sample: bytes, path: str, options: ReadOptions) -> Preamble:
    """Return what stands above the table of which ``sample`` is the first text (UTF-8, without mark).

    Raises UnreadableFile for text that is in another form than a table of delimited fields.
    """
    if b"sep=" in sample[:8].lower() and (named := re.match(_EXCEL, sample)):
        delimiter = named[1].decode("latin-1")
        line = named[0].decode("latin-1").strip()
        decision = Decision("delimiter", delimiter, How.DETECTED, f"the first line says {line}", "--delimiter")
        return Preamble(1, named.end(), delimiter, (decision,))
    if sample[:1] in (b"#", b" ", b"\t", b"\r", b"\n") and sample.lstrip()[:1] == b"#":
        return _comments(sample, path, options)
    if options.header is None and (titles := _titles(sample)) is not None:
        return titles
    for pattern, name, way_out in _OTHER_FORMS if sample.lstrip()[:1] in (b"=", b"+") else ():
        if re.match(pattern, sample):
            raise UnreadableFile(
                f"is {name}, which celoss does not read", code="unknown_format", where=Where(path), hint=way_out
            )
    return (options.header is None and _bare_titles(sample, options)) or Preamble()


def _bare_titles(sample: bytes, options: ReadOptions) -> Preamble | None:
    """Return the lines above a table that no delimiter cuts, as a person or a spreadsheet program writes a title.

    Below them all records have one width, and the first of them has names alone, one at least over numbers.
    """
    title = found = _BARE_TITLE.match(sample)
    size = lines = 0
    while found is not None and found.end() < len(sample) and lines < _MOST_TITLES:
        size, lines = found.end(), lines + 1
        found = _BARE_TITLE.match(sample, size)
    header = re.split(_LINE_END, sample[size:], maxsplit=1)[0]
    candidates = DELIMITERS if options.delimiter is None else (options.delimiter,)
    if title is None or not title[0].strip() or not any(mark.encode() in header for mark in candidates):
        return None
    for split in (cut(sample[size:], mark) for mark in candidates if len(mark) == 1 and mark.encode() in header):
        names = [name.strip() for name in split.rows[0].fields] if split.rows else []
        if split.width < 2 or len(split.rows) < _FEWEST_BELOW or not all(names) or len(set(names)) < len(names):
            continue
        if any(is_number(name, mark) for name in names for mark in ".,"):
            continue
        body = [row.fields for row in split.rows[1:] if row.fields != split.rows[0].fields]  # but for files joined
        if any(all_numbers([row[place] for row in body], mark) for place in range(split.width) for mark in ".,"):
            what = "the first line has no delimiter" if lines == 1 else f"the first {lines} lines have no delimiter"
            said = f"{what}: {shortened(title[0].decode('utf-8', 'replace').strip())}"
            return Preamble(lines, size, None, (Decision("comments", "skipped", How.DETECTED, said),))
    return None


def _titles(sample: bytes) -> Preamble | None:
    """Return the lines above a table that have their first cell alone, as a sheet with a title is saved.

    The line below them has a name for each of the columns that their delimiters count, and no number.
    """
    first = found = _TITLE.match(sample)
    if first is None or len(first[1]) < _FEWEST_EMPTY:
        return None
    delimiter, size, lines = first[1], 0, 0
    while found is not None and found[1] == delimiter and lines < _MOST_TITLES:
        size, lines = found.end(), lines + 1
        found = _TITLE.match(sample, size)
    header = re.split(_LINE_END, sample[size:], maxsplit=1)[0]
    names = [name.strip(b' "') for name in header.split(delimiter[:1])]
    if len(names) != len(delimiter) + 1 or not all(names) or any(_NUMBER.fullmatch(name) for name in names):
        return None
    title = shortened(first[0].decode("utf-8", "replace").strip().rstrip(delimiter.decode()))
    what = "the first line has one cell alone" if lines == 1 else f"the first {lines} lines have one cell alone"
    return Preamble(lines, size, None, (Decision("comments", "skipped", How.DETECTED, f"{what}: {title}"),))


def _comments(sample: bytes, path: str, options: ReadOptions) -> Preamble:
    """Return the comments above a table. The last is the header if numbers follow it, and it has a name for each."""
    starts = [0]
    while found := re.compile(_COMMENT).match(sample, starts[-1]):
        starts.append(found.end())
    rest = sample[starts[-1] :]
    if len(starts) == 1 or not rest.strip():
        return Preamble()
    below, _ = split_records(rest, path, options)
    names = [row.fields for row in cut(sample[starts[-2] : starts[-1]], below.delimiter).rows]
    if names and len(names[0]) == below.width and _lacks_header(below):
        starts.pop()
    size = starts[-1]
    lines = len(re.findall(_LINE_END, sample[:size]))
    if not lines:
        return Preamble()
    first = shortened(sample[: starts[1]].decode("utf-8", "replace"))
    what = "the line begins" if len(starts) == 2 else f"{len(starts) - 1} lines begin"
    return Preamble(lines, size, None, (Decision("comments", "skipped", How.DETECTED, f"{what} with #: {first}"),))


def _lacks_header(split: Split) -> bool:
    """Whether the names of a table's columns stand in the comment above it. A single column hardly needs any."""
    if split.width == 1:
        return True
    found, _ = header_of([row.fields for row in split.rows], ".", ReadOptions())
    return not found
