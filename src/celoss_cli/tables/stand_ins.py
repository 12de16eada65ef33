"""What stands where a file should, because the file itself was never fetched: told by its beginning."""

from __future__ import annotations

from pathlib import Path

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.tables.text.known import BLANK

# How it begins, what it is, and what to do.
_STAND_INS = (
    (b"version https://git-lfs", "is a pointer of Git LFS, and not the file itself", "fetch the file: git lfs pull"),
    *(
        (start, "is a web page (HTML), and not a table",
         "a sign-in or error page was saved in place of the file: sign in, and download it again")
        for start in (b"<!doctype html", b"<html")
    ),
    (b"<?xml", "is an XML document, and not a table",
     "pandas.read_xml(FILE).to_csv(…); if a server gave it as its answer, fetch the file again"),
    (b"<table", "is a table as HTML", "pandas.read_html(FILE)[0].to_csv(…)"),
)  # fmt: skip

_READ = 1024


def refuse_stand_in(path: str) -> None:
    """Raise UnreadableFile for a web page, an XML answer or a pointer in place of the file."""
    try:
        with Path(path).open("rb") as file:
            text = file.read(_READ).lstrip(BLANK).lower()
    except OSError:
        return  # which the reader says better
    for form, what, hint in _STAND_INS:
        if text.startswith(form):
            raise UnreadableFile(what, code="not_the_file", where=Where(path), hint=hint)
