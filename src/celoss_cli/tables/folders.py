"""A directory as the names in it: on this machine, or the objects under a prefix of a store."""

from __future__ import annotations

import glob
import itertools
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from celoss_cli.errors import UnreadableFile, Where

MOST_FILES = 100_000
"""How many files may be parts of one table: each is opened before the first row is scored."""


class Folder(Protocol):
    """A directory. Names of files and folders are those in it, without the way to them."""

    @property
    def path(self) -> str:
        """What messages call it."""
        ...

    @property
    def name(self) -> str:
        """The last part of its path."""
        ...

    def inside(self) -> tuple[list[str], list[str]]:
        """Return the names of its files and of its folders."""
        ...

    def folder(self, name: str) -> Folder:
        """Return one of its folders."""
        ...

    def file(self, name: str) -> str:
        """Return the path of a file, which need not be there."""
        ...

    def size(self, name: str) -> int:
        """Return the bytes that one of its files has."""
        ...

    def read(self, name: str) -> bytes:
        """Return what is in one of its files."""
        ...


class LocalFolder(NamedTuple):
    """A directory of this machine. Implements ``Folder``."""

    place: Path

    @property
    def path(self) -> str:
        """Its path as it was given."""
        return str(self.place)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.place.name

    def inside(self) -> tuple[list[str], list[str]]:
        """Return the names of its files and of its folders."""
        with os.scandir(self.place) as entries:
            inside = list(itertools.islice(entries, MOST_FILES + 1))
        check_number(len(inside), self.path)
        return [one.name for one in inside if _is(one.is_file)], [one.name for one in inside if _is(one.is_dir)]

    def folder(self, name: str) -> LocalFolder:
        """Return one of its folders."""
        return LocalFolder(self.place / name)

    def file(self, name: str) -> str:
        """Return the path of a file."""
        return str(self.place / name)

    def size(self, name: str) -> int:
        """Return the bytes that a file has."""
        return (self.place / name).stat().st_size

    def read(self, name: str) -> bytes:
        """Return what is in a file."""
        return (self.place / name).read_bytes()


class StoredFolder(NamedTuple):
    """The objects under a prefix. Implements ``Folder``.

    ``files`` has the size of each object in it, by its way from there (``week=1/part-0.parquet``); ``folders`` are the
    names of folders besides those that these ways begin with. ``read_object`` reads one by its URL.
    """

    path: str
    files: dict[str, int]
    read_object: Callable[[str], bytes]
    folders: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of its URL."""
        return self.path.rpartition("/")[2]

    def inside(self) -> tuple[list[str], list[str]]:
        """Return the names of its objects and of the prefixes in it."""
        below = {way.partition("/")[0] for way in self.files if "/" in way}
        return [way for way in self.files if "/" not in way], sorted(below | set(self.folders))

    def folder(self, name: str) -> StoredFolder:
        """Return what is under a prefix in it."""
        start = f"{name}/"
        inside = {way.removeprefix(start): size for way, size in self.files.items() if way.startswith(start)}
        return StoredFolder(self.file(name), inside, self.read_object)

    def file(self, name: str) -> str:
        """Return the URL of an object."""
        return f"{self.path}/{name}"

    def size(self, name: str) -> int:
        """Return the bytes that an object has."""
        return self.files[name]

    def read(self, name: str) -> bytes:
        """Return what is in an object."""
        return self.read_object(self.file(name))


def found_by(pattern: str) -> list[Path]:
    """Return what a glob finds, as far as it is not more than may be parts of one table."""
    return [Path(name) for name in itertools.islice(glob.iglob(pattern, recursive=True), MOST_FILES + 1)]  # noqa: PTH207


def check_number(files: int, path: str) -> None:
    """Raise UnreadableFile for more files than may be parts of one table."""
    if files > MOST_FILES:
        raise UnreadableFile(
            f"more than {MOST_FILES:,} files: too many to be parts of one table",
            code="too_many_files",
            where=Where(path),
            hint="write the rows as fewer, larger files; or name some of them with a quoted glob",
        )


def _is(kind: Callable[[], bool]) -> bool:
    """Whether an entry is of a kind; links that lead nowhere, or in a circle, are of none."""
    try:
        return kind()
    except OSError:
        return False


def shown(names: Iterable[str]) -> list[str]:
    """Return the names that are not hidden: neither _SUCCESS and _temporary nor ._part.csv.crc."""
    return [name for name in names if not name.startswith(HIDDEN)]


HIDDEN = ("_", ".")
"""How names begin that are no data."""

DELTA_LOG = "_delta_log"
"""The folder that makes a Delta table of a directory."""
