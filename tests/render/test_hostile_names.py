"""Whatever a file calls its columns, classes, rows and itself: every form parses back to the same shape, and is inert.

Each form is rendered twice, with plain names and with hostile ones, and read by a parser of that form: both must have
the same number of everything. What is read back from the hostile one must hold nothing that acts.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import junitparser
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from celoss_cli.outputs.spreadsheet import neutral
from celoss_cli.render.evaluation.findings import findings_of
from celoss_cli.render.evaluation.page import FILE, outline_of
from celoss_cli.render.evaluation.report import EvaluationReport
from celoss_cli.render.forms import github, html, junit
from celoss_cli.render.forms import metrics as openmetrics
from celoss_cli.render.forms.json import dump
from celoss_cli.render.show import Form
from celoss_cli.render.text import harmless
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import (
    BaselineUsed,
    Check,
    ClassResult,
    Evaluation,
    Input,
    Inputs,
    Skipped,
    SliceResult,
    Verdict,
    WorstRow,
)
from celoss_cli.spec import Decision, How
from github_runner import commands_in
from rendering import render

NASTY = (
    "",
    " ",
    "a|b",
    "`a``b`",
    "**b** _i_ ~~s~~ [l](http://x) ![i](http://x) http://x.yz www.x.yz",
    "@everyone #1 GH-1 owner/repo#2 &amp; $x$",
    "<script>alert(1)</script>",
    "</code></td></table><img src=x onerror=alert(1)>",
    "<!-- c --> --> ]]> <![CDATA[ x",
    "&lt;&#60;&quot;'\"",
    "\x1b[31m\x1b]0;t\x07\x9b31m",
    "\u202eabc\u2066\u200b\ufeff\u2028\u2029",
    "\x00\x01\x0b\x0c\x7f\x85\udfff\ud800\ufffe\uffff\ufdd0\U0001fffe",
    "a\n| b |\n# h\n- l\n\n---\n===",
    "\r\n::error::x\r::set-output name=a::b\n  ::stop-commands::t",
    "::add-mask::0",
    " ::set-env name=PATH::x",
    "##[set-output name=a]b ##[add-mask]c",
    "%0A::error::x%0D%25",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1",
    " =1+1",
    "＝1+1",
    "-1.5",
    '"," ;\t',
    'a="b",c="d"} 1 # x\\',
    "'#'\\\"{}",
    "# EOF",
    "..\\..//x.y",
    "x" * 500,
    "|`" * 300,
)
NAMES = st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=30), st.text("=+-@\t\r\n|`<>&:#[]\\\"'% x"))


def hostile(base: Evaluation, names: tuple[str, str, str]) -> Evaluation:
    """``base`` with ``names`` wherever a file, or the command line, gives one."""
    first, second, third = names
    decision = Decision("label", first, How.DETECTED, f"column {second!r} and {third}", "--label", True)
    checks = tuple(
        Check("max_class_loss", 0.5, value, value <= 0.5, name, name)
        for value, name in zip((0.4, 0.7, 0.9), names, strict=True)
    )
    return base._replace(
        inputs=Inputs(Input(first, "csv", 6), Input(second, "csv", 6)),
        spec=base.spec._replace(classes=names, decisions=(decision,)),
        per_class=tuple(ClassResult(name, 2, 1.0, -1.5, 0.3, None) for name in names),
        slices=tuple(SliceResult(first, value, 3, 3, 3.0, 0.4, None, 0.5, 0, None) for value in (second, third, None)),
        worst=tuple(WorstRow(row, name, name, 0.5, 0.6, name, 0.6) for row, name in enumerate(names)),
        warnings=tuple(Notice("hostile", f"{name}: column '{name}'") for name in names),
        verdict=Verdict(False, checks, tuple(Skipped("max_slice_loss", name, 1) for name in names)),
        baseline=BaselineUsed(third, 0.5, -0.1),
    )


def _json(evaluation: Evaluation) -> Any:
    text = render(evaluation, Form.JSON)
    _is_calm(text)
    found = [part["class"] for part in json.loads(text)["per_class"]]
    assert found == [_utf16(part.class_) for part in evaluation.per_class]
    assert commands_in(text) == []
    return text.count("\n")


def _utf16(text: str) -> str:
    """Two halves of a surrogate pair that meet become what they are halves of: so are strings in JSON."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _flat_metrics(evaluation: Evaluation) -> Any:
    found = json.loads(dump(EvaluationReport(evaluation).numbers()))
    assert all(isinstance(value, int | float) for value in found.values())
    return found


