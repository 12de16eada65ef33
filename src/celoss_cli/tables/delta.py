"""A Delta table: its log, read by deltalake, says which files of the directory are its rows and which were replaced."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.tables.missing import needs

_HARMLESS = {"timestampNtz", "v2Checkpoint", "vacuumProtocolCheck", "typeWidening"}  # of the features of a reader


def files_of(place: Path) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    """Return the files of the newest version, each with the values of its partition.

    Raises UnreadableFile for a log that deltalake does not read, and for a table whose files alone are not its rows.
    """
    with needs(
        "deltalake", "delta", f"{place}", "a Delta table: its log, and not the directory, says which files count"
    ):
        import deltalake
    import pyarrow as pa

    try:
        table = deltalake.DeltaTable(str(place))
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
        found.append((_local(place, str(action["path"])), texts))
    return sorted(found)


def _local(place: Path, path: str) -> str:
    parts = urlsplit(path)
    return unquote(parts.path) if parts.scheme == "file" else str(place / unquote(path))


def _unreadable(place: Path, reason: str) -> UnreadableFile:
    return UnreadableFile(
        f"is a Delta table that cannot be read by its log: {reason}",
        code="unreadable_delta",
        where=Where(str(place)),
        hint="write its rows as Parquet with what wrote the table, Spark or DuckDB for example",
    )
