"""Lines for stderr, safe to print whatever a file put into them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celoss_cli.results.document import Notice


def say(line: str) -> None:
    """Print a line to stderr, with control characters escaped. Nothing happens if stderr is closed or full."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from celoss_cli.render.text import harmless

        line = harmless(line)
    say_command(line)


def say_warnings(notices: Iterable[Notice]) -> None:
    """Print the warnings of a result, for a form that has no place for them."""
    for notice in notices:
        say(f"warning: {notice.message}")


def say_command(line: str) -> None:
    """Print a line of our own as ``say`` does, even one that is a command to the CI system that reads it."""
    if sys.stderr is None:
        return
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    try:
        print(safe.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        return
