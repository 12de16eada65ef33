"""docs/reference/layouts.md has a line for each tool in ``TOOLS``: what a run decides on its example.

The table between ``<!-- layouts -->`` and ``<!-- /layouts -->`` is made from the tools and from runs. To renew it, and
then to test it::

    CELOSS_RENEW_LAYOUTS=1 pytest tests/docs/test_layouts.py
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from celoss_cli import CelossError, Evaluation, evaluate
from celoss_cli.layout.tools.table import TOOLS
from celoss_cli.layout.tools.tool import Tool
from celoss_cli.request import ReadOptions
from celoss_cli.tables.opening import open_table
from layouts.examples import files_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "layouts.md"
BLOCK = re.compile(r"(<!-- layouts -->\n).*?(<!-- /layouts -->)", re.DOTALL)
_MANY = 9


def columns_of(path: Path) -> str:
    """The columns of a file, as code."""
    opened = open_table(str(path), ReadOptions())
    if not opened.named:
        return f"`{path.name}` without a header"
    names = [column.name or '""' for column in opened.columns]
    return ", ".join(f"`{name}`" for name in names[:_MANY]) + (", …" if len(names) > _MANY else "")


def decided(tool: Tool) -> str:
    """What a run on the example says, or why it is refused."""
    try:
        found = evaluate(*map(str, files_of(tool.example)))
    except CelossError as error:
        return f"refused (`{error.code}`): {tool.refusal.split(':')[0] or error.message.split(';')[0]}"
    label = found.spec.columns.label
    truth = f"`{label}`" if isinstance(label, str) else "one-hot " + ", ".join(f"`{name}`" for name in label)
    if found.spec.positive is not None:
        classes = f"of `{found.spec.positive}`"
    else:
        classes = "of " + ", ".join(f"`{name}`" for name in found.spec.classes)
    return f"{inputs(found)} {classes}, {shared(found.spec.columns.predictions)}; truth {truth}{guesses(found)}"


def inputs(found: Evaluation) -> str:
    return found.spec.input.noun


def guesses(found: Evaluation) -> str:
    guessed = [decision.what for decision in found.spec.decisions if decision.guess and decision.what != "input"]
    return f"; guessed: {', '.join(guessed)}" if guessed else ""


def shared(names: Iterable[str]) -> str:
    columns = list(names)
    return f"column `{columns[0]}`" if len(columns) == 1 else f"columns `{columns[0]}` to `{columns[-1]}`"


def line(tool: Tool) -> str:
    files = files_of(tool.example)
    example = " and ".join(columns_of(path) for path in files)
    cells = (f"[{tool.name}]({tool.source})", example, decided(tool), " ".join(tool.flags) or "none", tool.trap)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def block() -> str:
    head = ["| tool | example | what is decided | options | trap |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(line(tool) for tool in TOOLS)]) + "\n"


if os.environ.get("CELOSS_RENEW_LAYOUTS") == "1":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(lambda found: found[1] + block() + found[2], text), encoding="utf-8")


def test_the_page_says_what_runs_decide() -> None:
    found = BLOCK.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    assert found[0] == f"<!-- layouts -->\n{block()}<!-- /layouts -->"
