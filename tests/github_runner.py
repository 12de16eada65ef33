"""The runner of GitHub Actions, as far as it reads what a step prints (ActionCommand.cs of actions/runner)."""

from __future__ import annotations

import re
from dataclasses import dataclass

KNOWN = {
    *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path"),
    *("notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning"),
}


@dataclass(frozen=True)
class Command:
    """A command the runner found in a line."""

    name: str
    properties: dict[str, str]
    data: str


def commands_in(text: str) -> list[Command]:
    """Every command that the runner would obey in what a step printed."""
    return [found for line in re.split(r"\r\n|\r|\n", text) if (found := _command(line)) is not None]


def _command(line: str) -> Command | None:
    stripped = line.lstrip().lstrip("\ufeff").lstrip()
    if stripped.startswith("::") and (end := stripped.find("::", 2)) >= 0:
        name, _, properties = stripped[2:end].partition(" ")
        if name in KNOWN:
            pairs = [pair.partition("=") for pair in properties.strip().split(",") if pair]
            return Command(name, {key: _unescaped(value) for key, _, value in pairs}, _unescaped(stripped[end + 2 :]))
    if (start := line.find("##[")) >= 0 and (end := line.find("]", start)) >= 0:
        name = line[start + 3 : end].partition(" ")[0]
        if name in KNOWN:
            return Command(name, {}, line[end + 1 :])
    return None


def _unescaped(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text
