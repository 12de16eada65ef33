"""Ordinary files stay right without a flag and without a warning: the price of refusing guesses must not be paid here.

Each case is one model's output as people keep it: names, features beside the scores, classes rare or missing, models
far too sure of themselves. The loss is worked out from the numbers that the file is made from.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from celoss_cli import evaluate

ROWS = 60
ABOUT_THE_INTERVAL = {"few_rows", "no_errors_seen"}  # they never trip --strict


class Model(NamedTuple):
    """What a model said of each row, and what was true: probabilities (n, C), codes (n,)."""

    shares: Any
    codes: Any

    @property
    def loss(self) -> float:
        """The mean −ln of the probability of the truth."""
        return float(-np.log(self.shares[np.arange(len(self.codes)), self.codes]).mean())

    def logits(self, offset: float = 0.0) -> Any:
        """Logits of which the softmax are the probabilities."""
        return np.log(self.shares) + offset

    def labels(self, *names: Any) -> list[Any]:
        """The truth as these names."""
        return [names[code] for code in self.codes]


def model(classes: int = 2, *, seed: int = 5, sharp: float = 1.5, rare: float = 0.0, rows: int = ROWS) -> Model:
    """A model that is right as often as it says; ``rare`` shifts all rows towards the first class."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0.0, sharp, (rows, classes))
    z[:, 0] += rare
    shares = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    codes = (shares.cumsum(axis=1) > rng.random((rows, 1))).argmax(axis=1)
    for code in range(classes):  # each class has a row
        codes[code] = code
    return Model(shares, codes)


def too_sure(classes: int = 2) -> Model:
    """A model whose logits are three times as large as they should be."""
    honest = model(classes, seed=11)
    z = np.log(honest.shares) * 3.0
    return Model(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), honest.codes)


def features(rows: int = ROWS) -> dict[str, Any]:
    """Columns that stand beside scores in many files: numbers of every range, yes and no, words."""
    rng = np.random.default_rng(3)
    return {
        "age": rng.integers(18, 90, rows), "bmi": rng.normal(26, 4, rows).round(1),
        "ratio": rng.random(rows).round(3), "smoker": rng.integers(0, 2, rows), "x1": rng.normal(size=rows).round(3),
        "city": rng.choice(["Rome", "Oslo", "Bonn"], rows), "latency_ms": rng.normal(80, 9, rows).round(2),
    }  # fmt: skip


M2, M3, RARE, SURE2, SURE3 = model(), model(3), model(rare=3.0, seed=8), too_sure(), too_sure(3)
M4, M10 = model(4, seed=2), model(10, seed=4, rows=200)
IDS = [f"u{i:03}" for i in range(ROWS)]


def single(name: str, label: str = "y", m: Model = M2, labels: tuple[Any, Any] = (0, 1), **more: Any) -> dict[str, Any]:
    """One column of the probability of the second class."""
    return {label: m.labels(*labels), name: m.shares[:, 1], **more}


def wide(pattern: str, names: tuple[str, ...], label: str = "y", m: Model = M3, **more: Any) -> dict[str, Any]:
    """A column of probabilities for each class."""
    scores = {pattern.format(name): m.shares[:, i] for i, name in enumerate(names)}
    return {label: m.labels(*names), **scores, **more}


def logits(pattern: str, names: tuple[str, ...], m: Model = M3, **more: Any) -> dict[str, Any]:
    """A column of logits for each class."""
    scores = {pattern.format(name): m.logits(0.7)[:, i] for i, name in enumerate(names)}
    return {"label": m.labels(*names), **scores, **more}


def odds(name: str, m: Model = M2, **more: Any) -> dict[str, Any]:
    """One column of the logit of the second class."""
    return {"target": m.labels(0, 1), name: np.log(m.shares[:, 1] / m.shares[:, 0]), **more}


PETS = ("cat", "dog", "eel")
EXTRA = features()

