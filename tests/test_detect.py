"""Detection: however the scores of one model are written, there is one loss or a refusal, and never another number."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celoss_cli import AmbiguousData, InvalidScores, evaluate
from running import Content, Run, mean_of, run, write

RNG = np.random.default_rng(7)
EACH = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = ("probs", "logits", "logprobs")


def model(seed: int, rows: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return log-probabilities (n, C) and labels (n,) of some model."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=2.0, size=(rows, classes))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), rng.integers(0, classes, rows)


def written(logp: np.ndarray, kind: str, seed: int) -> np.ndarray:
    """Return the same model's scores as ``kind``; logits get a constant of their own in every row."""
    if kind == "probs":
        return np.exp(logp)
    return logp + np.random.default_rng(seed).normal(scale=3.0, size=(len(logp), 1)) if kind == "logits" else logp


def csv_of(labels: object, scores: np.ndarray, header: str, form: str = "r") -> str:
    """Return rows of a label and scores as CSV."""
    scores = scores.reshape(len(scores), -1)
    cells = ([format(float(v), form) if form != "r" else repr(float(v)) for v in row] for row in scores)
    return header + "\n" + "".join(f"{label},{','.join(row)}\n" for label, row in zip(labels, cells, strict=True))


def nll(logp: np.ndarray, labels: np.ndarray) -> float:
    return math.fsum(-logp[np.arange(len(labels)), labels]) / len(labels)


# One model, many ways to write it


@EACH
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(1, 40),
    classes=st.integers(2, 12),
    kind=st.sampled_from(KINDS),
    prefix=st.sampled_from(["", "p_", "prob_", "class_", "score.", "Probability:Class="]),
    numbers=st.booleans(),
    parquet=st.sampled_from([None, "columns", "list", "float32"]),
    extras=st.lists(st.sampled_from(["id", "weight", "note", "fold", "filename"]), unique=True),
    data=st.data(),
)
def test_one_loss_or_a_refusal(
    seed: int, rows: int, classes: int, kind: str, prefix: str, numbers: bool, parquet: str | None, extras: list[str],
    data: st.DataObject, tmp_path: Path,
) -> None:  # fmt: skip
    logp, labels = model(seed, rows, classes)
    scores = written(logp, kind, seed)
    names = [str(i) if numbers else f"c{'abcdefghijkl'[i]}" for i in range(classes)]
    columns: dict[str, pa.Array] = {
        f"{prefix}{names[i]}": pa.array(scores[:, i], pa.float32() if parquet == "float32" else pa.float64())
        for i in data.draw(st.permutations(range(classes)))
    }
    if parquet == "list":
        columns = {"scores": pa.array(list(scores))}
        names = [str(i) for i in range(classes)]
    columns["y_true"] = pa.array([names[i] for i in labels])
    more = {
        "id": pa.array(range(rows)), "weight": pa.array(np.ones(rows)), "note": pa.array(["hm"] * rows),
        "fold": pa.array([0] * rows), "filename": pa.array([f"{i}.png" for i in range(rows)]),
    }  # fmt: skip
    columns |= {name: more[name] for name in extras}
    order = data.draw(st.permutations(list(columns)))
    table = pa.table({name: columns[name] for name in order})
    path = tmp_path / ("f.parquet" if parquet else "f.csv")
    write(tmp_path, {path.name: table if parquet else _text_of(table)})
    try:
        found = evaluate(path, top=0).loss.mean
    except (AmbiguousData, InvalidScores):
        return
    assert found == pytest.approx(nll(logp, labels), rel=1e-5 if parquet == "float32" else 1e-11)


def _text_of(table: pa.Table) -> str:
    rows = zip(*table.to_pydict().values(), strict=True)
    lines = (",".join(repr(v) if isinstance(v, float) else str(v) for v in row) for row in rows)
    return "\n".join([",".join(table.column_names), *lines]) + "\n"


@EACH
@given(seed=st.integers(0, 10**6), rows=st.integers(2, 40), kind=st.sampled_from(KINDS))
def test_the_three_ways_agree_and_are_recognised(seed: int, rows: int, kind: str, tmp_path: Path) -> None:
    logp, labels = model(seed, rows, 4)
    done = mean_of(tmp_path, csv_of(labels, written(logp, kind, seed), "y,p_0,p_1,p_2,p_3"))
    if kind == "logits" and done.code == 3:
        assert "could" in done.err or "in [0, 1]" in done.err
        return
    assert done.mean == pytest.approx(nll(logp, labels), rel=1e-12)


