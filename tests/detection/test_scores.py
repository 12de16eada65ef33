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
        said = ("all scores are ≤ 0", "could hold such", "exactly", "no negative value", "no range of logits")
        assert any(text in done.err for text in said)
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
        ("log_proba", "logprobs"),
    ],
)
def test_the_name_of_a_single_column_says_what_it_holds(name: str, kind: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": f"y_true,{name}\n1,-0.5\n0,-2\n"})
    named = run("eval", tmp_path / "f.csv", "-q").mean
    assert named == run("eval", tmp_path / "f.csv", "-q", "--input", kind).mean


def test_the_likelihood_of_a_row_is_no_score_unless_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y_true,log_likelihood\n1,-0.5\n0,-2\n"})
    refused = run("eval", tmp_path / "f.csv", "-q")
    assert refused.code == 3
    assert "--pred log_likelihood" in refused.err
    named = run("eval", tmp_path / "f.csv", "-q", "--pred", "log_likelihood").mean
    assert named == run("eval", tmp_path / "f.csv", "-q", "--pred", "log_likelihood", "--input", "logprobs").mean


@pytest.mark.parametrize("name", ["prob_draw", "p_strawberry", "score_drawn", "marginal"])
def test_letters_inside_a_word_say_nothing(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": f"y_true,{name}\n1,0.7\n0,0.2\n"})
    found = run("eval", tmp_path / "f.csv", "-q").mean
    assert found == pytest.approx(-(math.log(0.7) + math.log(0.8)) / 2, rel=1e-14)


# Numbers without a negative one


SHARES = np.random.default_rng(11).dirichlet([1.0, 1.0, 1.0], 60)
HIT = np.array([int(np.random.default_rng(i).choice(3, p=p)) for i, p in enumerate(SHARES)])


@pytest.mark.parametrize("name", ["percent", "p_percent", "pred_pct", "score_%"])
def test_one_column_that_is_called_percent_is_divided_by_100(name: str, tmp_path: Path) -> None:
    content = f"y_true,{name}\n1,90\n0,20\n1,70\n0,10\n1,40\n0,5\n"
    right = [0.9, 0.8, 0.7, 0.9, 0.4, 0.95]
    assert mean_of(tmp_path, content).mean == pytest.approx(-sum(map(math.log, right)) / 6, rel=1e-12)
    said = run("eval", tmp_path / "f.csv").out + run("eval", tmp_path / "f.csv").err
    assert "percentages" in said
    assert "rows sum to 100" not in said
    assert mean_of(tmp_path, content, "--strict").code == 3
    logits = np.array([90, 20, 70, 10, 40, 5.0]) * [-1, 1, -1, 1, -1, 1]
    given = mean_of(tmp_path, content, "--input", "logits").mean
    assert given == pytest.approx(np.logaddexp(0, logits).mean(), rel=1e-12)


def test_a_percentage_above_100_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"{i % 2},{20 + i % 60}\n" for i in range(1500))
    done = mean_of(tmp_path, f"y_true,percent\n{rows}1,120\n")
    assert done.code == 3
    assert "120.0 is not a percentage" in done.err


@pytest.mark.parametrize("scale", [100, 255, 1000])
@pytest.mark.parametrize("name", ["score", "p"])
def test_one_column_without_a_negative_number_is_refused(name: str, scale: int, tmp_path: Path) -> None:
    y = (HIT == 0).astype(int)
    content = csv_of(y, np.round(SHARES[:, 0] * scale), f"y_true,{name}")
    done = mean_of(tmp_path, content)
    assert done.code == 3
    assert "no negative value occurs among 60 rows" in done.err
    assert "--input logits" in done.err
    z = np.round(SHARES[:, 0] * scale)
    expected = np.logaddexp(0.0, np.where(y == 1, -z, z)).mean()
    assert mean_of(tmp_path, content, "--input", "logits").mean == pytest.approx(expected, rel=1e-12)


def test_a_column_called_logit_is_read_so_with_an_alarm(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    p = rng.beta(0.5, 0.5, 400)
    y = (rng.random(400) < p).astype(int)
    content = csv_of(y, np.round(100 * p), "y_true,logit")
    done = mean_of(tmp_path, content)
    assert done.mean > 1.0
    assert "divided by 100" in done.err
    assert mean_of(tmp_path, content, "--strict").code == 3
    assert "divided by" not in mean_of(tmp_path, content, "--input", "logits").err


@pytest.mark.parametrize("votes", [500, 1000, 7])
@pytest.mark.parametrize("classes", [2, 3])
def test_rows_of_one_sum_are_shares(votes: int, classes: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(votes)
    counts = rng.multinomial(votes, [1 / classes] * classes, 40)
    labels = rng.integers(0, classes, 40)
    labels[:classes] = range(classes)
    content = csv_of(labels, counts, "y," + ",".join(f"p_{c}" for c in range(classes)), ".0f")
    done = mean_of(tmp_path, content)
    assert done.code == 3
    assert f"every row sums to {votes}: counts or shares, not logits" in done.err
    truth = counts[np.arange(40), labels] / votes
    divided = mean_of(tmp_path, content, "--input", "probs", "--renormalize")
    with np.errstate(divide="ignore"):
        assert divided.mean == pytest.approx(float(-np.log(truth).mean()), rel=1e-12)
    assert mean_of(tmp_path, content, "--input", "logits").code == 0


def test_counts_of_any_sum_are_divided_by_it(tmp_path: Path) -> None:
    counts = SHARES * np.random.default_rng(1).uniform(0.2, 900, (60, 1))
    content = csv_of(HIT, counts, "y,p_0,p_1,p_2")
    expected = float(-np.log(SHARES[np.arange(60), HIT]).mean())
    brier = float(np.square(SHARES - np.eye(3)[HIT]).sum(axis=1).mean())
    (tmp_path / "counts.csv").write_text(content, encoding="utf-8")
    found = evaluate(tmp_path / "counts.csv", input="probs", renormalize=True)
    assert found.loss.mean == pytest.approx(expected, rel=1e-12)
    assert found.metrics.brier == pytest.approx(brier, rel=1e-2)  # the few rows that sum to less than 1 stay
    assert any("divided by the sum of their row" in notice.message for notice in found.warnings)
    soft = evaluate(tmp_path / "counts.csv", input="probs", renormalize=True, label_smoothing=0.1)
    smooth = 0.9 * expected - 0.1 * float(np.log(SHARES).mean())
    assert soft.loss.mean == pytest.approx(smooth, rel=1e-12)
    assert mean_of(tmp_path, content, "--input", "probs").code == 3
    negative = content.replace("\n", "\n0,-1,2,3\n", 1)
    assert "outside [0, 1]" in mean_of(tmp_path, negative, "--input", "probs", "--renormalize").err


def test_renormalize_says_what_it_did_not_do(tmp_path: Path) -> None:
    done = mean_of(tmp_path, csv_of(Y, LOGITS, HEADER), "--renormalize")
    assert "--renormalize changed nothing: the softmax of logits sums to 1 anyway" in done.err


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("name", ["label_", "rank_", "p_"])
def test_permutations_are_ranks(name: str, first: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = [rng.permutation(3) + first for _ in range(30)]
    ranks = ",".join(f"{name}{c}" for c in range(3)) + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    (tmp_path / "p.csv").write_text(ranks, encoding="utf-8")
    (tmp_path / "y.csv").write_text("y_true\n" + "".join(f"{i % 3}\n" for i in range(30)), encoding="utf-8")
    done = run("eval", tmp_path / "p.csv", tmp_path / "y.csv", "-q")
    assert done.code == 3
    if name != "label_":
        assert "ranks or class numbers" in done.err


def test_small_logits_are_no_mark_of_missing_ones(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("label,logit\n1,.05\n0,0\n1,.1\n0,.03\n")
    right = np.log1p(np.exp([-0.05, 0.0, -0.1, 0.03])).mean()
    assert run("eval", tmp_path / "f.csv", "-q").mean == pytest.approx(right, rel=1e-14)


@pytest.mark.parametrize("name", ["log_odds", "logodds", "LogOdds"])
def test_logarithms_of_odds_near_probabilities_are_logits_by_name(name: str, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(f"y_true,{name}\n1,.9\n0,-.2\n1,.5\n0,.1\n")
    right = np.log1p(np.exp([-0.9, -0.2, -0.5, 0.1])).mean()
    assert run("eval", tmp_path / "f.csv", "-q").mean == pytest.approx(right, rel=1e-14)


def test_the_logarithm_of_odds_is_a_logit(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("y_true,log_odds\n1,2.5\n0,-1.5\n1,0.5\n0,-3.25\n")
    expected = math.fsum(math.log1p(math.exp(-z)) for z in (2.5, 1.5, 0.5, 3.25)) / 4
    assert evaluate(str(tmp_path / "f.csv")).loss.mean == pytest.approx(expected, rel=1e-14)


def test_columns_of_codes_beside_probabilities_are_no_set_to_choose(tmp_path: Path) -> None:
    """DataRobot's explanations: each class's label stands beside its probability."""
    lines = ["class1Label,class1Probability,class2Label,class2Probability,actual"]
    lines += [f"1,{p},0,{round(1 - p, 2)},{y}" for p, y in ((0.3, 0), (0.6, 1), (0.8, 1), (0.2, 1))]
    (tmp_path / "f.csv").write_text("\n".join(lines) + "\n")
    refused = run("eval", tmp_path / "f.csv")
    assert refused.code == 3
    assert "--pred class1Probability,class2Probability" in refused.err
    assert "class1Label,class2Label" not in refused.err
