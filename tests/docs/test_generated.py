"""What scripts of docs/ write is up to date: commands and options, the Python API, the JSON Schemas, the pictures.

To renew all of it, and then to test it::

    CELOSS_RENEW_DOCS=1 pytest tests/docs
"""

from __future__ import annotations

import html
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import celoss_cli
from celoss_cli.cli.commands import COMMANDS
from docs.pages import README, RENEW, ROOT, fenced_blocks, tidy

DOCS = ROOT / "docs"
SCRIPTS = sorted(DOCS.glob("make_*.py"))

if RENEW:
    for path in SCRIPTS:
        subprocess.run([sys.executable, str(path)], check=True)


def names_of(script: str) -> dict[str, Any]:
    """What a script of docs/ defines."""
    return runpy.run_path(str(DOCS / f"{script}.py"), run_name=script)


@pytest.mark.parametrize("script", ["make_commands", "make_python_api"])
def test_the_page_is_what_the_script_writes(script: str) -> None:
    made = names_of(script)
    page = made["PAGE"].read_text(encoding="utf-8")
    assert page == made["renewed"](page), f"python docs/{script}.py"


def test_every_command_and_option_is_there() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        (section,) = re.findall(rf"^## celoss {command}\n(.*?)(?=^## |^<!--)", page, re.DOTALL | re.MULTILINE)
        shown = subprocess.run(
            [sys.executable, "-m", "celoss_cli", command, "--help"],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout
        options = {*re.findall(r"(?<=│ )(--[a-z-]+)", shown)} - {"--help"}
        assert options
        assert options <= {*re.findall(r"`(--[a-z-]+)`", section)}


def test_everything_public_is_there() -> None:
    page = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    for name in celoss_cli.__all__:
        assert name.startswith("_") or re.search(rf"^### {name}$|^\| `{name}` \|", page, re.MULTILINE), name


def test_the_schemas_are_what_the_script_writes() -> None:
    made = names_of("make_schemas")
    for name, text in made["generated"]().items():
        assert (made["DIRECTORY"] / name).read_text(encoding="utf-8") == text, "python docs/make_schemas.py"


@pytest.mark.parametrize("name", ["report-light.svg", "report-dark.svg"])
def test_a_picture_shows_what_is_printed(name: str) -> None:
    made = names_of("make_pictures")
    (shown,) = [
        block.lines[1:]
        for block in fenced_blocks(README.read_text(encoding="utf-8"))
        if block.language == "console" and block.lines[0] == f"$ {made['COMMAND']}"
    ]
    assert text_of(made["DIRECTORY"] / name) == tidy("\n".join(shown))


def text_of(picture: Path) -> str:
    """The text in a picture of a terminal, each piece at its place."""
    svg = picture.read_text(encoding="utf-8")
    advance = 12.2  # of a letter, in the unit of the picture
    lines: dict[float, str] = {}
    pieces = re.findall(r'<text class="\w+-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', svg, re.DOTALL)
    for x, y, text in pieces:
        before = lines.get(float(y), "")
        lines[float(y)] = before.ljust(round(float(x) / advance)) + html.unescape(text).replace("\xa0", " ").strip("\n")
    return tidy("\n".join(lines[y] for y in sorted(lines)))
