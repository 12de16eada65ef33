"""The commands by name. Each is imported when it is used, so that a run pays for one of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from celoss_cli.cli.command import ConfiguredCommand
from celoss_cli.errors import UsageError

COMMANDS = ("eval", "batch", "inspect", "compare", "explain", "diagnose")
"""In the order of the help."""

_DATA_ENDINGS = (
    *(".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", ".npy", ".npz"),
    *(".gz", ".bz2", ".xz", ".zst"),
)


class Commands(TyperGroup):
    """All commands: their names are known, and each is imported when it is used."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  as Typer calls it
        """Return the names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return the command of that name. For another name load all, so that Typer can suggest the nearest."""
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                self.commands[name] = _made(name)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that ``args`` begin with. Raises UsageError where they begin with a file instead."""
        first = args[0]
        data = None if first in COMMANDS or ctx.resilient_parsing else _data_in(first)
        if data is not None:
            import shlex

            hint = shlex.join(["celoss", "eval", *args])
            raise UsageError(f"{first!r} is {data}, not a command", code="no_command", hint=hint)
        return super().resolve_command(ctx, args)


def _data_in(name: str) -> str | None:
    """Return what a name is that stands for data, ``None`` for one that does not look like it."""
    if name == "-":
        return "standard input"
    if os.path.isdir(name):  # noqa: PTH112
        return "a directory"
    is_file = os.path.exists(name) or name.lower().endswith(_DATA_ENDINGS)  # noqa: PTH110
    return "the name of a file" if is_file else None


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
    elif name == "batch":
        from celoss_cli.cli.batch import batch_command as function
    elif name == "diagnose":
        from celoss_cli.cli.diagnose import diagnose_command as function
    else:
        from celoss_cli.cli.explain import explain_command as function
    return function
