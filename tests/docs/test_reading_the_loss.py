"""docs/reading-the-loss.md is run like README.md (see test_readme.py), and its tables are computed again.

To renew what it shows after a change in the program::

    CELOSS_RENEW_README=1 pytest tests/docs
"""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import pytest

from docs.test_readme import ROOT, Block, fenced_blocks, link_checkout, portable, renewed, run, session

PAGE = ROOT / "docs" / "reading-the-loss.md"

if os.environ.get("CELOSS_RENEW_README") == "1":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

TEXT = PAGE.read_text(encoding="utf-8")
SESSIONS = tuple(block for block in fenced_blocks(TEXT) if block.language == "console")


def table(first_heading: str) -> list[list[float]]:
    """The numbers of the table whose first column has this heading."""
    found = re.search(rf"^\| {re.escape(first_heading)} \|.*\n\|[-:| ]+\|\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    assert found is not None, f"no table begins with {first_heading}"
    return [[float(cell.strip().rstrip(" %")) for cell in line.strip("|").split("|")] for line in found[1].splitlines()]


def test_there_are_sessions() -> None:
    assert SESSIONS


@pytest.mark.parametrize("block", SESSIONS, ids=lambda block: f"line{block.line}")
def test_commands_print_what_is_shown(block: Block, tmp_path: Path) -> None:
    link_checkout(tmp_path)
    for step in session(block):
        printed = run(step.command, tmp_path)
        assert portable(printed) == portable(step.shown), f"{PAGE.name}, block at line {block.line}: $ {step.command}"


def test_losses_bits_and_probabilities() -> None:
    for nats, bits, percent in table("loss, nats"):
        assert round(nats / math.log(2), 3) == bits
        assert round(100 * math.exp(-nats), 1) == percent


def test_uniform_guesses() -> None:
    for classes, nats, bits in table("classes"):
        assert round(math.log(classes), 3) == nats
        assert round(math.log2(classes), 3) == bits
