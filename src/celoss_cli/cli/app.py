"""The program ``celoss``: its name, its help, and the options before a command."""

from __future__ import annotations

from typing import Annotated

import typer

from celoss_cli._version import __version__
from celoss_cli.cli.commands import Commands

app = typer.Typer(
    name="celoss",
    cls=Commands,
    help="The exact cross-entropy of a file of model outputs, and what the number means.",
    epilog="Example: celoss eval predictions.csv labels.csv --max-loss 0.5",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(context: typer.Context, wanted: bool) -> None:
    if not wanted:
        return
    typer.echo(f"celoss {__version__}")
    if context.params["verbose"]:
        from celoss_cli.kernels.compiled import KERNELS

        typer.echo(f"kernels: {KERNELS}")
    raise typer.Exit


@app.callback()
def _celoss(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version)
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="With --version: what computes, too.", is_eager=True)
    ] = False,
) -> None:
    """The exact cross-entropy of a file of model outputs, and what the number means."""
