"""celoss calibrate apply: a file of predictions written again with new scores, or new scores of an object in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from celoss_cli.calibration.columns import score_columns
from celoss_cli.calibration.rescorer import Rescorer
from celoss_cli.errors import AmbiguousData, UsageError, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.outputs.files import check_writable, refuse_standard_output
from celoss_cli.outputs.rewritten import check_form, rewritten
from celoss_cli.outputs.rewritten_parts import check_parts, rewritten_parts
from celoss_cli.pipeline.calibrated import recalibration_of
from celoss_cli.request import InputKind, ReadOptions
from celoss_cli.results.calibration import Calibration
from celoss_cli.tables.inputs import OpenTable
from celoss_cli.tables.opening import open_table
from celoss_cli.tables.source import Column, Kind, Need, Table
from celoss_cli.tables.unchanged import Watch

_LINES = (".jsonl", ".ndjson")


class Applying(NamedTuple):
    """How a fix is applied, beside how the file is read; what is left out is as it was when the fix was fitted."""

    pred: tuple[str, ...] = ()
    """The score columns."""
    input: InputKind | None = None
    """What they hold."""
    into: InputKind | None = None
    """What is written."""


def apply_to_file(
    fix: Calibration, path: str, output: str, asked: Applying, reading: ReadOptions, fix_path: str | None = None
) -> int:
    """Write the file ``path`` with its scores changed as ``output``, and return how many rows it has.

    Columns and form stay the same; a directory or a glob of parts becomes a directory of such files. Memory is bounded
    by a piece of a file. Nothing is written where something is wrong.

    Raises
    ------
    UsageError
        ``output`` is an input or ``-``, is there already and a directory is written, or its name tells another form.
    DataError
        The file cannot be read, or holds other scores than the fix is for.
    OutputError
        ``output`` cannot be written.
    """
    refuse_standard_output(output)
    whole = Path(path).is_file()
    watch = Watch()
    if whole:
        check_writable(output, [path, *([] if fix_path is None else [fix_path])])
        watch.note(path)
    else:
        check_parts(path, output)
    table = open_table(path, reading._replace(columns=asked.pred or fix.scores.columns))
    if whole:
        if reading.file_format is None:
            _refuse_one_line(table)
        table = _as_it_stands(table, asked.pred or fix.scores.columns)
        check_form(table, output)
    watch.note_shards(table)
    columns = score_columns(fix, table, asked.pred)
    rescorer = _rescorer(fix, table, columns, asked)

    def check() -> None:
        watch.check()  # that the file has changed says more than what its two halves look like
        rescorer.check()

    if whole:
        rewritten(table, output, columns, rescorer, check)
    else:
        rewritten_parts(table, path, output, columns, rescorer, check)
    return rescorer.rows


def _refuse_one_line(table: Table) -> None:
    """Raise AmbiguousData for one line of numbers in a file named ``.jsonl``: one row of scores, or one score a row."""
    name = table.path.lower().removesuffix(".gz").removesuffix(".zst")
    if not table.named and table.format.partition(".")[0] == "json" and name.endswith(_LINES):
        raise AmbiguousData(
            "is a single line of numbers: as JSON Lines it is one row with a score for each class, as JSON a score for "
            "each row",
            code="one_line_json",
            where=Where(table.path),
            hint="--file-format jsonl for the one row, --file-format json for one score a row",
        )


def _as_it_stands(table: Table, names: Sequence[str]) -> Table:
    """Return what the file holds, where only columns other than the scores ``names`` are presented otherwise."""
    from celoss_cli.tables.views.structured_table import StructuredTable

    if not isinstance(table, StructuredTable):
        return table
    below = {column.name for column in table.table.columns}
    plain = {name for name, derived in table.derived.items() if derived.shape is None and name in below}
    return table.table if all(name in plain for name in names) else table


def apply_to_table(fix: Calibration, table: Table, asked: Applying) -> tuple[tuple[Column, ...], Floats]:
    """Return the score columns of a table and their new scores, (n, C); (n, 1) where one column is about a class."""
    columns = score_columns(fix, table, asked.pred)
    rescorer = _rescorer(fix, table, columns, asked)
    needs = dict.fromkeys([column.name for column in columns], Need.NUMBER)
    parts = []
    for partition in table.partitions():
        for batch in partition.batches(needs):
            if columns[0].kind is Kind.VECTOR:
                parts.append(rescorer(batch.matrix(columns[0].name).astype(np.float64), 1))
            else:
                block = np.stack([batch.numbers(column.name).astype(np.float64) for column in columns])
                parts.append(rescorer(block, 0).T)
    rescorer.check()
    return columns, np.concatenate(parts)


def table_of(value: Any, reading: ReadOptions) -> Table:
    """Return an object in memory as a table."""
    from celoss_cli.tables.objects.opening import open_object

    table = value.table if isinstance(value, OpenTable) else open_object(value, "predictions", reading)
    if table.places:
        raise UsageError(
            "predictions of rank above 2 have a row for each place",
            code="calibration_places",
            hint="pass an array of shape (n, C): p.reshape(-1, C) where the classes are the last axis",
        )
    return table


def _rescorer(fix: Calibration, table: Table, columns: tuple[Column, ...], asked: Applying) -> Rescorer:
    return Rescorer(fix, recalibration_of(fix, fix.scores.classes), table, columns, asked.input, asked.into)
