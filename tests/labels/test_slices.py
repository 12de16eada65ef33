"""Slices: what ``--slice`` means, which rows make one, and that each is scored as if its rows were a file."""

from __future__ import annotations

import bisect
import math
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import celoss_cli
from celoss_cli.api.functions import evaluate
from celoss_cli.errors import DataError, ExitCode, UsageError
from celoss_cli.labels.slices import slice_codes
from celoss_cli.layout.slice_columns import SliceBy, read_slices
from celoss_cli.results.evaluation import Evaluation, SliceResult
from celoss_cli.state.slices import MOST_SLICES
from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.source import Need
from running import run, write

REGIONS = ["north", "south", "", "=", "é | <b>"]


def table(n: int = 400, classes: int = 3, *, seed: int = 0, zeros: bool = False) -> pa.Table:
    """Return rows with weights, three columns to slice by, and some cells of these missing."""
    random = np.random.default_rng([seed, n, classes])
    p = random.dirichlet(np.ones(classes), n)
    y = random.integers(0, classes, n)
    if zeros:
        for row in range(0, n, 97):
            p[row, y[row]] = 0.0
            p[row] /= p[row].sum()
    region = random.choice(REGIONS, n)
    age = random.normal(40.0, 20.0, n).round(1)
    return pa.table(
        {
            "y": pa.array(y),
            "w": pa.array(np.where(random.uniform(size=n) < 0.1, 0.0, random.exponential(size=n))),
            "region": pa.array([None if name == "" else name for name in region]),
            "age": pa.array([None if value < 10 else value for value in age.tolist()], type=pa.float64()),
            "old": pa.array((age > 50).tolist()),
            **{f"p_{c}": pa.array(p[:, c]) for c in range(classes)},
        }
    )


HOW: dict[str, Any] = {"label": "y", "pred": "p_*", "input": "probs"}


def by_value(result: Evaluation, column: str) -> dict[str | None, SliceResult]:
    return {part.value: part for part in result.slices if part.column == column}


# What is asked for


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("region", SliceBy("region")),
        ("age=18", SliceBy("age", (18.0,))),
        ("age=-1.5, 0,1e3", SliceBy("age", (-1.5, 0.0, 1000.0))),
        ("a=b=", SliceBy("a=b")),
        ("a=b=1", SliceBy("a=b", (1.0,))),
    ],
)
def test_what_a_text_asks_for(text: str, expected: SliceBy) -> None:
    assert read_slices([text]) == (expected,)


@pytest.mark.parametrize(
    "texts", [[""], ["=1"], [" =1"], ["age=old"], ["age=1,"], ["age=2,1"], ["age=1,1"], ["age=nan"], ["age=inf"],
              ["age=1;2"], ["age", "age"], ["age", "age=1"]]
)  # fmt: skip
def test_what_asks_for_nothing_is_refused_as_usage(texts: list[str]) -> None:
    with pytest.raises(UsageError):
        read_slices(texts)


def test_bins_have_names_that_say_which_edge_they_hold() -> None:
    assert SliceBy("age", (-0.5, 18.0, 65.0)).bins == ("(-inf, -0.5)", "[-0.5, 18)", "[18, 65)", "[65, inf)")


@given(
    edges=st.lists(st.floats(-100, 100), min_size=1, max_size=5, unique=True).map(sorted),
    values=st.lists(st.none() | st.floats(allow_nan=True) | st.integers(-100, 100).map(float), max_size=30),
)
@settings(deadline=None)
def test_bins_are_those_of_bisection(edges: list[float], values: list[float | None]) -> None:
    by = SliceBy("x", tuple(edges))
    batch = ArrowBatch({"x": pa.array(values, type=pa.float64())}, len(values))
    found = slice_codes(batch, by, Need.NUMBER)
    for value, code in zip(values, found.codes.tolist(), strict=True):
        missing = value is None or math.isnan(value)
        assert code == (-1 if missing else bisect.bisect_right(edges, value))
    texts = [None if value is None else repr(value) for value in values]
    as_text = ArrowBatch({"x": pa.array(texts, type=pa.string())}, len(values))
    assert slice_codes(as_text, by, Need.CATEGORY).codes.tolist() == found.codes.tolist()


# What a slice holds


WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "sample weights": {"sample_weight": "w"},
    "class weights": {"sample_weight": "w", "class_weight": {"0": 0.5, "1": 2.0, "2": 4.0}},
    "count": {"sample_weight": "w", "class_weight": [1, 2, 3], "denominator": "count", "base": 2},
    "smoothed": {"label_smoothing": 0.1, "sample_weight": "w"},
    "clipped": {"clip": 1e-3},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("zeros", [False, True])
