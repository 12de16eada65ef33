"""A column of yes and no that is called as the score is the label, unless it was predicted or is one of several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from running import mean_of_columns

N = 150
RNG = np.random.default_rng(12)
Z = RNG.normal(0.0, 1.5, N)
P = 1.0 / (1.0 + np.exp(-Z))
Y = (RNG.random(N) < P).astype(int)
LOSS = float(-np.log(np.where(Y == 1, P, 1.0 - P)).mean())


@pytest.mark.parametrize(
    ("label", "score"),
    [("fraud", "fraud_score"), ("is_fraud", "fraud_probability"), ("churned", "churn_prob"), ("click", "prob_click"),
     ("rain_observed", "rain_forecast_prob"), ("Readmission", "readmission_prob"), ("survived", "survived_proba"),
     ("fraud_flag", "model_score_fraud"), ("Default", "default_prob"), ("defaulted", "default_score")],
)  # fmt: skip
@pytest.mark.parametrize("words", [(0, 1), ("No", "Yes"), (False, True)])
def test_a_label_called_as_the_score(label: str, score: str, words: tuple[Any, Any], tmp_path: Path) -> None:
    columns = {"loan_id": [f"L{i}" for i in range(N)], label: [words[y] for y in Y], score: P,
               "amount": RNG.lognormal(3.0, 1.0, N).round(2), "tenure": RNG.integers(1, 60, N)}  # fmt: skip
    found = mean_of_columns(tmp_path, columns, "--input", "probs", "--strict")
    assert found.mean == pytest.approx(LOSS, rel=1e-12)
    assert not found.err


NO_LABELS: dict[str, dict[str, Any]] = {
    "a feature that shares a word": {"credit_card": Y, "credit_score": P},
    "what a threshold made of the score": {"fraud": (P > 0.5).astype(int), "fraud_score": P},
    "two columns of yes and no": {"fraud": Y, "fraud_score": P, "abroad": RNG.integers(0, 2, N)},
    "two scores": {"fraud": Y, "fraud_score": P, "theft_score": P[::-1]},
    "more than two values": {"fraud": RNG.integers(0, 3, N), "fraud_score": P},
    "another thing": {"rain": Y, "snow_prob": P},
}


@pytest.mark.parametrize("what", NO_LABELS)
def test_what_is_no_label_is_not_taken_for_one(what: str, tmp_path: Path) -> None:
    assert mean_of_columns(tmp_path, NO_LABELS[what]).code == 3


def test_a_name_for_the_truth_comes_first(tmp_path: Path) -> None:
    found = mean_of_columns(tmp_path, {"y_true": Y, "fraud": RNG.permutation(Y), "fraud_score": P})
    assert found.mean == pytest.approx(LOSS, rel=1e-12)


@pytest.mark.parametrize(
    "beside", [{"statistic": Z}, {"log2FoldChange": Z}, {"t": Z, "df": [20] * N}, {"estimate": Z, "std.error": P}]
)
def test_a_p_beside_what_a_test_leaves_is_its_p_value(beside: dict[str, Any], tmp_path: Path) -> None:
    found = mean_of_columns(tmp_path, {"gene": [f"g{i}" for i in range(N)], **beside, "p": P, "label": Y})
    assert (found.code, found.out) == (3, ""), found.err
    assert "--pred" in found.err
    assert mean_of_columns(tmp_path, {**beside, "p": P, "label": Y}, "--pred", "p").mean == pytest.approx(
        LOSS, rel=1e-12
    )


@pytest.mark.parametrize("name", ["padj", "adj.P.Val", "q_value", "FDR", "p_values"])
def test_adjusted_p_values_are_no_scores(name: str, tmp_path: Path) -> None:
    found = mean_of_columns(tmp_path, {"gene": [f"g{i}" for i in range(N)], name: P, "label": Y})
    assert (found.code, "its name is one for a number of statistics" in found.err) == (3, True), found.err


@pytest.mark.parametrize("beside", [{"se": P}, {"t": Z}, {"estimate": Z}, {"age": Z, "df": Z}, {}])
def test_a_p_beside_other_numbers_is_a_probability(beside: dict[str, Any], tmp_path: Path) -> None:
    found = mean_of_columns(tmp_path, {**beside, "p": P, "label": Y})
    assert found.mean == pytest.approx(LOSS, rel=1e-12)


@pytest.mark.parametrize(
    ("other", "score", "label"),
    [("fraud", "fraud_score", "label"), ("churned", "churn_prob", "target"), ("clicked", "click_prob", "y"),
     ("treatment", "propensity_score", "outcome")],
)  # fmt: skip
def test_a_score_called_after_another_column_than_the_label(other: str, score: str, label: str, tmp_path: Path) -> None:
    """Either may be the truth of it: a guess that is said, and refused by --strict."""
    unrelated = np.random.default_rng(5).integers(2, size=N)
    columns = {"id": [f"r{i}" for i in range(N)], other: Y, score: P, label: unrelated}
    assert f"column {other!r} could be the label as well" in mean_of_columns(tmp_path, columns).err
    assert mean_of_columns(tmp_path, columns, "--strict").code == 3
    assert mean_of_columns(tmp_path, columns, "--label", other, "--input", "probs", "--strict").mean == pytest.approx(
        LOSS, rel=1e-12
    )


@pytest.mark.parametrize(
    "columns",
    [{"fraud": (P > 0.5).astype(int), "fraud_score": P, "label": Y},  # what was decided by the score
     {"fraud": Y, "fraud_score": P, "label": Y},  # the same
     {"smoker": 1 - Y, "risk_prob": P, "label": Y}, {"churn": 1 - Y, "churn_prob": P, "churn_label": Y}],
)  # fmt: skip
def test_other_answers_beside_a_score_are_no_rivals(columns: dict[str, Any], tmp_path: Path) -> None:
    found = (
        mean_of_columns(tmp_path, columns, "--label", "churn_label")
        if "churn_label" in columns
        else mean_of_columns(tmp_path, columns)
    )
    assert found.mean == pytest.approx(LOSS, rel=1e-12)
    assert not found.err
