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
from celoss_cli.errors import DataError, UnreadableFile, UsageError, Where
from celoss_cli.options.option import Option, Panel, Takes

_OWN = ("predictions", "labels", "name")

_NOT_OF_A_ROW = frozenset(
    {"format", "quiet", "report", "plots", "per_sample", "save_baseline", "threads", "debug", "sort", "fail_fast"}
    | {"engine", "scheduler"}
    | {"manifest", "by", "model", "history"}
)

_PATHS = (Takes.FILE, Takes.CLASS_WEIGHTS)

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
        The manifest cannot be read, or has a column that is no option, no column ``predictions``, or no rows.
    DataError
        A row names no predictions, has the name of another row, or a value that its option does not take.
    """
    known = options_of_rows(options)
    sources: list[Source] = []
    names: dict[str, int] = {}
    for row in _rows(path):
        cells = {
            key.strip().replace("-", "_"): value for key, value in row.cells.items() if value not in (None, "", [])
        }
        for key in row.cells:
            _check_column(key.strip().replace("-", "_"), known, path)
        where = Where(path, row.number, row.line)
        if "predictions" not in cells:
            raise DataError(
                "names no predictions", code="manifest_row", where=where, hint="fill the column predictions"
            )
        given = dict(shared)
        for key, value in cells.items():
            if key not in _OWN:
                given[key] = _value(known[key], value, path, where, read)
        name = str(cells.get("name", cells["predictions"]))
        if name in names:
            raise DataError(
                f"has the name {name!r}, which row {names[name]} has, too",
                code="manifest_name",
                where=where,
                hint="give each row a name of its own, in the column name",
            )
        names[name] = row.number
        own = _placed(str(cells["labels"]), path) if "labels" in cells else labels
        sources.append(Source(name, _placed(str(cells["predictions"]), path), own, given))
    if not sources:
        raise UnreadableFile("the manifest has no rows", code="no_rows", where=Where(path), hint="name what to score")
    return sources


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


def _check_column(name: str, known: Mapping[str, Option], path: str) -> None:
    if name in known or name in _OWN:
        return
    near = difflib.get_close_matches(name, [*known, *_OWN], n=1, cutoff=0.6)
    raise UnreadableFile(
        f"the column {name!r} is no option of an evaluation",
        code="manifest_column",
        where=Where(path),
        hint=f"did you mean {near[0]}?" if near else "its columns are predictions, labels, name, and options of eval",
    )


def _rows(path: str) -> Iterator[_Row]:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(
            f"the manifest cannot be read: {reason}",
            code="manifest_unreadable",
            where=Where(path),
            hint="check its name",
        ) from None
    lines = path.lower().endswith((".jsonl", ".ndjson")) or text.lstrip().startswith("{")
    yield from _json_rows(text, path) if lines else _csv_rows(text, path)


def _json_rows(text: str, path: str) -> Iterator[_Row]:
    number = 0
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            cells = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise _unreadable(f"is no JSON: {error}", path, number, line) from None
        if not isinstance(cells, dict):
            raise _unreadable("is no object", path, number, line)
        yield _Row(cells, number, line)
        number += 1


def _csv_rows(text: str, path: str) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
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


def _unreadable(what: str, path: str, row: int | None, line: int) -> UnreadableFile:
    return UnreadableFile(
        what,
        code="manifest_unreadable",
        where=Where(path, row, line),
        hint="a manifest is CSV with a header, or JSON Lines with an object a line",
    )
