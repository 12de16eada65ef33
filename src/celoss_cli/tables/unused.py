"""``--table`` and ``--split`` name a part of a file of several: refused where no input has parts of that kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from celoss_cli.errors import UsageError
from celoss_cli.request import ReadOptions
from celoss_cli.spelling import option
from celoss_cli.tables.source import Table

_WITH_TABLES = ("hdf5", "excel", "r")

_SPLITS = "dataset_dict.json"  # of a Hugging Face data set that is saved with several


def refuse_unused(options: ReadOptions, tables: Sequence[Table]) -> None:
    """Raise UsageError for a table, or a split, that was named and is in the form of none of ``tables``."""
    read = ", ".join(f"{table.path} is {_form(table)}" for table in tables)
    if options.table is not None and not any(_form(table) in _WITH_TABLES for table in tables):
        raise UsageError(
            f"{option('--table', options.table)} names one table of several in a file, and {read}",
            code="table_unused",
            hint="leave it out; data sets of HDF5, sheets of Excel and OpenDocument, and data frames of R are so named",
        )
    if options.split is not None and not any(_is_split(table) for table in tables):
        named = next((c.name for table in tables for c in table.columns if c.name.casefold() == "split"), None)
        rows = "leave it out" if named is None else f"{option('--where', f'{named}={options.split}')} scores these rows"
        raise UsageError(
            f"{option('--split', options.split)} names one of several sets of arrays in a file, and {read}",
            code="split_unused",
            hint=f"{rows}; arrays of .npz, safetensors, torch and HDF5 files, and saved data sets, have splits",
        )


def _form(table: Table) -> str:
    return table.format.partition(".")[0]


def _is_split(table: Table) -> bool:
    chosen = any(decision.what == "split" for decision in table.decisions)
    place = Path(table.path)  # of the data set, or of the one file of a split
    return chosen or "://" in table.path or any((above / _SPLITS).exists() for above in (place, *place.parents[:2]))
