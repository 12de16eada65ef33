"""Delimited text written once more with other numbers in some cells; every other cell stays as it was, to the byte.

Where a range of the file has quotes, cells are read as they are meant, and quoted anew where they must be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import BinaryIO

import numpy as np

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.outputs.change import Change
from celoss_cli.outputs.encoded import encoder
from celoss_cli.tables.source import Column, Need, Table
from celoss_cli.tables.text.csv import CsvPartition, CsvTable
from celoss_cli.tables.text.dialect import Dialect
from celoss_cli.tables.text.records import records as records_of


def rewrite_text(table: Table, file: BinaryIO, columns: tuple[Column, ...], change: Change) -> None:
    """Write a text table in its own dialect, encoding and compression; new numbers have as many digits as it takes."""
    if not isinstance(table, CsvTable):
        raise AssertionError("whoever calls has looked at the form")
    dialect = table.dialect
    places = [dialect.names.index(column.name) for column in columns]
    needs = dict.fromkeys([column.name for column in columns], Need.NUMBER)
    with ExitStack() as stack:
        beginning, marked = table.beginning()
        write = encoder(file, dialect.encoding, dialect.compression, stack, marked=marked)
        write(beginning)
        for partition in table.partitions():
            if not isinstance(partition, CsvPartition):
                raise AssertionError("the partitions of a text table are ranges of text")
            (batch,) = partition.batches(needs)
            if not batch.rows:
                write(partition.text)
                continue
            old = np.stack([batch.numbers(column.name).astype(np.float64) for column in columns])
            cells = [_cells(row.tolist(), dialect.decimal) for row in change(old, 0)]
            write(_with_cells(partition.text, dialect, places, cells, table.path))


def _cells(numbers: Sequence[float], decimal: str) -> list[str]:
    cells = [repr(number) for number in numbers]
    return cells if decimal == "." else [cell.replace(".", decimal) for cell in cells]


def _with_cells(text: bytes, dialect: Dialect, places: list[int], cells: list[list[str]], path: str) -> bytes:
    """Return records with new ``cells``, column by column, in ``places``."""
    rows = list(zip(*cells, strict=True))
    records = _quoted(text, dialect) if b'"' in text else _plain(text, dialect)
    delimiter = " " if dialect.squeeze else dialect.delimiter
    new, done = [], 0
    for fields, end in records:
        if fields and done < len(rows):
            for place, cell in zip(places, rows[done], strict=True):
                fields[place] = cell
        done += bool(fields)
        new.append(delimiter.join(fields) + end)
    if done != len(rows):
        raise UnreadableFile(
            "its records are not lines that can be written again",
            code="form_not_written",
            where=Where(path),
            hint="write it as plain CSV first, with pandas for example",
        )
    return "".join(new).encode()


def _plain(text: bytes, dialect: Dialect) -> Iterator[tuple[list[str], str]]:
    """Yield the cells of each line, none of an empty one, and its end: LF, or CR where that is all there is."""
    delimiter = " " if dialect.squeeze else dialect.delimiter
    whole, newline = text.decode(), dialect.newline.decode()
    start = 0
    while start < len(whole):
        stop = whole.find(newline, start) + 1 or len(whole)
        line = whole[start:stop]
        body = line.rstrip("\r\n")
        yield body.split(delimiter) if body else [], line[len(body) :]
        start = stop


def _quoted(text: bytes, dialect: Dialect) -> Iterator[tuple[list[str], str]]:
    """Yield the cells of each record, quoted where they must be, and the end of its line."""
    end = "\r\n" if b"\r\n" in text else dialect.newline.decode()
    delimiter = " " if dialect.squeeze else dialect.delimiter
    for record in records_of(text, delimiter):
        yield [_as_cell(field, delimiter) for field in record.fields], end


def _as_cell(field: str, delimiter: str) -> str:
    if delimiter in field or not {'"', "\n", "\r"}.isdisjoint(field):
        return '"' + field.replace('"', '""') + '"'
    return field
