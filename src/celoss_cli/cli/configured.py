"""A command whose options can be set elsewhere, and stand on the command line once; neither costs a millisecond."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand, TyperOption

from celoss_cli.errors import UsageError

OWN = "celoss.toml"
PROJECT = "pyproject.toml"
PREFIX = "CELOSS_"
_CHOICES = ("--config", "--no-config", "--profile", "--show-config")


class ConfiguredCommand(TyperCommand):
    """Reads the command line, and what it leaves open from the environment and the configuration."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line with the settings in place of the defaults.

        Raises UsageError for a bad setting, and for an option that is given twice: of two limits one would be held,
        and nobody would see which.
        """
        if not ctx.resilient_parsing:  # as shell completion parses
            given, _, order = self.make_parser(ctx).parse_args(args=list(args))
            if not given.get("help"):  # which has to work whatever else is said
                _refuse_repeated(order)
                if _has_settings(args):
                    from celoss_cli.cli.configuration import configure

                    configure(self, ctx, given)
        return super().parse_args(ctx, args)


def candidates() -> list[list[str]]:
    """Return the files that may configure celoss, directory by directory, the nearest first.

    They are looked for from the working directory upwards, to the root of its git repository. Outside of a repository
    only the working directory itself is looked at: nobody else's file in a parent decides.
    """
    try:
        places = _up_to_the_root(os.getcwd())  # noqa: PTH109  in every run: pathlib is slower
    except FileNotFoundError:  # it is gone
        return []
    found = ([path for name in (OWN, PROJECT) if _speaks(path := os.path.join(place, name))] for place in places)  # noqa: PTH118
    return [paths for paths in found if paths]


def _refuse_repeated(order: Iterable[Any]) -> None:
    """Refuse an option that takes one value and stands there twice; ``order`` has a parameter each time it does."""
    seen = set()
    for parameter in order:
        if not isinstance(parameter, TyperOption) or parameter.multiple or parameter.is_flag:
            continue
        if parameter.name in seen:
            raise UsageError(
                f"{max(parameter.opts, key=len)} is given twice",
                code="option_twice",
                hint="it takes one value: keep one",
            )
        seen.add(parameter.name)


def _up_to_the_root(directory: str) -> list[str]:
    places = [directory]
    while not os.path.exists(os.path.join(places[-1], ".git")):  # noqa: PTH110, PTH118
        parent = os.path.dirname(places[-1])  # noqa: PTH120
        if parent == places[-1]:
            return [directory]
        places.append(parent)
    return places


def _speaks(path: str) -> bool:
    """Whether there is such a file, and a project's one has our name in it; one that cannot be read may have."""
    if not os.path.isfile(path):  # noqa: PTH113
        return False
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return path.endswith(OWN) or b"celoss" in file.read()
    except OSError:
        return True


def _has_settings(args: list[str]) -> bool:
    named = any(arg.startswith(_CHOICES) for arg in args)
    return named or any(name.startswith(PREFIX) for name in os.environ) or bool(candidates())
