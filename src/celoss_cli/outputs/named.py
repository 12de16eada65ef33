"""Where what belongs to something with a name is written: a file in a directory, whatever the name holds."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

_SAFE = "=@+, "


def path_for(directory: str, name: str, ending: str) -> str:
    """Return the file in ``directory`` for what belongs to an evaluation, ``runs/lr.csv.json`` for ``runs/lr.csv``.

    Different names have different files, and no name leads out of the directory: what is neither a letter, a digit nor
    one of ``._-=@+, `` is written as ``%`` and its code. So is a slash behind a colon, where a model or a value of
    ``--by`` stands and no path does; an address (``s3://``) begins behind its own colon.
    """
    place, *rest = re.split(r"(:(?!//))", name, maxsplit=1)
    parts = [_part(part) for part in place.split("/")]
    parts[-1] += quote("".join(rest), safe=_SAFE, errors="surrogateescape")
    return str(Path(directory, *parts[:-1], parts[-1] + ending))


def _part(part: str) -> str:
    if part in ("", ".", ".."):
        return part.replace(".", "%2E") or "%"
    return quote(part, safe=_SAFE, errors="surrogateescape")
