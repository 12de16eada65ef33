"""Files that hold no predictions that celoss could read, told by their first bytes and said by name."""

from __future__ import annotations

from pathlib import Path

from celoss_cli.errors import UnreadableFile, Where

_ZIP = b"PK\x03\x04"

_ZIP_HEADER = 30

# Formats that people hand us and we do not read: said by name, not as "invalid UTF-8".
_OTHERS = {
    _ZIP: "a zip archive (.xlsx and .zip are)",
    b"FEA1": "a Feather file of version 1",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3": "an SQLite database",
    b"\x80\x04": "a Python pickle",
    b"\x80\x05": "a Python pickle",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls)",
}

_INSTEAD = {b"FEA1": "Feather of version 2 (pyarrow.feather.write_feather(…, version=2)), or as Parquet"}

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


def refuse_other_form(path: str, start: bytes, *, told: bool) -> None:
    """Raise UnreadableFile for what only stands in place of a file, and for a known form that celoss does not read.

    ``start`` are the first bytes; ``told`` says that ``--file-format`` names the form: then it is what it is told to
    be, unless it was never fetched.
    """
    _refuse_page_or_pointer(path)
    for magic, name in _OTHERS.items():
        if not told and start.startswith(magic) and (magic != _ZIP or not is_npz(path)):
            raise UnreadableFile(
                f"is {name}, which celoss does not read",
                code="unknown_format",
                where=Where(path),
                hint=f"write it as {_INSTEAD.get(magic, 'CSV or Parquet')}",
            )


def _refuse_page_or_pointer(path: str) -> None:
    try:
        with Path(path).open("rb") as file:
            text = file.read(_READ).lstrip(_BLANK).lower()
    except OSError:
        return  # which the reader says better
    for form, what, hint in _IN_PLACE_OF_A_FILE:
        if text.startswith(form):
            raise UnreadableFile(what, code="not_the_file", where=Where(path), hint=hint)


def is_npz(path: str) -> bool:
    """Whether a zip archive holds .npy members and nothing else."""
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            return all(name.endswith(".npy") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):  # without its end, an archive still tells its first member's name
        with Path(path).open("rb") as file:
            header = file.read(_ZIP_HEADER)
            name = file.read(int.from_bytes(header[26:28], "little"))
        return name.endswith(b".npy")