def _csv(evaluation: Evaluation) -> Any:
    text = render(evaluation, Form.CSV)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[0] for row in rows[1:4]] == [neutral(_escaped(part.class_)) for part in evaluation.per_class]
    for row in rows:
        for cell in row:
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) or _is_number(cell)
            assert not cell.startswith(("\t", "\r", "\n"))
    assert rows[1][3] == "-1.5", "numbers stay numbers"
    return [len(row) for row in rows]


def _escaped(text: str) -> str:
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _markdown(evaluation: Evaluation) -> Any:
    text = render(evaluation, Form.MARKDOWN)
    _is_calm(text)
    shape = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        shape.append(token.type)
        assert token.type != "html_block"
        in_code = False
        for part in token.children or ():
            assert part.type in {"text", "code_inline", "html_inline", "strong_open", "strong_close", "softbreak"}
            if part.type == "html_inline":
                assert part.content in {"<code>", "</code>", "<!-- -->"}
                in_code = part.content == "<code>" or (in_code and part.content != "</code>")
            if part.type == "text" and not in_code:
                assert not re.search(r"@\w|#\d|https?://\w|www\.\w", part.content)
    return shape


_PLACES = frozenset({"x", "x1", "x2", "cx", "width", "points"})


class _Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Where a picture puts a mark follows from how much room the longest name takes; what it is made of does not.
        self.tags.append((tag, tuple((name, value) for name, value in attrs if name not in _PLACES)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "code":
            self.names.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


def _html(evaluation: Evaluation) -> Any:
    text = html.render(outline_of(evaluation, FILE))
    _is_calm(text)
    shape = _Shape()
    shape.feed(text)
    shape.close()
    for tag, attributes in shape.tags:
        assert tag not in {"script", "img", "a", "link", "iframe", "object", "base"}
        for name, _ in attributes:
            assert not name.startswith("on")
            assert name not in {"src", "href", "style"}
    return shape.tags


def _junit(evaluation: Evaluation) -> Any:
    text = junit.render(findings_of(evaluation))
    _is_calm(text)
    root = ElementTree.fromstring(text.encode())
    (suite,) = junitparser.JUnitXml.fromroot(root)
    assert (suite.tests, suite.failures, suite.errors) == (3, 2, 0)
    cases = list(suite)
    assert all(case.result[0].text for case in cases if case.result)
    return (
        [node.tag for node in root.iter()],
        [len(case.result) for case in cases],
        [node.keys() for node in root.iter()],
    )


def _openmetrics(evaluation: Evaluation) -> Any:
    text = openmetrics.render(findings_of(evaluation))
    _is_calm(text)
    families = list(text_string_to_metric_families(text))
    for line in text.splitlines():
        cut = re.sub("#.*$", "", line)  # as GitLab reads it
        assert not cut or len(shlex.split(cut)) == 2
    return [(family.name, len(family.samples)) for family in families]


def _annotations(evaluation: Evaluation) -> Any:
    found = commands_in("\n".join(github.annotations_of(findings_of(evaluation))))
    assert all(command.properties.keys() == {"title"} for command in found)
    return [command.name for command in found]


def _terminal(evaluation: Evaluation) -> Any:
    text = render(evaluation, Form.TABLE)
    _is_calm(text)
    render(evaluation, Form.TABLE, encoding="ascii").encode("ascii")
    return text.count("\n")


def _is_calm(text: str) -> None:
    """Nothing in ``text`` moves a cursor, turns the direction of writing, hides, or cannot be encoded."""
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]", text
    )
    text.encode()


FORMS: dict[str, Callable[[Evaluation], Any]] = {
    "json": _json,
    "csv": _csv,
    "markdown": _markdown,
    "html": _html,
    "junit": _junit,
    "openmetrics": _openmetrics,
    "flat metrics": _flat_metrics,
    "annotations": _annotations,
    "terminal": _terminal,
}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.tuples(NAMES, NAMES, NAMES))
@example(names=("##[error]x", "::error::", "a\x85::error::x"))
@example(names=("a\\n", "a\n", "a\\\\n"))
def test_every_form_keeps_its_shape(build: Any, form: str, names: tuple[str, str, str]) -> None:
    plain = FORMS[form](hostile(build(), ("one", "two", "three")))
    assert FORMS[form](hostile(build(), names)) == plain


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", NASTY)
def test_no_known_trick_works(build: Any, form: str, name: str) -> None:
    plain = FORMS[form](hostile(build(), ("one", "two", "three")))
    assert FORMS[form](hostile(build(), (name, f"{name}{name}", f"{name}x"))) == plain


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, form=st.sampled_from([Form.TABLE, Form.CSV, Form.MARKDOWN, Form.JSON]))
def test_no_name_commands_a_runner(build: Any, name: str, form: Form) -> None:
    shown = render(hostile(build(), (name, f"::error::{name}", f"\n{name}##[error]")), form)
    assert commands_in(harmless(shown)) == []
