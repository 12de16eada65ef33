"""The signature and the docstring of a function with ``**options``: each option by its name, from the table."""

from __future__ import annotations

import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar, get_type_hints

from celoss_cli.errors import CelossError
from celoss_cli.options.option import Option, Panel, Takes
from celoss_cli.options.table import options_of

Parameters = ParamSpec("Parameters")

Result = TypeVar("Result")

_PLACE = "    **options\n"  # in a docstring: where the options are told of

_WIDTH = 110


def with_options(command: str, types: type) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Give a function the options of ``command`` that Python has, so that ``help`` shows each of them.

    ``types`` is the TypedDict that says their types. Any other keyword is a TypeError, as it is for a function that
    names its parameters.
    """
    hints = get_type_hints(types)

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        options = keywords_of(command)
        own = list(inspect.signature(function).parameters.values())[:-1]  # the last stands for the options
        shared = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default_of(option), annotation=hints.get(name, Any)
            )
            for name, option in options.items()
        ]
        signature = inspect.Signature([*own, *shared])

        @functools.wraps(function)
        def checked(*args: Parameters.args, **given: Parameters.kwargs) -> Result:
            unknown = next((name for name in given if name not in signature.parameters), None)
            if unknown is not None:
                raise TypeError(f"{function.__name__}() got an unexpected keyword argument {unknown!r}")
            try:
                return function(*args, **given)
            except CelossError as error:
                from celoss_cli.api.words import in_python

                in_python(error)
                raise

        checked.__signature__ = signature  # type: ignore[attr-defined]  # what inspect and help read
        if function.__doc__ is not None:
            told = "".join(line for option in options.values() for line in _told(option))
            checked.__doc__ = function.__doc__.replace(_PLACE, told)
        return checked

    return decorate


def keywords_of(command: str) -> dict[str, Option]:
    """Return the options of a command that its function takes, too, by name."""
    return {name: option for name, option in options_of(command).items() if option.python}


def default_of(option: Option) -> Any:
    """Return the default of a keyword: what detects by itself is ``None``."""
    return None if option.default == "auto" else option.default


def _told(option: Option) -> Iterator[str]:
    """Yield the lines of a docstring about an option."""
    yield f"    {option.name}\n"
    in_gate = option.panel is Panel.GATE and option.help.startswith("…")
    said = f"Not passed{option.help[1:]}" if in_gate else option.help
    said = re.sub(r" \(repeat[^)]*\)", "", said)  # here it is a list
    note = option.takes.value[1]
    if option.takes is Takes.CHOICE:
        quoted = [f'``"{choice}"``' for choice in option.choices]
        note = f"{note} {', '.join(quoted)}."
    for line in textwrap.wrap(f"{said} {note}".strip(), _WIDTH):
        yield f"        {line}\n"
