"""A hash of each id in a column, cheap enough for every row: of the bytes at both ends and in the middle of a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.compiled import CORE
from celoss_cli.pairing.ids import Texts as IdTexts
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.text.plain_batch import Names, Texts
from celoss_cli.tuples import NamedTuple

Prints = npt.NDArray[np.uint64]

_ODD = tuple(np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))

_HALF = np.uint64(32)

_MANY = 50_000  # rows from which on two bytes are looked at first

_BEFORE_END = (2, 6, 7, 3, 4, 5, 8)  # .png and .jpeg stand at the end of many

_RARE, _MOST = 0.01, 0.15  # the share of ids that best have the two bytes, and the largest

MISSING = np.uint64(2**64 - 1)
"""What stands for a cell without an id: no hash is that large."""


class Ending(NamedTuple):
    """Two bytes that stand ``before_end`` bytes before the end of a text."""

    before_end: int
    word: int


class IdFilter(NamedTuple):
    """Which ids are looked at: those whose hash is at most ``largest`` and, of texts, that have the ``ending``.

    It depends on the id alone, so that all rows of an id are looked at or none is.
    """

    largest: int
    ending: Ending | None = None

    def hits(self, column: Any) -> tuple[npt.NDArray[np.intp], Prints]:
        """Return the rows (m,) of a column that are looked at, in order, and the hash (m,) of the id in each.

        The column is one as a batch holds it.
        """
        prints: Prints | None
        texts = _bytes_of(column) if self.ending is not None else None
        if self.ending is not None and texts is not None:
            rows = _ending_so(texts, self.ending)
            prints = _of_texts(texts, rows) if rows.size else np.empty(0, dtype=np.uint64)
            if texts.valid is not None:
                prints[~texts.valid[rows]] = MISSING
        elif (numbers := _whole_numbers_of(column)) is not None and CORE is not None:
            return _found_by_core(numbers, self.largest)
        else:
            prints = id_prints(column)
            rows = np.arange(0 if prints is None else prints.shape[0])
            prints = np.empty(0, dtype=np.uint64) if prints is None else prints
        found = np.flatnonzero((prints <= np.uint64(self.largest)) & (prints != MISSING))
        return rows[found], prints[found]


def _whole_numbers_of(column: Any) -> npt.NDArray[Any] | None:
    """Return a column of numbers of eight bytes, none of them missing; ``None`` if it is another."""
    if isinstance(column, np.ndarray):
        return column if column.itemsize == 8 and column.flags.c_contiguous and column.flags.aligned else None
    if isinstance(column, (Names, Texts)):
        return None
    import pyarrow as pa

    kind = column.type
    if not (pa.types.is_int64(kind) or pa.types.is_uint64(kind) or pa.types.is_float64(kind)) or column.null_count:
        return None
    bits = _bits(column, 8)
    return bits.view(np.float64) if pa.types.is_float64(kind) else bits


def _found_by_core(numbers: npt.NDArray[Any], largest: int) -> tuple[npt.NDArray[np.intp], Prints]:
    """Return which numbers (n,) have hashes up to ``largest``, and these hashes: as ``_of_numbers`` has them."""
    rows, prints = np.empty(numbers.shape[0], dtype=np.int64), np.empty(numbers.shape[0], dtype=np.uint64)
    found = CORE.numbers_below(numbers, numbers.dtype.kind == "f", min(largest, int(MISSING)), rows, prints)
    return rows[:found].astype(np.intp), prints[:found].copy()


def id_filter(first: Sequence[str | None], rows: int, wanted: int, *, texts: bool) -> IdFilter:
    """Return a filter that passes about ``wanted`` of ``rows`` rows, given the ``first`` ids and if they are texts."""
    ending, share = None, 1.0
    if texts and rows > _MANY:
        ending, share = _ending_of([text.encode() for text in first if text])
    passing = rows * share
    return IdFilter(int(MISSING) if passing <= wanted else int(2**64 / passing * wanted), ending)


def _ending_of(ids: Sequence[bytes]) -> tuple[Ending | None, float]:
    """Return two bytes before the end that few ids have, but some, and the share of the ids that have them."""
    for before in _BEFORE_END:
        words = Counter(text[len(text) - before : len(text) - before + 2] for text in ids if len(text) >= before)
        rare = [(abs(count / len(ids) - _RARE), word) for word, count in words.items() if count <= _MOST * len(ids)]
        if rare and min(rare)[0] < _RARE:
            word = min(rare)[1]
            return Ending(before, int.from_bytes(word, "little")), words[word] / len(ids)
    return None, 1.0


class _Bytes(NamedTuple):
    """Texts: where each begins and ends (n + 1,), their bytes, eight at least, and which are not null, if any is."""

    offsets: npt.NDArray[Any]
    data: Any
    size: int
    valid: npt.NDArray[np.bool_] | None


def _bytes_of(column: Any) -> _Bytes | None:
    """Return a column of texts; ``None`` if it is another."""
    if isinstance(column, Texts):
        return _at_least_eight(column.ends, column.data, column.data.shape[0], None)
    if isinstance(column, (Names, np.ndarray)):
        return None
    import pyarrow as pa

    from celoss_cli.tables.arrow.batch import valid_rows

    wide = pa.types.is_large_string(column.type)
    if not wide and not pa.types.is_string(column.type):
        return None
    _, ends, data = column.buffers()
    valid = valid_rows(column) if column.null_count else None
    if not len(column):
        return _at_least_eight(np.zeros(1, dtype=np.intp), None, 0, valid)
    kind = np.int64 if wide else np.int32
    offsets: Any = np.frombuffer(ends, dtype=kind, count=column.offset + len(column) + 1)
    return _at_least_eight(offsets[column.offset :], data, 0 if data is None else data.size, valid)


def _at_least_eight(offsets: npt.NDArray[Any], data: Any, size: int, valid: npt.NDArray[np.bool_] | None) -> _Bytes:
    if size < 8:
        padded = np.zeros(8, dtype=np.uint8)
        if size:
            padded[:size] = np.frombuffer(data, dtype=np.uint8, count=size)
        data, size = padded, 8
    return _Bytes(offsets, data, size, valid)


def _ending_so(texts: _Bytes, ending: Ending) -> npt.NDArray[np.intp]:
    """Return the rows of texts with an ending."""
    offsets = texts.offsets
    if CORE is not None and offsets.dtype in (np.int32, np.int64) and offsets.flags.c_contiguous:
        found: npt.NDArray[np.int64] = np.empty(offsets.shape[0] - 1, dtype=np.int64)
        wide = offsets.dtype == np.int64
        some = int(CORE.texts_ending(offsets, wide, texts.data, ending.before_end, ending.word, found))
        return found[:some].astype(np.intp)
    offsets = offsets.astype(np.intp)
    words: Any = np.ndarray(shape=(texts.size - 1,), dtype="<u2", buffer=texts.data, strides=(1,))
    places = offsets[1:] - ending.before_end
    rows = np.flatnonzero(words.take(places, mode="clip") == ending.word)
    long: npt.NDArray[np.intp] = rows[offsets[1:][rows] - offsets[:-1][rows] >= ending.before_end]
    return long


def id_texts(batch: Batch, name: str) -> IdTexts:
    """Return a column of ids as texts, byte by byte what ``batch.texts`` has; empty where there is none."""
    found = _bytes_of(batch.held(name))
    offsets = None if found is None else found.offsets.astype(np.int64)
    if found is None or offsets is None or not _as_they_are(found, offsets):
        cells = [(text or "").encode("utf-8", "surrogatepass") for text in batch.texts(name)]
        ends = np.cumsum([0, *map(len, cells)], dtype=np.int64)
        return IdTexts(ends, np.frombuffer(b"".join(cells) + bytes(8), dtype=np.uint8))
    first, last = int(offsets[0]), int(offsets[-1])
    data = np.zeros(last - first + 8, dtype=np.uint8)
    data[:-8] = np.frombuffer(found.data, dtype=np.uint8, count=last)[first:]
    return IdTexts(offsets - first, data)


def _as_they_are(texts: _Bytes, offsets: npt.NDArray[np.int64]) -> bool:
    """Whether no text is missing, empty, or begins or ends with what may be a blank, which ids do not have."""
    starts, ends = offsets[:-1], offsets[1:]
    if texts.valid is not None or not (ends > starts).all() or not starts.size:
        return False
    data: Any = np.frombuffer(texts.data, dtype=np.uint8, count=int(ends[-1]))
    edges = np.concatenate((data[starts], data[ends - 1]))
    return bool(((edges > 0x20) & (edges < 0x7F)).all())


def id_prints(column: Any) -> Prints | None:
    """Return a hash (n,) of each cell, ``MISSING`` where it is empty; ``None`` for a type that ids do not have.

    Equal cells of one column have equal hashes. Different texts nearly always have different ones, but need not: those
    of one length that agree in their first, middle and last eight bytes share theirs.
    """
    texts = _bytes_of(column)
    if texts is not None:
        prints = _of_texts(texts, slice(None))
        if texts.valid is not None:
            prints[~texts.valid] = MISSING
        return prints
    if isinstance(column, np.ndarray):
        return _of_numbers(column.view(np.uint64), floating=column.dtype.kind == "f")
    if isinstance(column, Names):
        from celoss_cli.tables.arrow.build import names_array

        column = names_array(column.codes, column.values)
    return _prints_of_array(column)


def _prints_of_array(array: Any) -> Prints | None:
    """Return the hashes of an Arrow array that is not one of texts."""
    import pyarrow as pa

    from celoss_cli.tables.arrow.batch import valid_rows

    kind = array.type
    if pa.types.is_dictionary(kind):
        prints = id_prints(array.dictionary)
        if prints is None:
            return None
        places = _bits(array.indices, array.indices.type.bit_width // 8)
        prints = prints.take(places.astype(np.intp), mode="clip") if prints.size else np.full(len(array), MISSING)
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_temporal(kind):
        if kind.bit_width not in (8, 16, 32, 64):
            return None
        prints = _of_numbers(_bits(array, kind.bit_width // 8), floating=pa.types.is_floating(kind))
    else:
        return None
    if array.null_count:
        prints[~valid_rows(array)] = MISSING
    return prints


def _of_numbers(bits: npt.NDArray[np.unsignedinteger[Any]], *, floating: bool) -> Prints:
    """Return hashes of numbers by their bits: an odd factor spreads whole numbers over all of the range."""
    words: Prints = bits.astype(np.uint64)
    if floating:
        words ^= words >> _HALF  # the last bits of whole numbers as doubles are zeros
    words *= _ODD[0]
    words ^= words >> _HALF
    words *= _ODD[1]
    np.minimum(words, MISSING - np.uint64(1), out=words)
    return words


def _bits(array: Any, width: int) -> npt.NDArray[np.unsignedinteger[Any]]:
    rows = len(array)
    if not rows:
        return np.empty(0, dtype=np.uint64)
    bits: Any = np.frombuffer(array.buffers()[1], dtype=f"<u{width}", count=array.offset + rows)
    cells: npt.NDArray[np.unsignedinteger[Any]] = bits[array.offset :]
    return cells


def _of_texts(texts: _Bytes, rows: slice | npt.NDArray[np.intp]) -> Prints:
    """Return the hashes of some rows of texts."""
    offsets, data, size, _ = texts
    if offsets.shape[0] == 1:
        return np.empty(0, dtype=np.uint64)
    # Every byte of the text is the start of a word of eight, but for the last seven.
    words: Any = np.ndarray(shape=(size - 7,), dtype="<u8", buffer=data, strides=(1,))
    starts, ends = offsets[:-1][rows].astype(np.intp), offsets[1:][rows].astype(np.intp)
    lengths = ends - starts
    shortest = int(lengths.min())
    last = ends - 8
    if shortest > 8:
        prints: Prints = words[last] * _ODD[0]
        prints ^= prints >> _HALF
        prints += words[starts] * _ODD[1]
        prints += words[starts + (lengths >> 1) - 4] * _ODD[2]
    else:
        prints = _short(words, starts, lengths, size) * _ODD[0]
        longer = np.flatnonzero(lengths > 8)
        if longer.size:
            begin, length = starts[longer], lengths[longer]
            more = words[begin + length - 8] * _ODD[0]
            more ^= more >> _HALF
            more += words[begin] * _ODD[1]
            more += words[begin + (length >> 1) - 4] * _ODD[2]
            prints[longer] = more
    prints ^= prints >> _HALF
    prints += lengths.astype(np.uint64)
    prints *= _ODD[3]
    np.minimum(prints, MISSING - np.uint64(1), out=prints)
    if shortest == 0:
        prints[lengths == 0] = MISSING
    return prints


def _short(words: Any, starts: npt.NDArray[np.intp], lengths: npt.NDArray[np.intp], size: int) -> Prints:
    """Return the last eight bytes of each text as a number, or all of a shorter one's."""
    ends = starts + lengths
    begin = np.minimum(np.maximum(ends - 8, 0), size - 8)
    found: Prints = words[begin]
    # Where fewer than eight bytes stand before the end, the word holds some after it: out on the left they go.
    over = np.maximum(begin + 8 - ends, 0)
    found <<= (over * 8).astype(np.uint64)
    blank = np.maximum(8 - lengths, 0)
    found >>= (np.minimum(blank, 7) * 8).astype(np.uint64)
    return found
