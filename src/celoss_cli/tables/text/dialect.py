"""How a text table is written, sniffed from its first records: delimiter, decimal mark, header.

Conservative on purpose: a delimiter is one that cuts all the sampled records into the same number of fields, and
what the sample does not settle is marked as a guess, with the flag that settles it.
"""

from __future__ import annotations

from typing import NamedTuple

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision, How
from celoss_cli.tables.source import HEAD_ROWS
from celoss_cli.tables.text.delimiter import cut, decimal_mark, split_records
from celoss_cli.tables.text.header import header_of, names_of
from celoss_cli.tables.text.records import Record, bytes_of_lines


class Dialect(NamedTuple):
    """How a text table is to be read."""

    encoding: str
    """The codec of the file; everything below is about its text as UTF-8, without mark."""

    compression: str | None
    """``gzip``, ``zstd`` or ``None``."""

    delimiter: str
    """The one character between two fields."""

    decimal: str
    """The decimal mark, ``.`` or ``,``."""

    header: bool
    """Whether the first record holds the names of the columns."""

    names: tuple[str, ...]
    """The names of the data columns."""

    trailing_delimiter: bool = False
    """Whether each record ends with a delimiter, and so has one more field, which is empty."""

    unnamed_index: bool = False
    """Whether the header has no name for the first column, as R writes it."""

    quoted: bool = False
    """Whether there is a quote in the sample."""

    squeeze: bool = False
    """Whether any run of blanks is one delimiter."""

    newline: bytes = b"\n"
    """LF, or CR where the file has no LF."""

    data_start: int = 0
    """The byte at which the data begin."""

    header_lines: int = 0
    """How many lines stand before them."""

    @property
    def width(self) -> int:
        """The number of fields in each record."""
        return len(self.names) + self.trailing_delimiter


class Sniffed(NamedTuple):
    """What the sample told: the dialect, how that was decided, and the first data records."""

    dialect: Dialect
    decisions: tuple[Decision, ...]
    head: list[Record]


def sniff(sample: bytes, path: str, options: ReadOptions, encoding: str, compression: str | None) -> Sniffed:
    """Sniff a sample of whole records (UTF-8, without mark).

    Raises UsageError for impossible options, UnreadableFile for an empty file, one without data rows, and doubled
    column names. Records of another length are left for the reader to find.
    """
    _refuse_comment(sample, path, options)
    split, delimiter_decision = split_records(sample, options)
    if not split.rows:
        raise UnreadableFile(
            "is empty", code="empty_file", where=Where(path), hint="check the step that writes this file"
        )
    decimal, decimal_decision = decimal_mark(split, options)
    header, header_decision = header_of([record.fields for record in split.rows], decimal, options)
    head = split.rows[1:] if header else split.rows
    first = split.rows[0]
    if not head:
        raise UnreadableFile(
            "no data rows: there is only a header",
            code="no_data_rows",
            where=Where(path, line=first.line),
            hint="if that line is data, pass --no-header",
        )
    names, trailing, unnamed = names_of(first.fields if header else None, head, path, first.line)
    dialect = Dialect(
        encoding=encoding,
        compression=compression,
        delimiter=split.delimiter,
        decimal=decimal,
        header=header,
        names=names,
        trailing_delimiter=trailing,
        unnamed_index=unnamed,
        quoted=b'"' in sample,
        squeeze=split.squeeze,
        newline=b"\r" if b"\r" in sample and b"\n" not in sample else b"\n",
        data_start=bytes_of_lines(sample, first.last_line) if header else 0,
        header_lines=first.last_line if header else 0,
    )
    made = (encoding_decision(encoding, options), delimiter_decision, decimal_decision, header_decision)
    return Sniffed(dialect, tuple(decision for decision in made if decision is not None), head[:HEAD_ROWS])


def _refuse_comment(sample: bytes, path: str, options: ReadOptions) -> None:
    """Raise UnreadableFile where the first line is a comment: it has another number of fields than what follows.

    Readers differ in what they make of such a line, so nothing is skipped. ``#y,p`` over two columns is a header.
    """
    first, _, rest = sample.partition(b"\n")
    if not first.lstrip().startswith(b"#") or not rest.strip():
        return
    below, _ = split_records(rest, options)
    above = cut(first, below.delimiter)
    if below.width > 1 and above.rows and len(above.rows[0].fields) not in (below.width, below.width - 1):
        raise UnreadableFile(
            f"its first line is a comment: {first[:60].decode('utf-8', 'replace').strip()}",
            code="comment_line",
            where=Where(path, line=1),
            hint="remove it: celoss skips no lines",
        )


def encoding_decision(encoding: str, options: ReadOptions) -> Decision | None:
    """Return how the encoding was decided; ``None`` where it is UTF-8, as everyone expects."""
    if options.encoding is not None:
        return Decision("encoding", encoding, How.GIVEN, "--encoding", "--encoding")
    if encoding == "utf-8":
        return None
    return Decision("encoding", encoding, How.DETECTED, "byte-order mark or NUL bytes", "--encoding")
