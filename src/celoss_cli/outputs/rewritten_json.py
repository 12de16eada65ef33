"""JSON records written once more with other numbers in some of their values; all else stays as it was, to the byte.

Of an array of records the blanks between them are ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.outputs.change import Change
from celoss_cli.outputs.encoded import encoder
from celoss_cli.tables.json.lines import JsonLinesTable, JsonPartition
from celoss_cli.tables.source import Column, Kind, Need, Table

_DECODER = json.JSONDecoder()

_BLANK = re.compile(r"[ \t\r\n]*")

_MARK = b"\xef\xbb\xbf"


def rewrite_json(table: Table, file: BinaryIO, columns: tuple[Column, ...], change: Change) -> None:
    """Write JSON Lines, or an array of records, in their own encoding and compression."""
    if not isinstance(table, JsonLinesTable):
        raise AssertionError("whoever calls has looked at the form")
    how = table.laid_out
    needs = dict.fromkeys([column.name for column in columns], Need.NUMBER)
    with ExitStack() as stack:
        write = encoder(file, how.encoding, how.compression, stack, marked=_is_marked(table))
        begun = False
        for partition in table.partitions():
            if not isinstance(partition, JsonPartition):
                raise AssertionError("the partitions of records are ranges of text")
            (batch,) = partition.batches(needs)
            old = [batch.matrix(columns[0].name).T] if columns[0].kind is Kind.VECTOR else [
                batch.numbers(column.name)[None, :] for column in columns
            ]  # fmt: skip
            new = change(np.concatenate(old).astype(np.float64), 0)
            lines = _changed(partition.text.decode(), table, columns, new.T.tolist())
            if how.array:
                for line in lines:
                    write(f"{',' if begun else '['}\n{line}".encode())
                    begun = True
            else:
                write("\n".join(lines).encode())
        if how.array:
            write(b"\n]\n")


def _is_marked(table: JsonLinesTable) -> bool:
    """Return whether UTF-8 begins with its mark; in what is compressed it is not looked for."""
    with Path(table.path).open("rb") as file:
        return file.read(3) == _MARK


def _changed(
    text: str, table: JsonLinesTable, columns: Sequence[Column], rows: Sequence[Sequence[float]]
) -> Iterator[str]:
    """Yield the lines of ``text``, their records with the numbers of ``rows``; blank ones, and what ends it, stay."""
    done, array = 0, table.laid_out.array
    for part in text.split("\n"):
        line = part.replace("\r", "\n").strip() if array else part  # line ends inside of an array are kept as those
        if not line.strip():
            if not array:
                yield line
            continue
        if done == len(rows):
            raise _not_lines(table)
        yield _record(line, table, columns, rows[done])
        done += 1
    if done != len(rows):
        raise _not_lines(table)


def _record(line: str, table: JsonLinesTable, columns: Sequence[Column], new: Sequence[float]) -> str:
    if not table.named:
        return f"{_list(line, new)}{line[len(line.rstrip()) :]}"
    vector = columns[0].kind is Kind.VECTOR
    values: dict[str, Any] = {columns[0].name: new} if vector else {
        column.name: number for column, number in zip(columns, new, strict=True)
    }  # fmt: skip
    try:
        return _with_values(line, values)
    except (ValueError, IndexError, StopIteration):
        raise _not_lines(table) from None


def _with_values(line: str, values: Mapping[str, Any]) -> str:
    """Return the object that a line holds with other ``values``, numbers or lists of them. Raises ValueError."""
    parts, done, found = [], 0, 0
    at = _after_blanks(line, line.index("{") + 1)
    while line[at] != "}":
        key, at = _DECODER.raw_decode(line, at)
        start = _after_blanks(line, line.index(":", at) + 1)
        _, end = _DECODER.raw_decode(line, start)
        if key in values:
            new = values[key]
            old = line[start:end]
            parts += [line[done:start], _list(old, new) if isinstance(new, list) else json.dumps(new)]
            done, found = end, found + 1
        at = _after_blanks(line, end)
        if line[at] == ",":
            at = _after_blanks(line, at + 1)
    if found != len(values):
        raise ValueError("a value is missing")
    return "".join((*parts, line[done:]))


def _list(old: str, new: Sequence[float]) -> str:
    """Return numbers as a list, with blanks behind its commas where the old one has them."""
    return json.dumps(list(new), separators=(", " if ", " in old or "," not in old else ",", ": "))


def _after_blanks(line: str, at: int) -> int:
    found = _BLANK.match(line, at)
    return at if found is None else found.end()


def _not_lines(table: JsonLinesTable) -> UnreadableFile:
    return UnreadableFile(
        "its records are not lines that can be written again",
        code="form_not_written",
        where=Where(table.path),
        hint="write it as Parquet or plain CSV first",
    )
