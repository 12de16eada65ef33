"""How a text table is written, sniffed from its first records: delimiter, decimal mark, header.

Conservative on purpose: a delimiter is one that cuts all the sampled records into the same number of fields, and
what the sample does not settle is marked as a guess, with the flag that settles it.
"""

from __future__ import annotations

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision, How
from celoss_cli.tables.source import HEAD_ROWS
from celoss_cli.tables.text.delimiter import decimal_mark, split_records
from celoss_cli.tables.text.header import header_of, names_of, refuse_header_again
from celoss_cli.tables.text.orange import CLASS, roles_of
from celoss_cli.tables.text.orange import ROWS as ORANGE
from celoss_cli.tables.text.preamble import preamble_of
from celoss_cli.tables.text.records import Record, bytes_of_lines, rule_of_markdown, unframed
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


def sniff(sample: bytes, path: str, options: ReadOptions, encoding: str, compression: str | None) -> Sniffed:
    """Sniff a sample of whole records (UTF-8, without mark).

    Raises UsageError for impossible options, UnreadableFile for an empty file, one without data rows, and doubled
    column names. Records of another length are left for the reader to find.
    """
    above = preamble_of(sample, path, options)
    text = sample[above.size :]
    rule = None if options.delimiter or options.header is False else rule_of_markdown(text)
    if rule is not None:
        above = above._replace(delimiter="|", decisions=(*above.decisions, _MARKDOWN))
        text = unframed(text[: rule[0]] + text[rule[1] :])
    named = options if above.delimiter is None or options.delimiter else options._replace(delimiter=above.delimiter)
    split, delimiter_decision = split_records(text, path, named)
    if not split.rows:
        raise UnreadableFile(
            "is empty", code="empty_file", where=Where(path), hint="check the step that writes this file"
        )
    roles = None if options.header is False else roles_of([record.fields for record in split.rows[: ORANGE + 1]])
    last = split.rows[0 if roles is None else ORANGE]
    if roles is not None:
        split = split._replace(rows=[split.rows[0], *split.rows[ORANGE + 1 :]])
    decimal, decimal_decision = decimal_mark(split, options)
    header, header_decision = header_of([record.fields for record in split.rows], decimal, options)
    if roles is not None and options.header is None:
        header_decision = Decision("header", "yes", How.DETECTED, "names, types and roles, as Orange writes them")
    header = header or rule is not None or roles is not None
    head = split.rows[1:] if header else split.rows
    first = split.rows[0]
    if not head:
        raise UnreadableFile(
            "no data rows: there is only a header",
            code="no_data_rows",
            where=Where(path, line=above.lines + first.line),
            hint=f"if that line is data, pass {options.header_flag(header=False)}",
        )
    names, trailing = names_of(first.fields if header else None, head, path, above.lines + first.line, options)
    if header:
        refuse_header_again(first.fields, head, path, above.lines + (rule is not None))
    dialect = Dialect(
        encoding=encoding,
        compression=compression,
        delimiter=split.delimiter,
        decimal=decimal,
        header=header,
        names=names,
        trailing_delimiter=trailing,
        squeeze=split.squeeze,
        framed=rule is not None,
        newline=b"\r" if b"\r" in text and b"\n" not in text else b"\n",
        data_start=above.size
        + (rule[1] if rule is not None else bytes_of_lines(text, last.last_line) if header else 0),
        header_lines=above.lines + (last.last_line if header else 0) + (rule is not None),
    )
    if above.delimiter is None or options.delimiter is not None:
        above = above._replace(decisions=(*above.decisions, delimiter_decision))
    made = (encoding_decision(encoding, options), *above.decisions, decimal_decision, header_decision)
    first_rows = head[:HEAD_ROWS]
    if more := above.lines + dialect.framed:
        first_rows = [Record(row.fields, row.line + more, row.last_line + more) for row in first_rows]
    truth = [name for name, role in zip(names, roles or (), strict=False) if role in CLASS]
    decisions = tuple(decision for decision in made if decision is not None)
    return Sniffed(dialect, decisions, first_rows, truth[0] if len(truth) == 1 else None)


def encoding_decision(encoding: str, options: ReadOptions) -> Decision | None:
    """Return how the encoding was decided; ``None`` where it is UTF-8, as everyone expects."""
    if options.encoding is not None:
        return Decision("encoding", encoding, How.GIVEN, "--encoding", "--encoding")
    if encoding == "utf-8":
        return None
    return Decision("encoding", encoding, How.DETECTED, "byte-order mark or NUL bytes", "--encoding")
