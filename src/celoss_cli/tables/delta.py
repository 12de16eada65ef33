"""A Delta table: its log, read by deltalake, says which files of the directory are its rows and which were replaced."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.tables.folders import DELTA_LOG, Folder, LocalFolder
from celoss_cli.tables.missing import needs
from celoss_cli.tables.temporary import temporary_place

_HARMLESS = {"timestampNtz", "v2Checkpoint", "vacuumProtocolCheck", "typeWidening"}  # of the features of a reader


def files_of(place: Folder) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    """Return the files of the newest version, each with the values of its partition.

    The log of a table in an object store is copied, for deltalake to read it here. Raises UnreadableFile for a log that
    it does not read, and for a table whose files alone are not its rows.
    """
    with needs(
        "deltalake", "delta", place.path, "a Delta table: its log, and not the directory, says which files count"
    ):
        import deltalake
    import pyarrow as pa

    with _log_of(place) as local:
        try:
            table = deltalake.DeltaTable(local)
            protocol, settings = table.protocol(), table.metadata().configuration
            actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
        except (deltalake.exceptions.DeltaError, OSError, ValueError) as error:
            raise _unreadable(place, str(error).splitlines()[0]) from error
    features = set(protocol.reader_features or ()) - _HARMLESS
    if settings.get("delta.columnMapping.mode", "none") != "none":
        features.add("columnMapping")
    if features:
        raise _unreadable(place, f"it uses {', '.join(sorted(features))}")
    found = []
    for action in actions:
        values = ((key.partition(".")[2], value) for key, value in action.items() if key.startswith("partition."))
        texts = tuple((name, None if value is None else str(value)) for name, value in values)
        found.append((_path_of(place, str(action["path"])), texts))
    return sorted(found)


@contextmanager
def _log_of(place: Folder) -> Iterator[str]:
    """Give a directory of this machine that has the log."""
    if isinstance(place, LocalFolder):
        yield place.path
        return
    with tempfile.TemporaryDirectory(prefix="celoss-", dir=temporary_place()) as copied:
        log = place.folder(DELTA_LOG)
        local = Path(copied) / DELTA_LOG
        local.mkdir()
        for name in log.inside()[0]:
            (local / name).write_bytes(log.read(name))
        yield copied


def _path_of(place: Folder, path: str) -> str:
    """Return the path or URL of a file in the log: relative to the table, or whole where it lies elsewhere."""
    parts = urlsplit(path)
    if parts.scheme == "file":
        return unquote(parts.path)
    return path if parts.scheme in ("s3", "gs") else place.file(unquote(path))


def _unreadable(place: Folder, reason: str) -> UnreadableFile:
    return UnreadableFile(
        f"is a Delta table that cannot be read by its log: {reason}",
        code="unreadable_delta",
        where=Where(place.path),
        hint="write its rows as Parquet with what wrote the table, Spark or DuckDB for example",
    )
