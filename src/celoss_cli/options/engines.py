"""Where rows are scored: rows of the table."""

from __future__ import annotations

from celoss_cli.options.option import Option, Panel, Takes
from celoss_cli.request import EngineKind

_COMMANDS = ("eval", "inspect", "compare", "explain", "diagnose")

# fmt: off
OF_ENGINES = (
    Option("engine", Takes.CHOICE, Panel.SHOWN, _COMMANDS,
           "What scores the rows: threads, or dask, a cluster whose workers open the files. Never changes a digit.",
           default="auto", choices=EngineKind),
    Option("scheduler", Takes.TEXT, Panel.SHOWN, _COMMANDS,
           "With --engine dask: the cluster. Default: that of Dask's configuration, or processes of this machine.",
           "ADDRESS", connects=True),
)
# fmt: on
