"""What separates the fields of a text table, and which mark its decimals have: told by how the first records cut."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from celoss_cli.errors import AmbiguousData, UsageError, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision, How
from celoss_cli.tables.source import HEAD_ROWS
from celoss_cli.tables.text.cells import MISSING, is_number
from celoss_cli.tables.text.commas import Commas, judge, refuse
from celoss_cli.tables.text.records import Record, records, squeeze_blanks
from celoss_cli.tuples import NamedTuple

NO_DELIMITER = "\x1f"  # the ASCII unit separator: one column, whatever punctuation its cells hold

DELIMITERS = (",", "\t", ";", "|")

_FEWEST_ROWS = 2  # below the first

_NAMES = {"\t": "tab", " ": "space", NO_DELIMITER: "none"}


class Split(NamedTuple):
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


def cut(sample: bytes, delimiter: str) -> Split:
    squeeze = delimiter == " " and b'"' not in sample
    text = squeeze_blanks(sample) if squeeze else sample
    rows = list(itertools.islice(records(text, delimiter), HEAD_ROWS + 1))
    return Split(delimiter, rows, squeeze)


def split_records(sample: bytes, path: str, options: ReadOptions) -> tuple[Split, Decision]:
    """Return the sample cut by the delimiter that was given, or that cuts its records alike, and how it was decided.

    Raises UsageError for a delimiter that is none, AmbiguousData where commas may or must be more than delimiters.
    """
    if options.delimiter is not None:
        split = cut(sample, _given_delimiter(options.delimiter))
        _refuse_fasttext(split, path)
        name = _NAMES.get(split.delimiter, split.delimiter)
        return split, Decision("delimiter", name, How.GIVEN, "--delimiter", "--delimiter")
    present = [candidate for candidate in DELIMITERS if candidate.encode() in sample]
    splits = [split for split in (cut(sample, candidate) for candidate in present) if split.rows]
    even = [split for split in splits if split.width > 1]
    if len(even) > 1:
        even.sort(key=lambda split: (split.numeric, split.full_header), reverse=True)
    if any(split.full_header for split in even):
        # What the header lacks cuts only the numbers below it: ``id;score`` over ``r1;0,25``.
        even = [split for split in even if len(split.rows[0].fields) > 1 or split.full_header]
    if even:
        best = even[0]
        commas = _commas(best, sample, options)
        if commas is not Commas.DELIMITERS and _is_one_column(best, commas):
            single = cut(sample, NO_DELIMITER)
            evidence = "one name, or none, over numbers with a decimal comma: one column"
            return single, Decision("delimiter", _NAMES[NO_DELIMITER], How.DETECTED, evidence, "--delimiter")
        if commas is not Commas.DELIMITERS and not is_number(best.rows[0].fields[0], "."):
            refuse(commas, [row.fields for row in best.rows], path, best.rows[1].line)
        rivals = [split for split in even[1:] if split.numeric == best.numeric and split.full_header]
        return best, _delimiter_decision(best, [] if not best.full_header else rivals, commas)
    blanks = cut(sample, " ")
    if _is_blank_separated(blanks):
        return blanks, _delimiter_decision(blanks, [])
    ragged = [split for split in splits if split.looks_ragged]
    if ragged:
        best = max(ragged, key=lambda split: (split.numeric, len(split.rows[0].fields)))
        if _commas(best, sample, options) is Commas.DECIMALS:
            refuse(Commas.DECIMALS, [row.fields for row in best.rows], path, best.rows[1].line)
        return best, _delimiter_decision(best, [])
    single = cut(sample, NO_DELIMITER)
    return single, _delimiter_decision(single, [])


def _refuse_fasttext(split: Split, path: str) -> None:
    """Raise AmbiguousData for output of fastText cut into columns: their order is that of the scores in each row."""
    first = split.rows[0].fields if split.rows else []
    if len(first) > 1 and len(first) % 2 == 0 and all(cell.startswith("__label__") for cell in first[::2]):
        raise AmbiguousData(
            "is fastText's output: the label of each score stands beside it, and the columns are ranks",
            code="fasttext",
            where=Where(path),
            hint="leave --delimiter out, and write the scores of all labels (predict-prob with k = -1)",
        )


def _commas(split: Split, sample: bytes, options: ReadOptions) -> Commas:
    """Return what the commas are that cut the records."""
    if split.delimiter != "," or options.decimal == "." or b'"' in sample:
        return Commas.DELIMITERS
    return judge([row.fields for row in split.rows])


def _is_one_column(split: Split, commas: Commas) -> bool:
    return commas is Commas.DECIMALS and split.width == 2


def _given_delimiter(given: str) -> str:
    delimiter = {"\\t": "\t", "tab": "\t", "space": " ", "none": NO_DELIMITER}.get(given, given)
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise UsageError(
            f"--delimiter {given!r} is not one character",
            code="bad_delimiter",
            hint="for example --delimiter ';' or --delimiter tab",
        )
    return delimiter


def _delimiter_decision(split: Split, rivals: Sequence[Split], commas: Commas = Commas.DELIMITERS) -> Decision:
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
    elif commas is Commas.EITHER:
        guess = True
        evidence += "; each line could also be one number with a decimal comma"
    return Decision("delimiter", name, How.DETECTED, evidence, "--delimiter", guess)


def _is_blank_separated(split: Split) -> bool:
    """Whether blanks separate numbers. Text without quotes could be sentences or class names: not taken apart."""
    if split.width < 2:
        return False
    if split.squeeze:
        numbers = all(is_number(cell, ".") or cell in MISSING for row in split.rows[1:] for cell in row.fields) and (
            len(split.rows) > 1 or all(is_number(cell, ".") for cell in split.rows[0].fields)
        )
        return numbers or _has_fractions(split)
    return split.numeric > 0


def _has_fractions(split: Split) -> bool:
    """Whether fractions stand at one place of every record: neither sentences nor names have them there.

    The records of fastText have too, with the label of each before it: these are no columns.
    """
    body = [row.fields for row in split.rows[1:]]
    if len(body) < _FEWEST_ROWS or any(cell.startswith("__label__") for cell in body[0]):
        return False
    columns = zip(*body, strict=True)
    return any(
        all(is_number(cell, ".") for cell in column) and 2 * sum(map(_has_point, column)) > len(column)
        for column in columns
    )


def _has_point(cell: str) -> bool:
    return "." in cell or "e" in cell.lower()


def decimal_mark(split: Split, options: ReadOptions) -> tuple[str, Decision | None]:
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
