"""What Weka writes of its predictions (``-p 0 -distribution``), as text or CSV: a row has the scores of all classes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.memory import MemoryTable, memory_table, with_digits
from celoss_cli.tables.text.text_stream import detect_encoding, whole_text

_SCORE = r"\*?[\d.]+(?:E-?\d+)?"

_ROW = re.compile(rf"\s*\d+\s+(\d+:.*?)\s+(\d+:.*?)\s+(?:\+\s+)?({_SCORE}(?:,{_SCORE})*)\s*(?:\(.*\))?\s*")

_HEAD = re.compile(r"\s*inst#.*\bactual\b.*\bpredicted\b.*")

_CLASS = re.compile(r"(\d+):(.*)", re.DOTALL)

_UNKNOWN = "?"


class _Prediction(NamedTuple):
    """A row: the class that is true and the one predicted, each as ``2:name``, and the scores."""

    actual: str
    predicted: str
    scores: Sequence[str]


_NONE = _Prediction("", "", ())
"""What a line is that is no prediction."""


def open_weka(path: str, options: ReadOptions, compression: str | None, first: bytes) -> MemoryTable | None:
    """Open Weka's output. A class has the name that stands behind its number; ``?`` is no label.

    Returns ``None`` for text that has no such header. Raises UnreadableFile for a line that is no prediction, and where
    the distribution is missing: a row then has the score of the predicted class alone.
    """
    lines = whole_text(path, compression, detect_encoding(first, options.encoding)).splitlines()
    head = next((place for place, line in enumerate(lines) if _HEAD.fullmatch(line)), None)
    if head is None:
        return None
    read = _of_csv if lines[head].lstrip().startswith("inst#,") else _of_text
    names: dict[int, str] = {}
    labels: list[tuple[str | None, str]] = []
    scores: list[list[float]] = []
    for row, (line, found) in enumerate(read(lines, head)):
        try:
            actual, predicted = (_named(one, names) for one in (found.actual, found.predicted))
            scores.append([float(score.lstrip("*")) for score in found.scores])
        except (AttributeError, ValueError):
            raise _unreadable(f"is no prediction of Weka: {lines[line].strip()[:60]}", path, row, line + 1) from None
        labels.append((None if actual == _UNKNOWN else actual, predicted))
        if len(scores[-1]) == 1:
            raise _unreadable("has the score of the predicted class alone", path, row, line + 1)
        if len(scores[-1]) != len(scores[0]):
            raise _unreadable(f"has {len(scores[-1])} scores, not {len(scores[0])}", path, row, line + 1)
    if not scores:
        raise UnreadableFile("there is no prediction in it", code="no_rows", where=Where(path), hint="run it with -p 0")
    columns = {f"distribution_{names.get(n, n)}": list(one) for n, one in enumerate(zip(*scores, strict=True), 1)}
    truth, predictions = (pa.array(list(one), pa.string()) for one in zip(*labels, strict=True))
    data = pa.table({"actual": truth, "predicted": predictions, **columns})
    return with_digits(memory_table(path, "weka", data, named=True))


def _of_text(lines: Sequence[str], head: int) -> Iterator[tuple[int, _Prediction]]:
    """Yield the place of each line below the header, and its prediction; the first blank line below them is the end."""
    seen = False
    for place in range(head + 1, len(lines)):
        if lines[place].strip():
            seen = True
            found = _ROW.fullmatch(lines[place])
            yield place, _NONE if found is None else _Prediction(found[1], found[2], found[3].split(","))
        elif seen:
            return


def _of_csv(lines: Sequence[str], head: int) -> Iterator[tuple[int, _Prediction]]:
    """Yield the place of each record below the header, and its prediction.

    Attributes that were asked for stand behind the scores, and have names.
    """
    names = next(csv.reader(lines[head : head + 1]))
    start = names.index("distribution") if "distribution" in names else names.index("predicted") + 2
    stop = next((place for place in range(start + 1, len(names)) if names[place]), len(names))
    for place, fields in enumerate(csv.reader(lines[head + 1 :]), head + 1):
        if fields:
            whole = len(fields) > start
            yield place, _Prediction(fields[1], fields[2], fields[start:stop]) if whole else _NONE


def _named(text: str, names: dict[int, str]) -> str:
    """Return the name of a class, and keep it by its number. Raises AttributeError for text that is no class."""
    found = _CLASS.fullmatch(text)
    if found is None:
        raise AttributeError(text)
    if found[2] != _UNKNOWN:
        names[int(found[1])] = found[2]
    return found[2]


def _unreadable(what: str, path: str, row: int, line: int) -> UnreadableFile:
    return UnreadableFile(
        what,
        code="bad_weka",
        where=Where(path, row, line),
        hint="run Weka with -p 0 -distribution, which prints the scores of all classes",
    )
