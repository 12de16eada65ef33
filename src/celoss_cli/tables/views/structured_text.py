"""Scores for every class written as text, decoded a column at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from celoss_cli.tables.arrow.build import INTEGERS, Misfit
from celoss_cli.tables.text.cells import MISSING, is_number, shortened
from celoss_cli.tables.text.header import LABEL_PREFIX
from celoss_cli.tables.views.structured import CellShape, Elements
from celoss_cli.tables.views.written import (
    named_scores_in,
    number_in,
    pairs_of_fasttext,
    scores_in,
    value_in,
)

_PRINTED = re.compile(
    r"(?:np\.|numpy\.|torch\.)?(?:array|tensor|Tensor)\(|\[\s*[-+0-9.eE]+(?:\s+[-+0-9.eE]+|\s*\.\.\.)+\s*\]?"
)

_WRITTEN = ("[", "{", "(", "DenseVector(", "SparseVector(")


def text_shape(texts: Sequence[str | None]) -> CellShape | None:
    """Return which shape of scores the cells of a text column are, judged by the first that holds anything."""
    present = [text.strip() for text in texts if text is not None and text.strip() not in MISSING]
    first = present[0] if present else ""
    if _PRINTED.match(first):
        return CellShape.ARRAY_TEXT
    if first.startswith(_WRITTEN):
        return _written_shape(first)
    if present and number_in(first) is not None:
        are = all(number_in(text) is not None or is_number(text, ".") for text in present)
        return CellShape.NUMBER_TEXT if are else None
    if first.startswith(LABEL_PREFIX):
        return CellShape.KEYED_TEXT if pairs_of_fasttext(first) else None
    pairs = [token.rpartition(":") for token in first.split()]
    if pairs and not pairs[-1][1]:
        pairs.pop()
    keyed = len(pairs) > 1 and all(name and is_number(value, ".") for name, _, value in pairs)
    return CellShape.KEYED_TEXT if keyed else None


def _written_shape(first: str) -> CellShape | None:
    try:
        value = value_in(first)
    except ValueError:
        return None
    if scores_in(value):
        return CellShape.LIST_TEXT
    named = named_scores_in(value)
    # Whole numbers by name are sizes and counts: {"width": 640, "height": 480}.
    are_scores = named is not None and len(named) > 1 and any(type(score) is float for _, score in named)
    return CellShape.NAMED_TEXT if are_scores else None


def have_tags(texts: Sequence[str | None]) -> bool:
    """Whether every cell of class:score pairs has a tag behind, as Vowpal Wabbit writes them."""
    return all(text is None or tag_of(text) is not None for text in texts) and any(texts)


def tag_of(text: str) -> str | None:
    """Return the tag behind the class:score pairs of a cell, if it has one."""
    tokens = text.split()
    return tokens[-1] if tokens and ":" not in tokens[-1] and not tokens[0].startswith(LABEL_PREFIX) else None


def are_names(texts: Sequence[str | None]) -> bool:
    """Whether the cells of a text column are lists of names."""
    first = next((text for text in texts if text is not None and text.strip() not in MISSING), "").strip()
    if not first.startswith(("[", "(")):
        return False
    try:
        value = value_in(first)
    except ValueError:
        return False
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, (str, int)) for item in value)


def _texts(array: Any) -> list[str | None]:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    return [None if text is None or text.strip() in MISSING else text for text in array.to_pylist()]


def _values(texts: Sequence[str | None], what: str) -> list[Any]:
    """Return the values that are written as text, ``None`` for missing ones. Raises Misfit with the row."""
    try:  # all at once, as one JSON array: ten times as fast
        return list(json.loads("[" + ",".join("null" if text is None else text for text in texts) + "]"))
    except ValueError:
        pass
    values = []
    for row, text in enumerate(texts):
        try:
            values.append(None if text is None else value_in(text))
        except ValueError:
            raise Misfit(row, f"{shortened(text or '')!r} is no {what}") from None
    return values


def _list_text(array: Any, classes: Any = None) -> Elements:
    texts = _texts(array)
    rows: list[list[float] | None] = []
    for row, value in enumerate(_values(texts, "list of numbers")):
        scores = scores_in(value)
        if value is not None and scores is None:
            raise Misfit(row, f"{shortened(texts[row] or '')!r} is no list of numbers")
        rows.append(scores)
    offsets = np.cumsum([0, *(len(row or ()) for row in rows)], dtype=np.int64)
    values = [value for row in rows for value in row or ()]
    whole = values and all(type(value) is int and value in INTEGERS for value in values)  # labels may be large
    numbers: Any = np.array(values, dtype=np.int64 if whole else np.float64)
    present = np.array([row is not None for row in rows], dtype=bool)
    if classes is None:
        return Elements(numbers, offsets, present)
    named = _values(_texts(classes), "list of classes")
    for row, (value, names) in enumerate(zip(rows, named, strict=True)):
        if value is not None and (not isinstance(names, list | tuple) or len(names) != len(value)):
            many = len(names) if isinstance(names, list | tuple) else "no"
            raise Misfit(row, f"has {len(value)} scores for {many} classes")
    known: dict[str, int] = {}
    codes = [known.setdefault(str(name), len(known)) for row, names in zip(rows, named, strict=True) if row
             for name in names]  # fmt: skip
    return Elements(numbers, offsets, present, np.array(codes, dtype=np.int32), tuple(known))


def _named_text(array: Any) -> Elements:
    texts = _texts(array)
    rows: list[Sequence[tuple[str, float]]] = []
    for row, value in enumerate(_values(texts, "list of scores by class")):
        pairs = () if value is None else named_scores_in(value)
        if pairs is None:
            raise Misfit(row, f"{shortened(texts[row] or '')!r} is no list of scores by class")
        rows.append(pairs)
    return _of_pairs(texts, rows)


def _keyed_text(array: Any) -> Elements:
    texts = _texts(array)
    rows = []
    for row, text in enumerate(texts):
        try:
            rows.append(_pairs_of_line(text or ""))
        except ValueError:
            raise Misfit(row, f"{shortened(text or '')!r} is no list of class:score pairs") from None
    return _of_pairs(texts, rows)


def _pairs_of_line(text: str) -> list[tuple[str, float]]:
    """Return the pairs of a line of fastText or Vowpal Wabbit. Raises ValueError."""
    if text.lstrip().startswith(LABEL_PREFIX):
        pairs = pairs_of_fasttext(text)
        if pairs is None:
            raise ValueError(text)
        return pairs
    tokens = [token.rpartition(":") for token in text.split()]
    if tokens and not tokens[-1][1]:
        tokens.pop()  # the tag of an example
    return [(name, float(value if colon else "no pair")) for name, colon, value in tokens]


def _of_pairs(texts: Sequence[str | None], rows: Sequence[Sequence[tuple[str, float]]]) -> Elements:
    """Return (class, score) pairs of each row as elements; a row is missing where its text is."""
    known: dict[str, int] = {}
    codes = [known.setdefault(name, len(known)) for pairs in rows for name, _ in pairs]
    scores = np.array([score for pairs in rows for _, score in pairs], dtype=np.float64)
    offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    present = np.array([text is not None for text in texts], dtype=bool)
    return Elements(scores, offsets, present, np.array(codes, dtype=np.int32), tuple(known))


def _number_text(array: Any) -> Elements:
    texts = _texts(array)
    numbers = []
    for row, text in enumerate(texts):
        number = None if text is None else number_in(text)
        if text is not None and number is None:
            first = next(other for other in texts if other is not None)
            raise Misfit(row, f"{shortened(text)!r} is not written as {shortened(first)!r} is")
        numbers.append(number)
    present = np.array([number is not None for number in numbers], dtype=bool)
    offsets = np.concatenate(([0], np.cumsum(present, dtype=np.int64)))
    return Elements(np.array([number for number in numbers if number is not None], dtype=np.float64), offsets, present)


def are_pairs(array: Any) -> bool:
    """Whether the lists of a column hold pairs of a class and its score: ``[["cat", 0.7], …]``, in Arrow as text."""
    kind = array.type
    if not (
        pa.types.is_list(kind) and pa.types.is_list(kind.value_type) and pa.types.is_string(kind.value_type.value_type)
    ):
        return False
    first = next((value for value in array.to_pylist() if value), None)
    if first is None or not all(_pair_in(item) is not None for item in first):
        return False
    names = [item[0] for item in first]  # numbers, too, where they are whole and the scores are not
    return not any(is_number(name, ".") for name in names) or (
        len(set(names)) == len(names) > 1
        and all(name.isdecimal() for name in names)
        and not all(item[1].isdecimal() for item in first)
    )


def _pair_in(item: Any) -> tuple[str, float] | None:
    if not item or len(item) != 2 or None in item or not is_number(item[1], "."):
        return None
    return item[0], float(item[1])


def _pairs(array: Any) -> Elements:
    rows = []
    values = array.to_pylist()
    for row, value in enumerate(values):
        pairs = [pair for item in value or () if (pair := _pair_in(item)) is not None]
        if len(pairs) != len(value or ()):
            raise Misfit(row, f"{shortened(str(value))!r} is no list of pairs of class and score")
        rows.append(pairs)
    found = _of_pairs([None if value is None else "" for value in values], rows)
    return found._replace(codes=None) if found.names == ("",) else found  # TensorFlow Serving knows no names: in order


def _array_text(array: Any) -> Elements:
    row, text = next((row, text) for row, text in enumerate(_texts(array)) if text is not None)
    raise Misfit(
        row,
        f"{shortened(text)!r} is an array as Python prints it, with digits and perhaps elements left out: it holds no "
        "exact scores",
    )


DECODERS: dict[CellShape, Callable[..., Elements]] = {
    CellShape.LIST_TEXT: _list_text,
    CellShape.PAIRED_TEXT: _list_text,
    CellShape.PAIRS: _pairs,
    CellShape.NAMED_TEXT: _named_text,
    CellShape.KEYED_TEXT: _keyed_text,
    CellShape.NUMBER_TEXT: _number_text,
    CellShape.ARRAY_TEXT: _array_text,
}
"""Each takes the arrays of a shape, PAIRED_TEXT those of scores and of classes. Raises Misfit with the row."""
