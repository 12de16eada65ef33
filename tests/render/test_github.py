"""The runner obeys our annotations, and nothing that a file has put into a line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.render.evaluation.findings import findings_of
from celoss_cli.render.forms import github
from celoss_cli.render.text import harmless
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import Check, Verdict
from github_runner import commands_in


def _failed(count: int) -> Verdict:
    return Verdict(False, tuple(Check("max_class_loss", 0.5, 0.9, False, f"c{k}") for k in range(count)))


def test_one_error_a_failed_check(build: Any) -> None:
    verdict = Verdict(
        False, (Check("max_loss", 0.5, 0.4, True), Check("max_class_loss", 0.1, 0.9, False, "a,b: 5%", "a,b: 5%"))
    )
    (line,) = github.annotations_of(findings_of(build(verdict=verdict)))
    assert line.startswith("::error title=celoss%3A max_class_loss[a%2Cb%3A 5%25]::")
    (command,) = commands_in(line)
    assert command.properties == {"title": "celoss: max_class_loss[a,b: 5%]"}
    assert "0.9" in command.data
    assert command.data.endswith("[predictions.csv, labels.csv]")


@pytest.mark.parametrize(("failed", "shown"), [(0, 0), (1, 1), (10, 10), (11, 10), (1000, 10)])
def test_no_more_than_are_shown_and_the_rest_is_said(build: Any, failed: int, shown: int) -> None:
    lines = github.annotations_of(findings_of(build(verdict=_failed(failed))))
    assert len(lines) == shown
    if failed > shown:
        assert f"{failed - 9} more limits are not met" in lines[-1]


def test_warnings_are_bounded_by_themselves(build: Any) -> None:
    notices = tuple(Notice(f"code_{k}", "something") for k in range(30))
    lines = github.annotations_of(findings_of(build(verdict=_failed(30))._replace(warnings=notices)))
    assert [command.name for command in commands_in("\n".join(lines))] == ["error"] * 10 + ["warning"] * 10


@given(st.text(st.characters()), st.text(st.characters()))
def test_an_annotation_is_one_command_and_reads_back(title: str, message: str) -> None:
    line = github.annotation("error", title, message)
    assert len(line.splitlines()) == 1
    (command,) = commands_in(line)
    assert command.name == "error"
    assert command.properties.keys() <= {"title"}
    assert len(line) < 20_000


def test_a_message_is_bounded() -> None:
    (command,) = commands_in(github.annotation("error", "%" * 10_000, "\n" * 1_000_000))
    assert len(command.data) == 2000
    assert len(command.properties["title"]) == 150


TRICKS = [
    *("::error::x", "  ::error::x", "\t\u3000::set-output name=a::b", "\ufeff::error::x", "a\r::error::x"),
    *("a\n::error::x", "\r\n ::stop-commands::t", "x ##[error]y", "###[error]y", "##[add-mask]a ##[add-mask]b"),
    "::::error::",
]


@pytest.mark.parametrize("text", TRICKS)
def test_tricks_are_harmless(text: str) -> None:
    assert commands_in(harmless(text)) == []


@pytest.mark.parametrize("text", ["a::b", "1 :: 2", "# [x]", "## [x]", ":x", "C::D::E", "##x[", ""])
def test_what_commands_nothing_stays(text: str) -> None:
    assert harmless(text) == text


@given(st.text(st.sampled_from(list(":#[]\r\n \u3000aerorx\ufeff")) | st.characters()))
def test_no_text_is_a_command(text: str) -> None:
    assert commands_in(harmless(f"{text}::error::x\n{text}##[error]x")) == []
