"""The same rows under every convention: means, causes in words, and what reproduces a number."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import celoss_cli
from celoss_cli.api.functions import evaluate, explain
from celoss_cli.conventions.libraries import CONVENTIONS
from celoss_cli.errors import InvalidScores, UsageError
from celoss_cli.request import ReadOptions, Request
from celoss_cli.results.explanation import ConventionResult, Explanation
from celoss_cli.summary.conventions import read_expected, reproduces
from celoss_cli.tables.inputs import open_input
from celoss_cli.tables.source import Table

Z = np.array([0.1, 0.9, 0.0, 0.3, 1.0])
Y = np.array([0, 1, 1, 0, 1])
ROWS = np.array([[0.7, 0.2, 0.1], [0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.2, 0.3, 0.4]])
CLASSES = np.array([0, 1, 2, 2])


def row(explanation: Explanation, name: str) -> ConventionResult:
    return next(result for result in explanation.conventions if result.name == name)


@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize(("p", "y"), [(Z, Y), (ROWS, CLASSES), (np.array([0.2, 0.6]), np.array([0, 1]))])
def test_each_mean_is_that_of_the_evaluation_under_it(p: np.ndarray, y: np.ndarray, kind: str) -> None:
    explanation = explain(p.astype(kind), y, input="probs")
    followed = {library.name for library in CONVENTIONS if library.preset}
    for result in explanation.conventions:
        if result.name in followed:
            loss = evaluate(p.astype(kind), y, input="probs", compat=result.name).loss
            assert (result.mean, result.unit) == (loss.mean, loss.unit)


@pytest.mark.parametrize("weight", [None, [1, 2, 3], "balanced"])
def test_the_same_under_weights(weight: Any) -> None:
    frame = pd.DataFrame(ROWS, columns=["0", "1", "2"]).assign(y=CLASSES, w=[1.0, 2.0, 0.5, 0.0])
    options: dict[str, Any] = {
        "label": "y", "pred": ["0", "1", "2"], "sample_weight": "w", "class_weight": weight, "input": "probs",
    }  # fmt: skip
    explanation = explain(frame, **options)
    for name in ("exact", "sklearn", "keras", "mljar", "lightgbm"):
        assert row(explanation, name).mean == evaluate(frame, compat=name, **options).loss.mean
    assert "instead of the sum of weights" in row(explanation, "keras").cause
    assert "weights" not in row(explanation, "sklearn").cause


def test_on_logits_the_softmax_comes_first() -> None:
    logits = np.array([[1000.0, 0.0, 1.0], [1.0, 2.0, 3.0]])
    explanation = explain(logits, np.array([1, 2]), input="logits")
    assert row(explanation, "exact").mean == pytest.approx(500.0 + math.log(1 + math.exp(-1) + math.exp(-2)) / 2)
    for exact in ("torch", "catboost"):
        assert row(explanation, exact).cause == "the same"
    sklearn = row(explanation, "sklearn")
    assert sklearn.cause == "1 row at probability 0 counts as 36.04: clipped to 2.2e-16 (float64 eps)"
    assert sklearn.mean == evaluate(logits, np.array([1, 2]), input="logits", compat="sklearn").loss.mean


def test_causes_in_words_with_counts() -> None:
    explanation = explain(Z, Y, input="probs")
    assert row(explanation, "exact").cause == "nothing clipped, nothing renormalised; 1 row at probability 0 costs inf"
    clipped = "1 row at probability 0 counts as 36.04: clipped to 2.2e-16 (float64 eps)"
    assert row(explanation, "sklearn").cause == clipped
    assert row(explanation, "torch").cause == "1 row at probability 0 counts as 100: no log term below −100"
    assert row(explanation, "lightgbm").cause == "1 row at probability 0 counts as 34.54: clipped to 1e-15 (float32)"
    assert row(explanation, "perf").cause == "1 row at probability 0 counts as 9e99: a constant; log2"
    assert row(explanation, "autogluon").cause.endswith("; the negative")
    assert row(explanation, "catboost").cause == "the same"
    assert "1 row above 1 − 1e-06 counts as that" in row(explanation, "mljar-1.1").cause
    float32 = explain(Z.astype(np.float32), Y, input="probs")
    assert "(float32 eps)" in row(float32, "sklearn").cause


def test_keras_costs_differ_on_the_two_sides() -> None:
    explanation = explain(np.array([0.0, 1.0, 0.5]), np.array([1, 0, 1]), input="probs")
    assert "2 rows at probability 0 count as 15.94 to 16.12" in row(explanation, "keras").cause


def test_renormalised_rows_and_class_means() -> None:
    explanation = explain(ROWS, CLASSES, input="probs")
    assert "1 row renormalised" in row(explanation, "kaggle").cause
    assert "renormalised" not in row(explanation, "spark").cause
    assert row(explanation, "bigquery").cause == "the mean of 3 class means"


def test_what_is_the_same_is_said_to_be() -> None:
    explanation = explain(np.array([0.1, 0.9, 0.4]), np.array([0, 1, 1]), input="probs")
    assert row(explanation, "catboost").cause == "the same"
    assert row(explanation, "catboost").difference == 0.0
    assert row(explanation, "sklearn").cause == "the same but for rounding"  # 1 − 0.1 is rounded
    assert row(explanation, "xgboost").cause == "the same but for rounding to float32"
    assert row(explanation, "torch").cause == "the same"
    assert row(explanation, "perf").cause == "log2"


def test_the_exact_row_comes_first_and_the_differences_are_from_it() -> None:
    explanation = explain(np.array([0.1, 0.9, 0.4]), np.array([0, 1, 1]), input="probs")
    exact = explanation.conventions[0]
    assert (exact.name, exact.difference) == ("exact", 0.0)
    for result in explanation.conventions:
        assert result.difference == result.mean - exact.mean
        assert result.matches_expected is None
    assert explanation.expected is None
    assert [result.difference for result in explain(Z, Y, input="probs").conventions][:2] == [0.0, -math.inf]


@pytest.mark.parametrize("compat", [library.name for library in CONVENTIONS if library.preset])
@pytest.mark.parametrize("digits", [4, 6])
def test_the_number_of_a_convention_names_it(compat: str, digits: int) -> None:
    mean = evaluate(Z, Y, input="probs", compat=compat).loss.mean
    text = f"{mean:.{digits - 1}e}" if math.isfinite(mean) else "inf"
    explanation = explain(Z, Y, input="probs", expect=text)
    assert row(explanation, compat).matches_expected
    assert compat in {match.name for match in explanation.expected.matches}  # type: ignore[union-attr]


def test_every_convention_that_gives_the_number_is_named() -> None:
    explanation = explain(np.array([0.1, 0.9, 0.4]), np.array([0, 1, 1]), input="probs", expect="0.3757")
    mean = -(2 * math.log(0.9) + math.log(0.4)) / 3
    assert f"{mean:.4f}" == "0.3757"
    matched = {result.name for result in explanation.conventions if result.matches_expected}
    assert {"exact", "sklearn", "torch", "keras", "xgboost"} <= matched
    assert not matched & {"perf", "autogluon"}


@pytest.mark.parametrize(
    ("value", "how"),
    [(lambda m: -m, "the negative"), (lambda m: m / math.log(2), "in bits"), (lambda m: 3 * m, "the sum")],
)
def test_other_signs_units_and_sums_are_tried(value: Any, how: str) -> None:
    p, y = np.array([[0.9, 0.1], [0.1, 0.9], [0.6, 0.4]]), np.array([0, 1, 1])
    mean = -(2 * math.log(0.9) + math.log(0.4)) / 3
    explanation = explain(p, y, input="probs", expect=f"{value(mean):.6f}")
    found = explanation.expected
    assert found is not None
    names = {match.name for match in found.matches}
    if how == "the negative":
        assert names == {"autogluon"}  # which is what it reports
    elif how == "in bits":
        assert names == {"perf"}
    else:
        assert found.matches[0].name == "exact"
        assert {match.how for match in found.matches} == {how}
        assert not any(result.matches_expected for result in explanation.conventions)


def test_the_nearest_is_named_where_nothing_gives_the_number() -> None:
    found = explain(Z, Y, input="probs", expect=7.11).expected
    assert found is not None
    assert found.matches == ()
    assert found.nearest is not None
    assert found.nearest.name in {"spark", "lightgbm", "kaggle", "sklearn-1.1"}


@pytest.mark.parametrize(
    ("value", "text", "digits", "found"),
    [
        (0.78886, "0.7889", 15, True), (0.78884, "0.7889", 15, False),
        (0.7889, "0.789", 15, True), (0.7889, "0.788", 15, False), (0.5, "0.50", 15, True), (0.504, "0.50", 15, True),
        (0.504, "0.500", 15, False), (1234.4, "1234", 15, True), (1234.4, "1.2e3", 15, True),
        (1.26e3, "1.2e3", 15, False),
        (-0.3, "-0.30", 15, True), (-0.3, "0.30", 15, False), (math.inf, "inf", 15, True), (1.0, "inf", 15, False),
        (math.inf, "1e300", 15, False), (0.0, "0", 15, True), (0.0, "0.000", 15, True), (1e-9, "0.000", 15, True),
        (0.5108256237659907, "0.5108255743980408", 15, False), (0.5108256237659907, "0.5108255743980408", 6, True),
    ],
)  # fmt: skip
def test_to_the_digits_it_was_written_with(value: float, text: str, digits: int, found: bool) -> None:
    assert reproduces(value, read_expected(text), digits) is found


@given(value=st.floats(1e-12, 1e12), decimals=st.integers(1, 14))
def test_a_rounded_number_is_always_reproduced(value: float, decimals: int) -> None:
    assert reproduces(value, Decimal(f"{value:.{decimals}e}"))
    assert reproduces(value, Decimal(f"{value:.{decimals}f}"))


@pytest.mark.parametrize("text", ["", "abc", "nan", "0,7889", "1.2.3"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(UsageError, match="--expect"):
        read_expected(text)


def test_one_pass_for_all_conventions(monkeypatch: pytest.MonkeyPatch) -> None:
    from celoss_cli.pipeline.explain import explain as explain_files

    reads: list[int] = []

    def counted(value: Any, role: str) -> Table:
        table = open_input(ReadOptions())(value, role)
        partitions = type(table).partitions

        def watched(self: Any) -> Any:
            reads.append(1)
            return partitions(self)

        monkeypatch.setattr(type(table), "partitions", watched)
        return table

    class Meter:
        def __enter__(self) -> Meter:
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def advance(self, size: int) -> None:
            reads.append(0 * size)

    frame = pd.DataFrame({"p": Z, "y": Y})
    request = Request(frame, label=("y",), threads=1)
    explanation = explain_files(request, counted, lambda total: Meter(), "0.5")  # noqa: ARG005
    assert len(explanation.conventions) > 10
    assert sum(reads) == 1


def test_the_document() -> None:
    from celoss_cli.render.forms.json import dump

    document = json.loads(dump(explain(Z, Y, input="probs", expect="7.30").to_dict()))
    assert document["schema"] == "celoss.explanation"
    assert document["schema_version"] == "1.1"
    assert document["celoss_version"] == celoss_cli.__version__
    assert document["inputs"]["predictions"]["rows"] == 5
    assert document["spec"]["task"] == "binary"
    assert {"name", "mean", "difference", "cause", "matches_expected"} <= set(document["conventions"][0])
    assert document["conventions"][0]["mean"] == "inf"
    assert document["expected"]["text"] == "7.30"


def test_soft_and_several_labels_have_no_conventions() -> None:
    with pytest.raises(UsageError, match="one true class a row"):
        explain(np.array([0.2, 0.8]), np.array([0.3, 0.5]), input="probs")
    frame = pd.DataFrame({"a": [0.2, 0.9], "b": [0.5, 0.4], "l_a": [1, 1], "l_b": [1, 0]})
    with pytest.raises(UsageError, match="one true class a row"):
        explain(frame, pred=["a", "b"], label=["l_a", "l_b"], input="probs", task="multilabel")


@pytest.mark.parametrize(
    "options", [{"label_smoothing": 0.1}, {"pos_weight": 2.0}], ids=["label_smoothing", "pos_weight"]
)
def test_no_library_rule_with_smoothing_or_positive_weights(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="one true class a row"):
        evaluate(Z, Y, input="probs", compat="sklearn", **options)
    assert math.isfinite(evaluate(Z, Y, input="probs", compat="torch", **options).loss.mean)


def test_rows_far_from_summing_to_1_are_what_some_conventions_are_for() -> None:
    p, y = np.array([[0.2, 0.3], [0.4, 0.3], [0.1, 0.4]]), np.array([1, 0, 1])
    with pytest.raises(InvalidScores):
        evaluate(p, y)
    assert evaluate(p, y, compat="keras").loss.mean < evaluate(p, y, compat="sklearn").loss.mean
    assert "3 rows renormalised" in row(explain(p, y), "keras").cause


def test_compat_is_shown_and_what_wins_over_it_is_said() -> None:
    plain = evaluate(Z, Y, input="probs", compat="keras")
    decision = next(decision for decision in plain.spec.decisions if decision.what == "compat")
    assert decision.value == "keras"
    assert not [notice for notice in plain.warnings if notice.code == "compat_overridden"]
    assert plain.counts.clipped == 2  # the zero and the one
    won = evaluate(Z, Y, input="probs", compat="keras", clip=0.01, base=2, denominator="weights")
    notice = next(notice for notice in won.warnings if notice.code == "compat_overridden")
    assert "--clip 0.01 and --denominator weights and --base 2" in notice.message
    assert (won.loss.unit, won.loss.denominator.kind) == ("bits", "weights")
    assert won.worst[0].loss == pytest.approx(-math.log2(0.01), rel=1e-6)
    same = evaluate(Z, Y, input="probs", compat="keras", denominator="count", base="e")
    assert same.loss == plain.loss
    assert not [notice for notice in same.warnings if notice.code == "compat_overridden"]


def test_a_clip_beside_torch_wins_on_every_kind_of_input() -> None:
    expected = evaluate(Z, Y, input="probs", clip=0.05).loss.mean
    assert evaluate(Z, Y, input="probs", clip=0.05, compat="torch").loss.mean == pytest.approx(expected, rel=1e-14)
    z = np.array([40.0, -3.0])
    expected = evaluate(z, np.array([0, 1]), input="logits", clip=0.05).loss.mean
    assert evaluate(z, np.array([0, 1]), input="logits", clip=0.05, compat="torch").loss.mean == expected


def test_metrics_know_nothing_of_conventions() -> None:
    plain, keras = evaluate(ROWS, CLASSES, input="probs"), evaluate(ROWS, CLASSES, input="probs", compat="keras")
    assert plain.metrics == keras.metrics
