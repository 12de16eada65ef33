"""Where what belongs to something with a name is written: a file in a directory, whatever the name holds."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def path_for(directory: str, name: str, ending: str) -> str:
    """Return the file in ``directory`` for what belongs to an evaluation, ``runs/lr.csv.json`` for ``runs/lr.csv``.

    Different names have different files, and no name leads out of the directory: what is neither a letter, a digit nor
    one of ``._-=@+, `` is written as ``%`` and its code.
    """
    parts = [_part(part) for part in name.split("/")]
    return str(Path(directory, *parts[:-1], parts[-1] + ending))


def _part(part: str) -> str:
    if part in ("", ".", ".."):
        return part.replace(".", "%2E") or "%"
    return quote(part, safe="=@+, ", errors="surrogateescape")
