"""Whether the first record of a text table holds the names of its columns, and what they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import MOST_LISTED
from celoss_cli.tables.text.cells import MISSING, all_numbers, is_fraction, is_number, may_be_several
from celoss_cli.tables.text.records import Record

LABEL_PREFIX = "__label__"
"""What begins every label of fastText."""

HEADER_NAMES = frozenset(
    (
        *("label", "labels", "target", "targets", "y", "y_true", "truth", "true", "ground_truth", "actual", "obs"),
        *("gt", "class", "classes", "category", "y_pred", "pred", "prediction", "predictions", "predicted"),
        *("id", "ids", "index", "row", "row_id", "sample_id", "image", "name", "split", "fold", "weight"),
    )
)
"""Names that stand over columns, and are no values of them."""


def header_of(rows: Sequence[Sequence[str]], decimal: str, options: ReadOptions) -> tuple[bool, Decision]:
    if options.header is not None:
        flag = options.header_flag(header=options.header)
        return options.header, Decision("header", "yes" if options.header else "no", How.GIVEN, flag, flag)
    header, evidence, guess = _judge_header(rows, decimal)
    flag = options.header_flag(header=not header)
    return header, Decision("header", "yes" if header else "no", How.DETECTED, evidence, flag, guess)


def _judge_header(rows: Sequence[Sequence[str]], decimal: str) -> tuple[bool, str, bool]:
    """Return whether the first row is a header, the evidence in words, and whether that is a guess."""
    first, body = rows[0], rows[1:]
    shift = 1 if body and len(body[0]) == len(first) + 1 else 0

    def column(place: int) -> list[str]:
        return [row[place + shift] for row in body if place + shift < len(row)]

    texts = [i for i, cell in enumerate(first) if cell not in MISSING and not is_number(cell, decimal)]
    over_numbers = next((i for i in texts if all_numbers(column(i), decimal)), None)
    if over_numbers is not None:
        return True, f"{first[over_numbers]!r} stands over numbers", False
    known = [first[i] for i in texts if first[i].strip().lower() in HEADER_NAMES]
    numeric = [i for i, cell in enumerate(first) if is_number(cell, decimal)]
    if numeric:
        classes = [first[i].strip() for i in numeric]
        fractions = sum(any(is_fraction(cell, decimal) for cell in column(i)) for i in numeric)
        if _are_class_labels(classes) and fractions:
            evidence = f"{', '.join(classes[:3])}… are distinct small integers over fractions"
            return True, evidence, fractions < len(numeric) and not known
        return False, "the first row holds numbers like the rows below", False
    return _judge_text_header(first, [column(i) for i in range(len(first))], known)


def _judge_text_header(
    first: Sequence[str], columns: Sequence[Sequence[str]], known: Sequence[str]
) -> tuple[bool, str, bool]:
    if known:
        return True, f"{known[0]!r} is a column's name", False
    if labels := [cell for cell in first if cell.lstrip().startswith(LABEL_PREFIX)]:
        return False, f"{labels[0][:40]!r} is a label of fastText", False
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


def header_again(path: str, row: int, line: int | None = None) -> UnreadableFile:
    """Return the error of a row, counted from 0, that has the name of each column in it."""
    return UnreadableFile(
        "this row is the header again: files were joined with their headers",
        code="repeated_header",
        where=Where(path, row=row, line=line),
        hint="take the line out, or name the parts as one quoted glob: 'part-*.csv'",
    )


def refuse_header_again(header: Sequence[str], head: Sequence[Record], path: str, above: int) -> None:
    """Raise UnreadableFile if one of the first records is the header; ``above`` lines stand before their text.

    Names that are all numbers can be values as well, and so can that of a single column.
    """
    if len(header) < 2 or all(is_number(name, ".") for name in header):
        return
    for row, record in enumerate(head):
        if record.fields == header:
            raise header_again(path, row, above + record.line)


def names_of(
    header: Sequence[str] | None, head: Sequence[Record], path: str, line: int, options: ReadOptions
) -> tuple[tuple[str, ...], bool]:
    """Return the columns' names, ``""`` for an index without one, and whether each record ends with a delimiter."""
    lengths = Counter(len(record.fields) for record in head)
    width = lengths.most_common(1)[0][0]
    empty_last = len(lengths) == 1 and width > 1 and not any(record.fields[-1] for record in head)
    if header is None:
        return tuple(str(i) for i in range(width - empty_last)), empty_last
    names = [name.strip() for name in header]
    trailing = empty_last and (len(names) == width - 1 or (len(names) == width and not names[-1]))
    if trailing:
        names = names[: width - 1]
    if not trailing and len(lengths) == 1 and len(names) == width - 1:  # an index, as R writes it
        names.insert(0, "")
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        places = [str(i + 1) for i, name in enumerate(names) if name == repeated[0]]
        more = f" … ({len(places)} in all)" if len(places) > MOST_LISTED else ""
        raise UnreadableFile(
            f"the column name {repeated[0]!r} stands at positions {', '.join(places[:MOST_LISTED])}{more}",
            code="duplicate_columns",
            where=Where(path, line=line),
            hint=_TWO_LEVELS
            if _has_second_header(names, head[0].fields)
            else f"rename the columns, or pass {options.header_flag(header=False)} if that line is data",
        )
    return tuple(names), trailing


_TWO_LEVELS = (
    "two lines of names, as pandas writes columns of two levels: join them before writing, "
    "df.columns = ['_'.join(names) for names in df.columns]"
)


def _has_second_header(names: Sequence[str], below: Sequence[str]) -> bool:
    """Whether the line below a header tells apart what its names do not, and has no number: more names."""
    pairs = list(zip(names, below, strict=False))
    repeated = [name for name, count in Counter(names).items() if count > 1 and name]
    apart = all(len({under for name, under in pairs if name == again}) == names.count(again) for again in repeated)
    return bool(repeated) and apart and not any(is_number(under, ".") for _, under in pairs)
