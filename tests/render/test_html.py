"""The HTML is one file that needs nothing else, and says what the table says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from celoss_cli.render.evaluation.page import FILE, outline_of
from celoss_cli.render.forms import html
from celoss_cli.results.evaluation import Check, Evaluation, Verdict

VOID = {"meta", "br", "hr", "img", "link", "input", "!doctype"}


class _Checked(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def _words(evaluation: Evaluation) -> str:
    reader = _Checked()
    reader.feed(html.render(outline_of(evaluation, FILE)))
    reader.close()
    assert reader.open == []
    return reader.words


def test_every_element_is_closed(sample: tuple[str, Evaluation]) -> None:
    _words(sample[1])


def test_it_needs_nothing_else(sample: tuple[str, Evaluation]) -> None:
    text = html.render(outline_of(sample[1], FILE))
    assert not re.search(r"<(script|link|img|iframe|object)|<[^>]*(src|href)=|url\(|@import", text)
    assert "default-src 'none'" in text
    assert 'charset="utf-8"' in text.split("<title>")[0]
    assert "color-scheme:light dark" in text
    assert text.isprintable() or not re.search(r"[\x00-\x09\x0b-\x1f]", text)


def test_it_is_small(samples: dict[str, Evaluation]) -> None:
    assert len(html.render(outline_of(samples["abc"], FILE)).encode()) < 10_000
    assert len(html.render(outline_of(samples["many"], FILE)).encode()) < 400_000


def test_it_says_what_the_table_says(samples: dict[str, Evaluation]) -> None:
    words = _words(samples["infinite"])
    for part in (
        "Cross-entropy inf nats: FAIL",
        "img-204113",
        "ferret",
        "guessed",
        "5,000",
        "clip_would_give",
        "38.25",
    ):
        assert (part in words) is (part != "5,000")
    assert "mean loss inf is not finite, which never passes; the limit is 0.5 (--max-loss)" in words
    many = _words(samples["many"])
    assert many.count("a fairly long synset name") == 1000


@pytest.mark.parametrize(("passed", "tone"), [(True, "good"), (False, "bad")])
def test_the_verdict_has_its_colour(build: Any, passed: bool, tone: str) -> None:
    checked = build(verdict=Verdict(passed, (Check("max_loss", 0.5 if passed else 0.1, build().loss.mean, passed),)))
    text = html.render(outline_of(checked, FILE))
    assert f'<h1 class="{tone}">Cross-entropy 0.424458 nats: {"PASS" if passed else "FAIL"}</h1>' in text


def test_failed_checks_come_first_and_none_is_lost_unsaid(build: Any) -> None:
    checks = tuple(
        Check("max_class_loss", 0.5, 0.6 if k % 400 == 399 else 0.1, k % 400 != 399, f"c{k}") for k in range(1200)
    )
    page = outline_of(build()._replace(verdict=Verdict(False, checks)), FILE)
    (_, items, *_) = page.sections[0].blocks
    lines = ["".join(sentence.line) for sentence in items.sentences]  # type: ignore[union-attr]
    assert [line.startswith("FAIL") for line in lines] == [True] * 3 + [False] * 998
    assert lines[-1] == "200 more checks, of which 0 failed"