CASES: dict[str, tuple[Model, Callable[[], dict[str, Any]]]] = {
    # one column, under the names that people give it
    **{f"single {name}": (M2, lambda name=name: single(name)) for name in (  # type: ignore[misc]  # a default
        "prob", "proba", "p", "score", "y_prob", "y_score", "pred_proba", "probability", "churn_probability",
        "prob_churn", "model_score", "p_default", "fraud_score", "predicted_probability", "pred", "prediction",
        "risk_probability", "P(y=1)", "Probability of yes", "pred_prob", "calibrated_prob")},
    "single yes": (M2, lambda: single("prob_yes", labels=("no", "yes"))),
    "single spam": (M2, lambda: single("spam", labels=("ham", "spam"))),
    "single spam with features": (M2, lambda: single("spam_prob", labels=("ham", "spam"), **EXTRA)),
    "single booleans": (M2, lambda: single("proba", "is_fraud_label", labels=(False, True)) | {}),
    "single rare": (RARE, lambda: single("prob", m=RARE)),
    "single rare features": (RARE, lambda: single("prob", "target", m=RARE, **EXTRA)),
    "single too sure": (SURE2, lambda: single("y_prob", m=SURE2)),
    "single with id": (M2, lambda: {"id": IDS, **single("score", "label")}),
    "single with features": (M2, lambda: single("score", "target", **EXTRA)),
    "single with features first": (M2, lambda: {**EXTRA, **single("prob", "y_true")}),
    "single with predicted": (M2, lambda: single("prob", "y_true", y_pred=(M2.shares[:, 1] > 0.5).astype(int))),
    "single with a late threshold": (
        M2, lambda: single("score", "truth", prediction=(M2.shares[:, 1] > 0.35).astype(int))),
    "single with yes and no features": (
        M2, lambda: single("proba", "outcome", labels=("neg", "pos"), gender=np.arange(ROWS) % 2, city=EXTRA["city"])),
    "single with text": (M2, lambda: single("score", "label", text=[f"a sentence {i}" for i in range(ROWS)])),
    "single with fold": (M2, lambda: single("prob", "y", fold=np.arange(ROWS) % 5)),
    "single with split": (M2, lambda: single("prob", "y", split=["test"] * ROWS)),
    # logits
    "logit": (M2, lambda: odds("logit")),
    "logit with features": (M2, lambda: odds("logit", **EXTRA)),
    "margin": (M2, lambda: odds("margin")),
    "decision function": (M2, lambda: odds("decision_function")),
    "raw score": (M2, lambda: odds("raw_score", age=EXTRA["age"])),
    "logits of three": (M3, lambda: logits("logit_{}", PETS)),
    "logits with features": (M3, lambda: logits("logit_{}", PETS, **EXTRA)),
    "logits behind the name": (M3, lambda: logits("{}_logit", PETS, id=IDS)),
    "logits numbered": (M3, lambda: logits("logit_{}", ("0", "1", "2"), image=IDS)),
    # a column for each class
    "wide prob_": (M3, lambda: wide("prob_{}", PETS)),
    "wide plain": (M3, lambda: wide("{}", PETS)),
    "wide plain with id": (M3, lambda: {"filename": IDS, **wide("{}", PETS, "label")}),
    "wide with features": (M3, lambda: wide("prob_{}", PETS, "species", **EXTRA)),
    "wide with predicted": (M3, lambda: wide("p_{}", PETS, y_pred=[PETS[i] for i in M3.shares.argmax(axis=1)])),
    "wide with confidence": (M3, lambda: wide("prob_{}", PETS, confidence=M3.shares.max(axis=1))),
    "wide with max_prob": (M3, lambda: wide("prob_{}", PETS, max_prob=M3.shares.max(axis=1))),
    "wide with entropy": (M3, lambda: wide("{}_prob", PETS, entropy=-(M3.shares * np.log(M3.shares)).sum(axis=1))),
    "wide too sure": (SURE3, lambda: wide("prob_{}", PETS, m=SURE3)),
    "wide ten": (M10, lambda: wide("p{}", tuple(map(str, range(10))), "digit_label", m=M10) | {}),
    "wide ten by name": (M10, lambda: wide("class_{}", tuple(map(str, range(10))), "target", m=M10)),
    "wide from 1": (M3, lambda: wide("prob_{}", ("1", "2", "3"), "target")),
    "wide codes": (M4, lambda: wide("prob_{}", ("10", "20", "100", "7"), "class", m=M4)),
    "wide with a beginning of their own": (M3, lambda: wide("prob_{}", ("class_a", "class_b", "class_c"), "label")),
    "wide Iris": (M3, lambda: wide("P ({})", ("Iris-setosa", "Iris-versicolor", "Iris-virginica"), "class")),
    "wide halves": (M2, lambda: wide("p_{}", ("1.5", "2.5"), m=M2)),
    "wide dates": (M3, lambda: wide("prob_{}", ("2024-01-01", "2024-01-02", "2024-02-01"), "truth")),
    "wide signs": (M2, lambda: wide("prob_{}", ("-1", "1"), m=M2)),
    "wide no and yes": (M2, lambda: wide("prob_{}", ("no", "yes"), m=M2, **EXTRA)),
    "wide yes and no": (M2, lambda: wide("prob_{}", ("yes", "no"), m=M2)),
    "wide false and true": (M2, lambda: {"y": M2.labels(False, True), "False": M2.shares[:, 0],
                                         "True": M2.shares[:, 1]}),
    "wide home and away": (M3, lambda: wide("p_{}", ("home", "draw", "away"), "result_label") | {}),
    "wide with two label columns that agree": (M3, lambda: wide("prob_{}", PETS, "label", label_name=M3.labels(*PETS))),
    "wide probs beside their logits": (
        M3, lambda: wide("prob_{}", PETS) | {f"logit_{n}": M3.logits(0.4)[:, i] for i, n in enumerate(PETS)}),
    "wide with counts of the classes": (
        M3, lambda: wide("prob_{}", PETS) | {f"n_{n}": np.arange(ROWS) % (i + 4) for i, n in enumerate(PETS)}),
}  # fmt: skip

