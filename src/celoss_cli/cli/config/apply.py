"""The settings of a run: found in the file and the environment, put in place of the defaults, and shown."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

import typer

from celoss_cli.cli.config.file import ConfigFile, nearest, read
from celoss_cli.cli.config.search import PREFIX, candidates
from celoss_cli.cli.config.settings import Setting, chosen, from_environment, from_file
from celoss_cli.cli.messages import say
from celoss_cli.errors import CelossError, UsageError
from celoss_cli.options.option import Option
from celoss_cli.options.table import ARGUMENTS, options_of

SETTINGS = "celoss_cli.settings"
"""The key of the context under which a run has them."""

_TRUE = ("1", "true", "t", "yes", "y", "on")

_FALSE = ("0", "false", "f", "no", "n", "off")


def configure(command: Any, ctx: Any, given: Mapping[str, Any]) -> None:
    """Put the settings in place of the command's defaults, or show them and end; ``given`` is the command line.

    Raises UsageError for a bad setting.
    """
    config, profile = _chosen_file(given)
    settings = _settings(command, ctx, given, config, profile)
    if given.get("show_config"):
        _show(command, ctx, given, settings, config, profile)
        ctx.exit(0)
    ctx.default_map = {name: setting.value for name, setting in settings.items()}
    ctx.meta[SETTINGS] = settings
    _announce(settings)


def place_of(error: CelossError, settings: Mapping[str, Setting]) -> str | None:
    """Return the hint of an error, with the place where each option that it speaks of was set."""
    said = f"{error} {error.hint or ''}"
    places: dict[str, list[str]] = {}
    for name, setting in settings.items():
        flag = f"--{name.replace('_', '-')}"
        if re.search(rf"{flag}(?![\w-])", said):
            places.setdefault(f"{'in' if setting.in_file else 'by'} {setting.where}", []).append(flag)
    told = [f"{', '.join(flags)} {'is' if len(flags) == 1 else 'are'} set {place}" for place, flags in places.items()]
    return "; ".join([*([error.hint] if error.hint else []), *told]) or None


def _settings(
    command: Any, ctx: Any, given: Mapping[str, Any], config: ConfigFile | None, profile: str | None
) -> dict[str, Setting]:
    if config is None and not any(name.startswith(PREFIX) for name in os.environ):
        return {}
    commands = {name: configurable(name) for name in ARGUMENTS}
    settings = {} if config is None else from_file(config, commands, command.key, profile)
    settings |= from_environment(os.environ, commands, command.key)
    settings = chosen(settings, (name for name, value in given.items() if value is not None))
    if command.key == "compare" and settings and not given.get("labels"):
        from celoss_cli.cli.unpaired import are_reports, is_of_rows

        if are_reports(given.get("baseline"), given.get("first")):
            settings = {name: one for name, one in settings.items() if not is_of_rows(commands["compare"][name])}
    for name, setting in settings.items():
        _value(command, ctx, name, setting)
    return settings


def _value(command: Any, ctx: Any, name: str, setting: Setting) -> Any:
    """Return a setting as the option's type; raise UsageError that names where it was set."""
    parameter = _parameter(command, name)
    try:
        return parameter.type_cast_value(ctx, setting.value)
    except typer.BadParameter as error:
        key = name.replace("_", "-")
        raise UsageError(
            f"{setting.where}{f': {key}' if setting.in_file else ''}: {error.message}",
            code="setting_value",
            hint=f"--{key} on the command line goes before it",
        ) from error


def _show(
    command: Any,
    ctx: Any,
    given: Mapping[str, Any],
    settings: Mapping[str, Setting],
    config: ConfigFile | None,
    profile: str | None,
) -> None:
    """Print every option with its value and where that comes from."""
    from celoss_cli.render.settings import Row, show

    rows = []
    for option in configurable(command.key).values():
        parameter = _parameter(command, option.name)
        if given.get(option.name) is not None:
            value, source, where = parameter.type_cast_value(ctx, given[option.name]), "flag", f"--{option.key}"
        elif option.name in settings:
            setting = settings[option.name]
            value, where = _value(command, ctx, option.name, setting), setting.where
            source = "file" if setting.in_file else "environment"
        else:
            value, source, where = parameter.get_default(ctx), "default", ""
        rows.append(Row(option.key, value, source, where))
    form = next((row.value for row in rows if row.name == "format"), None)
    show(rows, sys.stdout, command.key, config and config.path, profile, as_json=form == "json")


def _parameter(command: Any, name: str) -> Any:
    return next(parameter for parameter in command.params if parameter.name == name)


def configurable(command: str) -> dict[str, Option]:
    """Return the options of a command that can be set elsewhere than on the command line, by name."""
    return {name: option for name, option in options_of(command).items() if option.configurable}


def _chosen_file(given: Mapping[str, Any]) -> tuple[ConfigFile | None, str | None]:
    """Return the configuration file, if there is one, and the profile. Raises UsageError if the choices conflict."""
    named = given.get("config") or (None if given.get("no_config") else os.environ.get("CELOSS_CONFIG"))
    unwanted = _is_true("CELOSS_NO_CONFIG")
    without = given.get("no_config") or (not named and unwanted)
    profile = given.get("profile") or (None if without else os.environ.get("CELOSS_PROFILE")) or None
    if given.get("config") and without:
        raise UsageError("--config and --no-config exclude each other", code="config_choice", hint="leave one out")
    config = None
    if not without:
        config = read(named) if named else nearest(candidates())
    if profile is not None and config is None:
        raise UsageError(
            f"there is no configuration file for the profile {profile!r}",
            code="profile_without_file",
            hint="name it with --config, or leave --profile and CELOSS_PROFILE out",
        )
    return config, profile


def _is_true(variable: str) -> bool:
    """Return whether a variable is true, in the words that the option parser takes. Raises UsageError for others."""
    text = os.environ.get(variable, "").strip().lower()
    if text not in {"", *_TRUE, *_FALSE}:
        raise UsageError(
            f"{variable}: {os.environ[variable]!r} is not a valid boolean",
            code="setting_value",
            hint=f"{variable}=1 does without a configuration; unset it to have one",
        )
    return text in _TRUE


def _announce(settings: Mapping[str, Setting]) -> None:
    """Print to stderr what was set elsewhere than on the command line: it may change the numbers."""
    places: dict[str, list[str]] = {}
    for name, setting in settings.items():
        places.setdefault(setting.where, []).append(name.replace("_", "-"))
    if places:
        say("configured: " + "; ".join(f"{', '.join(names)} ({where})" for where, names in places.items()))
