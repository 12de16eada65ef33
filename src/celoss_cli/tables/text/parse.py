"""Records of delimited text parsed by pyarrow, each column as the type that it is needed as.

pyarrow rounds floats correctly (17 digits, denormals, 1e400 is inf).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.csv

from celoss_cli.tables.arrow.batch import ArrowBatch, one_piece
from celoss_cli.tables.text.cell_type import CellType, Unparsable
from celoss_cli.tables.text.cells import FALSE, MISSING, TRUE
from celoss_cli.tables.text.dialect import Dialect

_TYPES: dict[CellType, pa.DataType] = {
    CellType.FLOAT: pa.float64(),
    CellType.INTEGER: pa.int64(),
    CellType.BOOLEAN: pa.bool_(),
    CellType.TEXT: pa.string(),
    CellType.NAME: pa.dictionary(pa.int32(), pa.string()),
}


def read_records(
    data: bytes | memoryview,
    dialect: Dialect,
    types: Mapping[int, CellType],
    missing: Iterable[str] = MISSING,
) -> tuple[ArrowBatch, bool]:
    """Return records as a batch, the columns of ``types`` alone, and whether one has text behind its last delimiter.

    Raises Unparsable.
    """
    wanted = dict(types)
    if dialect.trailing_delimiter:
        wanted[dialect.width - 1] = CellType.TEXT
    try:
        table = _parse(data, dialect, wanted, missing=missing)
    except pa.ArrowInvalid as error:
        raise Unparsable(str(error)) from None
    columns = {dialect.names[place]: one_piece(table.column(str(place))) for place in types}
    behind = dialect.trailing_delimiter and any(table.column(str(dialect.width - 1)).to_pylist())
    return ArrowBatch(columns, table.num_rows), behind


def _parse(
    data: bytes | memoryview,
    dialect: Dialect,
    types: Mapping[int, CellType],
    on_odd_row: Any = None,
    missing: Iterable[str] = MISSING,
) -> pa.Table:
    """Parse records, the columns of ``types`` alone; a table needs a column, so with none of them the first is read.

    The result's columns are named by their place. Raises pyarrow.ArrowInvalid.
    """
    wanted = {str(i): _TYPES[cells] for i, cells in (types or {0: CellType.TEXT}).items()}
    if bytes(data[:3]) == codecs.BOM_UTF8:  # inside of a file it is text, and pyarrow takes one off what it is given
        data = codecs.BOM_UTF8 + bytes(data)
    source: Any = pa.BufferReader(pa.py_buffer(data))  # pyarrow-stubs know only paths and Python files
    return pyarrow.csv.read_csv(
        source,
        read_options=pyarrow.csv.ReadOptions(
            use_threads=False,
            block_size=len(data) + 1,  # one block: a record is never longer, a column never in pieces
            column_names=[str(i) for i in range(dialect.width)],
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=dialect.delimiter,
            newlines_in_values=b'"' in bytes(data),
            invalid_row_handler=on_odd_row,
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            check_utf8=on_odd_row is None,
            column_types=wanted,
            include_columns=list(wanted),
            null_values=list(missing),
            strings_can_be_null=False,  # a class may be called NA; an empty name is missing to Batch
            true_values=list(TRUE),
            false_values=list(FALSE),
            decimal_point=dialect.decimal,
        ),
    )


def count_rows(data: bytes | memoryview, dialect: Dialect) -> int:
    """Return the number of records, those of a wrong length too, as the parser counts them."""
    odd: list[Any] = []

    def skip(row: Any) -> str:
        odd.append(row)
        return "skip"

    return int(_parse(data, dialect, {0: CellType.TEXT}, skip).num_rows) + len(odd)
