"""What scripts of docs/ write is up to date: commands and options, the Python API, the JSON Schemas, the pictures.

To renew all of it, and then to test it::

    CELOSS_RENEW_DOCS=1 pytest tests/docs
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import celoss_cli
import make_commands
import make_pictures
import make_python_api
import make_schemas
from attribute_docs import meanings
from celoss_cli.cli.commands import COMMANDS
from docs.pages import README, RENEW, ROOT, fenced_blocks, tidy

DOCS = ROOT / "docs"
SCRIPTS = sorted(DOCS.glob("make_*.py"))

if RENEW:
    for path in SCRIPTS:
        subprocess.run([sys.executable, str(path)], check=True)


@pytest.mark.parametrize("script", [make_commands, make_python_api], ids=lambda script: script.__name__)
def test_the_page_is_what_the_script_writes(script: ModuleType) -> None:
    page = script.PAGE.read_text(encoding="utf-8")
    assert page == script.renewed(page), f"python docs/{script.__name__}.py"


def test_every_command_and_option_is_there() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        (section,) = re.findall(
            rf"^## celoss {command.replace('-', ' ')}\n(.*?)(?=^## |^<!--)", page, re.DOTALL | re.MULTILINE
        )
        shown = subprocess.run(
            [sys.executable, "-m", "celoss_cli", *command.split("-"), "--help"],
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
    for name, text in make_schemas.generated().items():
        assert (make_schemas.DIRECTORY / name).read_text(encoding="utf-8") == text, "python docs/make_schemas.py"


@pytest.mark.parametrize("name", make_pictures.THEMES)
def test_a_picture_shows_what_is_printed(name: str) -> None:
    (shown,) = [
        block.lines[1:]
        for block in fenced_blocks(README.read_text(encoding="utf-8"))
        if block.language == "console" and block.lines[0] == f"$ {make_pictures.COMMAND}"
    ]
    assert text_of(make_pictures.DIRECTORY / name) == tidy("\n".join(shown))


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


class Documented(NamedTuple):
    """A class whose attributes say what they mean."""

    one: int
    """It is ``1``,
    in two lines."""
    two: int
    three: str = ""
    """A text."""


def test_the_meaning_of_an_attribute_is_what_stands_below_it() -> None:
    assert meanings(Documented) == {"one": "It is `1`, in two lines.", "three": "A text."}
