"""Slices as they are shown: the worst first, cut short in words, and nothing in a name is markup or a formula."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from celoss_cli.render.evaluation.table import render as table
from celoss_cli.render.show import Form
from celoss_cli.results.evaluation import Check, Evaluation, Skipped, SliceResult, Verdict
from rendering import render

HOSTILE = ["=1+1", "a|b`c", "\x1b[31mred", "<script>", "@team", "two\nlines", " edges ", ""]


def part(column: str, value: str | None, mean: float | None, scored: int = 3) -> SliceResult:
    error = None if mean is None else 0.01
    return SliceResult(column, value, scored, scored, float(scored), mean, error, 0.1, 0, 0.5)


@pytest.fixture
def sliced(build: Any) -> Evaluation:
    parts = [part("region", "low", 0.1), part("region", None, float("inf")), part("region", "gone", None, 0)]
    parts += [part("region", "high", 0.9), *(part("name", name, 0.2 + i / 10) for i, name in enumerate(HOSTILE))]
    evaluation: Evaluation = build()._replace(slices=tuple(parts))
    return evaluation


def test_the_worst_slice_stands_first_in_every_form(sliced: Evaluation) -> None:
    for form in (Form.TABLE, Form.MARKDOWN):
        text = render(sliced, form)
        section = text[text.index("By region" if form is Form.TABLE else "By `region`") :]
        places = [section.index(name) for name in ("(missing)", "high", "low", "gone")]
        assert places == sorted(places)
    rows = [row for row in csv.DictReader(io.StringIO(render(sliced, Form.CSV))) if row["slice"] == "region"]
    assert [row["value"] for row in rows] == ["", "high", "low", "gone"]
    assert [row["mean_loss"] for row in rows] == ["inf", "0.9", "0.1", ""]
    assert [row["count"] for row in rows] == ["3", "3", "3", "0"]


def test_json_keeps_the_order_of_the_values(sliced: Evaluation) -> None:
    document = json.loads(render(sliced, Form.JSON))
    assert [row["value"] for row in document["slices"]][:4] == ["low", None, "gone", "high"]
    assert document["slices"][1]["mean_loss"] == "inf"
    assert document["slices"][2]["mean_loss"] is None


@pytest.mark.parametrize("width", [20, 40, 80, None])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_names_from_files_do_no_harm(sliced: Evaluation, width: int | None, encoding: str) -> None:
    shown = table(sliced, width=width, encoding=encoding)
    shown.encode(encoding)
    assert "\x1b" not in shown
    assert "two\\nlines" in shown.replace("\n", "").replace(" ", "") or width == 20
    markdown = render(sliced, Form.MARKDOWN)
    assert "\x1b" not in markdown
    assert "| `<script>` |" in markdown
    rows = [row for row in csv.DictReader(io.StringIO(render(sliced, Form.CSV))) if row["slice"] == "name"]
    assert "'=1+1" in [row["value"] for row in rows]
    assert "'@team" in [row["value"] for row in rows]


def test_many_slices_are_cut_short_in_words(build: Any) -> None:
    many = build()._replace(slices=tuple(part("key", f"k{i}", i / 1000) for i in range(1000)))
    text, markdown = render(many, Form.TABLE), render(many, Form.MARKDOWN)
    assert "By key: the 20 with the largest loss" in text
    assert "… 980 more; --format json has all" in text
    assert "The 20 with the largest loss; 980 more." in markdown
    assert "k999" in text
    assert "k979" not in text
    assert len(render(many, Form.CSV).splitlines()) == 1001 + len(many.per_class)


def test_checks_say_of_what_they_are(build: Any) -> None:
    checks = (
        Check("max_class_loss", 0.32831, 0.3283, True, "a|b"),
        Check("max_slice_loss", 0.3283, 0.32831, False, "region=<b>\n"),
        Check("min_rows", 7.0, 6, False),
        Check("min_accuracy", 0.9, float("nan"), False),
        Check("max_infinite", 0.0, 1234, False),
        Check("max_regression", 0.01, 0.010000001, False),
    )
    skipped = tuple(Skipped("max_slice_loss", f"region=r{i}", i) for i in range(12))
    judged = build()._replace(verdict=Verdict(False, checks, skipped))
    text = table(judged)
    for line in (
        "PASS  mean loss 0.328300 of class a|b is within the limit of 0.32831 (--max-class-loss)",
        "FAIL  mean loss 0.328310 of region=<b>\\n is above the limit of 0.3283 (--max-slice-loss)",
        "FAIL  number of rows scored 6 is below the limit of 7 (--min-rows)",
        "FAIL  there is no accuracy here, and what is missing never passes; the limit is 0.9 (--min-accuracy)",
        "FAIL  number of rows with infinite loss 1,234 is above the limit of 0 (--max-infinite)",
        "FAIL  difference from the baseline 0.010000001 is above the limit of 0.01 (--max-regression)",
        "NOT JUDGED  12 slices with fewer rows than --slice-min-rows: region=r0 (0 rows), region=r1 (1 row)",
    ):
        assert line in text
    assert "and 2 more" in text
    assert r"region=\<b\>\\n" in render(judged, Form.MARKDOWN)
