"""A manifest: a table of what to score, one evaluation a row, any option as a column."""

from __future__ import annotations

import csv
import difflib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from celoss_cli.batch.entry import Source
from celoss_cli.batch.names import check_number
from celoss_cli.errors import DataError, UnreadableFile, UsageError, Where
from celoss_cli.options.option import Option, Panel, Takes

_OWN = ("predictions", "labels", "name")

_NOT_OF_A_ROW = frozenset(
    {"format", "quiet", "report", "plots", "per_sample", "save_baseline", "threads", "debug", "sort", "fail_fast"}
    | {"engine", "scheduler"}
    | {"manifest", "by", "model", "history"}
)

_PATHS = (Takes.FILE, Takes.CLASS_WEIGHTS)

_LARGEST = 1 << 26  # bytes: a thousand for each of 10,000 evaluations, and more

_DELIMITERS = ",;\t"

_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")

Reader = Callable[[Option, Any], Any]
"""Gives the value of an option from what a cell holds: a text, or a list of texts."""


class _Row(NamedTuple):
    cells: Mapping[str, Any]
    number: int
    line: int


def options_of_rows(options: Mapping[str, Option]) -> dict[str, Option]:
    """Return the options that a manifest may have as columns: those of one evaluation."""
    return {
        name: option
        for name, option in options.items()
        if name not in _NOT_OF_A_ROW and name not in _OWN and option.panel is not Panel.CONFIG
    }


def read_manifest(
    path: str, options: Mapping[str, Option], shared: Mapping[str, Any], labels: str | None, read: Reader
) -> list[Source]:
    """Return the tables that a manifest names, each with its options: a cell goes before what is ``shared``.

    It is CSV, or JSON Lines with an object a line. Paths in it are relative to it. An empty cell says nothing.

    Raises
    ------
    UnreadableFile
        The manifest cannot be read, or has a column that is no option, no column ``predictions``, no rows or too many.
    DataError
        A row names no predictions, has the name of another row, or a value that its option does not take.
    """
    known = options_of_rows(options)
    sources: list[Source] = []
    names: dict[str, int] = {}
    for row in _rows(path):
        check_number(row.number + 1, path)
        where = Where(path, row.number, row.line)
        cells = _cells(row, known, options, where)
        if "predictions" not in cells:
            raise DataError(
                "names no predictions", code="manifest_row", where=where, hint="fill the column predictions"
            )
        asked = {key: _value(known[key], value, path, where, read) for key, value in cells.items() if key not in _OWN}
        given = {**shared, **asked}
        name = cells.get("name", cells["predictions"])
        if name in names:
            raise DataError(
                f"has the name {name!r}, which row {names[name]} has, too",
                code="manifest_name",
                where=where,
                hint="give each row a name of its own, in the column name",
            )
        names[name] = row.number
        own = _placed(cells["labels"], path) if "labels" in cells else labels
        sources.append(Source(name, _placed(cells["predictions"], path), own, given, where if asked else None))
        if asked:
            _check_limits(sources[-1], where)
    if not sources:
        raise UnreadableFile("the manifest has no rows", code="no_rows", where=Where(path), hint="name what to score")
    return sources


def _cells(row: _Row, known: Mapping[str, Option], options: Mapping[str, Option], where: Where) -> dict[str, Any]:
    """Return the cells that say something, by column. Raises UnreadableFile for a column that is none, or twice."""
    cells: dict[str, Any] = {}
    seen: set[str] = set()
    for key, value in row.cells.items():
        name = key.strip().replace("-", "_")
        _check_column(name, known, options, where.path)
        if name in seen:
            raise _unreadable(f"has the column {name!r} twice", where.path, None, None)
        seen.add(name)
        if name in _OWN and value is not None:
            value = _text(name, value, where)
        if value not in (None, "", []):
            cells[name] = value
    return cells


