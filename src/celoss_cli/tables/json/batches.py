"""Records that hold many rows each: the answers of a model server, or the labels and scores of a patient or a batch.

``{"labels": [0, 1, 1], "scores": [0.2, 0.9, 0.5], "patient": "p7"}``, ``{"predictions": [[0.7, 0.3], …]}``, tensors
with their shapes. Single values beside the lists belong to every row of the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.tables.json.lines import UNNAMED
from celoss_cli.tables.json.orientation import RESULTS
from celoss_cli.tables.json.tensors import are_tensors, tensors_of
from celoss_cli.tables.text.header import HEADER_NAMES

_SCORE_NAMES = ("score", "prob", "logit", "confidence", "y_pred", "pred")


def are_batches(records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the first records of a file hold many rows each.

    Lists beside each other are those of a batch where no single row could have them: the labels of every record are a
    list of another length, names that recur, or stand beside a list of lists. All else is one row a record.
    """
    if not records or not all(isinstance(record, Mapping) for record in records):
        return False
    if all(map(are_tensors, records)):
        return True
    if all(_answer(record) is not None for record in records):
        return True
    parallel = [_parallel(record) for record in records]
    if not all(parallel) or any(lists.keys() != parallel[0].keys() for lists in parallel):
        return False
    labels = [next(value for name, value in lists.items() if _is_label(name)) for lists in parallel]
    nested = any(isinstance(value[0], list) for lists in parallel for value in lists.values() if value)
    recur = any(len(set(map(str, value))) < len(value) for value in labels)
    texts = any(isinstance(item, str) for value in labels for item in value)
    return nested or (recur and (texts or len({len(value) for value in labels}) > 1))


def batch_columns(records: Iterator[tuple[int, Mapping[str, Any]]], path: str) -> dict[str, list[Any]]:
    """Return the rows of all records as columns. ``records``: each with its place. Raises UnreadableFile."""
    found: dict[str, list[Any]] = {}
    rows = 0
    for place, record in records:
        columns = _columns(record, path, place)
        lengths = {len(values) for values in columns.values()}
        if len(lengths) != 1:
            raise _unlike(path, place, "its lists have different lengths, or there are none")
        count = lengths.pop()
        beside: dict[str, Sequence[Any]] = {
            name: [value] * count
            for name, value in record.items()
            if name not in columns and isinstance(value, str | int | float) and not are_tensors(record)
        }
        for name, values in {**columns, **beside}.items():
            found.setdefault(name, [None] * rows).extend(values)
        rows += count
        for values in found.values():
            values.extend([None] * (rows - len(values)))
    return found


def _columns(record: Mapping[str, Any], path: str, place: int) -> Mapping[str, Sequence[Any]]:
    tensors = tensors_of(record, path, place)
    if tensors is not None:
        return tensors
    answer = _answer(record)
    if answer is None:
        return _parallel(record)
    if all(isinstance(row, Mapping) for row in answer):
        return {name: [row.get(name) for row in answer] for name in dict.fromkeys(key for row in answer for key in row)}
    return {UNNAMED: answer}


def _answer(record: Mapping[str, Any]) -> list[Any] | None:
    """Return the rows of an answer ``{"predictions": [[…], …]}``: lists of scores, or objects that hold some."""
    lists = [name for name, value in record.items() if isinstance(value, list)]
    rows: list[Any] | None = record[lists[0]] if len(lists) == 1 and lists[0] in RESULTS else None
    if not rows:
        return None
    if all(isinstance(row, list) and row and all(type(item) in (int, float) for item in row) for row in rows):
        return rows
    hold = all(isinstance(row, Mapping) and any(isinstance(v, list) for v in row.values()) for row in rows)
    return rows if hold else None


def _parallel(record: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the lists of a record that are rows: one of labels, and one or more of scores; {} if there are none."""
    lists = {name: value for name, value in record.items() if isinstance(value, list)}
    labels = [name for name, value in lists.items() if _is_label(name) and all(map(_is_name, value))]
    if len(labels) != 1:
        return {}
    length = len(lists[labels[0]])
    alike = {name: value for name, value in lists.items() if len(value) == length}
    scores = [name for name, value in alike.items() if _is_score(name) and not all(map(_is_name, value))]
    return alike if scores else {}


def _is_label(name: str) -> bool:
    folded = name.strip().lower()
    return folded in HEADER_NAMES and not folded.startswith(("y_pred", "pred", "class", "id"))


def _is_score(name: str) -> bool:
    return name.strip().lower().startswith(_SCORE_NAMES)


def _is_name(value: Any) -> bool:
    return value is None or isinstance(value, str | int)


def _unlike(path: str, place: int, what: str) -> UnreadableFile:
    return UnreadableFile(
        f"{what}, unlike in the first records",
        code="mixed_records",
        where=Where(path, row=place),
        hint="every record needs lists of labels and scores that go together, one entry for each row",
    )
