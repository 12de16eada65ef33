"""JSON documents that celoss wrote, as they are read again: a baseline, a fix, a plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from celoss_cli.errors import UnreadableFile, Where

_LARGEST = 1 << 28  # bytes: a hundred times a report with 10,000 classes


def read_stored(path: str, name: str, code: str, *, missing: str, otherwise: str) -> Any:
    """Return the JSON in a file; messages call it ``name``.

    Raises UnreadableFile with ``code``: with the hint ``missing`` where the file cannot be read, and ``otherwise``
    where it holds no JSON, or has no end, as a device has none.
    """
    where = Where(path)
    try:
        with Path(path).open("rb") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise UnreadableFile(
            f"{name} cannot be read: {error.strerror or error}", code=code, where=where, hint=missing
        ) from None
    if len(text) > _LARGEST:
        raise UnreadableFile(
            f"{name} has more than {_LARGEST >> 20} MiB: it is none", code=code, where=where, hint=otherwise
        )
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = str(error).partition("; use sys.")[0]  # advice to programmers, for a number of thousands of digits
        raise UnreadableFile(f"{name} is no JSON: {reason}", code=code, where=where, hint=otherwise) from None
