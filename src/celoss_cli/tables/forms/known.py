"""Which form a file that is not plain text has, told by its bytes, and what reads it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

from celoss_cli.errors import CelossError, UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.forms.others import refuse_other
from celoss_cli.tables.forms.packed import unpacked
from celoss_cli.tables.source import Table
from celoss_cli.tuples import NamedTuple

_SAS7BDAT = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd920800")

_SAFETENSORS_HEADER = 100_000_000  # bytes: the most that the format allows


class Form(NamedTuple):
    """A form of file: how it is known, and what opens it."""

    is_it: Callable[[bytes, str], bool]
    """Whether a file is of it, by its first bytes; the path is for archives, whose members say what they are."""

    module: str
    """The module below ``tables/`` that has the function."""

    opens: str
    """The function that opens it, given the path and the options."""

    suffixes: str
    """How such files are called; their names decide nothing."""

    written_by: str
    """Who writes them, and which of it is read."""

    extra: str | None = None
    """The extra of this package that installs the library that reads it, if it needs one."""


def _begins(*magics: bytes) -> Callable[[bytes, str], bool]:
    return lambda start, _: start.startswith(magics)


def _zip_with(told: Callable[[list[str]], bool]) -> Callable[[bytes, str], bool]:
    return lambda start, path: start.startswith(b"PK\x03\x04") and told(_members(path))


def _is_sparse(names: list[str]) -> bool:
    return {"format.npy", "shape.npy", "data.npy"} <= set(names)


def _is_npz(names: list[str]) -> bool:
    return bool(names) and all(name.endswith(".npy") for name in names) and not _is_sparse(names)


def _is_torch(start: bytes, path: str) -> bool:
    archive = start.startswith(b"PK\x03\x04") and any(name.endswith("/data.pkl") for name in _members(path))
    return archive or start.startswith(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")


def _is_safetensors(start: bytes, path: str) -> bool:
    length = int.from_bytes(start[:8], "little")
    return start[8:9] == b"{" and 2 <= length <= min(_SAFETENSORS_HEADER, Path(path).stat().st_size - 8)


def _is_workbook(names: list[str]) -> bool:
    return any(name.startswith("xl/") for name in names) or ("content.xml" in names and "mimetype" in names)


def _is_inspect_log(names: list[str]) -> bool:
    return any(name.startswith("samples/") and "_epoch_" in name for name in names)


def _is_excel(start: bytes, path: str) -> bool:
    return start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") or _zip_with(_is_workbook)(start, path)


def _is_r(start: bytes, path: str) -> bool:
    return unpacked(start, path).startswith((b"RDX2\n", b"RDX3\n", b"X\n\0\0"))


FORMS: dict[str, Form] = {
    "parquet": Form(
        _begins(b"PAR1"), "forms.arrow_files", "open_parquet", ".parquet", "pandas, polars, Spark, DuckDB, datasets"
    ),
    "arrow": Form(
        _begins(b"ARROW1", b"\xff\xff\xff\xff"), "forms.arrow_files", "open_arrow", ".arrow .feather",
        "pyarrow, polars, datasets: Arrow IPC as a file (Feather of version 2) or a stream",
    ),
    "npy": Form(_begins(b"\x93NUMPY"), "forms.numpy_files", "open_npy", ".npy", "numpy.save"),
    "npz": Form(_zip_with(_is_npz), "forms.numpy_files", "open_npz", ".npz", "numpy.savez, also several splits in one"),
    "sparse": Form(
        _zip_with(_is_sparse), "forms.sparse", "open_sparse", ".npz", "scipy.sparse.save_npz", "sparse"
    ),
    "orc": Form(_begins(b"ORC"), "forms.orc", "open_orc", ".orc", "Spark, Hive, pyarrow"),
    "safetensors": Form(
        _is_safetensors, "forms.safetensors_file", "open_safetensors", ".safetensors",
        "the safetensors library, from torch, JAX or NumPy",
    ),
    "torch": Form(
        _is_torch, "forms.torch_files", "open_torch", ".pt .pth",
        "torch.save of tensors, or of mappings and lists of them (read with weights_only=True)", "torch",
    ),
    "hdf5": Form(
        _begins(b"\x89HDF\r\n\x1a\n"), "forms.hdf5", "open_hdf5", ".h5 .hdf5",
        "h5py, Keras, MATLAB from 7.3 on: data sets by their paths", "hdf5",
    ),
    "excel": Form(
        _is_excel, "forms.sheets", "open_workbook", ".xlsx .xls .xlsb .ods", "Excel, LibreOffice: a sheet by --table",
        "excel",
    ),
    "inspect": Form(
        _zip_with(_is_inspect_log), "forms.inspect_log", "open_inspect_log", ".eval",
        "Inspect: the log-probabilities of its samples' tokens",
    ),
    "stata": Form(
        _begins(b"<stata_dta>", *(bytes((version, order, 1, 0)) for version in (113, 114, 115) for order in (1, 2))),
        "forms.statistics", "open_stata", ".dta", "Stata, pandas",
    ),
    "spss": Form(
        _begins(b"$FL2@(#)", b"$FL3@(#)"), "forms.statistics", "open_spss", ".sav .zsav", "SPSS, haven", "spss"
    ),
    "sas": Form(
        _begins(_SAS7BDAT, b"HEADER RECORD*******LIB"), "forms.statistics", "open_sas", ".sas7bdat .xpt", "SAS, haven"
    ),
    "r": Form(_is_r, "forms.statistics", "open_r", ".rds .rda .RData", "R: saveRDS and save of data frames", "r"),
}  # fmt: skip


def open_known(path: str, start: bytes, options: ReadOptions) -> Table | None:
    """Return the table of a file that is not plain text, ``None`` for one that may be text all the same.

    Raises UnreadableFile for a form that celoss does not read.
    """
    if options.file_format in FORMS:
        return _opened(FORMS[options.file_format], path, options)
    for form in FORMS.values():
        if form.is_it(start, path):
            return _opened(form, path, options)
    refuse_other(path, start)
    return None


def _opened(form: Form, path: str, options: ReadOptions) -> Table:
    module = importlib.import_module(f"celoss_cli.tables.{form.module}")
    try:
        table: Table = getattr(module, form.opens)(path, options)
    except (CelossError, MemoryError):
        raise
    except Exception as error:  # a damaged file makes a library raise whatever it likes
        raise UnreadableFile(
            f"not a readable file of its form, {form.suffixes}: {' '.join(str(error).split())[:160]}",
            code="unreadable_file",
            where=Where(path),
            hint="it may be truncated: compare its size with the original, or write it again",
        ) from error
    return table


def _members(path: str) -> list[str]:
    """Return the names in a zip archive; of one without its end the first, which stands at its beginning."""
    import zipfile  # hardly any file is one

    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        with Path(path).open("rb") as file:
            header = file.read(30)
            return [file.read(int.from_bytes(header[26:28], "little")).decode("utf-8", "replace")]
