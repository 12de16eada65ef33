"""How a text table is written, sniffed from its first records: delimiter, decimal mark, header.

Conservative on purpose: a delimiter is one that cuts all the sampled records into the same number of fields, and
what the sample does not settle is marked as a guess, with the flag that settles it.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from celoss_cli.errors import UnreadableFile, UsageError, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision, How
from celoss_cli.tables.text.cells import MISSING, all_numbers, is_fraction, is_number, may_be_several

HEAD_ROWS = 1000

_FIELD_LIMIT = threading.Lock()

NO_DELIMITER = "\x1f"  # the ASCII unit separator: one column, whatever punctuation its cells hold

_CANDIDATES = (",", "\t", ";", "|")

_NAMES = {"\t": "tab", " ": "space", NO_DELIMITER: "none"}

_HEADER_NAMES = frozenset(
    (
        *("label", "labels", "target", "targets", "y", "y_true", "truth", "true", "ground_truth", "actual", "obs"),
        *("class", "classes", "category", "y_pred", "pred", "prediction", "predictions", "predicted"),
        *("id", "ids", "index", "row", "row_id", "sample_id", "image", "name", "split", "fold", "weight"),
    )
)


class Dialect(NamedTuple):
    """How a text table is to be read.

    ``names`` are the data columns' names; with ``trailing_delimiter`` each record has one more, empty, field.
    ``squeeze``: any run of blanks is one delimiter. ``data_start`` is the byte of the UTF-8 text (without mark) at
    which the data begin, after ``header_lines`` lines. ``newline`` is LF, or CR where the file has no LF.
    """

    encoding: str
    compression: str | None
    delimiter: str
    decimal: str
    header: bool
    names: tuple[str, ...]
    trailing_delimiter: bool = False
    unnamed_index: bool = False
    quoted: bool = False
    squeeze: bool = False
    newline: bytes = b"\n"
    data_start: int = 0
    header_lines: int = 0

    @property
    def width(self) -> int:
        """The number of fields in each record."""
        return len(self.names) + self.trailing_delimiter


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


def squeeze_blanks(text: bytes) -> bytes:
    """Return the text with each run of blanks as one, and none at the ends of lines. Lines stay lines."""
    text = re.sub(rb"(?:\A|(?<=[\r\n]))[ \t]+|[ \t]+(?=[\r\n]|\Z)", b"", text)
    return re.sub(rb"[ \t]+", b" ", text)


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
    split, delimiter_decision = _split(sample, options)
    if not split.rows:
        raise UnreadableFile(
            "is empty", code="empty_file", where=Where(path), hint="check the step that writes this file"
        )
    decimal, decimal_decision = _decimal(split, options)
    header, header_decision = _header([record.fields for record in split.rows], decimal, options)
    head = split.rows[1:] if header else split.rows
    first = split.rows[0]
    if not head:
        raise UnreadableFile(
            "no data rows: there is only a header",
            code="no_data_rows",
            where=Where(path, line=first.line),
            hint="if that line is data, pass --no-header",
        )
    names, trailing, unnamed = _names(first.fields if header else None, head, path, first.line)
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
        data_start=_bytes_of_lines(sample, first.last_line) if header else 0,
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
    below, _ = _split(rest, options)
    above = _cut(first, below.delimiter)
    if below.width > 1 and above.rows and len(above.rows[0].fields) not in (below.width, below.width - 1):
        raise UnreadableFile(
            f"its first line is a comment: {first[:60].decode('utf-8', 'replace').strip()}",
            code="comment_line",
            where=Where(path, line=1),
            hint="remove it: celoss skips no lines",
        )


def _bytes_of_lines(text: bytes, lines: int) -> int:
    """Return how many bytes the first lines take, line ends and all."""
    ends = re.finditer(rb"\r\n|\r|\n", text)
    end = 0
    for _ in range(lines):
        match = next(ends, None)
        end = len(text) if match is None else match.end()
    return end


def encoding_decision(encoding: str, options: ReadOptions) -> Decision | None:
    """Return how the encoding was decided; ``None`` where it is UTF-8, as everyone expects."""
    if options.encoding is not None:
        return Decision("encoding", encoding, How.GIVEN, "--encoding", "--encoding")
    if encoding == "utf-8":
        return None
    return Decision("encoding", encoding, How.DETECTED, "byte-order mark or NUL bytes", "--encoding")


# --- delimiter ---------------------------------------------------------------------------------------------------


class _Split(NamedTuple):
    """The sample cut by one candidate delimiter. ``rows`` has the header, if any, and up to HEAD_ROWS records."""

    delimiter: str
    rows: list[Record]
    squeeze: bool = False

    @property
    def width(self) -> int:
        """The number of fields of every record, where only the first may have one less; 0 if they differ."""
        lengths = {len(row.fields) for row in self.rows[1:] or self.rows}
        width = lengths.pop() if len(lengths) == 1 else 0
        return width if self.rows and len(self.rows[0].fields) in (width, width - 1) else 0

    @property
    def full_header(self) -> bool:
        return len(self.rows[0].fields) == self.width

    @property
    def numeric(self) -> float:
        """The share of cells, the first record's apart, that are numbers with either decimal mark."""
        cells = [cell for row in self.rows[1:201] or self.rows for cell in row.fields]
        return sum(is_number(cell, ".") or is_number(cell, ",") for cell in cells) / max(1, len(cells))

    @property
    def looks_ragged(self) -> bool:
        """Whether this is the delimiter although some record has another number of fields."""
        several = sum(len(row.fields) > 1 for row in self.rows)
        return 2 * several > len(self.rows) and (len(self.rows[0].fields) > 1 or self.numeric > 0)


