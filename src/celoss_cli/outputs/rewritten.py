"""A file written once more with other numbers in some of its columns: the same columns, the same form, streamed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from celoss_cli.errors import UnreadableFile, UsageError, Where
from celoss_cli.outputs.change import Change
from celoss_cli.outputs.files import replacing
from celoss_cli.tables.arrays import ArrayTable
from celoss_cli.tables.json.lines import JsonLinesTable
from celoss_cli.tables.source import Column, Table
from celoss_cli.tables.text.csv import CsvTable
from celoss_cli.tables.views.view import View

_FORMS = {
    ".parquet": "parquet", ".pq": "parquet", ".arrow": "arrow", ".feather": "arrow", ".arrows": "arrow",
    ".ipc": "arrow", ".npy": "npy", ".npz": "npz", ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".json": "json",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".xlsx": "excel", ".h5": "hdf5", ".hdf5": "hdf5", ".orc": "orc",
    ".safetensors": "safetensors",
}  # fmt: skip

_COMPRESSED = (".gz", ".zst")

_TEXT = ("csv", "json", "jsonl")

_ARRAYS = ("npy", "npz", "safetensors", "hdf5")


def check_form(table: Table, output: str) -> None:
    """Refuse a form that cannot be written, and a name that tells another form than the file has."""
    form, compressed = table.format.partition(".")[0], "." in table.format
    if not _is_written(table, form) or (compressed and form not in _TEXT):
        raise UnreadableFile(
            f"{_what(table, form)}, and what can be written again is CSV, JSON Lines and arrays of records, Parquet, "
            "Arrow, ORC, .npy, .npz, safetensors and HDF5",
            code="form_not_written",
            where=Where(table.path),
            hint="write the predictions in one of these forms first",
        )
    path = Path(output.lower())
    ending = path.suffix
    packed = ending in _COMPRESSED
    if packed:
        ending = Path(path.stem).suffix
    told = _FORMS.get(ending, form)
    alike = told == form or {told, form} == {"json", "jsonl"}
    if not alike or (packed or compressed) != (packed and compressed):
        raise UsageError(
            f"{output} tells another form than {table.path} has, which is {table.format}",
            code="output_form",
            hint="end the name as that file's: the form stays the same",
        )


def _is_written(table: Table, form: str) -> bool:
    if isinstance(table, View):  # what is read is not what stands in the file
        return False
    if form in ("json", "jsonl"):
        return isinstance(table, JsonLinesTable) and table.laid_out.one_row_each
    if form == "csv":
        return isinstance(table, CsvTable) and not table.dialect.framed
    return form in ("parquet", "arrow", "orc") or (form in _ARRAYS and isinstance(table, ArrayTable))


def _what(table: Table, form: str) -> str:
    """Return why a file is not written again."""
    if form in ("json", "jsonl", "csv", *_ARRAYS) or isinstance(table, View):
        return f"its form is {table.format}, with rows or scores in a shape of their own"
    return f"its form is {table.format}"


def rewritten(
    table: Table, output: str, columns: tuple[Column, ...], change: Change, check: Callable[[], None]
) -> None:
    """Write ``table`` as ``output``, with what ``change`` makes of the numbers in ``columns``; ``check`` has the last
    word, before the file takes its place.
    """
    write = _writer(table.format.partition(".")[0])
    with replacing(output) as file:
        write(table, file, columns, change)
        check()


def _writer(form: str) -> Callable[..., None]:
    """Return what writes a form. It is loaded where one is written."""
    match form:
        case "parquet" | "arrow" | "orc":
            from celoss_cli.outputs import rewritten_arrow as arrow

            return {"parquet": arrow.rewrite_parquet, "arrow": arrow.rewrite_arrow, "orc": arrow.rewrite_orc}[form]
        case "npy" | "npz" | "safetensors" | "hdf5":
            from celoss_cli.outputs import rewritten_array as arrays

            return {
                "npy": arrays.rewrite_npy,
                "npz": arrays.rewrite_npz,
                "safetensors": arrays.rewrite_safetensors,
                "hdf5": arrays.rewrite_hdf5,
            }[form]
        case "json" | "jsonl":
            from celoss_cli.outputs.rewritten_json import rewrite_json

            return rewrite_json
        case _:
            from celoss_cli.outputs.rewritten_text import rewrite_text

            return rewrite_text
