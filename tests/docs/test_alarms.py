"""docs/explanation/alarms.md has a row for each alarm there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from celoss_cli.alarms import rule
from celoss_cli.inspection.runners_up import ABOUT
from celoss_cli.state import sample

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "explanation" / "alarms.md").read_text(encoding="utf-8")
SOURCES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/celoss_cli/alarms").glob("[a-z]*.py"))


CODES = {*re.findall(r'"([a-z]+(?:_[a-z]+)+)"', SOURCES)}


def test_every_alarm_has_its_row() -> None:
    assert {*re.findall(r"^\| `(\w+)` \|", PAGE, re.M)} == CODES


def test_every_alarm_is_about_a_decision_that_inspect_shows() -> None:
    assert set(ABOUT) == CODES


def test_the_numbers_of_the_rule_are_those_of_the_code() -> None:
    assert f"≥ {rule.EVIDENCE:g} + ln M" in PAGE
    assert f"≥ {rule.SKILL:g} · *prior*" in PAGE
    assert f"up to {sample.MOST_ROWS:,}" in PAGE
    assert f"({sample.most_rows(1000)} of 1,000 classes)" in PAGE
    assert sample.most_rows(65) == sample.MOST_ROWS > sample.most_rows(66)
