"""A command whose options can also be set in a file or the environment, and are given once on the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from typer.core import TyperCommand, TyperOption

from celoss_cli.cli.config.search import PREFIX, candidates
from celoss_cli.errors import CelossError, UsageError

_CHOICES = ("--config", "--no-config", "--profile", "--show-config")


class ConfiguredCommand(TyperCommand):
    """A command that reads the command line first, then the environment and the configuration file."""

    key: str
    """Its name in the table of options: its own, behind that of its group and a hyphen."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line with the settings in place of the defaults.

        Raises UsageError for a bad setting, for a file too many, and for an option that is given twice: only one of
        two limits would be checked, and nobody would see which.
        """
        if not ctx.resilient_parsing:  # as shell completion parses
            given, extra, order = self.make_parser(ctx).parse_args(args=list(args))
            if not given.get("help"):  # which has to work whatever else is said
                _refuse_extra(extra, several=self.key == "compare")
                _refuse_repeated(order)
                if _has_settings(args):
                    from celoss_cli.cli.config.apply import configure

                    configure(self, ctx, given)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command. An error about an option that was set elsewhere says where."""
        try:
            return super().invoke(ctx)
        except CelossError as error:
            if ctx.default_map:
                from celoss_cli.cli.config.apply import SETTINGS, place_of

                error.hint = place_of(error, ctx.meta[SETTINGS])
            raise


def _refuse_extra(extra: Sequence[str], *, several: bool) -> None:
    """Refuse more files than the command has places for, and say how ``several`` models, or parts, are given."""
    if extra:
        more = "--candidate FILE names another model; " if several else ""
        raise UsageError(
            f"Got unexpected extra argument{'s' if len(extra) > 1 else ''} ({' '.join(extra)})",
            code="extra_arguments",
            hint=f"{more}the parts of one table are given by their directory or by a quoted glob: 'parts/*.csv'",
        )


def _refuse_repeated(order: Iterable[Any]) -> None:
    """Refuse an option that takes one value and is given twice; ``order`` has a parameter for each time it is given."""
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


def _has_settings(args: list[str]) -> bool:
    named = any(arg.startswith(_CHOICES) for arg in args)
    return named or any(name.startswith(PREFIX) for name in os.environ) or bool(candidates())
