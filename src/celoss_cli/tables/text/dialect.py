"""How a text table is written, sniffed from its first records: delimiter, decimal mark, header.

Conservative on purpose: a delimiter is one that cuts all the sampled records into the same number of fields, and
what the sample does not settle is marked as a guess, with the flag that settles it.
"""

from __future__ import annotations

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision, How
from celoss_cli.tables.source import HEAD_ROWS
from celoss_cli.tables.text.delimiter import Split, decimal_mark, split_records
from celoss_cli.tables.text.header import header_of, names_of, refuse_header_again
from celoss_cli.tables.text.orange import ROWS as ORANGE
from celoss_cli.tables.text.orange import roles_of, truth_among
from celoss_cli.tables.text.preamble import Preamble, preamble_of
from celoss_cli.tables.text.records import Record, bytes_of_lines, moved, rule_of_markdown, unframed
from celoss_cli.tuples import NamedTuple


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

    squeeze: bool = False
    """Whether any run of blanks is one delimiter."""

    framed: bool = False
    """Whether the records are lines of a Markdown table, with bars at their ends."""

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


_MARKDOWN = Decision("delimiter", "|", How.DETECTED, "a Markdown table: the second line is its rule", "--delimiter")


class Sniffed(NamedTuple):
    """What the sample told: the dialect, how that was decided, the first data records, and the column of the truth
    where the file itself names it.
    """

    dialect: Dialect
    decisions: tuple[Decision, ...]
    head: list[Record]
    truth: str | None = None


class _TableText(NamedTuple):
    """The text of a table in a sample, and what stands in the file but not in it."""

    text: bytes
    """Its records, without the rule and the bars of a Markdown table."""

    above: Preamble
    """What stands above it."""

    behind_rule: int | None = None
    """Of a Markdown table: the byte below what stands above it at which the data begin."""

    @property
    def framed(self) -> bool:
        """Whether it is a Markdown table."""
        return self.behind_rule is not None

    @property
    def lines(self) -> int:
        """How many lines of the file stand before its data, and not in ``text``."""
        return self.above.lines + self.framed

    def data_start(self, header_lines: int) -> int:
        """Return the byte of the sample at which the data begin, below a header of so many lines of ``text``."""
        if self.behind_rule is not None:
            return self.above.size + self.behind_rule
        return self.above.size + bytes_of_lines(self.text, header_lines)


def sniff(sample: bytes, path: str, options: ReadOptions, encoding: str, compression: str | None) -> Sniffed:
    """Sniff a sample of whole records (UTF-8, without mark).

    Raises UsageError for impossible options, UnreadableFile for an empty file, one without data rows, and doubled
    column names. Records of another length are left for the reader to find.
    """
    table = _table_in(sample, path, options)
    split, delimiter_decisions = _cut(table, path, options)
    roles = None if options.header is False else roles_of([record.fields for record in split.rows[: ORANGE + 1]])
    last = split.rows[0 if roles is None else ORANGE]
    if roles is not None:
        split = split._replace(rows=[split.rows[0], *split.rows[ORANGE + 1 :]])
    decimal, decimal_decision = decimal_mark(split, options)
    header, header_decision = header_of([record.fields for record in split.rows], decimal, options)
    if roles is not None and options.header is None:
        header_decision = Decision("header", "yes", How.DETECTED, "names, types and roles, as Orange writes them")
    header = header or table.framed or roles is not None
    first, head = split.rows[0], split.rows[1:] if header else split.rows
    line = table.above.lines + first.line
    if not head:
        raise _no_data(path, line, options)
    names, trailing = names_of(first.fields if header else None, head, path, line, options)
    if header:
        refuse_header_again(first.fields, head, path, table.lines)
    header_lines = last.last_line if header else 0
    dialect = Dialect(
        encoding=encoding,
        compression=compression,
        delimiter=split.delimiter,
        decimal=decimal,
        header=header,
        names=names,
        trailing_delimiter=trailing,
        squeeze=split.squeeze,
        framed=table.framed,
        newline=b"\r" if b"\r" in table.text and b"\n" not in table.text else b"\n",
        data_start=table.data_start(header_lines),
        header_lines=table.lines + header_lines,
    )
    made = (encoding_decision(encoding, options), *delimiter_decisions, decimal_decision, header_decision)
    decisions = tuple(decision for decision in made if decision is not None)
    return Sniffed(dialect, decisions, moved(head[:HEAD_ROWS], table.lines), truth_among(names, roles))


def _table_in(sample: bytes, path: str, options: ReadOptions) -> _TableText:
    """Return the text of the table in a sample, below what stands above it."""
    above = preamble_of(sample, path, options)
    text = sample[above.size :]
    rule = None if options.delimiter or options.header is False else rule_of_markdown(text)
    if rule is None:
        return _TableText(text, above)
    start, end = rule
    above = above._replace(delimiter="|", decisions=(*above.decisions, _MARKDOWN))
    return _TableText(unframed(text[:start] + text[end:]), above, end)


def _cut(table: _TableText, path: str, options: ReadOptions) -> tuple[Split, list[Decision]]:
    """Return the records of a table, of which there is one at least, and what was decided on the way to them.

    The delimiter is the one that was given, else the one that the file itself names.
    """
    named = table.above.delimiter
    read = options if named is None or options.delimiter else options._replace(delimiter=named)
    split, decision = split_records(table.text, path, read)
    if not split.rows:
        raise UnreadableFile(
            "is empty", code="empty_file", where=Where(path), hint="check the step that writes this file"
        )
    said = list(table.above.decisions)
    return split, said if named is not None and options.delimiter is None else [*said, decision]


def _no_data(path: str, line: int, options: ReadOptions) -> UnreadableFile:
    return UnreadableFile(
        "no data rows: there is only a header",
        code="no_data_rows",
        where=Where(path, line=line),
        hint=f"if that line is data, pass {options.header_flag(header=False)}",
    )


def encoding_decision(encoding: str, options: ReadOptions) -> Decision | None:
    """Return how the encoding was decided; ``None`` where it is UTF-8, as everyone expects."""
    if options.encoding is not None:
        return Decision("encoding", encoding, How.GIVEN, "--encoding", "--encoding")
    if encoding == "utf-8":
        return None
    return Decision("encoding", encoding, How.DETECTED, "byte-order mark or NUL bytes", "--encoding")
