"""One cell of text read as what it writes: a list, a dictionary, a vector or a number, as JSON or as a tool prints it.

``[0.7, 0.3]``, ``(0.7, 0.3)``, ``[np.float64(0.7)]``, ``DenseVector([…])``, ``(3,[0,2],[0.7,0.3])``,
``{"cat": 0.7}``, ``{cat=0.7}``, ``[{"label": "cat", "score": 0.7}, …]``, ``[("cat", 0.7), …]``, ``70%``.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from celoss_cli.tables.parsed_as_python import as_data
from celoss_cli.tables.text.header import LABEL_PREFIX
from celoss_cli.tables.views.structured_arrow import CLASS_KEYS, SCORE_KEYS

_NUMPY_SCALAR = re.compile(r"(?:np|numpy)\.(?:float|int|uint)[0-9]+\(([^()]*)\)")

_SPARK = re.compile(r"(Dense|Sparse)Vector\((.*)\)", re.DOTALL)

_DUCKDB_MAP = re.compile(r"\{\s*[^\s{}=:'\"][^{}=:]*=[^{}=]+\}|\{(?:[^{}=]+=[^{}=,]+,)+[^{}=]+=[^{}=,]+\}")

_PERCENT = re.compile(r"\s*([-+]?[0-9]*[.,]?[0-9]+)\s*%\s*")


def value_in(text: str) -> Any:
    """Return the Python value that a cell writes. Raises ValueError for one that writes none."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    text = _NUMPY_SCALAR.sub(r"\1", text.strip())
    spark = _SPARK.fullmatch(text)
    if spark is not None:
        text = spark[2] if spark[1] == "Dense" else f"({spark[2]})"
    if _DUCKDB_MAP.fullmatch(text):
        pairs = [pair.rpartition("=") for pair in text[1:-1].split(",")]
        return {name.strip(): float(score) for name, _, score in pairs}
    try:
        with as_data():
            return ast.literal_eval(text)  # Python's own spelling: ['cat', 'dog']
    except (SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError(str(error)) from None


def scores_in(value: Any) -> list[float] | None:
    """Return the scores of a value that is a list or tuple of them, or a sparse vector; ``None`` if it is neither."""
    if isinstance(value, tuple):
        return list(value) if value and all(map(is_score, value)) else _of_sparse(value)
    return value if isinstance(value, list) and all(map(is_score, value)) else None


def named_scores_in(value: Any) -> list[tuple[str, float]] | None:
    """Return the classes of a value with their scores, in its order; ``None`` if it does not name them."""
    if isinstance(value, Mapping):
        pairs: Sequence[Any] = list(value.items())
    elif isinstance(value, list | tuple) and value and all(isinstance(item, Mapping) for item in value):
        pairs = [_pair(item) for item in value]
    elif isinstance(value, list | tuple) and all(isinstance(item, list | tuple) and len(item) == 2 for item in value):
        pairs = value if all(isinstance(item[0], str) for item in value) else []
    else:
        return None
    if not pairs or not all(pair is not None and is_score(pair[1]) for pair in pairs):
        return None
    return [(str(name), score) for name, score in pairs]


def is_score(value: Any) -> bool:
    """Whether a value is a number, and not true or false."""
    return type(value) in (int, float)


def percent_in(text: str) -> float | None:
    """Return the share that a percentage is, to the nearest double: 0.7 for ``70%``."""
    found = _PERCENT.fullmatch(text)
    return None if found is None else float(f"{found[1].replace(',', '.')}e-2")


def number_in(text: str) -> float | None:
    """Return the number in a cell that writes it otherwise than as digits: ``70%``, ``np.float64(0.7)``."""
    scalar = _NUMPY_SCALAR.fullmatch(text.strip())
    if scalar is None:
        return percent_in(text)
    try:
        return float(scalar[1])
    except ValueError:
        return None


def pairs_of_fasttext(text: str) -> list[tuple[str, float]] | None:
    """Return the labels and their scores in a line of fastText's ``predict-prob``; ``None`` if it is none."""
    tokens = text.split()
    if not tokens or len(tokens) % 2 or not all(token.startswith(LABEL_PREFIX) for token in tokens[::2]):
        return None
    try:
        return list(zip(tokens[::2], map(float, tokens[1::2]), strict=True))
    except ValueError:
        return None


def _pair(item: Mapping[Any, Any]) -> tuple[Any, Any] | None:
    """Return the class and the score of an object that has one of each."""
    names = [value for key, value in item.items() if str(key).casefold() in CLASS_KEYS]
    scores = [value for key, value in item.items() if str(key).casefold() in SCORE_KEYS]
    return (names[0], scores[0]) if len(names) == 1 and len(scores) == 1 else None


def _of_sparse(value: tuple[Any, ...]) -> list[float] | None:
    """Return the scores of a sparse vector of Spark: (size, [places], [scores]), or (size, {place: score})."""
    if not value or type(value[0]) is not int:
        return None
    if len(value) == 2 and isinstance(value[1], dict):
        value = (value[0], list(value[1]), list(value[1].values()))
    if len(value) != 3 or not all(isinstance(part, list) for part in value[1:]) or len(value[1]) != len(value[2]):
        return None
    size, places, scores = value
    inside = all(type(place) is int and 0 <= place < size for place in places)
    if not inside or len(set(places)) < len(places) or not all(map(is_score, scores)):
        return None
    dense = [0.0] * size
    for place, score in zip(places, scores, strict=True):
        dense[place] = score
    return dense
