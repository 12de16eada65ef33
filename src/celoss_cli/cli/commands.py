"""The commands by name. Each is made when it is asked for: a run pays for one of them, and only the help for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from celoss_cli.cli.command import ConfiguredCommand

COMMANDS = ("eval", "inspect", "compare", "explain")
"""In the order of the help."""


class Commands(TyperGroup):
    """The group of all commands: knows their names, and imports what they are one by one."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  as Typer calls it
        """Return the names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return the command of that name, or ``None``: then all are there, for Typer to suggest the nearest."""
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                self.commands[name] = _made(name)
        return self.commands.get(cmd_name)


def _made(name: str) -> Any:
    alone = typer.Typer(add_completion=False)
    alone.command(name, cls=ConfiguredCommand)(_function(name))
    return typer.main.get_command(alone)


def _function(name: str) -> Callable[..., None]:
    if name == "eval":
        from celoss_cli.cli.eval import eval_command as function
    elif name == "inspect":
        from celoss_cli.cli.inspect import inspect_command as function
    elif name == "compare":
        from celoss_cli.cli.compare import compare_command as function
    else:
        from celoss_cli.cli.explain import explain_command as function
    return function
