"""Arrow and Parquet files, opened as every form is; a run with one of them does not load the reader of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli.request import ReadOptions

if TYPE_CHECKING:
    from celoss_cli.tables.source import Table


def open_parquet(path: str, options: ReadOptions) -> Table:  # noqa: ARG001
    """Open a Parquet file."""
    from celoss_cli.tables.arrow import parquet

    return parquet.open_parquet(path)


def open_arrow(path: str, options: ReadOptions) -> Table:  # noqa: ARG001
    """Open an Arrow IPC file or stream."""
    from celoss_cli.tables.arrow import ipc

    return ipc.open_arrow(path)
