"""What the evaluations of a batch are called, how many there may be, and which files of a directory belong to them."""

from __future__ import annotations

import glob
import itertools
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from celoss_cli.errors import UnreadableFile, UsageError, Where
from celoss_cli.spelling import natural_key
from celoss_cli.tables.opening import STANDARD_INPUT

MOST = 100_000
"""How many evaluations one run makes: what each comes to is held until the last is done."""

_MARKS = "*?["


def expanded(paths: Iterable[str], besides: Sequence[str] = ()) -> list[str]:
    """Return what is to be scored, one a table: each match of a glob alone, a directory as the one table it is.

    ``**`` stands for any directories, and matches files alone.

    ``besides`` are other files of the run, labels and manifest: a match that is one of them is no prediction. A glob
    without a match stays as it is, and what reads it says so. Raises UnreadableFile for more than MOST matches.
    """
    found: list[str] = []
    others = {os.path.realpath(path) for path in besides}
    for path in paths:
        is_glob = "://" not in path and path != STANDARD_INPUT and any(mark in path for mark in _MARKS)
        matches: list[str] = []
        if is_glob and not Path(path).exists():
            first = list(itertools.islice(glob.iglob(path, recursive=True), MOST + 1))  # noqa: PTH207
            check_number(len(first), path)
            matches = sorted(first, key=natural_key)
        if "**" in path:  # which leads into every directory
            matches = [match for match in matches if not Path(match).is_dir()]
        found += [match for match in matches if os.path.realpath(match) not in others] or [path]
    return found


def check_number(evaluations: int, path: str) -> None:
    """Raise UnreadableFile where a glob or a manifest asks for more evaluations than one run makes."""
    if evaluations > MOST:
        raise UnreadableFile(
            f"asks for more than {MOST:,} evaluations, and a run holds what each of them comes to",
            code="too_many_evaluations",
            where=Where(path),
            hint="make several runs, each of a part of the rows of a manifest, or of the files by a quoted glob",
        )


def check_names(names: Sequence[str]) -> None:
    """Raise UsageError where two evaluations would have the same name: nobody could tell them apart."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise UsageError(
                f"two evaluations are called {name!r}",
                code="name_twice",
                hint="give each file once; a manifest can name them: --manifest FILE with a column name",
            )
        seen.add(name)
