"""A command as Typer reads it: its arguments and options are made from the table."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer

from celoss_cli.cli.memory import claim_room
from celoss_cli.cli.values import parsed_type, read
from celoss_cli.options.option import Argument, Option
from celoss_cli.options.table import ARGUMENTS, options_of


def with_options(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function the command ``name``: Typer sees all options, the function gets its arguments and ``given``.

    ``given`` has the values by name, in the terms of a request: those with a default, and those that were given.
    """
    options = options_of(name)
    parameters = [*map(_argument, ARGUMENTS[name]), *map(_option, options.values())]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def run(**given: Any) -> None:
            claim_room()
            files = {argument.name: given[argument.name] for argument in ARGUMENTS[name]}
            command(**files, given=read(options, given))

        run.__doc__ = command.__doc__
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what Typer reads
        return run

    return decorate


def _argument(argument: Argument) -> inspect.Parameter:
    declared = typer.Argument(metavar=argument.metavar, help=argument.help)
    kind: Any = str if argument.needed else str | None
    if argument.several:
        kind = list[str] if argument.needed else list[str] | None
    default = inspect.Parameter.empty if argument.needed else None
    return _parameter(argument.name, Annotated[kind, declared], default)


@functools.cache  # the help makes every command, and they share most options
def _option(option: Option) -> inspect.Parameter:
    declared = typer.Option(
        *_spellings(option),
        metavar=option.metavar,
        help=option.help,
        rich_help_panel=option.panel.value,
        show_default=option.shown_default or True,
    )
    return _parameter(option.name, Annotated[parsed_type(option), declared], option.default)


def _spellings(option: Option) -> Iterator[str]:
    if option.spelling is None or not option.spelling.startswith("--"):
        yield option.flag
    if option.spelling is not None:
        yield option.spelling


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