def test_a_slice_is_scored_as_if_its_rows_were_a_file(way: str, zeros: bool) -> None:
    data, how = table(zeros=zeros), {**HOW, **WAYS[way]}
    result = evaluate(data, slice="region", **how)
    parts = by_value(result, "region")
    assert set(parts) == {None, *REGIONS} - {""}
    for value, part in parts.items():
        column = data["region"]
        alone = evaluate(data.filter(pc.is_null(column) if value is None else pc.equal(column, value)), **how)
        assert part.mean_loss == pytest.approx(alone.loss.mean, rel=1e-14, abs=0)
        error = alone.loss.standard_error
        assert part.standard_error == (None if error is None else pytest.approx(error, rel=1e-12))
        counts = alone.counts
        assert (part.rows, part.scored, part.infinite) == (counts.rows, counts.scored, counts.infinite)
        assert alone.metrics is not None
        assert part.accuracy == pytest.approx(alone.metrics.accuracy, rel=1e-14)
        if how.get("denominator") != "count":
            assert part.weight == pytest.approx(alone.loss.denominator.value, rel=1e-14)
    if not math.isinf(result.loss.mean):
        assert math.fsum(part.loss_share or 0.0 for part in result.slices) == pytest.approx(1.0)
    assert sum(part.scored for part in result.slices) == result.counts.scored


def test_weights_that_only_the_whole_file_tells() -> None:
    data = table()
    given_weights = [400 / (3 * n) for n in np.bincount(data["y"].to_numpy())]
    balanced = evaluate(data, slice="region", class_weight="balanced", **HOW)
    expected = evaluate(data, slice="region", class_weight=given_weights, **HOW)
    for part, other in zip(balanced.slices, expected.slices, strict=True):
        assert part.mean_loss == pytest.approx(other.mean_loss, rel=1e-14)
    whole = math.fsum((part.mean_loss or 0) * part.weight for part in balanced.slices) / 400
    assert whole == pytest.approx(balanced.loss.mean, rel=1e-14)


def test_several_labels_a_row_and_soft_labels() -> None:
    random = np.random.default_rng(5)
    columns: dict[str, Any] = {f"p_{c}": random.uniform(size=60) for c in range(3)}
    columns |= {f"y_{c}": random.integers(0, 2, 60) for c in range(3)}
    group = random.choice(["a", "b"], 60)
    data = pa.table({**columns, "group": pa.array(group.tolist())})
    how: dict[str, Any] = {"task": "multilabel", "label": ["y_0", "y_1", "y_2"], "pred": "p_*", "input": "probs"}
    for part in evaluate(data, slice="group", **how).slices:
        alone = evaluate(data.filter(pc.equal(data["group"], part.value)), **how)
        assert part.mean_loss == pytest.approx(alone.loss.mean, rel=1e-14)
        assert part.standard_error == pytest.approx(alone.loss.standard_error, rel=1e-12)
        assert alone.metrics is not None
        assert part.accuracy == pytest.approx(alone.metrics.accuracy, rel=1e-14)
    soft = pa.table({"p": random.uniform(size=60), "y": random.uniform(size=60), "group": pa.array(group.tolist())})
    result = evaluate(soft, label="y", pred="p", slice="group")
    assert [part.accuracy for part in result.slices] == [None, None]


def test_the_mean_of_a_slice_of_all_rows_is_the_mean() -> None:
    data = table().append_column("all", pa.array(["x"] * 400))
    for how in ({}, {"sample_weight": "w"}):
        result = evaluate(data, slice="all", **HOW, **how)
        (part,) = result.slices
        assert part.mean_loss == result.loss.mean
        assert part.standard_error == result.loss.standard_error
        assert part.loss_share == 1.0


def test_exact_sums_without_rounding() -> None:
    """Losses of very different sizes: a running float sum would lose the small ones."""
    p = [1e-300, 1 - 2**-50, 1 - 2**-51, 0.5] * 50
    data = pa.table({"y": [1] * 200, "p": p, "g": ["a", "b"] * 100})
    for part in evaluate(data, label="y", pred="p", input="probs", classes=[0, 1], slice="g").slices:
        losses = [-math.log(value) for value in p[0 if part.value == "a" else 1 :: 2]]
        assert part.mean_loss is not None
        exact = sum(map(Fraction, losses), Fraction(0)) / 100
        assert part.mean_loss == pytest.approx(float(exact), rel=1e-15)


