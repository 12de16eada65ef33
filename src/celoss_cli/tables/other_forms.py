"""Files that hold no predictions that celoss could read, told by their first bytes and said by name."""

from __future__ import annotations

from pathlib import Path

from celoss_cli.errors import UnreadableFile, Where

_PICKLE = ("a Python pickle", "write it as Parquet or .npy: to open a pickle is to run code, and celoss never does")

# Formats that people hand us and we do not read: said by name, not as "invalid UTF-8".
_OTHERS = {
    b"PK\x03\x04": ("a zip archive", "unpack it, and name the file in it"),
    b"FEA1": ("a Feather file of version 1", "write it as version 2: pyarrow.feather.write_feather(…, version=2)"),
    b"SQLite format 3": ("an SQLite database", "write its rows as CSV: sqlite3 -csv -header FILE 'select …'"),
    b"\x80\x02": _PICKLE,
    b"\x80\x03": _PICKLE,
    b"\x80\x04": _PICKLE,
    b"\x80\x05": _PICKLE,
    b"\xd0\xcf\x11\xe0": ("an old document of Office, such as Excel's .xls", "write it as .xlsx or CSV"),
    b"\x89HDF": ("a damaged HDF5 file", "write it again"),
    b"BZh": ("a bzip2 archive", "unpack it with bunzip2"),
    b"\xfd7zXZ": ("an xz archive", "unpack it with unxz"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "unpack it, and name the file in it"),
    b"%PDF": ("a PDF document", "write the numbers as CSV or Parquet"),
    b"Obj\x01": ("an Avro file", "write it as Parquet, with DuckDB or Spark for example"),
    b"MATLAB 5.0": ("a MATLAB file", "write it with -v7.3, which is HDF5, or as .npz: scipy.io.loadmat, numpy.savez"),
}  # fmt: skip

# What stands where a file should, because it was never fetched: how it begins, what it is, what to do.
_IN_PLACE_OF_A_FILE = (
    (b"version https://git-lfs", "is a pointer of Git LFS, and not the file itself", "fetch the file: git lfs pull"),
    *(
        (start, "is a web page (HTML), and not a table",
         "a sign-in or error page was saved in place of the file: sign in, and download it again")
        for start in (b"<!doctype html", b"<html")
    ),
    (b"<?xml", "is an XML document, and not a table",
     "if a server gave it as its answer, fetch the file again; celoss reads CSV, JSON, Parquet, Arrow and NumPy files"),
)  # fmt: skip

_BLANK = b"\xef\xbb\xbf \t\r\n"

_READ = 1024


def refuse_other_form(path: str, start: bytes) -> None:
    """Raise UnreadableFile for a known form that celoss does not read; ``start`` are its first bytes."""
    for magic, (name, instead) in _OTHERS.items():
        if start.startswith(magic):
            raise UnreadableFile(
                f"is {name}, which celoss does not read", code="unknown_format", where=Where(path), hint=instead
            )


def refuse_page_or_pointer(path: str) -> None:
    """Raise UnreadableFile for what only stands in place of a file that was never fetched."""
    try:
        with Path(path).open("rb") as file:
            text = file.read(_READ).lstrip(_BLANK).lower()
    except OSError:
        return  # which the reader says better
    for form, what, hint in _IN_PLACE_OF_A_FILE:
        if text.startswith(form):
            raise UnreadableFile(what, code="not_the_file", where=Where(path), hint=hint)
