"""Where the rows and the columns are in a JSON document that is one object.

``{"columns": […], "data": [[…], …]}``; ``{"a": […], "b": […]}``, single values beside it or not; records under one key;
objects of objects (``nested``); ``{"id": […], …}``; ``{"id": 1, …}``; and the tensors of an inference server, each flat
beside its shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from celoss_cli.errors import AmbiguousData, UnreadableFile, Where
from celoss_cli.tables.json.lines import UNNAMED
from celoss_cli.tables.json.nested import INDEX, columns_of_nested, is_column_name, is_distribution, wrapped
from celoss_cli.tables.json.tensors import are_tensors, tensors_of
from celoss_cli.tables.text.header import HEADER_NAMES
from celoss_cli.tables.views.written import named_scores_in

RESULTS = ("predictions", "outputs", "results", "result")
"""What model servers call the rows of an answer."""

VALUE = "value"
"""What the column beside it is called, where each row name has a single value."""

Columns = Mapping[str, Sequence[Any]]

_FEWEST_KEYS = 3  # by which rows are told from columns

_FAR_MORE = 3  # times as many rows as classes there are, where nothing else tells them apart


def is_table(document: Mapping[str, Any]) -> bool:
    """Whether an object on a single line, all that a file holds, is a table rather than one record."""
    members = list(document.values())
    if isinstance(document.get("data"), list) and ("columns" in document or "schema" in document or len(document) == 1):
        return True
    if members and (all(isinstance(m, list) for m in members) or all(isinstance(m, dict) for m in members)):
        return True
    return are_tensors(document) or _lists(document) is not None or _is_keyed(document) or wrapped(document) is not None


def columns_of(document: Any, path: str) -> Columns:
    """Return the columns of a document by name, each with a value for every row.

    Raises UnreadableFile for what is no table, AmbiguousData where rows and columns cannot be told apart.
    """
    if not isinstance(document, dict):
        raise _no_table(path, "it is a single value")
    if isinstance(document.get("data"), list):
        rows = document["data"]
        if isinstance(document.get("columns"), list):
            return _from_rows(document["columns"], rows, document.get("index"), path)
        if len(document) == 1 or "schema" in document:
            return _of_records(rows, path)
    if (tensors := tensors_of(document, path)) is not None:
        return tensors
    if len(document) == 1 and (inner := _outputs(document)) is not None:
        return inner
    if (lists := _lists(document)) is not None:
        if len(lists) == 1 and all(isinstance(record, dict) for record in next(iter(lists.values()))[:1]):
            return _of_records(next(iter(lists.values())), path)
        if _are_unnamed_records(lists):
            raise AmbiguousData(
                f"is an object of lists, {{{next(iter(lists))!r}: […], …}}, whose values have no names",
                code="orientation_unknown",
                where=Where(path),
                hint='write objects, {"img1": {"prob": 0.9, "label": 1}, …}, or records, [{"id": "img1", …}, …]',
            )
        return _by_row(lists) or lists
    values = list(document.values())
    if (keyed := wrapped(document)) is not None:
        return columns_of(keyed, path)
    if values and all(isinstance(value, dict) and value for value in values):
        return columns_of_nested(document, path)
    if _is_keyed(document):
        return {INDEX: list(document), VALUE: values}
    if not values:
        return {}
    raise _no_table(path, f"its keys are {', '.join(repr(str(key)) for key in list(document)[:8])}")


def _lists(document: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """Return the members that are columns or a list of records, without the single values beside them.

    ``None`` where there are none, or where they are the scores of one record: ``{"label": "a", "probs": [0.9, 0.1]}``.
    """
    lists = {name: value for name, value in document.items() if isinstance(value, list)}
    if not lists or (len(lists) == len(document) and not _are_classes(lists)):
        return lists or None
    records = {name: value for name, value in lists.items() if value and isinstance(value[0], list | dict)}
    if len(records) == 1 and len(lists) == 1:
        beside = any(isinstance(value, dict) for value in document.values())
        return lists if named_scores_in(next(iter(records.values()))) is None and not beside else None
    found = [alike for alike in _of_one_length(lists) if _are_rows(alike)]
    return found[0] if len(found) == 1 else None


def _are_classes(lists: Mapping[str, list[Any]]) -> bool:
    """Whether lists are the classes of one record and their scores: names that differ, and a distribution."""
    first, *others = sorted(lists.values(), key=is_distribution)
    named = all(isinstance(name, str) for name in first) and len(set(first)) == len(first)
    return named and len(others) == 1 and len(first) == len(others[0]) and is_distribution(others[0])


def _of_one_length(lists: Mapping[str, list[Any]]) -> list[dict[str, list[Any]]]:
    """Return the lists by their length: what has another one is a setting, or the names of the classes."""
    found: dict[int, dict[str, list[Any]]] = {}
    for name, value in lists.items():
        found.setdefault(len(value), {})[name] = value
    return list(found.values())


def _are_rows(lists: Mapping[str, list[Any]]) -> bool:
    """Whether lists of one length are columns: scores beside labels that are not the classes of one record."""
    records = [value for value in lists.values() if value and isinstance(value[0], list | dict)]
    if records:
        return len(lists) > 1 and all(isinstance(value[0], list) for value in records)
    kinds = [{type(item) for item in value if item is not None} for value in lists.values()]
    names = [value for value, kind in zip(lists.values(), kinds, strict=True) if kind and kind <= {int, str, bool}]
    scores = [value for value, kind in zip(lists.values(), kinds, strict=True) if float in kind]
    if not names or not scores:
        return False
    if not all(len(set(value)) == len(value) for value in names):
        return True  # the classes of one record stand there once each
    return all(type(item) in (int, bool) for value in names for item in value) and not any(map(is_distribution, scores))


def _by_row(lists: Mapping[str, list[Any]]) -> Columns | None:
    """Return the rows that lists are, each under its id: they sum to 1, and the columns they would make do not.

    So do logits where there are far more lists than numbers in one, and no list is called as columns are.
    """
    rows = list(lists.values())
    if len(rows) < _FEWEST_KEYS or len({len(row) for row in rows}) > 1:
        return None
    if not all(is_distribution(row) for row in rows):
        scores = len(rows[0]) > 1 and all(type(item) is float for row in rows for item in row)
        if not scores or len(rows) < _FAR_MORE * len(rows[0]) or any(map(is_column_name, lists)):
            return None
    elif all(is_distribution(column) for column in zip(*rows, strict=True)):
        return None
    return {INDEX: list(lists), UNNAMED: rows}


def _is_keyed(document: Mapping[str, Any]) -> bool:
    """Whether each key is a row's id, with one value: of one kind, under names that none of a record's columns has."""
    kinds = {float if type(value) is int else type(value) for value in document.values()}
    names = {str(key).strip().lower() for key in document}
    return (
        len(document) >= _FEWEST_KEYS and len(kinds) == 1 and kinds <= {float, str, bool} and not names & HEADER_NAMES
    )


def _are_unnamed_records(lists: Mapping[str, list[Any]]) -> bool:
    """Whether each list is a row, ``{"img1": [0.9, 1], …}``: of several kinds of values, the same in every list."""
    rows = list(lists.values())
    kinds = {tuple(type(item) for item in row) for row in rows}
    one = kinds.pop() if len(kinds) == 1 else ()
    return len(set(one)) > 1 and len(rows) >= _FAR_MORE * len(one) and not any(map(is_column_name, lists))


def _outputs(document: Mapping[str, Any]) -> Columns | None:
    """Return the columns of TensorFlow Serving, ``{"outputs": {"scores": […], "classes": […]}}``."""
    (name, inner), *_ = document.items()
    if name not in RESULTS or not isinstance(inner, dict) or not inner:
        return None
    lists = [value for value in inner.values() if isinstance(value, list)]
    return inner if len(lists) == len(inner) and len({len(value) for value in lists}) == 1 else None


def _from_rows(names: Sequence[Any], rows: Sequence[Any], index: Any, path: str) -> Columns:
    names = [str(name) for name in names]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableFile(
            f"the column name {twice!r} stands twice",
            code="duplicate_columns",
            where=Where(path),
            hint="rename the columns",
        )
    for place, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(names):
            got = f"{len(row)} values" if isinstance(row, list) else "no list"
            raise UnreadableFile(
                f"expected {len(names)} values, got {got}",
                code="ragged_row",
                where=Where(path, row=place),
                hint="each row of data needs a value for every column",
            )
    columns: dict[str, Sequence[Any]] = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    if isinstance(index, list) and INDEX not in columns:
        columns = {INDEX: index, **columns}
    return columns


def _of_records(records: Sequence[Any], path: str) -> Columns:
    if not all(isinstance(record, dict) for record in records):
        if any(isinstance(record, dict) for record in records):
            row = next(i for i, record in enumerate(records) if not isinstance(record, dict))
            raise UnreadableFile(
                "a record is not an object, unlike others",
                code="mixed_records",
                where=Where(path, row=row),
                hint="every record has to have the same form",
            )
        return {UNNAMED: records}
    names = dict.fromkeys(name for record in records for name in record)
    return {name: [record.get(name) for record in records] for name in names}


def _no_table(path: str, what: str) -> UnreadableFile:
    return UnreadableFile(
        f"is JSON, but no table: {what}",
        code="no_table",
        where=Where(path),
        hint='celoss reads records ([{"a": 1}, …] or one a line), {"columns": […], "data": [[…]]} and {"a": […], …}',
    )
