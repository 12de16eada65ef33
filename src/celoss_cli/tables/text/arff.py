"""ARFF, as OpenML and Weka write it: read by scipy; the values of a nominal attribute are classes in its order."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import numpy as np
import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.arrow.build import texts_array
from celoss_cli.tables.memory import MemoryTable, memory_table, with_digits
from celoss_cli.tables.missing import needs
from celoss_cli.tables.text.text_stream import detect_encoding, whole_text

# Possessive, as there is one way to read blank lines and comments: with others a file of blank lines takes years.
_RELATION = re.compile(r"(?i)(?:[ \t]*+(?:%[^\r\n]*+)?+[\r\n]++)*+[ \t]*+@relation\b")

# The first row begins with a brace.
_SPARSE = re.compile(r"(?im)^[ \t]*@data[ \t]*(?:[\r\n]++[ \t]*+(?:%[^\r\n]*+)?+)++\{")


def open_arff(path: str, options: ReadOptions, compression: str | None, first: bytes) -> MemoryTable | None:
    """Open an ARFF file; ``None`` for text that is none. Raises UnreadableFile where scipy is missing or refuses."""
    text = whole_text(path, compression, detect_encoding(first, options.encoding))
    if _RELATION.match(text) is None:
        return None
    if _SPARSE.search(text) is not None:
        raise UnreadableFile(
            "holds sparse rows ({place value, …}), which celoss does not read",
            code="unknown_format",
            where=Where(path),
            hint="write it dense: java weka.filters.unsupervised.instance.SparseToNonSparse -i FILE -o …",
        )
    with needs("scipy", "arff", path, "an ARFF file", "write it as CSV"):
        from scipy.io import arff
    limit = csv.field_size_limit()  # of the whole process: loadarff takes it away
    try:
        rows, meta = arff.loadarff(io.StringIO(text))
    except (arff.ArffError, NotImplementedError, ValueError, IndexError, StopIteration, csv.Error) as error:
        raise UnreadableFile(
            f"not a readable ARFF file: {' '.join(str(error).split())[:160]}",
            code="unreadable_arff",
            where=Where(path),
            hint="write it as CSV: scipy reads no attributes of text",
        ) from error
    finally:
        csv.field_size_limit(limit)
    columns = {name: _column(rows[name], *meta[name]) for name in meta.names()}
    return with_digits(memory_table(path, "arff", pa.table(columns), named=True))


def _column(values: Any, kind: str, classes: tuple[str, ...] | None) -> Any:
    """Return an attribute as a column; ``?`` is missing."""
    if classes is None:
        return pa.array(values) if kind == "numeric" else pa.array(values.astype("datetime64[s]"))
    places = {name.encode(): place for place, name in enumerate(classes)}
    codes = np.array([places.get(value, -1) for value in values.tolist()], dtype=np.int32)
    indices: Any = pa.array(codes, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, texts_array(list(classes)))
