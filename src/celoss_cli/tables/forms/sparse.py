"""Sparse matrices of scipy (save_npz): filled row by row as they are read, never whole."""

from __future__ import annotations

from typing import Any

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.arrays import ArrayTable, table_of
from celoss_cli.tables.forms.made import MadeArray
from celoss_cli.tables.missing import needs


def open_sparse(path: str, options: ReadOptions) -> ArrayTable:  # noqa: ARG001  as every reader is called
    """Open a sparse matrix. Raises UnreadableFile where scipy is missing, or cannot read it."""
    with needs("scipy", "sparse", path, "a sparse matrix of scipy", "numpy.save(FILE, matrix.toarray())"):
        import scipy.sparse
    try:
        matrix: Any = scipy.sparse.load_npz(path).tocsr()
    except MemoryError:
        raise
    except Exception as error:  # of a damaged archive: what numpy, zipfile, zlib and scipy raise
        raise UnreadableFile(
            f"not a readable sparse matrix: {str(error)[:160]}",
            code="unreadable_array",
            where=Where(path),
            hint="the file may be truncated: write it again",
        ) from error
    values = MadeArray(matrix.shape, matrix.dtype, lambda rows: matrix[rows].toarray())
    return table_of(path, "sparse", {"values": values}, named=False)  # type: ignore[dict-item]  # read as arrays are
