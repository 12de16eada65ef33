"""The tables of docs/explanation/reading-the-loss.md are computed again."""

from __future__ import annotations

import math
import re

from docs.pages import ROOT

TEXT = (ROOT / "docs" / "explanation" / "reading-the-loss.md").read_text(encoding="utf-8")


def table(first_heading: str) -> list[list[float]]:
    """The numbers of the table whose first column has this heading."""
    found = re.search(rf"^\| {re.escape(first_heading)} \|.*\n\|[-:| ]+\|\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    assert found is not None, f"no table begins with {first_heading}"
    return [[float(cell.strip().rstrip(" %")) for cell in line.strip("|").split("|")] for line in found[1].splitlines()]


def test_losses_bits_and_probabilities() -> None:
    for nats, bits, percent in table("loss, nats"):
        assert round(nats / math.log(2), 3) == bits
        assert round(100 * math.exp(-nats), 1) == percent


def test_uniform_guesses() -> None:
    for classes, nats, bits in table("classes"):
        assert round(math.log(classes), 3) == nats
        assert round(math.log2(classes), 3) == bits
