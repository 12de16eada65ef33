"""Options set elsewhere than on the command line: which, to what, and where.

The environment goes before the file. In a file a profile goes before the rest, and the table of a command before the
general one. An unknown name is an error: a misspelt limit would never be checked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from celoss_cli.cli.config.file import PROFILES, ConfigFile, ConfigTable
from celoss_cli.cli.config.search import PREFIX
from celoss_cli.errors import UsageError, Where
from celoss_cli.options.option import Option, Takes
from celoss_cli.spelling import option as with_value
from celoss_cli.tuples import NamedTuple


class _TomlType(NamedTuple):
    """What TOML has for a kind of option: the types of Python, what a message calls it, and an example."""

    types: tuple[type, ...]
    called: str
    example: str


_TEXT = _TomlType((str, int, float), "a string", '"…"')

_TYPES = {
    Takes.SWITCH: _TomlType((bool,), "true or false", "true"),
    Takes.WHOLE: _TomlType((int,), "a whole number", "1"),
    Takes.NUMBER: _TomlType((int, float), "a number", "0.5"),
}
"""By kind; all others are ``_TEXT``."""

_BEYOND_TOML = 1 << 63  # and Python's parser lets such numbers through

_WEIGHT_FILES = (".csv", ".json")


class Setting(NamedTuple):
    """What an option was set to, and where."""

    value: Any

    where: str
    """A variable, or a table of a file."""

    rank: int
    """A later layer has a higher one."""

    in_file: bool


Commands = Mapping[str, Mapping[str, Option]]
"""The options of each command, by name."""


# Of two options that exclude each other, the one that was said closer to the command line wins.
EXCLUSIVE = (("quiet", "format"),)


def from_file(config: ConfigFile, commands: Commands, command: str, profile: str | None) -> dict[str, Setting]:
    """Return what a configuration sets for a command. Raises UsageError for an unknown name or a value of another type.

    An option in a general table may be for other commands only; one that no command has is an error, whatever the
    profile.
    """
    if profile is not None and profile not in config.profiles:
        raise UsageError(
            f"there is no profile {profile!r}; there are: {', '.join(config.profiles) or 'none'}",
            code="profile_unknown",
            where=Where(config.path),
            hint="give --profile one of these" if config.profiles else "write its table, or leave --profile out",
        )
    settings: dict[str, Setting] = {}
    for rank, section in enumerate(config.sections(commands)):
        _check_keys(section, commands)
        if section.profile in (None, profile) and section.command in (None, command):
            for key, value in section.table.items():
                option = commands[command].get(_name(key))
                if option is not None and not (option.other and section.command is None):
                    value = _from_toml(option, key, value, section.label, config)
                    settings[option.name] = Setting(value, section.label, rank, True)
    return settings


def from_environment(environment: Mapping[str, str], commands: Commands, command: str) -> dict[str, Setting]:
    """Return what ``CELOSS_`` variables set for a command; lists split on commas, an empty value is none.

    Raises UsageError for a variable that is nearly the name of an option.
    """
    present = [name for name, text in environment.items() if name.startswith(PREFIX) and text]
    if not present:
        return {}
    own = {_variable(option): option for option in commands[command].values()}
    settings = {}
    for name in present:
        option = own.get(name)
        if option is not None and not option.other:
            text = environment[name]
            value = [part.strip() for part in text.split(",")] if option.takes.repeats else text
            settings[option.name] = Setting(value, name, 99, False)
        else:
            _check_variable(name, commands)
    return settings


def chosen(settings: dict[str, Setting], given: Iterable[str]) -> dict[str, Setting]:
    """Return the settings that remain beside what was ``given`` on the command line."""
    flags = set(given)
    kept = {name: setting for name, setting in settings.items() if name not in flags}
    for pair in EXCLUSIVE:
        for name, other in (pair, pair[::-1]):
            stronger = name in flags or (name in kept and other in kept and kept[name].rank > kept[other].rank)
            if stronger:
                kept.pop(other, None)
    return kept


def _check_variable(name: str, commands: Commands) -> None:
    """Refuse a variable that is nearly the name of an option: it was meant to be one."""
    names = {_variable(option) for options in commands.values() for option in options.values()}
    names |= {f"{PREFIX}{other}" for other in ("CONFIG", "NO_CONFIG", "PROFILE")}
    near = [] if name in names else _near(name, names, 0.85)
    if near:
        raise UsageError(
            f"{name} in the environment is no option",
            code="variable_unknown",
            hint=f"did you mean {near[0]}? If not, unset it or rename it",
        )


def _check_keys(section: ConfigTable, commands: Commands) -> None:
    """Refuse a key that is no option, or there twice."""
    known = {name for command in ([section.command] if section.command else commands) for name in commands[command]}
    seen: dict[str, str] = {}
    for key, value in section.table.items():
        name = _name(key)
        if name not in known:
            raise _unknown(section, key, value, known, commands)
        if name in seen:
            raise UsageError(
                f"{seen[name]!r} and {key!r} are the same option",
                code="config_key_twice",
                where=Where(section.label),
                hint="keep one of them",
            )
        seen[name] = key


def _unknown(section: ConfigTable, key: str, value: Any, known: set[str], commands: Commands) -> UsageError:
    """Return the error about a key that is no option here: it belongs to another command, or is misspelt."""
    name, where = _name(key).lower(), Where(section.label)
    theirs = [command for command, options in commands.items() if name in options]
    if section.command is not None and theirs:
        return UsageError(
            f"{key} is an option of {' and '.join(theirs)}, not of {section.command}",
            code="config_unknown_key",
            where=where,
            hint=f"write it in the table of {theirs[0]}",
        )
    tables = {*commands, *([PROFILES] if section.profile is None else [])} if section.command is None else set()
    near = (_near(name, tables, 0.6) if isinstance(value, dict) else []) or _near(name, known, 0.6)
    return UsageError(
        f"unknown key {key!r}",
        code="config_unknown_key",
        where=where,
        hint=f"did you mean {near[0].replace('_', '-')}?" if near else "keys are named as the options are",
    )


def _from_toml(option: Option, key: str, value: Any, label: str, config: ConfigFile) -> Any:
    """Return a value of a file as the command line would give it.

    Raises UsageError where it is of another type, or a place outside that a found file may not have written to.
    """
    many, pairs = option.takes.repeats, option.takes.pairs
    if isinstance(value, dict) and pairs:
        value = [f"{name}={_item(option, key, part, label)}" for name, part in value.items()]
        return value if many else ",".join(value)
    if isinstance(value, list) and (many or pairs):
        parts = [_item(option, key, part, label) for part in value]
        return [_placed(option, part, label, config) for part in parts] if many else ",".join(map(str, parts))
    item = _placed(option, _item(option, key, value, label), label, config)
    return [item] if many else item


def _item(option: Option, key: str, value: Any, label: str) -> Any:
    wanted = _TYPES.get(option.takes, _TEXT)
    if isinstance(value, int) and not -_BEYOND_TOML <= value < _BEYOND_TOML:
        raise UsageError(
            f"{key} is a whole number of more than 64 bits, which no option takes",
            code="config_type",
            where=Where(label),
            hint=f"write {key} = {wanted.example}",
        )
    if not isinstance(value, wanted.types) or (isinstance(value, bool) and bool not in wanted.types):
        raise UsageError(
            f"{key} is {value!r}, and takes {wanted.called}{', or an array of them' if option.takes.repeats else ''}",
            code="config_type",
            where=Where(label),
            hint=f"write {key} = {wanted.example}",
        )
    return str(value) if wanted is _TEXT else value


def _placed(option: Option, value: Any, label: str, config: ConfigFile) -> Any:
    """Return the value; a path is taken as relative to the configuration file, and returned relative to here."""
    folder = os.path.dirname(config.path)  # noqa: PTH120
    if option.connects and not config.asked_for:
        raise UsageError(
            f"{option.key} = {value!r} names another machine, and {config.path} was found and not named",
            code="config_connects",
            where=Where(label),
            hint=f"{with_value('--config', config.path)} lets it say so, and so does {option.flag} as a flag",
        )
    if option.writes and not config.asked_for and not _lies_in(folder, os.path.join(folder, value)):  # noqa: PTH118
        raise UsageError(
            f"{option.key} = {value!r} lies outside of the directory of {config.path}, which was found and not named",
            code="config_outside",
            where=Where(label),
            hint=f"{with_value('--config', config.path)} lets it write there, and so does {option.flag} as a flag",
        )
    in_weights = option.takes is Takes.CLASS_WEIGHTS and isinstance(value, str) and value.endswith(_WEIGHT_FILES)
    if in_weights or option.takes in (Takes.FILE, Takes.FILES, Takes.CALIBRATION):
        return os.path.normpath(os.path.join(folder, value))  # noqa: PTH118
    return value


def _lies_in(folder: str, path: str) -> bool:
    """Whether a path is below a directory, wherever links in it lead."""
    try:
        root = os.path.realpath(folder)
        return os.path.commonpath([root, os.path.realpath(path)]) == root
    except ValueError:  # another drive, or no path at all
        return False


def _variable(option: Option) -> str:
    """Return the variable of the environment that sets an option."""
    return f"{PREFIX}{option.name.upper()}"


def _name(key: str) -> str:
    return key.replace("-", "_")


def _near(name: str, names: set[str], cutoff: float) -> list[str]:
    import difflib

    return difflib.get_close_matches(name, sorted(names), n=1, cutoff=cutoff)
