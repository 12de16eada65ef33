"""Where a configuration file is looked for."""

from __future__ import annotations

import os

OWN = "celoss.toml"

PROJECT = "pyproject.toml"

PREFIX = "CELOSS_"


def candidates() -> list[list[str]]:
    """Return the files that may configure celoss, directory by directory, the nearest first.

    The search goes from the working directory upwards, to the root of its git repository. Outside a repository only the
    working directory itself counts: a file of somebody else in a parent should not decide.
    """
    try:
        places = _up_to_the_root(os.getcwd())  # noqa: PTH109  in every run: pathlib is slower
    except FileNotFoundError:  # it is gone
        return []
    found = ([path for name in (OWN, PROJECT) if _speaks(path := os.path.join(place, name))] for place in places)  # noqa: PTH118
    return [paths for paths in found if paths]


def _up_to_the_root(directory: str) -> list[str]:
    places = [directory]
    while not os.path.exists(os.path.join(places[-1], ".git")):  # noqa: PTH110, PTH118
        parent = os.path.dirname(places[-1])  # noqa: PTH120
        if parent == places[-1]:
            return [directory]
        places.append(parent)
    return places


def _speaks(path: str) -> bool:
    """Whether there is such a file that may configure celoss: a project file has to name it, if it can be read.

    A link that leads nowhere is one, too, as are a pipe and a device: without an error the limits in the file would be
    gone, and nobody would know.
    """
    if os.path.realpath(path) == os.devnull:
        return False  # how a sandbox masks a file
    if not os.path.isfile(path):  # noqa: PTH113
        return os.path.lexists(path) and not os.path.isdir(path)  # noqa: PTH112
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return path.endswith(OWN) or b"celoss" in file.read()
    except OSError:
        return True
