"""Scores for every class written as text: JSON and Python lists, ``class:score`` pairs, and what NumPy prints."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from celoss_cli.tables.arrow.build import Misfit
from celoss_cli.tables.text.cells import MISSING, is_number, shortened
from celoss_cli.tables.views.structured import Elements, Shape

_INTEGERS = range(-(1 << 63), 1 << 63)

_PRINTED = re.compile(
    r"(?:np\.|numpy\.|torch\.)?(?:array|tensor|Tensor)\(|\[\s*[-+0-9.eE]+(?:\s+[-+0-9.eE]+|\s*\.\.\.)+\s*\]?"
)


def text_shape(texts: Sequence[str | None]) -> Shape | None:
    """Return which shape of scores the cells of a text column are, judged by the first that holds anything."""
    first = next((text.strip() for text in texts if text is not None and text.strip() not in MISSING), "")
    if _PRINTED.match(first):
        return Shape.ARRAY_TEXT
    if first.startswith("["):
        value = _one_list(first)
        return Shape.LIST_TEXT if value and all(type(item) in (int, float) for item in value) else None
    pairs = [token.rpartition(":") for token in first.split()]
    if pairs and not pairs[-1][1]:
        pairs.pop()
    keyed = len(pairs) > 1 and all(name and is_number(value, ".") for name, _, value in pairs)
    return Shape.KEYED_TEXT if keyed else None


def are_names(texts: Sequence[str | None]) -> bool:
    """Whether the cells of a text column are lists of names."""
    first = next((text for text in texts if text is not None and text.strip() not in MISSING), "")
    value = _one_list(first.strip()) if first.strip().startswith("[") else None
    return bool(value) and all(isinstance(item, (str, int)) for item in value or ())


def _one_list(text: str) -> list[Any] | None:
    try:
        value = _parsed_list(text, 0)
    except Misfit:
        return None
    return value if isinstance(value, list) else None


def _texts(array: Any) -> list[str | None]:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    return [None if text is None or text.strip() in MISSING else text for text in array.to_pylist()]


def _parsed_lists(texts: Sequence[str | None]) -> list[Any]:
    """Return the lists that are written as text, ``None`` for missing ones. Raises Misfit with the row."""
    try:  # all at once, as one JSON array: ten times as fast
        return list(json.loads("[" + ",".join("null" if text is None else text for text in texts) + "]"))
    except ValueError:
        return [None if text is None else _parsed_list(text, row) for row, text in enumerate(texts)]


def _parsed_list(text: str, row: int) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return ast.literal_eval(text.strip())  # Python's own spelling: ['cat', 'dog']
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise Misfit(row, f"{shortened(text)!r} is no list of numbers") from None


def _list_text(array: Any, classes: Any = None) -> Elements:
    rows = _parsed_lists(texts := _texts(array))
    for row, (value, text) in enumerate(zip(rows, texts, strict=True)):
        if value is not None and not (isinstance(value, list) and all(type(v) in (int, float) for v in value)):
            raise Misfit(row, f"{shortened(text or '')!r} is no list of numbers")
    offsets = np.cumsum([0, *(len(row or ()) for row in rows)], dtype=np.int64)
    values = [value for row in rows for value in row or ()]
    whole = values and all(type(value) is int and value in _INTEGERS for value in values)  # labels may be large
    scores: Any = np.array(values, dtype=np.int64 if whole else np.float64)
    present = np.array([row is not None for row in rows], dtype=bool)
    if classes is None:
        return Elements(scores, offsets, present)
    named = _parsed_lists(_texts(classes))
    for row, (value, names) in enumerate(zip(rows, named, strict=True)):
        if value is not None and (not isinstance(names, list) or len(names) != len(value)):
            raise Misfit(row, f"has {len(value)} scores for {len(names) if isinstance(names, list) else 'no'} classes")
    known: dict[str, int] = {}
    codes = [known.setdefault(str(name), len(known)) for row, names in zip(rows, named, strict=True) if row
             for name in names]  # fmt: skip
    return Elements(scores, offsets, present, np.array(codes, dtype=np.int32), tuple(known))


def _keyed_text(array: Any) -> Elements:
    known: dict[str, int] = {}
    codes: list[int] = []
    scores: list[float] = []
    lengths: list[int] = []
    texts = _texts(array)
    for row, text in enumerate(texts):
        pairs = [token.rpartition(":") for token in (text or "").split()]
        if pairs and not pairs[-1][1]:
            pairs.pop()  # Vowpal Wabbit puts the tag of an example behind
        for name, colon, value in pairs:
            try:
                scores.append(float(value) if colon else float("."))
            except ValueError:
                raise Misfit(row, f"{shortened(text or '')!r} is no list of class:score pairs") from None
            codes.append(known.setdefault(name, len(known)))
        lengths.append(len(pairs))
    present = np.array([text is not None for text in texts], dtype=bool)
    offsets = np.cumsum([0, *lengths], dtype=np.int64)
    return Elements(np.array(scores), offsets, present, np.array(codes, dtype=np.int32), tuple(known))


def _array_text(array: Any) -> Elements:
    row, text = next((row, text) for row, text in enumerate(_texts(array)) if text is not None)
    raise Misfit(
        row,
        f"{shortened(text)!r} is an array as Python prints it, with digits and perhaps elements left out: it holds no "
        "exact scores",
    )


DECODERS: dict[Shape, Callable[..., Elements]] = {
    Shape.LIST_TEXT: _list_text,
    Shape.PAIRED_TEXT: _list_text,
    Shape.KEYED_TEXT: _keyed_text,
    Shape.ARRAY_TEXT: _array_text,
}
"""Each takes the arrays of a shape, PAIRED_TEXT those of scores and of classes. Raises Misfit with the row."""