def test_order_of_slices() -> None:
    data = pa.table({"y": [0, 1] * 6, "p": [0.3, 0.6] * 6, "n": ["10", "9", "x", None, "-1", "b"] * 2})
    result = evaluate(data, label="y", pred="p", slice=["n"])
    assert [part.value for part in result.slices] == ["-1", "9", "10", "b", "x", None]
    assert result.slices[-1].name == "n=(missing)"
    assert list(result.slices_frame()["value"][:2]) == ["-1", "9"]


@pytest.mark.parametrize("kind", ["int", "float", "bool", "dictionary", "date"])
def test_any_column_of_single_values(kind: str) -> None:
    columns = {
        "int": pa.array([1, 2, 2, 3]),
        "float": pa.array([1.0, 2.0, 2.0, 3.0]),
        "bool": pa.array([True, False, False, None]),
        "dictionary": pa.array(["unused", "1", "2", "2", "3"]).dictionary_encode().slice(1),
        "date": pa.array([1, 2, 2, 3], type=pa.date32()),
    }
    data = pa.table({"y": [0, 1, 1, 0], "p": [0.3, 0.6, 0.2, 0.1], "part": columns[kind]})
    result = evaluate(data, label="y", pred="p", slice="part")
    assert sorted(part.scored for part in result.slices) == [1, 1, 2]


def test_one_number_is_one_slice_in_every_form(tmp_path: Path) -> None:
    texts = ["1", "1.0", "1.50", "1.5", "", "-0", "9007199254740993", "9007199254740992", "+1e2"]
    lines = [f"{i % 2},0.{i + 1},{text},k{text}" for i, text in enumerate(texts)]
    write(tmp_path, {"p.csv": "y,p,n,t\n" + "\n".join(lines) + "\n"})
    result = evaluate(tmp_path / "p.csv", label="y", pred="p", slice=["n", "t"])
    found = {value: part.scored for value, part in by_value(result, "n").items()}
    assert found == {
        "0": 1, "1": 2, "1.5": 1, "1.50": 1, "100": 1, "9007199254740992": 1, "9007199254740993": 1, None: 1,
    }  # fmt: skip
    assert [part.value for part in result.slices][:2] == ["0", "1"]
    assert len(by_value(result, "t")) == len(texts)
    numbers = pa.table({"y": [0, 1, 0], "p": [0.1, 0.2, 0.3], "n": [1.0, 1.5, None]})
    write(tmp_path, {"p.parquet": numbers, "q.csv": "y,p,n\n0,0.1,1.0\n1,0.2,1.50\n0,0.3,\n"})
    one, other = (evaluate(tmp_path / name, label="y", pred="p", slice="n") for name in ("p.parquet", "q.csv"))
    assert one.slices == other.slices


# Which rows


def test_where_and_rows_that_are_dropped() -> None:
    data = pa.table(
        {
            "y": ["0", "1", "1", "0", None, "1"],
            "p": [0.2, 0.7, math.nan, 0.4, 0.5, 0.9],
            "g": ["a", "a", "b", "c", "b", "d"],
            "split": ["test", "test", "test", "test", "test", "train"],
        }
    )
    result = evaluate(data, label="y", pred="p", slice="g", where={"split": "test"}, invalid="drop")
    parts = by_value(result, "g")
    assert {value: (part.rows, part.scored) for value, part in parts.items()} == {"a": (2, 2), "b": (2, 0), "c": (1, 1)}
    assert (parts["b"].mean_loss, parts["b"].accuracy, parts["b"].loss_share) == (None, None, None)
    assert parts["c"].standard_error is None


def test_rows_that_weigh_nothing() -> None:
    data = pa.table({"y": [0, 1, 1], "p": [0.2, 0.0, 0.4], "w": [1.0, 0.0, 2.0], "g": ["a", "b", "a"]})
    parts = by_value(evaluate(data, label="y", pred="p", sample_weight="w", slice="g"), "g")
    assert (parts["b"].scored, parts["b"].weight, parts["b"].infinite, parts["b"].mean_loss) == (1, 0.0, 0, None)


def test_a_column_to_slice_by_is_not_taken_for_scores() -> None:
    data = pa.table({"y": [0, 1, 1, 0], "p": [0.2, 0.7, 0.4, 0.1], "tenure": [0.1, 0.2, 0.3, 0.4]})
    result = evaluate(data, label="y", slice="tenure=0.25")
    assert result.spec.columns.predictions == ("p",)
    assert [part.scored for part in result.slices] == [2, 2]
    sliced_by_score = evaluate(data, label="y", pred="p", slice="p=0.5")
    assert [part.scored for part in sliced_by_score.slices] == [3, 1]


