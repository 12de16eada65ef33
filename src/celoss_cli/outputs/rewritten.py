"""A file written once more with other numbers in some of its columns: the same columns, the same form, streamed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from celoss_cli.errors import UnreadableFile, UsageError, Where
from celoss_cli.outputs.change import Change
from celoss_cli.outputs.files import replacing
from celoss_cli.tables.arrays import ArrayTable
from celoss_cli.tables.source import Column, Table
from celoss_cli.tables.text.csv import CsvTable

_FORMS = {
    ".parquet": "parquet", ".pq": "parquet", ".arrow": "arrow", ".feather": "arrow", ".arrows": "arrow",
    ".ipc": "arrow", ".npy": "npy", ".npz": "npz", ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".json": "json",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".xlsx": "excel", ".h5": "hdf5", ".orc": "orc",
}  # fmt: skip

_COMPRESSED = (".gz", ".zst")


def check_form(table: Table, output: str) -> None:
    """Refuse a form that cannot be written, and a name that tells another form than the file has."""
    form, compressed = table.format.partition(".")[0], "." in table.format
    known = form == "csv" and isinstance(table, CsvTable) and not table.dialect.framed
    known = known or form in ("parquet", "arrow") or (form == "npy" and isinstance(table, ArrayTable))
    if not known or (compressed and form != "csv"):
        raise UnreadableFile(
            f"its form is {table.format}, and what can be written again is CSV, Parquet, Arrow and .npy",
            code="form_not_written",
            where=Where(table.path),
            hint="write the predictions in one of these forms first",
        )
    path = Path(output.lower())
    ending = path.suffix
    packed = ending in _COMPRESSED
    if packed:
        ending = Path(path.stem).suffix
    if _FORMS.get(ending, form) != form or (packed or compressed) != (packed and compressed):
        raise UsageError(
            f"{output} tells another form than {table.path} has, which is {table.format}",
            code="output_form",
            hint="end the name as that file's: the form stays the same",
        )


def rewritten(
    table: Table, output: str, columns: tuple[Column, ...], change: Change, check: Callable[[], None]
) -> None:
    """Write ``table`` as ``output``, with what ``change`` makes of the numbers in ``columns``; ``check`` has the last
    word, before the file takes its place.
    """
    with replacing(output) as file:
        match table.format.partition(".")[0]:
            case "parquet":
                from celoss_cli.outputs.rewritten_arrow import rewrite_parquet

                rewrite_parquet(table, file, columns, change)
            case "arrow":
                from celoss_cli.outputs.rewritten_arrow import rewrite_arrow

                rewrite_arrow(table, file, columns, change)
            case "npy":
                from celoss_cli.outputs.rewritten_array import rewrite_array

                rewrite_array(table, file, change)
            case _:
                from celoss_cli.outputs.rewritten_text import rewrite_text

                rewrite_text(table, file, columns, change)
        check()
