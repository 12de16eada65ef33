"""Cells that hold a score for every class in a shape of their own, and their way to plain vectors.

Each shape is decoded into ``Elements``: the scores one after the other, where each row's begin, and the class that each
speaks of where the cells say it. The order within a cell then means nothing: a class is found by its name in every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.spelling import natural_key
from celoss_cli.tables.arrow.batch import buffer_of
from celoss_cli.tables.arrow.build import Misfit


class CellShape(Enum):
    """What a cell looks like."""

    NAMED = "list of class and score"  # Hugging Face pipelines, BigQuery ML
    MAP = "map from class to score"
    FIELDS = "object of scores"
    SPARK = "Spark vector"
    PAIRED = "list of scores beside one of classes"  # Vertex AI, SageMaker Autopilot
    PAIRS = "list of pairs of class and score"  # TensorFlow Serving, classify
    PAIRED_TEXT = "list of scores beside one of classes, written as text"
    SINGLE = "list of one"  # Keras and TensorFlow Serving: (n, 1)
    LIST_TEXT = "list written as text"
    NAMED_TEXT = "scores by class, written as text"  # dictionaries, lists of pairs
    KEYED_TEXT = "class:score pairs written as text"  # Vowpal Wabbit, fastText
    TAG_TEXT = "tag behind class:score pairs"  # Vowpal Wabbit
    NUMBER_TEXT = "number written as text"  # 70%
    TENSOR = "tensor of one axis"  # Arrow's variable_shape_tensor, where it comes as what it stores
    ARRAY_TEXT = "printed array"


class Elements(NamedTuple):
    """Decoded cells: ``scores`` (m,), ``offsets`` (n + 1,), ``present`` (n,) false where a cell is missing.

    ``codes`` (m,) into ``names`` are the classes, −1 for one without a name; ``None`` where the cells do not say.
    """

    scores: npt.NDArray[np.floating[Any]]
    offsets: npt.NDArray[np.int64]
    present: npt.NDArray[np.bool_]
    codes: npt.NDArray[np.int32] | None = None
    names: tuple[str, ...] = ()

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """How many scores each row has (n,)."""
        return np.diff(self.offsets)


def classes_of(elements: Elements) -> tuple[str, ...]:
    """Return the classes that decoded cells speak of: in their own order if that is the same in all, else in natural
    order; () where they do not say.
    """
    if elements.codes is None:
        return ()
    rows = [
        elements.codes[start:stop].tolist()
        for start, stop in zip(elements.offsets[:-1], elements.offsets[1:], strict=True)
    ]
    rows = [row for row in rows if row]
    if rows and all(row == rows[0] for row in rows):
        return tuple(elements.names[code] for code in rows[0] if code >= 0)
    return tuple(sorted(elements.names, key=natural_key))


def numbers_of(elements: Elements) -> Any:
    """Return the scores of cells with one each as a column; null where a cell is missing. Raises Misfit."""
    _check_lengths(elements, (), 1)
    numbers = np.zeros(elements.present.shape[0], dtype=elements.scores.dtype)
    numbers[elements.present] = elements.scores
    bitmap = None if elements.present.all() else buffer_of(np.packbits(elements.present, bitorder="little"))
    kind = pa.from_numpy_dtype(numbers.dtype)
    return pa.Array.from_buffers(kind, numbers.shape[0], [bitmap, buffer_of(numbers)])


def arranged(elements: Elements, classes: Sequence[str], width: int) -> npt.NDArray[np.floating[Any]]:
    """Return the scores as a matrix (n, width), in the order of ``classes`` if there are any; NaN for missing cells.

    Raises Misfit for the first row that has not exactly one score for each.
    """
    _check_lengths(elements, classes, width)
    rows = elements.present.shape[0]
    matrix = np.full((rows, width), np.nan, dtype=np.result_type(elements.scores.dtype, np.float16))
    row_of = np.repeat(np.arange(rows), elements.lengths)
    if elements.codes is None:
        matrix[elements.present] = elements.scores.reshape(-1, width)
        return matrix
    places = {name: place for place, name in enumerate(classes)}
    table = np.array([*(places.get(name, -1) for name in elements.names), -1], dtype=np.int64)
    columns = table[elements.codes]
    if (columns < 0).any():
        odd = int(np.argmax(columns < 0))
        code = int(elements.codes[odd])
        what = "a score without a class" if code < 0 else f"class {elements.names[code]!r}, unlike the first rows"
        raise Misfit(int(row_of[odd]), f"has {what}")
    counts = np.bincount(row_of * width + columns, minlength=rows * width).reshape(rows, width)
    if (counts > 1).any():
        row, place = np.argwhere(counts > 1)[0]
        raise Misfit(int(row), f"has two scores for class {classes[int(place)]!r}")
    matrix[row_of, columns] = elements.scores
    return matrix


def _check_lengths(elements: Elements, classes: Sequence[str], width: int) -> None:
    wrong = elements.present & (elements.lengths != width)
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    start, stop = int(elements.offsets[row]), int(elements.offsets[row + 1])
    if elements.codes is not None and stop - start < width:
        named = {elements.names[code] for code in elements.codes[start:stop].tolist() if code >= 0}
        missing = next(name for name in classes if name not in named)
        raise Misfit(row, f"has no score for class {missing!r}, which other rows have")
    raise Misfit(row, f"has {stop - start} scores, not {width} as those before it")