@EACH
@given(seed=st.integers(0, 10**6), rows=st.integers(2, 30), kind=st.sampled_from(["probs", "logits"]))
def test_a_single_column_is_right_or_refused(seed: int, rows: int, kind: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    z, y = rng.normal(scale=3.0, size=rows), rng.integers(0, 2, rows)
    expected = math.fsum(np.logaddexp(0.0, np.where(y == 1, -z, z))) / rows
    done = mean_of(tmp_path, csv_of(y, z if kind == "logits" else 1 / (1 + np.exp(-z)), "y_true,score"))
    if done.code == 3:
        assert kind == "logits"
        assert "all scores are ≤ 0" in done.err or "could hold such" in done.err or "exactly" in done.err
        return
    if kind == "logits" and ((z >= 0) & (z <= 1)).mean() > 0.5:
        return  # a handful of logits in [0, 1] cannot be told from probabilities: that is said, as a guess
    assert done.mean == pytest.approx(expected, rel=1e-12)


def test_log_probabilities_in_one_column_are_not_guessed(tmp_path: Path) -> None:
    content = "y_true,score\n0,-2.1\n1,-0.3\n"
    refused = mean_of(tmp_path, content)
    assert refused.code == 3
    assert "--input logprobs or --input logits" in refused.err
    p = np.exp([-2.1, -0.3])
    given = mean_of(tmp_path, content, "--input", "logprobs").mean
    assert given == pytest.approx((-math.log1p(-p[0]) - math.log(p[1])) / 2, rel=1e-14)
    logits = mean_of(tmp_path, content, "--input", "logits").mean
    assert logits == pytest.approx((math.log1p(p[0]) + math.log1p(1 / p[1])) / 2, rel=1e-14)


@pytest.mark.parametrize("digits", [2, 3, 6, 9])
def test_printed_digits_explain_sums_off_by_rounding(digits: int, tmp_path: Path) -> None:
    logp, labels = model(3, 200, 5)
    kept = np.exp(logp).max(axis=1) < 0.99
    rounded = np.round(np.exp(logp[kept]), digits)
    done = mean_of(tmp_path, csv_of(labels[kept], rounded, "y,p0,p1,p2,p3,p4", f".{digits}f"))
    assert done.code == 0
    assert "not sum to 1" not in done.err


# What the first 1,000 rows suggest and later ones contradict

N = 2500
LOGP, Y = model(1, N, 3)
LOGITS = written(LOGP, "logits", 1)
HEADER = "label,p0,p1,p2"


def right_or_refused(done: Run, expected: float) -> None:
    assert done.code == 3 or done.mean == pytest.approx(expected, rel=1e-12), done.out


@pytest.mark.parametrize("turn", [1000, 1001, 1200, 1900, N - 1])
def test_probabilities_first_logits_later_are_refused(turn: int, tmp_path: Path) -> None:
    mixed = np.vstack([np.exp(LOGP[:turn]), LOGITS[turn:]])
    done = mean_of(tmp_path, csv_of(Y, mixed, HEADER))
    assert done.code == 3
    assert f"row {turn} " in done.err or "sum to" in done.err or turn < N - 1


@pytest.mark.parametrize("turn", [300, 1000, 1500])
def test_logits_first_probabilities_later_are_refused(turn: int, tmp_path: Path) -> None:
    done = mean_of(tmp_path, csv_of(Y, np.vstack([LOGITS[:turn], np.exp(LOGP[turn:])]), HEADER))
    assert done.code == 3


@pytest.mark.parametrize("turn", [1000, 2000])
def test_logits_that_begin_in_the_unit_interval(turn: int, tmp_path: Path) -> None:
    logits = LOGITS.copy()
    logits[:turn] = np.random.default_rng(2).uniform(0, 1, (turn, 3))
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    content = csv_of(Y, logits, HEADER)
    right_or_refused(mean_of(tmp_path, content), nll(logp, Y))
    assert mean_of(tmp_path, content, "--input", "logits").mean == pytest.approx(nll(logp, Y), rel=1e-12)


def test_one_column_that_begins_in_the_unit_interval(tmp_path: Path) -> None:
    z, y = LOGITS[:, 0].copy(), (Y > 0).astype(int)
    z[:1100] = np.random.default_rng(2).uniform(0, 1, 1100)
    expected = math.fsum(np.logaddexp(0.0, np.where(y == 1, -z, z))) / N
    right_or_refused(mean_of(tmp_path, csv_of(y, z, "y_true,score")), expected)


def test_percentages_with_a_row_that_is_none_are_refused(tmp_path: Path) -> None:
    percent = 100.0 * np.exp(LOGP)
    for row in (5, 2000):
        spoiled = percent.copy()
        spoiled[row] = [50.0, 30.0, 10.0]
        assert mean_of(tmp_path, csv_of(Y, spoiled, HEADER)).code == 3
        spoiled[row] = [-1.0, 2.0, 3.0]
        assert mean_of(tmp_path, csv_of(Y, spoiled, HEADER)).code == 3


NAMED = "label,pa,pb,pc"
LATE = np.where(np.arange(N) < 1500, Y % 2, Y)  # the third class comes late


@pytest.mark.parametrize("header", [HEADER, NAMED, "label,x_1,x_2,x_3"])
@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("spelling", ["{}", "{}.0", "0{}"])
def test_a_class_that_comes_late(header: str, base: int, spelling: str, tmp_path: Path) -> None:
    labels = [spelling.format(y + base) for y in LATE]
    assert mean_of(tmp_path, csv_of(labels, LOGITS, header)).mean == pytest.approx(nll(LOGP, LATE), rel=1e-12)


def test_a_spelling_that_comes_late(tmp_path: Path) -> None:
    labels = [str(y) if i < 1500 else f"{y}.0" for i, y in enumerate(Y)]
    assert mean_of(tmp_path, csv_of(labels, LOGITS, HEADER)).mean == pytest.approx(nll(LOGP, Y), rel=1e-12)


@pytest.mark.parametrize("header", [HEADER, NAMED])
@pytest.mark.parametrize("late", ["7", "cat", "-1", "0.5"])
def test_a_label_of_no_class_that_comes_late(header: str, late: str, tmp_path: Path) -> None:
    labels = [str(y) if i < 1500 else late for i, y in enumerate(Y)]
    done = mean_of(tmp_path, csv_of(labels, LOGITS, header))
    assert done.code == 3
    assert f"row 1500 (line 1502), column 'label': label '{late}' is none of the classes" in done.err


P = np.exp(LOGP[:, 0])


def binary(first: list[str], later: list[str], name: str = "score") -> Content:
    labels = [(first if i < 1500 else later)[y % 2 % len(first if i < 1500 else later)] for i, y in enumerate(Y)]
    return csv_of(labels, P, f"y_true,{name}")


@pytest.mark.parametrize(
    ("first", "later", "name", "positive"),
    [
        (["1"], ["0", "1"], "score", "1"),
        (["0"], ["0", "1"], "score", "1"),
        (["1"], ["-1", "1"], "score", "1"),
        (["yes"], ["no", "yes"], "score", "yes"),
        (["spam"], ["ham", "spam"], "p_spam", "spam"),
        (["ham"], ["ham", "spam"], "p_spam", "spam"),
    ],
)
def test_the_other_label_comes_late(
    first: list[str], later: list[str], name: str, positive: str, tmp_path: Path
) -> None:
    content = binary(first, later, name)
    labels = [line.partition(",")[0] for line in str(content).splitlines()[1:]]
    expected = math.fsum(-math.log(p if label == positive else 1 - p) for label, p in zip(labels, P, strict=True)) / N
    done = mean_of(tmp_path, content)
    if name == "p_spam" and first == ["ham"]:
        assert done.code == 3  # nothing in the first rows says that spam is a label at all
        done = mean_of(tmp_path, content, "--positive", "spam")
    assert done.mean == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("late", ["2", "-1", "maybe"])
def test_a_third_label_that_comes_late(late: str, tmp_path: Path) -> None:
    done = mean_of(tmp_path, binary(["0", "1"], [late, "1"]))
    assert done.code == 3
    assert f"label '{late}' is none of the classes '0', '1'" in done.err


def test_labels_missing_in_all_first_rows(tmp_path: Path) -> None:
    labels = ["" if i < 1500 else "ny"[y % 2] for i, y in enumerate(Y)]
    content = csv_of(labels, P, "y_true,score")
    done = mean_of(tmp_path, content)
    assert done.code == 3
    assert "row 0 (line 2), column 'y_true': the label is missing" in done.err
    expected = math.fsum(-math.log(p if y == "y" else 1 - p) for y, p in zip(labels, P, strict=True) if y) / 1000
    assert mean_of(tmp_path, content, "--invalid", "drop").mean == pytest.approx(expected, rel=1e-12)


# Names


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("logit", "logits"),
        ("raw_score", "logits"),
        ("RawFormulaVal", "logits"),
        ("margin", "logits"),
        ("log_prob", "logprobs"),
        ("logprob_1", "logprobs"),
        ("logp", "logprobs"),
        ("log_likelihood", "logprobs"),
    ],
)
def test_the_name_of_a_single_column_says_what_it_holds(name: str, kind: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": f"y_true,{name}\n1,-0.5\n0,-2\n"})
    named = run("eval", tmp_path / "f.csv", "-q").mean
    assert named == run("eval", tmp_path / "f.csv", "-q", "--input", kind).mean


@pytest.mark.parametrize("name", ["prob_draw", "p_strawberry", "score_drawn", "marginal"])
def test_letters_inside_a_word_say_nothing(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": f"y_true,{name}\n1,0.7\n0,0.2\n"})
    found = run("eval", tmp_path / "f.csv", "-q").mean
    assert found == pytest.approx(-(math.log(0.7) + math.log(0.8)) / 2, rel=1e-14)
