"""Arrow columns made ready for what they are needed for: numbers out of text, vectors all of one length.

What a type does not promise is found out here, cell by cell, and said with the row: every reader that gets its
columns from Arrow hands out its batches through ``ready``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.tables.arrow.batch import (
    ArrowBatch,
    buffer_of,
    check_lengths,
    list_offsets,
    valid_rows,
    vector_width,
)
from celoss_cli.tables.arrow.errors import reading
from celoss_cli.tables.arrow.types import plain, plain_type
from celoss_cli.tables.batch import Batch, RaggedVector
from celoss_cli.tables.source import Column, Kind, Need
from celoss_cli.tables.text.cells import MISSING, is_number, shortened


def vector_widths(head: Batch, columns: Iterable[Column]) -> dict[str, int]:
    """Return the length of the vectors of each column whose type leaves it open, going by the first that is there."""
    return {
        column.name: vector_width(head.column(column.name))
        for column in columns
        if column.kind is Kind.VECTOR and column.width is None
    }


def of_one_length(head: Batch, name: str) -> bool:
    """Whether the cells of a column of vectors that are there all have one length."""
    array = head.column(name)
    if pa.types.is_fixed_size_list(array.type):
        return True
    lengths = np.diff(list_offsets(array))[valid_rows(array)]
    return not lengths.size or bool((lengths == lengths[0]).all())


def of_record_batch(batch: pa.RecordBatch, form: str, path: str) -> Batch:
    """Return an Arrow batch of a file as ours. Raises UnreadableFile where it is damaged."""
    with reading(form, path):
        return ArrowBatch(dict(zip(batch.schema.names, map(sound, batch.columns), strict=True)), batch.num_rows)


def joined(parts: Sequence[Any]) -> Any:
    """Return parts of a column as one array, with one dictionary for all of it. Raises ArrowInvalid."""
    return parts[0] if len(parts) == 1 else pa.chunked_array(parts).unify_dictionaries().combine_chunks()


def sound(column: Any) -> Any:
    """Return a column whose offsets and indices stay inside it, and whose text is UTF-8: nothing else checks those.

    Raises ArrowInvalid, which ``reading`` explains.
    """
    _validate(column)
    return plain(column)


def sound_whole(column: Any) -> Any:
    """Return a column in pieces as one that is ``sound``. Of many pieces, each costs a few microseconds."""
    if column.num_chunks == 1:
        return sound(column.chunk(0))
    if plain_type(column.type) != column.type:  # Arrow cannot join pieces of all types
        return joined([sound(piece) for piece in column.chunks])
    _validate(column)
    return column.unify_dictionaries().combine_chunks()


def _validate(column: Any) -> None:
    """Refuse an array, or one in pieces, that is damaged. Numbers have nothing to look through. Raises ArrowInvalid."""
    column.validate(full=not pa.types.is_primitive(column.type))


def ready(batch: Batch, needs: Mapping[str, Need], widths: Mapping[str, int], first: int, path: str) -> Batch:
    """Return the columns of ``batch`` as ``needs`` asks; row 0 of it is row ``first`` of its partition.

    Raises InvalidScores, with the row counted from the partition's start, for text that is no number and for a
    vector whose length is not that in ``widths``.
    """
    columns: dict[str, Any] = {name: batch.column(name) for name in needs}
    for name, need in needs.items():
        if need is Need.NUMBER and _is_text(columns[name].type):
            columns[name] = _parsed(columns[name], name, first, path)
        elif name in widths and need is not Need.LIST:
            try:
                check_lengths(columns[name], widths[name])
            except RaggedVector as odd:
                raise odd.refused(Where(path, row=first + odd.row, column=name)) from None
    return ArrowBatch(columns, batch.rows)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _parsed(column: Any, name: str, first: int, path: str) -> Any:
    """Return a column of text as float64: NaN where a cell is missing, by the rules of text files."""
    texts = column.to_pylist()
    numbers = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        if text is None or text.strip() in MISSING:
            continue
        if not is_number(text, "."):
            from celoss_cli.tables.text.odd_characters import odd_number

            odd = odd_number(text)
            raise InvalidScores(
                f"{shortened(text)!r} is not a number{'' if odd is None else f': {odd.what}'}",
                code="not_a_number",
                where=Where(path, row=first + row, column=name),
                hint="if this is no score column, name those that are with --pred" if odd is None else odd.hint,
            )
        numbers[row] = float(text)
    return pa.Array.from_buffers(pa.float64(), len(texts), [None, buffer_of(numbers)])
