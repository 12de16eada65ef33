"""The signature of a function with ``**options``: each option by its name, with its type and default."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar, get_type_hints

Parameters = ParamSpec("Parameters")

Result = TypeVar("Result")


def with_options(
    options: type, defaults: Mapping[str, Any]
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Give a function the signature that its ``**options`` stand for, so that ``help`` shows each of them.

    ``options`` is a TypedDict of ``Annotated`` types; an option that ``defaults`` does not have is ``None`` by default.
    Any other keyword is a TypeError, as it is for a function that names its parameters.
    """

    def decorate(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        own = list(inspect.signature(function).parameters.values())[:-1]  # the last stands for the options
        shared = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=defaults.get(name), annotation=hint.__origin__
            )
            for name, hint in get_type_hints(options, include_extras=True).items()
        ]
        named_only = [parameter for parameter in own if parameter.kind is inspect.Parameter.KEYWORD_ONLY]
        signature = inspect.Signature([*own[: len(own) - len(named_only)], *shared, *named_only])

        @functools.wraps(function)
        def checked(*args: Parameters.args, **given: Parameters.kwargs) -> Result:
            unknown = next((name for name in given if name not in signature.parameters), None)
            if unknown is not None:
                raise TypeError(f"{function.__name__}() got an unexpected keyword argument {unknown!r}")
            return function(*args, **given)

        checked.__signature__ = signature  # type: ignore[attr-defined]  # what inspect and help read
        return checked

    return decorate