def _text(name: str, value: Any, where: Where) -> str:
    """Return a path or a name. Raises DataError for what is neither text nor a number."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise DataError(
            f"{json.dumps(value)} is no {'name' if name == 'name' else 'path'}",
            code="manifest_value",
            where=where._replace(column=name),
            hint="one row names one evaluation; a glob or a directory names the parts of one table",
        )
    return str(value).strip()


def _check_limits(source: Source, where: Where) -> None:
    """Raise DataError that names the row for limits that make no sense, or not together."""
    try:
        _ = source.limits
    except UsageError as error:
        raise DataError(error.message, code="manifest_value", where=where, hint=error.hint) from None


def _value(option: Option, cell: Any, path: str, where: Where, read: Reader) -> Any:
    try:
        value = _flag(cell) if option.takes is Takes.SWITCH else read(option, _texts(cell))
    except (UsageError, ValueError) as error:
        message = error.message if isinstance(error, UsageError) else str(error)
        hint = error.hint if isinstance(error, UsageError) else f"it is what {option.flag} takes"
        raise DataError(message, code="manifest_value", where=where._replace(column=option.name), hint=hint) from None
    if option.takes in _PATHS and isinstance(value, str) and (option.takes is Takes.FILE or Path(value).suffix):
        return _placed(value, path)
    return value


def _texts(cell: Any) -> Any:
    if isinstance(cell, list):
        return [str(part) for part in cell]
    if isinstance(cell, dict):
        return [f"{name}={value}" for name, value in cell.items()]
    return cell if isinstance(cell, str) else str(cell)


def _flag(cell: Any) -> bool:
    text = str(cell).strip().lower()
    if text not in (*_TRUE, *_FALSE):
        raise ValueError(f"{cell!r} is neither true nor false")
    return text in _TRUE


def _placed(value: str, manifest: str) -> str:
    """Return a path of the manifest as seen from here; standard input and addresses are no paths."""
    if value == "-" or "://" in value:
        return value
    return os.path.normpath(os.path.join(os.path.dirname(manifest), value))  # noqa: PTH118, PTH120


def _check_column(name: str, known: Mapping[str, Option], options: Mapping[str, Option], path: str) -> None:
    if name in known or name in _OWN:
        return
    if name in options:
        raise UnreadableFile(
            f"the column {name!r} is an option of the whole run, not of an evaluation",
            code="manifest_column",
            where=Where(path),
            hint=f"give {options[name].flag} on the command line",
        )
    near = difflib.get_close_matches(name, [*known, *_OWN], n=1, cutoff=0.6)
    raise UnreadableFile(
        f"the column {name!r} is no option of an evaluation",
        code="manifest_column",
        where=Where(path),
        hint=f"did you mean {near[0]}?" if near else "its columns are predictions, labels, name, and options of eval",
    )


def _rows(path: str) -> Iterator[_Row]:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST + 1)
        text = content.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(
            f"the manifest cannot be read: {reason}",
            code="manifest_unreadable",
            where=Where(path),
            hint="check its name",
        ) from None
    if len(content) > _LARGEST:
        raise _unreadable(f"has more than {_LARGEST >> 20} MiB: it is no manifest", path, None, None)
    lines = path.lower().endswith((".jsonl", ".ndjson")) or text.lstrip().startswith("{")
    yield from _json_rows(text, path) if lines else _csv_rows(text, path)


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON with all its keys, also one that is there twice."""


def _json_rows(text: str, path: str) -> Iterator[_Row]:
    number = 0
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            cells = json.loads(content, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError) as error:
            raise _unreadable(f"is no JSON: {error}", path, number, line) from None
        if not isinstance(cells, _Pairs):
            raise _unreadable("is no object", path, number, line)
        doubled = next((key for place, (key, _) in enumerate(cells) if key in dict(cells[:place])), None)
        if doubled is not None:
            raise _unreadable(f"has {doubled!r} twice", path, number, line)
        yield _Row({key: dict(value) if isinstance(value, _Pairs) else value for key, value in cells}, number, line)
        number += 1


def _csv_rows(text: str, path: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter_of(text))
    try:
        header = next(reader, None)
        if header is None:
            return
        doubled = next((name for name in header if header.count(name) > 1), None)
        if doubled is not None:
            raise _unreadable(f"has the column {doubled!r} twice", path, None, 1)
        before = reader.line_num
        for number, cells in enumerate(row for row in reader if row):
            if len(cells) != len(header):
                raise _unreadable(f"has {len(cells)} cells, and the header {len(header)}", path, number, before + 1)
            yield _Row(dict(zip(header, (cell.strip() for cell in cells), strict=True)), number, before + 1)
            before = reader.line_num
    except csv.Error as error:
        raise _unreadable(f"is no CSV: {error}", path, None, reader.line_num) from None


def _delimiter_of(text: str) -> str:
    """Return what stands beside ``predictions`` in the header: a comma, unless a spreadsheet wrote something else."""
    header = text.lstrip().partition("\n")[0]
    found = (mark for mark in _DELIMITERS if "predictions" in [cell.strip(' "\r') for cell in header.split(mark)])
    return next(found, ",")


def _unreadable(what: str, path: str, row: int | None, line: int | None) -> UnreadableFile:
    return UnreadableFile(
        what,
        code="manifest_unreadable",
        where=Where(path, row, line),
        hint="a manifest is CSV with a header, or JSON Lines with an object a line",
    )
