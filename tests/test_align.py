"""Two files paired by position or by id: every row once, or an error that names the first that is not."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celoss_cli.align import MISSING, UNKNOWN, class_codes, integer_codes
from celoss_cli.classes import ClassMap
from celoss_cli.tables.batch import Categories
from running import Content, Run, run, write

P = [0.1, 0.8, 0.7, 0.3]
Y = [0, 1, 1, 0]
MEAN = -(math.log(0.9) + math.log(0.8) + math.log(0.7) + math.log(0.7)) / 4


def scored(directory: Path, predictions: Content, labels: Content, *arguments: object) -> Run:
    write(directory, {"p.csv" if isinstance(predictions, str) else "p.parquet": predictions})
    write(directory, {"l.csv" if isinstance(labels, str) else "l.parquet": labels})
    names = [next(directory.glob(f"{side}.*")) for side in "pl"]
    return run("eval", *names, "-q", *arguments)


def csv_of(**columns: object) -> str:
    rows = zip(*columns.values(), strict=True)  # type: ignore[call-overload]
    return ",".join(columns) + "\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)


@pytest.mark.parametrize(
    "ids",
    [
        [1, 2, 3, 4],
        ["a", "b", "c", "d"],
        ["001", "002", "010", "100"],
        ["x 1", "x,2", 'x"3', "x\n4"],
        [1.0, 2.0, 3.5, 4.0],
    ],
)
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
def test_ids_of_any_kind_and_order(ids: list[object], order: list[int], tmp_path: Path) -> None:
    predictions = pa.table({"id": ids, "prob": P})
    labels = pa.table({"id": [ids[i] for i in order], "y": [Y[i] for i in order]})
    assert scored(tmp_path, predictions, labels).mean == pytest.approx(MEAN, rel=1e-14)


def test_ids_of_csv_and_parquet_agree(tmp_path: Path) -> None:
    predictions = csv_of(id=[1, 2, 3, 4], prob=P)
    for kind in (pa.int64(), pa.uint64(), pa.int8(), pa.float64(), pa.string()):
        labels = pa.table({"id": pa.array([4, 3, 2, 1]).cast(kind), "y": Y[::-1]})
        assert scored(tmp_path, predictions, labels).mean == pytest.approx(MEAN, rel=1e-14)


def test_padded_ids_are_names_and_do_not_match_numbers(tmp_path: Path) -> None:
    done = scored(tmp_path, csv_of(id=["001", "002", "003", "004"], prob=P), csv_of(id=[1, 2, 3, 4], y=Y))
    assert done.code == 3
    assert "the id '001' has no label" in done.err


def test_large_ids_keep_every_digit(tmp_path: Path) -> None:
    base = 2**53
    ids = [base, base + 1, base + 2, base + 3]
    done = scored(tmp_path, csv_of(id=ids, prob=P), csv_of(id=ids[::-1], y=Y[::-1]))
    assert done.mean == pytest.approx(MEAN, rel=1e-14)


def test_the_key_can_be_named(tmp_path: Path) -> None:
    predictions = csv_of(id=[1, 2, 3, 4], key=list("abcd"), prob=P)
    labels = csv_of(id=[9, 9, 9, 9], key=list("dcba"), y=Y[::-1])
    assert scored(tmp_path, predictions, labels, "--id", "key").mean == pytest.approx(MEAN, rel=1e-14)
    refused = scored(tmp_path, predictions, labels)
    assert refused.code == 3
    assert "--id" in refused.err


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), n=st.integers(1, 30))
def test_order_never_matters_with_ids(data: st.DataObject, n: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(n)
    p, y = rng.uniform(0.01, 0.99, n), rng.integers(0, 2, n)
    expected = math.fsum(-np.log(np.where(y == 1, p, 1 - p))) / n
    mine, theirs = data.draw(st.permutations(range(n))), data.draw(st.permutations(range(n)))
    predictions = csv_of(id=[f"r{i}" for i in mine], prob=[repr(float(p[i])) for i in mine])
    labels = csv_of(y=[y[i] for i in theirs], id=[f"r{i}" for i in theirs])
    assert scored(tmp_path, predictions, labels).mean == pytest.approx(expected, rel=1e-12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fault=st.sampled_from(["missing", "extra", "doubled", "doubled prediction", "empty"]), at=st.integers(0, 9))
def test_every_faulty_id_is_found(fault: str, at: int, tmp_path: Path) -> None:
    mine, theirs = [f"r{i}" for i in range(10)], [f"r{i}" for i in range(10)]
    if fault == "missing":
        del theirs[at]
    elif fault == "extra":
        theirs.insert(at, "new")
    elif fault == "doubled":
        theirs.insert(at, theirs[at])
    elif fault == "doubled prediction":
        mine.insert(at, mine[at])
    else:
        theirs[at] = ""
    done = scored(tmp_path, csv_of(id=mine, prob=[0.5] * len(mine)), csv_of(id=theirs, y=[1] * len(theirs)))
    row, file = (at + 1, "l") if fault == "doubled" else (at, "l")
    if fault == "missing":
        file = "p"
    elif fault == "doubled prediction":
        row, file = at + 1, "p"
    assert done.code == 3
    assert f"{file}.csv row {row} (line {row + 2}), column 'id'" in done.err


@pytest.mark.parametrize("more", [1, 3000])
@pytest.mark.parametrize("side", ["predictions", "labels"])
def test_rows_without_partner(side: str, more: int, tmp_path: Path) -> None:
    extra = more if side == "predictions" else 0
    for parquet in (False, True):
        predictions: Content = csv_of(prob=P + [0.5] * extra)
        if parquet:
            predictions = pa.table({"prob": P + [0.5] * extra})
        labels = csv_of(y=Y + [1] * (more if side == "labels" else 0))
        done = scored(tmp_path, predictions, labels, "--threads", 2)
        assert done.code == 3
        assert f"{4 + extra:,} predictions but {4 + (more if side == 'labels' else 0):,} labels" in done.err
        for path in tmp_path.iterdir():
            path.unlink()


def test_a_bad_label_of_a_second_file_is_placed_there(tmp_path: Path) -> None:
    done = scored(tmp_path, csv_of(p_a=[0.5, 0.4], p_b=[0.5, 0.6]), "y\na\nzebra\n")
    assert done.code == 3
    assert "l.csv row 1 (line 3), column 'y': label 'zebra' is none of the classes" in done.err


def test_a_bad_label_found_by_id_is_placed_in_the_label_file(tmp_path: Path) -> None:
    predictions = csv_of(id=[1, 2, 3], p_a=[0.5, 0.4, 0.1], p_b=[0.5, 0.6, 0.9])
    done = scored(tmp_path, predictions, "id,y\n3,a\n1,b\n2,\n")
    assert "l.csv row 2 (line 4), column 'y': the label is missing" in done.err
    done = scored(tmp_path, predictions, "id,y\n3,zebra\n1,b\n2,a\n")
    assert "l.csv row 0 (line 2), column 'y': label 'zebra'" in done.err
    done = scored(tmp_path, predictions, "id,y,w\n3,a,1\n1,b,-1\n2,a,1\n", "--sample-weight", "w")
    assert "l.csv row 1 (line 3), column 'w': the sample weight is -1" in done.err


def test_a_fault_late_in_the_label_file_is_placed(tmp_path: Path) -> None:
    n = 700_000  # several ranges of text
    labels = "y,w\n" + "a,1\n" * (n - 1) + "a,x\n"
    predictions = pa.table({"p_a": np.full(n, 0.5), "p_b": np.full(n, 0.5)})
    done = scored(tmp_path, predictions, labels, "--sample-weight", "w")
    assert done.code == 3
    assert f"l.csv row {n - 1} (line {n + 1}), column 'w': 'x' is not a number" in done.err


def test_ids_across_shards_are_placed_in_their_shard(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"p-1.csv": "id,prob\n1,.5\n2,.5\n", "p-2.csv": "id,prob\n3,.5\n1,.5\n", "l.csv": "id,y\n1,0\n2,1\n3,1\n"},
    )
    done = run("eval", tmp_path / "p-*.csv", tmp_path / "l.csv")
    assert done.code == 3
    assert "p-2.csv row 1 (line 3), column 'id': the id '1' stands in an earlier row too" in done.err


# The functions


@pytest.mark.parametrize("values", [[0, 1, 2], [2, 2, 0], [5, 0], [-1, 1], [3], []])
@pytest.mark.parametrize(
    "names", [("0", "1", "2"), ("2", "1", "0"), ("1", "2", "3"), ("10", "2", "1"), ("0", "1", "a")]
)
def test_the_short_way_for_integers_agrees_with_the_long_one(values: list[int], names: tuple[str, ...]) -> None:
    classes = ClassMap(names, {name: code for code, name in enumerate(names)})
    found = integer_codes(np.array(values, dtype=np.int64), classes)
    distinct = tuple(dict.fromkeys(str(value) for value in values))
    codes = np.array([distinct.index(str(value)) for value in values], dtype=np.int32)
    expected = class_codes(Categories(codes, distinct), classes)
    if found is None:
        assert not values or UNKNOWN in expected or "a" in names
    else:
        assert found.tolist() == expected.tolist()


def test_a_missing_label_has_a_code_of_its_own() -> None:
    classes = ClassMap(("a", "b"), {"a": 0, "b": 1})
    codes = class_codes(Categories(np.array([0, -1, 1, 2], dtype=np.int32), ("b", "a", "c")), classes)
    assert codes.tolist() == [1, MISSING, 0, UNKNOWN]