def _cut(sample: bytes, delimiter: str) -> _Split:
    squeeze = delimiter == " " and b'"' not in sample
    text = squeeze_blanks(sample) if squeeze else sample
    rows = list(itertools.islice(records(text, delimiter), HEAD_ROWS + 1))
    return _Split(delimiter, rows, squeeze)


def _split(sample: bytes, options: ReadOptions) -> tuple[_Split, Decision]:
    if options.delimiter is not None:
        split = _cut(sample, _given_delimiter(options.delimiter))
        name = _NAMES.get(split.delimiter, split.delimiter)
        return split, Decision("delimiter", name, How.GIVEN, "--delimiter", "--delimiter")
    present = [candidate for candidate in _CANDIDATES if candidate.encode() in sample]
    splits = [split for split in (_cut(sample, candidate) for candidate in present) if split.rows]
    even = sorted(
        (split for split in splits if split.width > 1),
        key=lambda split: (split.numeric, split.full_header),
        reverse=True,
    )
    if even:
        best = even[0]
        rivals = [split for split in even[1:] if split.numeric == best.numeric and split.full_header]
        return best, _delimiter_decision(best, [] if not best.full_header else rivals)
    blanks = _cut(sample, " ")
    if _is_blank_separated(blanks):
        return blanks, _delimiter_decision(blanks, [])
    ragged = [split for split in splits if split.looks_ragged]
    if ragged:
        best = max(ragged, key=lambda split: (split.numeric, len(split.rows[0].fields)))
        return best, _delimiter_decision(best, [])
    single = _cut(sample, NO_DELIMITER)
    return single, _delimiter_decision(single, [])


def _given_delimiter(given: str) -> str:
    delimiter = {"\\t": "\t", "tab": "\t", "space": " ", "none": NO_DELIMITER}.get(given, given)
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise UsageError(
            f"--delimiter {given!r} is not one character",
            code="bad_delimiter",
            hint="for example --delimiter ';' or --delimiter tab",
        )
    return delimiter


def _delimiter_decision(split: _Split, rivals: Sequence[_Split]) -> Decision:
    name, width, rows = _NAMES.get(split.delimiter, split.delimiter), split.width, len(split.rows)
    guess = False
    if split.delimiter == NO_DELIMITER:
        evidence = "no delimiter cuts the first lines alike: one column"
    elif not width:
        evidence = "most of the first records have it"
    else:
        evidence = f"{width} fields in each of the first {rows} records"
    if rivals:
        guess = True
        others = ", ".join(repr(_NAMES.get(rival.delimiter, rival.delimiter)) for rival in rivals)
        evidence += f"; {others} would cut them alike too"
    elif _could_be_decimals(split):
        guess = True
        evidence += "; each line could also be one number with a decimal comma"
    return Decision("delimiter", name, How.DETECTED, evidence, "--delimiter", guess)


def _could_be_decimals(split: _Split) -> bool:
    """Whether two columns of integers could be one of numbers like ``0,25`` (two columns of 0 and 1 could not)."""
    pairs = [row.fields for row in split.rows]
    if split.delimiter != "," or not all(len(pair) == 2 and "".join(pair).isdigit() for pair in pairs):
        return False
    return any(len(pair[1]) > 1 for pair in pairs)


def _is_blank_separated(split: _Split) -> bool:
    """Whether blanks separate numbers. Text without quotes could be sentences or class names: not taken apart."""
    if split.width < 2:
        return False
    if split.squeeze:
        return all(is_number(cell, ".") or cell in MISSING for row in split.rows[1:] for cell in row.fields) and (
            len(split.rows) > 1 or all(is_number(cell, ".") for cell in split.rows[0].fields)
        )
    return split.numeric > 0


# --- decimal mark ------------------------------------------------------------------------------------------------


