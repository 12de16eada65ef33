"""However the output of one model is laid out, it has that one loss, or is refused: never another number.

Run with many more examples before a release: ``CELOSS_LAYOUT_EXAMPLES=2500 pytest tests/layouts/test_any_layout.py``.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

from celoss_cli import CelossError, evaluate

EXAMPLES = int(os.environ.get("CELOSS_LAYOUT_EXAMPLES", "60"))

NAMES = (
    ("cat", "dog", "eel", "fox"), ("a", "b", "c", "d"), ("+", "-", "*", "/"), ("<=50K", ">50K", "n/k", "other"),
    ("Iris-setosa", "Iris-versicolor", "Iris-virginica", "Iris-x"), ("no", "yes", "maybe", "never"),
    ("0", "1", "2", "3"), ("1", "2", "3", "4"), ("10", "2", "33", "4"), ("class a", "class b", "class c", "class d"),
    ("neg", "pos", "neutral", "mixed"), ("p", "q", "prob", "r"), ("label", "target", "id", "weight"),
)  # fmt: skip
PREFIXES = (
    "", "", "prob_", "p_", "p", "logit_", "proba.", "score ", "class", "Class=", "confidence(", "pred_", "y_score_",
    "Probability:Class=", "confidence.", ".pred_", "prediction_score_", "Scored Probabilities_", "target_",
)  # fmt: skip
SUFFIXES = ("", "", "", "_prob", "_PREDICTION", ")", " score")
LABELS = [
    "y_true",
    "target",
    "label",
    "class",
    "y",
    "truth",
    "obs",
    "species",
    "Label",
    "actual",
    "gold_label",
    "answer",
]
EITHER = ["score", "y_pred", "prediction", "pred", "output"]
SINGLES = {
    "probs": [*EITHER, "prob", "p", "probability", "prob_1", "p1", "yes", "prob_yes", "True", "proba", "confidence"],
    "logits": [*EITHER, "logit", "RawFormulaVal", "margin", "decision_function"],
}


@dataclass(frozen=True)
class Model:
    """The output of a model: scores (n, C), or (n, 1) of the positive class; the class of each row; the loss."""

    scores: Any
    codes: Any
    kind: str

    @property
    def loss(self) -> float:
        """The mean loss by the textbook, of the scores as they are stored."""
        scores = self.scores.astype(np.float64)
        if scores.shape[1] == 1:
            z = scores[:, 0]
            if self.kind == "probs":
                return float(-np.log(np.where(self.codes == 1, z, 1.0 - z)).mean())
            return float(np.logaddexp(0.0, np.where(self.codes == 1, -z, z)).mean())
        if self.kind == "probs":
            logs = np.log(scores)
        else:
            logs = log_softmax(scores, axis=1) if self.kind == "logits" else scores
        return float(-logs[np.arange(len(self.codes)), self.codes].mean())


@st.composite
def models(draw: st.DrawFn, *, single: bool) -> Model:
    rows, width = draw(st.integers(6, 25)), 2 if single else draw(st.integers(2, 4))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    z = random.normal(0.0, draw(st.sampled_from([0.5, 2.0, 4.0])), (rows, width))
    codes = np.where(random.random(rows) < 0.7, z.argmax(axis=1), random.integers(0, width, rows))
    kind = draw(st.sampled_from(["probs", "logits"] if single else ["probs", "logits", "logprobs"]))
    dtype = draw(st.sampled_from([np.float16, np.float32, np.float64]))
    if single:
        z = z[:, 1:] - z[:, :1]
        scores = 1.0 / (1.0 + np.exp(-z)) if kind == "probs" else z
    else:
        logs = log_softmax(z, axis=1)
        scores = {"probs": np.exp(logs), "logprobs": logs, "logits": z}[kind]
    scores = scores.astype(dtype)
    if kind == "probs":
        scores = np.clip(scores, np.finfo(dtype).tiny, dtype(1) - np.finfo(dtype).epsneg)
    if single and kind == "logits":  # from 0 to 1 they would be probabilities, which is said to be a guess
        scores[: rows // 4 + 1] = np.where(scores[: rows // 4 + 1] < 0.0, -1.5, 2.5)
    return Model(scores, codes, kind)


@st.composite
def labelled(draw: st.DrawFn, codes: Any, names: tuple[str, ...]) -> tuple[list[Any], bool, str]:
    """Return the labels of the rows in some coding, whether it counts the columns, and how the coding is called."""
    codings = ["names", "category"]
    width = len(names)
    numbers = all(name.isdigit() for name in names)  # then a number is a name, not a place
    if 0 in codes and not numbers:
        codings += ["0-based", "floats"]
    if width - 1 in codes and not numbers:
        codings.append("1-based")
    if width == 2 and not numbers:
        codings.append("bools")
    if numbers:
        codings += ["integer names", "float names"]
    coding = draw(st.sampled_from(codings))
    spelled: dict[str, list[Any]] = {
        "names": list(names), "category": list(names), "0-based": list(range(width)),
        "1-based": list(range(1, width + 1)), "floats": [float(i) for i in range(width)], "bools": [False, True],
    }  # fmt: skip
    if coding == "integer names":
        spelled[coding] = [int(name) for name in names]
    if coding == "float names":
        spelled[coding] = [float(name) for name in names]
    return spelled[coding], coding in ("0-based", "1-based", "floats", "bools"), coding


def extras(draw: st.DrawFn, model: Model, texts: list[Any], taken: set[str]) -> dict[str, Any]:
    """Return columns that are no scores and no truth."""
    rows = len(model.codes)
    random = np.random.default_rng(rows)
    chosen = model.scores.argmax(axis=1) if model.scores.shape[1] > 1 else (model.scores[:, 0] > 0.5).astype(int)
    kinds: dict[str, Any] = {
        "id": list(range(100, 100 + rows)), "row_id": [f"r{i}" for i in range(rows)], "": list(range(rows)),
        "__index_level_0__": list(range(rows))[::-1], "weight": list(random.random(rows) + 0.5), "w": [1.0] * rows,
        "sample_weight": list(random.random(rows)), "predicted": [texts[c] for c in chosen],
        "predicted_label": [texts[c] for c in chosen], "pred_class": [texts[c] for c in chosen],
        "timestamp": [f"2026-01-{i + 1:02d}T00:00:00" for i in range(rows)], "split": ["test"] * rows,
        "fold": [i % 3 for i in range(rows)], "Usage": ["Public", "Private"] * (rows // 2) + ["Public"] * (rows % 2),
        "THRESHOLD": [0.5] * rows, "filename": [f"{i}.png" for i in range(rows)], "score_weight": [1.0] * rows,
        "text": [f"a sentence {i}" for i in range(rows)], "length": [int(v) for v in random.integers(5, 50, rows)],
        "confidence": list(random.random(rows)), "entropy": list(random.random(rows)),
        "age": list(random.random(rows) * 60),
    }  # fmt: skip
    names = draw(st.lists(st.sampled_from(sorted(kinds)), max_size=4, unique=True))
    return {name: kinds[name] for name in names if name not in taken}


def arrow(values: Any, coding: str) -> Any:
    array = pa.array(values)
    return array.dictionary_encode() if coding == "category" else array


def check(directory: Path, columns: dict[str, Any], model: Model, draw: st.DrawFn, label: str) -> None:
    """Write the columns in one file, or the labels in a second one, and compare."""
    form = draw(st.sampled_from(["csv", "parquet"]))
    tables = [pa.table(columns)]
    ids = [name for name in ("id", "row_id") if name in columns]
    if draw(st.booleans()) and ids:
        rows = np.random.default_rng(7).permutation(len(model.codes))
        tables = [tables[0].drop_columns([label]), tables[0].select([ids[0], label]).take(rows)]
        if len(ids) > 1:
            tables[0] = tables[0].drop_columns([ids[1]])
    paths = []
    for number, table in enumerate(tables):
        path = directory / f"{number}.{form}"
        if form == "csv":
            plain = {name: table[name].cast(pa.float64()) if pa.types.is_floating(table[name].type)
                     else table[name].cast(pa.string()) if pa.types.is_dictionary(table[name].type) else table[name]
                     for name in table.column_names}  # fmt: skip
            pyarrow.csv.write_csv(pa.table(plain), path)
        else:
            pq.write_table(table, path)
        paths.append(str(path))
    try:
        found = evaluate(*paths)
    except CelossError as error:
        refused = error
    else:
        assert found.loss.mean == pytest.approx(model.loss, rel=2e-6), (list(columns), found.spec)
        return
    assert refused.exit_code == 3
    assert refused.hint


SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@SETTINGS
@given(st.data())
def test_a_column_for_each_class(data: st.DataObject) -> None:
    draw = data.draw
    model = draw(models(single=False))
    width = model.scores.shape[1]
    names = tuple(draw(st.permutations(draw(st.sampled_from(NAMES))[:width])))
    prefix, suffix = draw(st.sampled_from(PREFIXES)), draw(st.sampled_from(SUFFIXES))
    texts, positional, coding = draw(labelled(model.codes, names))
    called = [f"{prefix}{name}{suffix}" for name in names]
    label = draw(st.sampled_from([name for name in LABELS if name not in called]))
    columns: dict[str, Any] = {name: pa.array(model.scores[:, i]) for i, name in enumerate(called)}
    more = extras(draw, model, texts, {*called, label})
    columns.update({name: arrow(values, "") for name, values in more.items()})
    columns[label] = arrow([texts[code] for code in model.codes], coding)
    if positional:  # labels that count the columns: then these stand in the model's order
        rest = [name for name in columns if name not in called]
        cut = draw(st.integers(0, len(rest)))
        order = [*rest[:cut], *called, *rest[cut:]]
    else:
        order = draw(st.permutations(list(columns)))
    with tempfile.TemporaryDirectory() as directory:
        check(Path(directory), {name: columns[name] for name in order}, model, draw, label)


@SETTINGS
@given(st.data())
def test_one_column_for_the_positive_class(data: st.DataObject) -> None:
    draw = data.draw
    model = draw(models(single=True))
    names = draw(
        st.sampled_from([("no", "yes"), ("0", "1"), ("-1", "1"), ("False", "True"), ("neg", "pos"), ("a", "b")])
    )
    texts: list[Any] = list(names)
    coding = draw(st.sampled_from(["names", "numbers", "floats", "bools", "category"]))
    texts = {"numbers": [0, 1], "floats": [0.0, 1.0], "bools": [False, True]}.get(coding, texts)
    column = draw(st.sampled_from(SINGLES[model.kind]))
    label = draw(st.sampled_from([name for name in LABELS if name != column]))
    columns: dict[str, Any] = {column: pa.array(model.scores[:, 0])}
    columns.update({n: arrow(v, "") for n, v in extras(draw, model, texts, {column, label}).items()})
    columns[label] = arrow([texts[code] for code in model.codes], coding)
    columns = {name: columns[name] for name in draw(st.permutations(list(columns)))}
    with tempfile.TemporaryDirectory() as directory:
        check(Path(directory), columns, model, draw, label)