@pytest.mark.parametrize("paired", ["position", "id"])
@pytest.mark.parametrize("edges", ["", "=30,60"])
def test_a_column_of_the_label_file(tmp_path: Path, paired: str, edges: str) -> None:
    data = table().append_column("id", pa.array([f"r{i}" for i in range(400)]))
    scores, labels = ["p_0", "p_1", "p_2"], ["y", "w", "region", "age"]
    if paired == "id":
        order = pa.array(np.random.default_rng(1).permutation(400))
        left, right = data.select([*scores, "id"]), data.select([*labels, "id"]).take(order)
    else:
        left, right = data.select(scores), data.select(labels)
    write(tmp_path, {"p.parquet": left, "y.parquet": right})
    column = f"age{edges}" if edges else "region"
    how: dict[str, Any] = {"label": "y", "input": "probs", "sample_weight": "w", "slice": column}
    expected = evaluate(data.drop(["id"]), pred="p_*", **how)
    found = evaluate(tmp_path / "p.parquet", tmp_path / "y.parquet", pred="p_*", **how)
    assert found.slices == expected.slices


@pytest.mark.parametrize("role", ["label", "id", "where", "weight", "pred"])
@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("binned", [False, True])
def test_a_column_with_another_role(tmp_path: Path, role: str, beside: bool, binned: bool) -> None:
    columns: dict[str, Any] = {
        "key": [i + 1 for i in range(12)],
        "p": [(i + 1) / 20 for i in range(12)],
        "y": [i % 2 * 5 for i in range(12)],
        "w": [i % 4 + 1.5 for i in range(12)],
        "g": [i % 3 + 2 for i in range(12)],
    }
    column = {"label": "y", "id": "key", "where": "g", "weight": "w", "pred": "p"}[role]
    data = pa.table(columns)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    if beside and role != "where":
        write(tmp_path, {"p.parquet": data.select(["key", "p", "g"]), "y.parquet": data.select(["key", "y", "w"])})
        inputs: tuple[Any, ...] = (tmp_path / "p.parquet", tmp_path / "y.parquet")
    else:
        write(tmp_path, {"f.csv": "\n".join(lines) + "\n", "f.parquet": data})
        inputs = (tmp_path / ("f.csv" if beside else "f.parquet"),)
    edge = 0.3 if role == "pred" else 3
    found = evaluate(
        *inputs,
        pred="p",
        label="y",
        input="probs",
        positive=5,
        id="key",
        sample_weight="w",
        where={"g": 2},
        slice=f"{column}={edge}" if binned else column,
    ).slices
    chosen = [value for value, g in zip(columns[column], columns["g"], strict=True) if g == 2]
    names = {False: f"(-inf, {edge})", True: f"[{edge}, inf)"}
    expected = Counter(names[value >= edge] if binned else f"{value:g}" for value in chosen)
    assert {part.value: part.scored for part in found} == dict(expected)


# The same for any way to the rows


def test_threads_row_groups_shards_and_order(tmp_path: Path) -> None:
    data = table(300, zeros=True)
    how: dict[str, Any] = {**HOW, "slice": ["region", "age=18,40,65", "old"], "sample_weight": "w"}
    expected = evaluate(data, threads=1, **how).slices
    assert len(expected) > 10
    order = pa.array(np.random.default_rng(2).permutation(300))
    assert evaluate(data.take(order), **how).slices == expected
    folder = tmp_path / "shards"
    folder.mkdir()
    for i, start in enumerate(range(0, 300, 41)):
        pq.write_table(data.slice(start, 41), folder / f"part-{i}.parquet", row_group_size=7)
    for size in (1, 9, 301):
        path = tmp_path / f"{size}.parquet"
        pq.write_table(data, path, row_group_size=size)
        for threads in (1, 3):
            assert evaluate(path, threads=threads, **how).slices == expected
            assert evaluate(folder, threads=threads, **how).slices == expected


