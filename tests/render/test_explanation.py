"""The explanation as a page: whole lines, marks where a number was expected, nothing lost on a narrow terminal."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from celoss_cli.api.functions import explain
from celoss_cli.render.explanation import ExplanationReport, render
from celoss_cli.render.show import Form, show
from celoss_cli.results.explanation import Explanation


@pytest.fixture(scope="module")
def explanation() -> Explanation:
    return explain(np.array([0.1, 0.9, 0.0]), np.array([0, 1, 1]), input="probs", expect="12.0848")


def test_one_line_a_convention(explanation: Explanation) -> None:
    lines = render(explanation).splitlines()
    for result in explanation.conventions:
        (line,) = [line for line in lines if line.strip(" ✓").startswith(f"{result.name} ") and result.cause in line]
        assert line.lstrip().startswith("✓") is bool(result.matches_expected)


def test_what_gives_the_number(explanation: Explanation) -> None:
    text = render(explanation)
    assert "12.0848 is" in text
    assert "sklearn (scikit-learn ≥ 1.5 log_loss), 12.084791" in text
    none = render(explain(np.array([0.1, 0.9]), np.array([0, 1]), input="probs", expect="9"))
    assert "no convention gives this number" in none
    assert "the nearest is " in none


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_nothing_is_lost_at_any_width(explanation: Explanation, width: int) -> None:
    text = render(explanation, width=width)
    words = text.split()
    for result in explanation.conventions:
        folded = "".join(text.split())
        assert result.name in folded
        assert "".join(result.cause.split()) in folded or all(word in words for word in result.cause.split())


def test_ascii(explanation: Explanation) -> None:
    text = render(explanation, encoding="ascii")
    assert text.isascii()
    assert "* sklearn" in text


def test_colour_only_where_asked(explanation: Explanation) -> None:
    assert "\x1b" not in render(explanation)
    assert "\x1b" in render(explanation, color=True)


def test_streams(explanation: Explanation) -> None:
    page, document = io.StringIO(), io.StringIO()
    show(ExplanationReport(explanation), Form.TABLE, page)
    show(ExplanationReport(explanation), Form.JSON, document)
    assert page.getvalue() == render(explanation)
    assert json.loads(document.getvalue())["conventions"][0]["mean"] == "inf"
