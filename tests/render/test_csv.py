"""The per-class CSV reads back exactly, and no cell runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.evaluation import Evaluation
from celoss_cli.render import Form, render
from celoss_cli.render.csv import HEADER, neutral


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


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx", "\rx", "-1+1", "=", "-"])
def test_formulas_are_neutralised(name: str) -> None:
    assert neutral(name) == f"'{name}"


@pytest.mark.parametrize("name", ["-1", "+1", "-1.5e-3", "-.5", "1", "a=b", "", "spam", "'"])
def test_numbers_and_plain_names_stay(name: str) -> None:
    assert neutral(name) == name


@given(st.text(st.characters()))
def test_any_name_can_be_written(name: str) -> None:
    neutral(name).encode()
