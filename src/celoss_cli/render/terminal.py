"""What a stream can show: its width, whether it takes colour, and the characters it can encode."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

from celoss_cli.tuples import NamedTuple

_DUMB = frozenset({"dumb", "unknown"})


class Surface(NamedTuple):
    """Where text is shown; by default a file."""

    width: int | None = None
    """In columns; ``None`` where there is no edge: a pipe or a file."""

    color: bool = False
    encoding: str = "utf-8"


def surface_of(stream: TextIO, environ: Mapping[str, str] | None = None) -> Surface:
    """Return what ``stream`` can show, by the stream itself and NO_COLOR, FORCE_COLOR, TERM and COLUMNS."""
    env = os.environ if environ is None else environ
    terminal = is_terminal(stream)
    return Surface(
        width=_width(stream, env) if terminal else None,
        color=_takes_color(terminal, env),
        encoding=getattr(stream, "encoding", None) or "utf-8",
    )


def write_to(stream: TextIO, text: str, environ: Mapping[str, str] | None = None) -> None:
    """Write all of ``text`` to ``stream``, and what a file put into it cannot command the CI system that reads it."""
    env = os.environ if environ is None else environ
    if env.get("GITHUB_ACTIONS") == "true":
        from celoss_cli.render.text import harmless

        text = harmless(text)
    stream.write(text)
    stream.flush()


def is_terminal(stream: TextIO) -> bool:
    """Return whether a person is looking at ``stream``; False for a closed stream or one that cannot say."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError, OSError):
        return False


def can_redraw(stream: TextIO, environ: Mapping[str, str] | None = None) -> bool:
    """Return whether a line on ``stream`` can be drawn over: a terminal that is not a dumb one."""
    env = os.environ if environ is None else environ
    return is_terminal(stream) and env.get("TERM", "").lower() not in _DUMB


def _takes_color(terminal: bool, env: Mapping[str, str]) -> bool:
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR"):
        return True
    return terminal and env.get("TERM", "").lower() not in _DUMB


def _width(stream: TextIO, env: Mapping[str, str]) -> int:
    columns = env.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (AttributeError, ValueError, OSError):
        return 80
