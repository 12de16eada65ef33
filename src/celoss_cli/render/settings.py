"""Every option of a command with its value, and where that was said: ``--show-config``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TextIO

from celoss_cli.render.forms.json import dump
from celoss_cli.render.terminal import surface_of, write_to


class Row(NamedTuple):
    """An option: its value, the ``source`` (flag, environment, file or default), and ``where`` that is."""

    name: str
    value: Any
    source: str
    where: str


def show(
    rows: Sequence[Row], stream: TextIO, command: str, path: str | None, profile: str | None, *, as_json: bool
) -> None:
    """Write the options to ``stream``, as a table or as a JSON document."""
    text = document(rows, command, path, profile) if as_json else table(rows, path, profile)
    encoding = surface_of(stream).encoding
    write_to(stream, text.encode(encoding, "backslashreplace").decode(encoding))


def document(rows: Sequence[Row], command: str, path: str | None, profile: str | None) -> str:
    """Return the options as JSON, schema ``celoss.configuration``."""
    options = {row.name: {"value": row.value, "source": row.source, "where": row.where or None} for row in rows}
    head = {"schema": "celoss.configuration", "schema_version": "1.0"}
    return dump({**head, "command": command, "file": path, "profile": profile, "options": options}, encoding="ascii")


def table(rows: Sequence[Row], path: str | None, profile: str | None) -> str:
    """Return the options in columns: those that were set first, each with where."""
    file = "none" if path is None else f"{path}{'' if profile is None else f', profile {profile}'}"
    lines = [f"configuration file: {file}", ""]
    cells = [(row.name, _spelled(row.value), row.where if row.source != "flag" else "command line") for row in rows]
    ordered = [cell for cell in cells if cell[2]] + [
        (name, value, "default") for name, value, where in cells if not where
    ]
    names, values = (max(len(cell[i]) for cell in [*ordered, ("option", "value", "")]) for i in (0, 1))
    for name, value, where in [("option", "value", "from"), *ordered]:
        lines.append(f"  {name:<{names}}   {value:<{values}}   {where}".rstrip())
    return "\n".join(lines) + "\n"


def _spelled(value: Any) -> str:
    """Return a value as one line of text; an option without one as a dash."""
    if value is None or value == []:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
