"""The JSON is valid whatever the numbers and the names are, and holds every digit."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.render.forms import error as error_document
from celoss_cli.render.forms.json import dump
from celoss_cli.render.show import Form
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import ClassResult, Evaluation
from rendering import render

NAMES = st.text(st.characters(), max_size=20)  # surrogates and controls too


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def _read(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse)


@given(value=st.floats(), name=NAMES, encoding=st.sampled_from(["utf-8", "ascii", "cp1252"]))
def test_any_number_and_any_name_is_valid_json(value: float, name: str, encoding: str) -> None:
    text = dump({"value": value, "names": [name], "nested": {"values": (value, None, True)}}, encoding=encoding)

    document = _read(text.encode(encoding).decode(encoding))

    found = float(document["value"])
    assert found == value or (math.isnan(found) and math.isnan(value))
    assert isinstance(document["value"], float) == math.isfinite(value)
    assert document["names"] == [name]


def test_the_document_is_the_contract(samples: dict[str, Evaluation]) -> None:
    document = _read(render(samples["infinite"], Form.JSON))

    assert list(document) == [
        "schema", "schema_version", "celoss_version", "inputs", "spec", "loss", "counts", "baselines", "metrics",
        "per_class", "worst", "warnings", "slices", "convention", "baseline", "tags", "digest", "clusters",
        "verdict",
    ]  # fmt: skip
    assert document["schema"] == "celoss.evaluation"
    assert document["loss"]["mean"] == "inf"
    assert document["loss"]["log_likelihood"] == "-inf"
    assert document["per_class"][0]["loss_share"] == "nan"
    assert document["per_class"][2]["mean_loss"] is None
    assert document["verdict"] == {
        "passed": False,
        "checks": [{"name": "max_loss", "limit": 0.5, "value": "inf", "passed": False, "subject": None}],
        "skipped": [],
    }


def test_full_precision(build: Any) -> None:
    abc: Evaluation = build()
    assert _read(render(abc, Form.JSON))["loss"]["mean"] == abc.loss.mean


@pytest.mark.parametrize("form", [Form.JSON, Form.CSV, Form.MARKDOWN, Form.TABLE, Form.QUIET])
@given(value=st.floats(min_value=0), name=NAMES)
def test_no_form_fails_on_any_number_or_name(form: Form, value: float, name: str) -> None:
    evaluation = _with(value, name)
    render(evaluation, form).encode()
    render(evaluation, form, encoding="ascii").encode("ascii")


def _with(value: float, name: str) -> Evaluation:
    from celoss_cli.request import InputKind, Task
    from celoss_cli.results.evaluation import Baselines, Counts, DenominatorUsed, Input, Inputs, Loss, Metrics, WorstRow
    from celoss_cli.spec import Columns, Decision, How, Spec

    return Evaluation(
        celoss_version="0",
        inputs=Inputs(Input(name, name, 2), Input(name, name, 2)),
        spec=Spec(Task.BINARY, InputKind.PROBS, (name, name), name, Columns((name,), name), (
            Decision(name, name, How.DETECTED, name, name, True),
        )),
        loss=Loss(value, value, value, (-value, value), "bits", value, -value, DenominatorUsed("count", value)),
        counts=Counts(2, 2, 0, 1, 0),
        baselines=Baselines(value, value, 1 - value),
        metrics=Metrics(value, value, value),
        per_class=(ClassResult(name, 2, value, value, value, value), ClassResult(name, 0, 1.0, None, None, None)),
        worst=(WorstRow(0, name, name, value, math.exp(-value), name, 1.0),),
        warnings=(Notice(name, name),),
    )  # fmt: skip


def test_error_document() -> None:
    error = UnreadableFile(
        "ends in the middle of a row", code="truncated", where=Where("a.csv", row=7, line=9), hint="save it again"
    )

    assert _read(error_document.render(error, version="0.1.0")) == {
        "schema": "celoss.error",
        "schema_version": "1.0",
        "celoss_version": "0.1.0",
        "error": {
            "code": "truncated",
            "message": "ends in the middle of a row",
            "where": {"path": "a.csv", "row": 7, "line": 9, "column": None},
            "hint": "save it again",
            "exit_code": 3,
        },
    }
    nowhere = UnreadableFile(error.message, code=error.code)
    assert _read(error_document.render(nowhere, version="0.1.0"))["error"]["where"] is None