@pytest.mark.parametrize("size", [1, 400, 5000])
@pytest.mark.parametrize("beside", [False, True])
def test_too_many_slices(tmp_path: Path, size: int, beside: bool) -> None:
    n = MOST_SLICES + 1
    keys = [f"k{i}" for i in range(n)]
    data = pa.table({"y": [0, 1] * (n // 2) + [0], "p": [0.4] * n, "key": keys})
    for rows, fine in ((n, False), (n - 1, True)):
        part = data.slice(0, rows)
        sides = {"p.parquet": part.select(["p"]), "y.parquet": part.select(["y", "key"])} if beside else {}
        write(tmp_path, sides)
        pq.write_table(part.select(["p"]) if beside else part, tmp_path / "p.parquet", row_group_size=size)
        inputs = (tmp_path / "p.parquet", tmp_path / "y.parquet" if beside else None)
        if fine:
            assert len(evaluate(*inputs, label="y", pred="p", slice="key").slices) == rows
            continue
        with pytest.raises(DataError, match="more than 1,000") as caught:
            evaluate(*inputs, label="y", pred="p", slice="key")
        assert caught.value.code == "too_many_slices"
        assert 'slice="key=18,40,65"' in (caught.value.hint or "")
    chosen = data.append_column("group", pa.array(["few"] * 10 + ["many"] * (n - 10)))
    assert len(evaluate(chosen, label="y", pred="p", slice="key", where={"group": "few"}).slices) == 10


# The command line


def test_the_command(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "y,p,region,age\n1,0.9,EU,17\n0,0.2,US,18\n1,0.6,EU,65\n0,0.4,,x\n"})
    shown = run("eval", tmp_path / "p.csv", "--slice", "region")
    assert shown.code == 0
    assert "By region" in shown.out
    assert shown.out.index("(missing)") < shown.out.index("EU  ") < shown.out.index("US  ")
    bad = run("eval", tmp_path / "p.csv", "--slice", "region", "--slice", "age=18")
    assert bad.code == ExitCode.DATA
    assert "row 3 (line 5), column 'age': 'x' is not a number" in bad.err
    text = run("eval", tmp_path / "p.csv", "--slice", "region=18")
    assert text.code == ExitCode.DATA
    assert "column 'region': holds no numbers (text), and edges are for numbers" in text.err
    assert "hint: --slice region makes each value a slice" in text.err
    none = run("eval", tmp_path / "p.csv", "--slice", "regoin")
    assert none.code == ExitCode.DATA
    assert "did you mean --slice region?" in none.err
    assert run("eval", tmp_path / "p.csv", "--slice", "age=old").code == ExitCode.USAGE
    assert (
        run("eval", tmp_path / "p.csv", "--slice", "region,age", "-q").out == run("eval", tmp_path / "p.csv", "-q").out
    )
    csv = run("eval", tmp_path / "p.csv", "--slice", "region,age", "--format", "csv").out.splitlines()
    assert csv[0] == "class,count,weight,mean_loss,loss_share,recall,slice,value,rows,standard_error,infinite,accuracy"
    assert len(csv) == 1 + 2 + 3 + 4


@pytest.mark.parametrize("options", [{"average": "macro"}, {"class_weight": "balanced"}], ids=str)
def test_slices_under_weights_of_all_rows_say_so(options: dict[str, Any]) -> None:
    """Values by hand: a row of class c weighs 1 / (rows of class c among all), in every slice."""
    y = np.array([1, 0, 0, 0, 1, 0, 0, 0, 1, 0])
    p = np.array([0.8, 0.4, 0.3, 0.2, 0.6, 0.1, 0.1, 0.3, 0.5, 0.2])
    group = np.array(list("uuvvvuvuuv"))
    data = pa.table({"y": y, "p": p, "g": group})
    reading = {"label": "y", "pred": "p"}
    loss, weight = -np.log(np.where(y == 1, p, 1 - p)), np.where(y == 1, 1 / 3, 1 / 7)
    whole = evaluate(data, slice="g", **reading, **options)
    for part in whole.slices:
        rows = group == part.value
        assert part.mean_loss == pytest.approx((loss * weight)[rows].sum() / weight[rows].sum(), rel=1e-14)
    assert "slices_weighted" in [notice.code for notice in whole.warnings]
    for alike in (evaluate(data, slice="g", **reading), evaluate(data, **reading, **options)):
        assert "slices_weighted" not in [notice.code for notice in alike.warnings]
    better = pa.table({"y": y, "p": p * 0.9 + 0.05, "g": group})
    found = celoss_cli.compare(data, better, slice="g", **reading, **options)
    assert [part.baseline for part in found.slices] == pytest.approx([part.mean_loss for part in whole.slices])
    assert [notice.code for notice in found.warnings].count("slices_weighted") == 1
