"""Which files below a directory are the parts of one table, and what the names of its folders say of their rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.spelling import natural_key
from celoss_cli.tables.folders import DELTA_LOG, HIDDEN, Folder, shown

_PARTITION = re.compile(r"([^=/]+)=(.*)", re.DOTALL)

_STATE, _INFO, _SPLITS = "state.json", "dataset_info.json", "dataset_dict.json"

_ZARR = {"zarr.json", ".zgroup", ".zarray"}

_NULL = "__HIVE_DEFAULT_PARTITION__"

_SIDECAR_BYTES = 1 << 20


class Part(NamedTuple):
    """A file, by its path or URL, and the values that the names of its folders (``week=1``) give to its rows."""

    path: str
    values: tuple[tuple[str, str | None], ...] = ()


class Parts(NamedTuple):
    """The files that make a table, and the names of those beside them that are left out."""

    files: tuple[Part, ...]
    left_out: tuple[str, ...] = ()


def parts_in(place: Folder, split: str | None = None) -> Parts:
    """Return the files of a directory, or of its Hive partitions (``week=1/part-0.parquet``), in natural order.

    ``split`` is that of a Hugging Face data set that has several. Hidden files and folders are left out, and JSON
    objects beside data of another form. Raises UnreadableFile for a directory without files, and for one that holds
    several tables.
    """
    files, folders = place.inside()
    if not _ZARR.isdisjoint(files):
        raise UnreadableFile(
            "is a Zarr store, which celoss does not read",
            code="unknown_format",
            where=Where(place.path),
            hint="store = zarr.open(FILE); numpy.savez(…, **{name: array[:] for name, array in store.arrays()})",
        )
    kind = _kind_of_table(place, folders)
    if kind is not None:
        raise UnreadableFile(
            f"is {kind}: its log, and not the directory, says which files are the table",
            code="unknown_format",
            where=Where(place.path),
            hint="write its rows as Parquet, from Spark for example",
        )
    if DELTA_LOG in folders:
        from celoss_cli.tables.delta import files_of

        return Parts(tuple(Part(path, values) for path, values in files_of(place)))
    if {_STATE, _INFO} <= set(files):
        return _saved_dataset(place)
    if _SPLITS in files:
        if split is not None and split in folders and _STATE in place.folder(split).inside()[0]:
            return parts_in(place.folder(split))
        raise _several(place, "splits of a data set", [str(name) for name in _read(place, _SPLITS).get("splits", ())])
    return _below(place, ())


def _kind_of_table(place: Folder, folders: list[str]) -> str | None:
    """Return which other table with a log a directory is, if it is one."""
    if ".hoodie" in folders:
        return "a Hudi table"
    if "metadata" in folders:
        inside, _ = place.folder("metadata").inside()
        return "an Iceberg table" if any(name.endswith(".metadata.json") for name in inside) else None
    return None


def parts_of_names(files: Iterable[str], folders: Iterable[Folder], *, hidden: bool) -> Parts:
    """Return the files that a pattern found, and those in folders that it found and that are partitions.

    ``hidden`` ones only where the pattern asked for them.
    """
    found = [Part(one) for one in files if hidden or not one.rpartition("/")[2].startswith(HIDDEN)]
    for folder in folders:
        named = _PARTITION.fullmatch(folder.name)
        if named is not None and (hidden or not folder.name.startswith(HIDDEN)):
            found += _below(folder, (_value(named),)).files
    return Parts(tuple(sorted(found, key=lambda part: natural_key(part.path))))


def _below(place: Folder, values: tuple[tuple[str, str | None], ...]) -> Parts:
    files, folders = map(shown, place.inside())
    named = [(one, found) for one in folders if (found := _PARTITION.fullmatch(one)) is not None]
    if not files and named:
        if len(named) < len(folders) or len({found[1] for _, found in named}) > 1:
            raise _several(place, "folders of different kinds", folders)
        named.sort(key=lambda one: natural_key(one[0]))
        below = [_below(place.folder(one), (*values, _value(found))) for one, found in named]
        return Parts(
            tuple(part for parts in below for part in parts.files), tuple(n for parts in below for n in parts.left_out)
        )
    if files and named:
        raise _several(place, "files beside folders that are partitions", [*files, *folders])
    if not files and folders:
        raise _several(place, "folders and no data file", folders)
    sidecars = [one for one in files if one.endswith(".json") and _is_object(place, one)]
    if len(sidecars) == len(files) or all(one.endswith((".json", ".jsonl")) for one in files):
        sidecars = []
    data = sorted((one for one in files if one not in sidecars), key=natural_key)
    return Parts(tuple(Part(place.file(one), values) for one in data), tuple(sorted(sidecars)))


def _value(named: re.Match[str]) -> tuple[str, str | None]:
    from urllib.parse import unquote

    return unquote(named[1]), None if named[2] == _NULL else unquote(named[2])


def _saved_dataset(place: Folder) -> Parts:
    """Return the files of a Hugging Face data set as ``save_to_disk`` wrote it: those that its state lists."""
    listed = [str(one["filename"]) for one in _read(place, _STATE).get("_data_files", ())]
    if not listed:
        raise UnreadableFile(
            "is a saved data set whose state.json lists no data file", code="no_files", where=Where(place.path)
        )
    return Parts(tuple(Part(place.file(name)) for name in listed), (_INFO, _STATE))


def _read(place: Folder, name: str) -> dict[str, Any]:
    try:
        found = json.loads(place.read(name))
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"cannot be read: {error}", code="bad_json", where=Where(place.file(name)), hint="write the data set again"
        ) from error
    return found if isinstance(found, dict) else {}


def _is_object(place: Folder, name: str) -> bool:
    """Whether a file is one JSON object: what a run says of itself, beside its data."""
    if place.size(name) > _SIDECAR_BYTES:
        return False
    try:
        return isinstance(json.loads(place.read(name)), dict)
    except ValueError:
        return False


def _several(place: Folder, what: str, names: list[str]) -> UnreadableFile:
    names = sorted(names, key=natural_key)
    listed = ", ".join(map(repr, names[:4])) + (" …" if len(names) > 4 else "")
    return UnreadableFile(
        f"holds {what}: {listed}",
        code="no_files",
        where=Where(place.path),
        hint=f"name the one that is meant, {place.file(names[0])} for example" if names else "name a file in it",
    )
