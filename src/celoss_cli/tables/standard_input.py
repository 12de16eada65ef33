"""Standard input as a table: copied to a temporary file, so that it can be read as often as a file."""

from __future__ import annotations

import sys
from collections.abc import Callable

from celoss_cli.errors import UnreadableFile, UsageError, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.source import Table
from celoss_cli.tables.temporary import TemporaryCopy
from celoss_cli.tables.views.renamed import renamed

_NAME = "-"

_CHUNK = 1 << 20


def open_standard_input(options: ReadOptions, formats: tuple[str, ...], open_file: Callable[[str], Table]) -> Table:
    """Return the table that stands in standard input, opened by ``open_file``.

    Raises UsageError without ``--file-format`` and for a terminal, UnreadableFile for an empty or closed input, or
    where there is no room for the copy.
    """
    if options.file_format is None:
        raise UsageError(
            "- is standard input, and nothing says what form it has",
            code="stdin_without_format",
            hint=f"pass --file-format {', '.join(formats[:-1])} or {formats[-1]}",
        )
    if sys.stdin is None:
        raise UnreadableFile(
            "standard input is closed", code="no_stdin", where=Where(_NAME), hint="pipe a file into it"
        )
    if sys.stdin.isatty():
        raise UsageError(
            "- is standard input, and that is a terminal",
            code="stdin_is_terminal",
            hint="pipe a file into it, as in: command | celoss eval - --file-format csv",
        )
    stream = sys.stdin.buffer
    copy = TemporaryCopy()
    if not copy.fill(iter(lambda: stream.read(_CHUNK), b""), _NAME):
        raise UnreadableFile(
            "is empty", code="empty_file", where=Where(_NAME), hint="check the command before the pipe"
        )
    return renamed(copy.path, _NAME, copy, open_file)
