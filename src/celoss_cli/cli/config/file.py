"""The configuration file: what it holds, and which of its tables are about a command."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from celoss_cli.cli.config.search import OWN, PROJECT
from celoss_cli.errors import UsageError, Where
from celoss_cli.tuples import NamedTuple

PROFILES = "profiles"

_LARGEST = 1 << 24  # bytes: sixty thousand limits

BOTH = ("history",)
"""The names that a command and an option share."""


class ConfigTable(NamedTuple):
    """A table of options."""

    label: str
    """How messages name it."""

    profile: str | None
    """The profile it is for; ``None`` for all."""

    command: str | None
    """The command it is for; ``None`` for all."""

    table: Mapping[str, Any]


class ConfigFile(NamedTuple):
    """A configuration file."""

    path: str
    """As messages name it."""

    prefix: str
    """What stands before the names of its tables: ``tool.celoss``, or nothing."""

    table: Mapping[str, Any]

    asked_for: bool
    """Whether the user named it, and so answers for what it makes celoss write; else it was found."""

    @property
    def profiles(self) -> Mapping[str, Any]:
        """The tables of the profiles by name. Raises UsageError where they are none."""
        return _table(self.table.get(PROFILES, {}), self.label(PROFILES))

    def sections(self, commands: Collection[str]) -> Iterator[ConfigTable]:
        """Yield every table of options, the general ones before those of a profile, and before those of a command."""
        base = {key: value for key, value in self.table.items() if key != PROFILES}
        yield from self._of(None, base, commands)
        for profile, table in self.profiles.items():
            yield from self._of(profile, _table(table, self.label(PROFILES, profile)), commands)

    def label(self, *parts: str) -> str:
        """Return the name of a table for messages: ``celoss.toml [profiles.nightly]``."""
        inner = ".".join(part for part in (self.prefix, *parts) if part)
        return f"{self.path} [{inner}]" if inner else self.path

    def _of(self, profile: str | None, root: Mapping[str, Any], commands: Collection[str]) -> Iterator[ConfigTable]:
        parts = () if profile is None else (PROFILES, profile)
        # ``history`` is a command and an option: a table is about the command, anything else is the option's value.
        tables = {key for key in commands if key in root and (isinstance(root[key], dict) or key not in BOTH)}
        general = {key: value for key, value in root.items() if key not in tables}
        yield ConfigTable(self.label(*parts), profile, None, general)
        for command in commands:
            if command in tables:
                label = self.label(*parts, command)
                yield ConfigTable(label, profile, command, _table(root[command], label))


def nearest(candidates: Sequence[Sequence[str]]) -> ConfigFile | None:
    """Return the configuration of the nearest directory that has one; ``candidates`` are the files in each.

    Raises UsageError for a broken file, or two in one directory.
    """
    for paths in candidates:
        found = [config for path in paths if (config := _config(path, asked_for=False)) is not None]
        if len(found) > 1:
            raise UsageError(
                f"both {OWN} and {PROJECT} configure celoss",
                code="config_twice",
                where=Where(os.path.relpath(os.path.dirname(paths[0]))),  # noqa: PTH120
                hint="keep one of them, or choose with --config",
            )
        if found:
            return found[0]
    return None


def read(path: str) -> ConfigFile:
    """Read the configuration in a file. Raises UsageError where it cannot be read, is no TOML, or has none."""
    config = _config(path, asked_for=True)
    if config is None:
        raise UsageError("has no [tool.celoss]", code="config_empty", where=Where(path), hint="write that table in it")
    return config


def _config(path: str, *, asked_for: bool) -> ConfigFile | None:
    """Return what a file holds, ``None`` for a project that does not mention celoss."""
    label = path if asked_for else os.path.relpath(path)
    if not asked_for and os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113
        raise UsageError(
            "is a pipe or a device, and was not named",
            code="config_unreadable",
            where=Where(label),
            hint="name it with --config, or pass --no-config",
        )
    document = _parsed(path, label)
    if os.path.basename(path) != PROJECT:  # noqa: PTH119
        return ConfigFile(label, "", document, asked_for)
    tool = document.get("tool", {})
    return (
        ConfigFile(label, "tool.celoss", _table(tool["celoss"], f"{label} [tool.celoss]"), asked_for)
        if "celoss" in tool
        else None
    )


def _parsed(path: str, label: str) -> dict[str, Any]:
    import tomllib

    try:
        with open(path, "rb") as file:  # noqa: PTH123  which may be a pipe, or a device that never ends
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ValueError(f"it has more than {_LARGEST >> 20} MiB")
        return tomllib.loads(content.decode("utf-8-sig"))  # editors of Windows put a mark before it
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"is not valid TOML: {error}", code="config_syntax", where=Where(label), hint="--no-config does without"
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            f"the configuration cannot be read: {_reason(error)}",
            code="config_unreadable",
            where=Where(label),
            hint="check --config and CELOSS_CONFIG; --no-config does without",
        ) from error


def _reason(error: Exception) -> str:
    """Return what is wrong, without Python's advice to programmers about numbers of thousands of digits."""
    return getattr(error, "strerror", None) or str(error).partition("; use sys.")[0]


def _table(value: Any, label: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{label} is not a table", code="config_type", hint="write it as a table: [name]")
    return value
