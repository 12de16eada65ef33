"""The Markdown fits a comment, and nothing from a file becomes markup, a link or a mention."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.render.forms.markdown import code, prose
from celoss_cli.render.show import Form
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import ClassResult, Evaluation
from rendering import render

GITHUB_COMMENT = 65_536


@pytest.mark.parametrize("name", ["a|b", "`", "``a`b``", "a\\|b", "|`|", "<b>|", "*|*"])
def test_a_name_never_ends_its_cell(name: str) -> None:
    shown = code(name)
    assert "|" not in shown
    assert shown.count("`") in (0, 2)


@given(st.text(st.characters()))
def test_any_name_stays_in_its_code(name: str) -> None:
    shown = code(name)
    assert "\n" not in shown
    assert "|" not in shown
    inner = shown.removeprefix("`").removesuffix("`") if shown.startswith("`") else shown[6:-7]
    assert "`" not in inner
    if shown.startswith("<code>"):
        assert "<" not in inner


def test_prose_mentions_nobody() -> None:
    assert prose("@team <b> [x](y) a|b a_b") == r"@<!-- -->team \<b\> \[x\](y) a\|b a\_b"


def test_the_headline_has_the_loss_and_the_verdict(samples: dict[str, Evaluation]) -> None:
    assert render(samples["infinite"], Form.MARKDOWN).startswith("### Cross-entropy inf nats: FAIL\n")
    assert render(samples["many"], Form.MARKDOWN).startswith("### Cross-entropy 11.2500 bits: PASS\n")
    assert render(samples["abc"], Form.MARKDOWN).startswith("### Cross-entropy 0.424458 nats\n")


def test_every_table_row_has_the_cells_of_its_header(sample: tuple[str, Evaluation]) -> None:
    cells = 0
    for line in render(sample[1], Form.MARKDOWN).splitlines():
        bars = line.replace(r"\|", "").count("|") if line.startswith("|") else 0
        assert cells in (0, bars) or bars == 0
        cells = bars


def test_it_fits_a_comment_whatever_the_file_holds(build: Any) -> None:
    abc = build()
    name = "`|" * 5000
    evaluation = abc._replace(
        per_class=tuple(ClassResult(name, 1, 1.0, 0.1, 0.001, None) for _ in range(1000)),
        worst=tuple(abc.worst[0]._replace(label=name, predicted=name) for _ in range(1000)),
        warnings=tuple(Notice("x", name) for _ in range(1000)),
        spec=abc.spec._replace(decisions=abc.spec.decisions * 100),
    )
    assert len(render(evaluation, Form.MARKDOWN)) < GITHUB_COMMENT
