"""The commands by name. Each is imported when it is used, so that a run pays for one of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from celoss_cli.cli.command import ConfiguredCommand
from celoss_cli.errors import UsageError

COMMANDS = {
    "eval": "Compute the cross-entropy of PREDICTIONS, and show what it means.",
    "batch": "Score many files, or many models, in one run: one table, one verdict.",
    "inspect": "Show what PREDICTIONS and LABELS hold, and how celoss eval would read them. Scores nothing.",
    "compare": "Compare the cross-entropy of CANDIDATE with that of BASELINE, row by row.",
    "explain": "Show the loss of PREDICTIONS as every library would report it, and where the differences come from.",
    "diagnose": "Say why the loss of PREDICTIONS is what it is, and what would fix it on new rows.",
    "history": "Show the runs that celoss eval and batch appended to HISTORY with --history.",
    "calibrate-fit": "Fit a fix of the probabilities to the rows of VALIDATION, and write it to a file.",
    "calibrate-apply": "Write PREDICTIONS again, with the fix of FIX applied to their scores.",
    "state": "Score some of the rows, and write what they leave behind to a file that celoss merge takes.",
    "merge": "Put together what celoss state wrote, and show the result of all rows as celoss eval does.",
}
"""In the order of the help, each with the first sentence of its own; with a hyphen: a group, and a command in it."""

_GROUPS = {"calibrate": "Fit a temperature or a logistic to validation rows, and apply it to other predictions."}
"""The commands that have commands of their own, and what the help says of them."""

_DATA_ENDINGS = (
    *(".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", ".npy", ".npz"),
    *(".gz", ".bz2", ".xz", ".zst"),
)


class Commands(TyperGroup):
    """All commands: their names are known, and each is imported when it is used."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  as Typer calls it
        """Return the names, in the order of the help."""
        return list(dict.fromkeys(name.partition("-")[0] for name in COMMANDS))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name. For another name load all, so that Typer can suggest the nearest."""
        known = self.list_commands(ctx)
        for name in [cmd_name] if cmd_name in known else known:
            if name not in self.commands:
                self.commands[name] = _group(name) if name in _GROUPS else _made(name, name)
        return self.commands.get(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print which commands there are, and what each is for, without importing one of them."""
        made = self.commands
        said = {name: COMMANDS.get(name) or _GROUPS[name] for name in self.list_commands(ctx)}
        self.commands = {name: TyperCommand(name, help=sentence) for name, sentence in said.items()}
        try:
            super().format_help(ctx, formatter)
        finally:
            self.commands = made

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that ``args`` begin with. Raises UsageError where they begin with a file instead."""
        first = args[0]
        data = None if first in self.list_commands(ctx) or ctx.resilient_parsing else _data_in(first)
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


def _made(key: str, name: str) -> Any:
    """Return the command ``key`` of ``COMMANDS``, under its last word."""
    alone = typer.Typer(add_completion=False)
    alone.command(name, cls=ConfiguredCommand)(_function(key))
    made = typer.main.get_command(alone)
    made.key = key  # type: ignore[attr-defined]  # of ConfiguredCommand
    return made


def _group(name: str) -> Any:
    keys = [key for key in COMMANDS if key.startswith(f"{name}-")]
    return typer.core.TyperGroup(
        name=name,
        help=_GROUPS[name],
        commands={word: _made(key, word) for key in keys for word in [key.removeprefix(f"{name}-")]},
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _function(name: str) -> Callable[..., None]:
    if name == "eval":
        from celoss_cli.cli.eval import eval_command as function
    elif name == "inspect":
        from celoss_cli.cli.inspect import inspect_command as function
    elif name == "compare":
        from celoss_cli.cli.compare import compare_command as function
    elif name == "history":
        from celoss_cli.cli.history import history_command as function
    elif name == "batch":
        from celoss_cli.cli.batch import batch_command as function
    elif name == "diagnose":
        from celoss_cli.cli.diagnose import diagnose_command as function
    elif name == "state":
        from celoss_cli.cli.state import state_command as function
    elif name == "merge":
        from celoss_cli.cli.merge import merge_command as function
    elif name == "calibrate-fit":
        from celoss_cli.cli.calibrate_fit import fit_command as function
    elif name == "calibrate-apply":
        from celoss_cli.cli.calibrate_apply import apply_command as function
    else:
        from celoss_cli.cli.explain import explain_command as function
    return function
