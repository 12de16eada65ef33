"""The per-class CSV reads back exactly, and no cell runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.outputs.spreadsheet import SUSPECT_BYTES, neutral
from celoss_cli.render.evaluation import csv as csv_module
from celoss_cli.render.evaluation.csv import HEADER
from celoss_cli.render.show import Form
from celoss_cli.results.evaluation import Evaluation
from rendering import render, show


def test_it_reads_back_exactly(samples: dict[str, Evaluation]) -> None:
    for evaluation in samples.values():
        header, *rows = csv.reader(io.StringIO(render(evaluation, Form.CSV), newline=""))
        assert tuple(header) == HEADER == ("class", "count", "weight", "mean_loss", "loss_share", "recall")
        assert len(rows) == len(evaluation.per_class)
        for row, result in zip(rows, evaluation.per_class, strict=True):
            values = (result.weight, result.mean_loss, result.loss_share, result.recall)
            assert int(row[1]) == result.count
            for cell, value in zip(row[2:], values, strict=True):
                assert cell == "" if value is None else float(cell) == value or math.isnan(value)


@pytest.mark.parametrize(
    "name", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx", "\rx", "-1+1", "=", "-", " =1", "\u3000=1", "＝1", "\nx"]
)
def test_formulas_are_neutralised(name: str) -> None:
    assert neutral(name) == f"'{name}"


@pytest.mark.parametrize("name", ["-1", "+1", "-1.5e-3", "-.5", "1", "a=b", "", "spam", "'"])
def test_numbers_and_plain_names_stay(name: str) -> None:
    assert neutral(name) == name


@given(st.text(st.characters()) | st.text("=+-@ \t\r\n\x0b\x1c\x85\xa0\u1680\u2003\u3000＝1e.'"))
def test_what_is_changed_begins_with_a_suspect_byte(name: str) -> None:
    if neutral(name) != name:
        assert neutral(name) == f"'{name}"
        assert name.encode("utf-8", "surrogatepass")[0] in SUSPECT_BYTES


@pytest.mark.parametrize("name", ["a\rb", "\r=1", "a\nb", 'a"b', "a,b", "\r\n"])
def test_no_cell_ends_its_row(build: Any, name: str) -> None:
    abc = build()
    text = render(abc._replace(per_class=(abc.per_class[0]._replace(class_=name),)), Form.CSV)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [len(row) for row in rows] == [6, 6]
    assert rows[1][0] == neutral(name)


def test_a_terminal_gets_no_control_characters(build: Any) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    abc = build()
    evaluation = abc._replace(per_class=(abc.per_class[0]._replace(class_="\x1b[31mred\x9b"),))
    terminal, pipe = Terminal(), io.StringIO()
    show(evaluation, Form.CSV, terminal)
    show(evaluation, Form.CSV, pipe)
    assert "\\x1b[31mred\\x9b,3," in terminal.getvalue()
    assert "\x1b[31mred\x9b,3," in pipe.getvalue(), "a file has what the file had"


@given(st.text(st.characters()))
def test_any_name_can_be_written(name: str) -> None:
    csv_module.written([[name]]).encode()