def _decimal(split: _Split, options: ReadOptions) -> tuple[str, Decision | None]:
    if options.decimal is not None:
        if options.decimal not in (".", ","):
            raise UsageError(
                f"--decimal {options.decimal!r} is neither '.' nor ','", code="bad_decimal", hint="--decimal ,"
            )
        return options.decimal, Decision("decimal", options.decimal, How.GIVEN, "--decimal", "--decimal")
    if any("." in cell and is_number(cell, ".") for row in split.rows for cell in row.fields):
        return ".", None
    cells = [cell.strip() for row in split.rows for cell in row.fields if "," in cell]
    with_comma = [cell for cell in cells if is_number(cell, ",")]
    if not with_comma:
        return ".", None
    thousands = all(re.fullmatch(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}", cell) for cell in with_comma)
    evidence = f"{len(with_comma)} cells like {with_comma[0]}, none with a point"
    if thousands:
        evidence += "; the commas could also separate thousands"
    return ",", Decision("decimal", ",", How.DETECTED, evidence, "--decimal", thousands)


# --- header ------------------------------------------------------------------------------------------------------


def _header(rows: Sequence[Sequence[str]], decimal: str, options: ReadOptions) -> tuple[bool, Decision]:
    if options.header is not None:
        flag = "--header" if options.header else "--no-header"
        return options.header, Decision("header", "yes" if options.header else "no", How.GIVEN, flag, flag)
    header, evidence, guess = _judge_header(rows, decimal)
    flag = "--no-header" if header else "--header"
    return header, Decision("header", "yes" if header else "no", How.DETECTED, evidence, flag, guess)


def _judge_header(rows: Sequence[Sequence[str]], decimal: str) -> tuple[bool, str, bool]:
    """Return whether the first row is a header, the evidence in words, and whether that is a guess."""
    first, body = rows[0], rows[1:]
    shift = 1 if body and len(body[0]) == len(first) + 1 else 0
    columns = [[row[i + shift] for row in body if i + shift < len(row)] for i in range(len(first))]
    texts = [i for i, cell in enumerate(first) if cell not in MISSING and not is_number(cell, decimal)]
    over_numbers = next((i for i in texts if all_numbers(columns[i], decimal)), None)
    if over_numbers is not None:
        return True, f"{first[over_numbers]!r} stands over numbers", False
    known = [first[i] for i in texts if first[i].strip().lower() in _HEADER_NAMES]
    numeric = [i for i, cell in enumerate(first) if is_number(cell, decimal)]
    if numeric:
        classes = [first[i].strip() for i in numeric]
        fractions = sum(any(is_fraction(cell, decimal) for cell in columns[i]) for i in numeric)
        if _are_class_labels(classes) and fractions:
            evidence = f"{', '.join(classes[:3])}… are distinct small integers over fractions"
            return True, evidence, fractions < len(numeric) and not known
        return False, "the first row holds numbers like the rows below", False
    return _judge_text_header(first, columns, known)


def _judge_text_header(
    first: Sequence[str], columns: Sequence[Sequence[str]], known: Sequence[str]
) -> tuple[bool, str, bool]:
    if known:
        return True, f"{known[0]!r} is a column's name", False
    if several := [cell for cell in first if may_be_several(cell)]:
        return False, f"{several[0][:40]!r} holds several numbers", False
    if not any(columns):
        return True, "one row of text, and none below", True
    for cell, below in zip(first, columns, strict=True):
        if cell not in MISSING and cell in below:
            return False, f"{cell!r} recurs below", False
    if any(max(Counter(below).values(), default=0) > 1 for below in columns):
        return True, "the first row's values never recur, those below do", False
    return True, "text over text: nothing tells a name from a value", True


def _are_class_labels(cells: Sequence[str]) -> bool:
    """Whether numbers in a first row can be the names of classes. One alone can as well be the first value."""
    small = all(re.fullmatch(r"0|[1-9][0-9]{0,4}", cell) for cell in cells)
    return small and len(cells) > 1 and len(set(cells)) == len(cells)


# --- names -------------------------------------------------------------------------------------------------------


def _names(
    header: Sequence[str] | None, head: Sequence[Record], path: str, line: int
) -> tuple[tuple[str, ...], bool, bool]:
    """Return the columns' names, whether each record ends with a delimiter, and whether an index was unnamed."""
    lengths = Counter(len(record.fields) for record in head)
    width = lengths.most_common(1)[0][0]
    empty_last = len(lengths) == 1 and width > 1 and not any(record.fields[-1] for record in head)
    if header is None:
        return tuple(str(i) for i in range(width - empty_last)), empty_last, False
    names = [name.strip() for name in header]
    trailing = empty_last and (len(names) == width - 1 or (len(names) == width and not names[-1]))
    if trailing:
        names = names[: width - 1]
    unnamed = not trailing and len(lengths) == 1 and len(names) == width - 1
    if unnamed:
        names.insert(0, "")
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        places = ", ".join(str(i + 1) for i, name in enumerate(names) if name == repeated[0])
        raise UnreadableFile(
            f"the column name {repeated[0]!r} stands at positions {places}",
            code="duplicate_columns",
            where=Where(path, line=line),
            hint="rename the columns, or pass --no-header if that line is data",
        )
    return tuple(names), trailing, unnamed