# Names that say nothing of the truth, with the option that does.
LABELS = {"single booleans": "is_fraud_label", "wide ten": "digit_label", "wide home and away": "result_label"}


def check(found: Any, m: Model) -> None:
    assert found.loss.mean == pytest.approx(m.loss, rel=1e-9), found.spec
    guessed = [decision for decision in found.spec.decisions if decision.guess and decision.what != "input"]
    assert not guessed
    said = {notice.code for notice in found.warnings} - ABOUT_THE_INTERVAL
    assert not said, [notice.message for notice in found.warnings]


@pytest.mark.parametrize("name", CASES)
def test_one_file(name: str, tmp_path: Path) -> None:
    m, make = CASES[name]
    frame = pd.DataFrame(make())
    path = str(tmp_path / "f.csv")
    frame.to_csv(path, index=False)
    options = {"label": LABELS[name]} if name in LABELS else {}
    check(evaluate(path, **options), m)
    check(evaluate(frame, **options), m)


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith(("wide", "single"))][::3])
def test_scores_and_labels_in_two_files(name: str, tmp_path: Path) -> None:
    m, make = CASES[name]
    frame = pd.DataFrame(make())
    usual = ("y", "label", "target", "species", "class", "truth", "y_true", "outcome")
    label = LABELS.get(name) or next(column for column in frame.columns if column in usual)
    keyed = frame.assign(row_id=[f"r{i}" for i in range(len(frame))])
    keyed.drop(columns=[label]).to_csv(tmp_path / "p.csv", index=False)
    keyed[["row_id", label]].sample(frac=1.0, random_state=1).to_csv(tmp_path / "l.csv", index=False)
    check(evaluate(str(tmp_path / "p.csv"), str(tmp_path / "l.csv")), m)


@pytest.mark.parametrize("name", ["single prob_churn", "wide prob_", "wide plain", "single spam", "logits of three"])
def test_files_that_are_sorted_by_class(name: str, tmp_path: Path) -> None:
    """The first thousand rows are of one class."""
    m, make = CASES[name]
    frame = pd.concat([pd.DataFrame(make())] * 100, ignore_index=True)
    label = "label" if "label" in frame else "y"
    frame.sort_values(label, kind="stable").to_csv(tmp_path / "f.csv", index=False)
    check(evaluate(str(tmp_path / "f.csv")), m)


def test_there_are_fifty() -> None:
    assert len(CASES) >= 50
    assert math.isfinite(sum(m.loss for m, _ in CASES.values()))
