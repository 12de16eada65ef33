"""GitHub Actions around a command: annotations on stderr, and the page in the step summary."""

from __future__ import annotations

import os
from pathlib import Path

from celoss_cli.cli.messages import say, say_command

_MOST_BYTES = 1024 * 1024  # of a step's summary; GitHub refuses a larger one as a whole


def in_actions() -> bool:
    """Return whether a runner of GitHub Actions reads what is printed."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def annotate(lines: list[str]) -> None:
    """Print annotations, each a whole command."""
    for line in lines:
        say_command(line)


def annotate_error(message: str, hint: str | None = None) -> None:
    """Print the annotation of an error, if a runner reads it."""
    if in_actions():
        from celoss_cli.render.forms.github import annotation

        annotate([annotation("error", "celoss", message if hint is None else f"{message}\nhint: {hint}")])


def append_summary(page: str) -> None:
    """Append Markdown to the summary of the step, if there is one. A failure is only a warning."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        held = Path(path).stat().st_size if Path(path).exists() else 0
        text = f"\n{page}\n".encode() if held else f"{page}\n".encode()
        if held + len(text) > _MOST_BYTES:
            say("warning: the step summary has no room for the report: GitHub takes 1 MiB")
            return
        with Path(path).open("ab") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        say(f"warning: the step summary cannot be written: {getattr(error, 'strerror', None) or error}")
