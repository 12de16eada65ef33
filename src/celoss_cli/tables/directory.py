"""Which files below a directory are the parts of one table, and what the names of its folders say of their rows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.spelling import natural_key

_PARTITION = re.compile(r"([^=/]+)=(.*)", re.DOTALL)

_TABLES = {".hoodie": "a Hudi table", "metadata/*.metadata.json": "an Iceberg table"}

_NULL = "__HIVE_DEFAULT_PARTITION__"

_HIDDEN = ("_", ".")  # _SUCCESS, _temporary, ._part.csv.crc

_SIDECAR_BYTES = 1 << 20


class Part(NamedTuple):
    """A file, and the values that the names of its folders (``week=1``) give to its rows."""

    path: str
    values: tuple[tuple[str, str | None], ...] = ()


class Parts(NamedTuple):
    """The files that make a table, and the names of those beside them that are left out."""

    files: tuple[Part, ...]
    left_out: tuple[str, ...] = ()


def parts_in(place: Path, split: str | None = None) -> Parts:
    """Return the files of a directory, or of its Hive partitions (``week=1/part-0.parquet``), in natural order.

    ``split`` is that of a Hugging Face data set that has several. Hidden files and folders are left out, and JSON
    objects beside data of another form. Raises UnreadableFile for a directory without files, and for one that holds
    several tables.
    """
    for mark, name in _TABLES.items():
        if any(place.glob(mark)):
            raise UnreadableFile(
                f"is {name}: its log, and not the directory, says which files are the table",
                code="unknown_format",
                where=Where(str(place)),
                hint="write its rows as Parquet, from Spark for example",
            )
    if (place / "_delta_log").is_dir():
        from celoss_cli.tables.delta import files_of

        return Parts(tuple(Part(path, values) for path, values in files_of(place)))
    state = place / "state.json"
    if state.is_file() and (place / "dataset_info.json").is_file():
        return _saved_dataset(place, state)
    splits = place / "dataset_dict.json"
    if splits.is_file():
        if split is not None and (place / split / "state.json").is_file():
            return parts_in(place / split)
        raise _several(place, "splits of a data set", [str(name) for name in _read(splits).get("splits", ())])
    return _below(place, ())


def parts_of_names(found: list[Path], *, hidden: bool) -> Parts:
    """Return the files that a pattern found; ``hidden`` ones only where it asked for them."""
    shown = [one for one in found if hidden or not one.name.startswith(_HIDDEN)]
    files = [Part(str(one)) for one in shown if not one.is_dir()]
    for folder in (one for one in shown if one.is_dir()):
        named = _PARTITION.fullmatch(folder.name)
        if named is not None:
            files += _below(folder, (_value(named),)).files
    return Parts(tuple(sorted(files, key=lambda part: natural_key(part.path))))


def _below(place: Path, values: tuple[tuple[str, str | None], ...]) -> Parts:
    shown = [one for one in place.iterdir() if not one.name.startswith(_HIDDEN)]
    files = [one for one in shown if one.is_file()]
    folders = [one for one in shown if one.is_dir()]
    named = [(one, found) for one in folders if (found := _PARTITION.fullmatch(one.name)) is not None]
    if not files and named:
        if len(named) < len(folders) or len({found[1] for _, found in named}) > 1:
            raise _several(place, "folders of different kinds", [one.name for one in folders])
        below = [_below(one, (*values, _value(found))) for one, found in _sorted(named)]
        return Parts(
            tuple(part for parts in below for part in parts.files), tuple(n for parts in below for n in parts.left_out)
        )
    if files and named:
        raise _several(place, "files beside folders that are partitions", [one.name for one in (*files, *folders)])
    if not files and folders:
        raise _several(place, "folders and no data file", [one.name for one in folders])
    sidecars = [one for one in files if one.suffix == ".json" and _is_object(one)]
    if len(sidecars) == len(files) or all(one.suffix in (".json", ".jsonl") for one in files):
        sidecars = []
    data = sorted((one for one in files if one not in sidecars), key=lambda one: natural_key(one.name))
    return Parts(tuple(Part(str(one), values) for one in data), tuple(sorted(one.name for one in sidecars)))


def _sorted(named: list[tuple[Path, re.Match[str]]]) -> list[tuple[Path, re.Match[str]]]:
    return sorted(named, key=lambda one: natural_key(one[0].name))


def _value(named: re.Match[str]) -> tuple[str, str | None]:
    from urllib.parse import unquote

    return unquote(named[1]), None if named[2] == _NULL else unquote(named[2])


def _saved_dataset(place: Path, state: Path) -> Parts:
    """Return the files of a Hugging Face data set as ``save_to_disk`` wrote it: those that its state lists."""
    listed = [str(one["filename"]) for one in _read(state).get("_data_files", ())]
    if not listed:
        raise UnreadableFile(
            "is a saved data set whose state.json lists no data file", code="no_files", where=Where(str(place))
        )
    return Parts(tuple(Part(str(place / name)) for name in listed), ("dataset_info.json", "state.json"))


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"cannot be read: {error}", code="bad_json", where=Where(str(path)), hint="write the data set again"
        ) from error
    return found if isinstance(found, dict) else {}


def _is_object(path: Path) -> bool:
    """Whether a file is one JSON object: what a run says of itself, beside its data."""
    if path.stat().st_size > _SIDECAR_BYTES:
        return False
    try:
        return isinstance(json.loads(path.read_bytes()), dict)
    except ValueError:
        return False


def _several(place: Path, what: str, names: list[str]) -> UnreadableFile:
    names = sorted(names, key=natural_key)
    listed = ", ".join(map(repr, names[:4])) + (" …" if len(names) > 4 else "")
    return UnreadableFile(
        f"holds {what}: {listed}",
        code="no_files",
        where=Where(str(place)),
        hint=f"name the one that is meant, {place / names[0]} for example" if names else "name a file in it",
    )
