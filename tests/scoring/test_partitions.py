"""Whole evaluations: the same bits for any threads, row groups, batches, shards, row order and form of storage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import oracles
from celoss_cli.api.functions import evaluate

KINDS = ["probs", "logits", "logprobs"]
ASIDE = ("inputs", "spec", "celoss_version")


def scores(kind: str, n: int, classes: int, seed: int = 0) -> np.ndarray:
    logits = np.random.default_rng([seed, n, classes]).normal(scale=4.0, size=(n, classes))
    if kind == "logits":
        return logits
    logits -= logits.max(axis=1)[:, None]
    p = np.exp(logits)
    p /= p.sum(axis=1)[:, None]
    return p if kind == "probs" else np.log(p)


def table(kind: str, n: int, classes: int, *, seed: int = 0, dtype: type = np.float64) -> pa.Table:
    """Return labels, ids, weights (some 0) and one score column per class."""
    random = np.random.default_rng(seed)
    rows = scores(kind, n, classes, seed).astype(dtype)
    columns: dict[str, Any] = {
        "id": pa.array([f"r{i}" for i in range(n)]),
        "y": pa.array(random.integers(0, classes, n)),
        "w": pa.array(np.where(random.uniform(size=n) < 0.1, 0.0, random.exponential(size=n))),
    }
    return pa.table({**columns, **{f"p_{c}": pa.array(rows[:, c]) for c in range(classes)}})


def options(kind: str, **more: Any) -> dict[str, Any]:
    return {"label": "y", "id": "id", "pred": "p_*", "input": kind, **more}


def numbers(evaluation: Any) -> dict[str, Any]:
    """Return the whole document but for what names the inputs."""
    document = evaluation.to_dict()
    return {name: value for name, value in document.items() if name not in ASIDE}


WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "weighted": {"sample_weight": "w", "class_weight": "balanced"},
    "clipped": {"clip": 1e-3, "class_weight": {"0": 0.5, "1": 7.0}, "denominator": "count"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_threads_and_row_groups(tmp_path: Path, kind: str, way: str) -> None:
    data = table(kind, 140, 10)
    how = options(kind, **WAYS[way])
    expected = numbers(evaluate(data, threads=1, **how))
    assert expected["counts"]["scored"] == 140
    for size in (1, 9, 141):
        path = tmp_path / f"{size}.parquet"
        pq.write_table(data, path, row_group_size=size)
        assert pq.ParquetFile(path).num_row_groups == -(-140 // size)
        found = [evaluate(path, threads=threads, **how) for threads in (1, 2, 7)]
        assert found[0].to_dict() == found[1].to_dict() == found[2].to_dict()
        assert numbers(found[0]) == expected


@pytest.mark.parametrize("classes", [1, 2, 5, 100])
def test_rows_alone_and_in_blocks(classes: int) -> None:
    """One row too many for a block leaves a block of one row, whose sums NumPy takes in another order."""
    n = 333
    data = scores("probs", n, max(classes, 2)) if classes > 1 else scores("probs", n, 2)[:, 1]
    y = np.random.default_rng(1).integers(0, max(classes, 2), n)
    names = [f"p_{c}" for c in range(classes)]
    columns = [pa.array(column) for column in (data.T if classes > 1 else [data])]
    whole = pa.table([pa.array(y), *columns], names=["y", *names])
    chunks = pa.concat_tables([whole.slice(i, 1) for i in range(n)])
    how = {"label": "y", "pred": names, "classes": range(max(classes, 2))}
    assert numbers(evaluate(chunks, **how)) == numbers(evaluate(whole, **how))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_permuted_rows(kind: str, way: str) -> None:
    data = table(kind, 500, 4, seed=3)
    order = np.random.default_rng(0).permutation(500)
    how = options(kind, top=7, **WAYS[way])
    one, other = numbers(evaluate(data, **how)), numbers(evaluate(data.take(pa.array(order)), **how))
    worst, elsewhere = one.pop("worst"), other.pop("worst")
    assert one == other
    if way != "clipped":  # clipped rows cost the same: which of them are shown is decided by their place
        for row in elsewhere:
            row["row"] = int(order[row["row"]])
        assert elsewhere == worst


def test_shards_of_one_table(tmp_path: Path) -> None:
    data = table("probs", 400, 3, seed=5)
    folder = tmp_path / "shards"
    folder.mkdir()
    for i, start in enumerate(range(0, 400, 41)):
        pq.write_table(data.slice(start, 41), folder / f"part-{i}.parquet", row_group_size=16)
    one = tmp_path / "one.parquet"
    pq.write_table(data, one)
    how = options("probs", sample_weight="w")
    expected = numbers(evaluate(one, **how))
    for threads in (1, 2, 7):
        assert numbers(evaluate(folder, threads=threads, **how)) == expected
    assert numbers(evaluate(str(folder / "*.parquet"), **how)) == expected


def test_a_second_file_with_labels_by_position_and_by_id(tmp_path: Path) -> None:
    data = table("logits", 300, 3, seed=6)
    expected = numbers(evaluate(data, **options("logits", sample_weight="w")))
    predictions, labels = tmp_path / "p.parquet", tmp_path / "l.parquet"
    pq.write_table(data.drop_columns(["y", "w"]), predictions, row_group_size=23)
    pq.write_table(data.select(["id", "y", "w"]), labels)
    for threads in (1, 2, 7):
        found = evaluate(predictions, labels, threads=threads, **options("logits", sample_weight="w"))
        assert numbers(found) == expected
    order = np.random.default_rng(2).permutation(300)
    pq.write_table(data.select(["id", "y", "w"]).take(pa.array(order)), labels)
    assert numbers(evaluate(predictions, labels, **options("logits", sample_weight="w"))) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_float32_values_stored_as_float64(kind: str) -> None:
    narrow = table(kind, 300, 4, dtype=np.float32)
    wide = narrow.cast(
        pa.schema([pa.field(f.name, pa.float64() if f.type == pa.float32() else f.type) for f in narrow.schema])
    )
    assert wide.schema != narrow.schema
    assert numbers(evaluate(narrow, **options(kind))) == numbers(evaluate(wide, **options(kind)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_file_dtype_is_widened_before_anything_is_computed(kind: str, dtype: type) -> None:
    rows = scores(kind, 60, 3, seed=8)
    if kind == "probs":
        rows = np.maximum(rows, 1e-3)
        rows /= rows.sum(axis=1)[:, None]
    rows = rows.astype(dtype)
    y = np.random.default_rng(8).integers(0, 3, 60)
    oracle: Callable[[Any, int], Any] = {
        "probs": oracles.multiclass_probability,
        "logits": oracles.multiclass_logit,
        "logprobs": oracles.multiclass_log_probability,
    }[kind]
    exact = [oracle(row, int(c)) for row, c in zip(rows.astype(np.float64).tolist(), y, strict=True)]
    found = evaluate(rows, y, input=kind).loss
    expected = oracles.weighted(exact)
    assert found.mean == pytest.approx(expected.mean, rel=1e-15)
    assert found.standard_error == pytest.approx(expected.standard_error, rel=1e-14)


def vectors(data: pa.Table, classes: int, *, fixed: bool, dtype: type = np.float64) -> pa.Table:
    rows = np.stack([data[f"p_{c}"].to_numpy() for c in range(classes)], axis=1).astype(dtype)
    flat = pa.array(rows.reshape(-1))
    cells = (
        pa.FixedSizeListArray.from_arrays(flat, classes)
        if fixed
        else pa.ListArray.from_arrays(pa.array(np.arange(0, rows.size + 1, classes), pa.int32()), flat)
    )
    return pa.table({"id": data["id"], "y": data["y"], "w": data["w"], "p_": cells})


@pytest.mark.parametrize("kind", KINDS)
def test_columns_and_vectors(tmp_path: Path, kind: str) -> None:
    data = table(kind, 500, 5, seed=9)
    expected = numbers(evaluate(data, classes=range(5), **options(kind, sample_weight="w")))
    path = tmp_path / "vectors.parquet"
    for fixed in (False, True):
        cells = vectors(data, 5, fixed=fixed)
        pq.write_table(cells, path, row_group_size=37)
        for source in (cells, path):
            found = evaluate(source, classes=range(5), **options(kind, sample_weight="w", pred="p_"))
            assert numbers(found) == expected


def test_columns_and_vectors_of_many_classes() -> None:
    """More classes than lie well by class: summed in another order, so equal only to the last bits."""
    data = table("logits", 200, 90, seed=10)
    one = evaluate(data, classes=range(90), **options("logits"))
    other = evaluate(vectors(data, 90, fixed=True), classes=range(90), **options("logits", pred="p_"))
    assert other.loss.mean == pytest.approx(one.loss.mean, rel=1e-15)
    assert other.loss.standard_error == pytest.approx(one.loss.standard_error, rel=1e-14)
    assert other.metrics is not None
    assert one.metrics is not None
    assert other.metrics.brier == pytest.approx(one.metrics.brier, rel=1e-14)
    assert other.metrics.accuracy == one.metrics.accuracy


@pytest.mark.parametrize("kind", KINDS)
def test_csv_and_parquet_of_the_same_numbers(tmp_path: Path, kind: str) -> None:
    data = table(kind, 300, 4, seed=12)
    names = data.column_names
    lines = [",".join(names)]
    lines += [",".join(v if isinstance(v, str) else repr(v) for v in row.values()) for row in data.to_pylist()]
    text, binary = tmp_path / "d.csv", tmp_path / "d.parquet"
    text.write_text("\n".join(lines) + "\n")
    pq.write_table(data, binary)
    how = options(kind, sample_weight="w", class_weight="balanced")
    assert numbers(evaluate(text, **how)) == numbers(evaluate(binary, **how))


def test_arrays_and_tables() -> None:
    rows = scores("probs", 100, 3, seed=13)
    y = np.random.default_rng(13).integers(0, 3, 100)
    columns = pa.table({f"p_{c}": pa.array(rows[:, c]) for c in range(3)}).append_column("y", pa.array(y))
    expected = numbers(evaluate(columns, label="y"))
    found = numbers(evaluate(rows, y))
    assert {**found, "warnings": ()} == {**expected, "warnings": ()}
    assert numbers(evaluate(np.asfortranarray(rows), list(map(str, y)))) == found


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_the_first_bad_row_of_the_file_is_named_whatever_the_threads(tmp_path: Path, threads: int) -> None:
    from celoss_cli.errors import InvalidScores

    data = table("probs", 200, 3, seed=14)
    values = data["p_1"].to_numpy().copy()
    values[[57, 58, 140]] = np.nan
    data = data.set_column(data.column_names.index("p_1"), "p_1", pa.array(values))
    path = tmp_path / "nan.parquet"
    pq.write_table(data, path, row_group_size=10)
    with pytest.raises(InvalidScores) as caught:
        evaluate(path, threads=threads, **options("probs"))
    assert caught.value.where is not None
    assert (caught.value.where.row, caught.value.where.column) == (57, "p_1")
    assert caught.value.code == "nan_score"


def test_renormalised_rows_alone_and_in_blocks() -> None:
    rows = scores("probs", 120, 12, seed=15) * np.random.default_rng(15).uniform(0.985, 0.999, size=(120, 1))
    y = np.random.default_rng(16).integers(0, 12, 120)
    whole = pa.table([pa.array(y), *map(pa.array, rows.T)], names=["y", *(f"p_{c}" for c in range(12))])
    alone = pa.concat_tables([whole.slice(i, 1) for i in range(120)])
    assert evaluate(alone, label="y", renormalize=True).loss == evaluate(whole, label="y", renormalize=True).loss


def test_smoothed_rows_alone_and_in_blocks() -> None:
    data = table("probs", 300, 12, seed=17)
    alone = pa.concat_tables([data.slice(i, 1) for i in range(300)])
    one, other = (evaluate(d, label_smoothing=0.1, top=300, **options("probs")) for d in (data, alone))
    assert one.loss.mean == other.loss.mean
    assert [row.loss for row in one.worst] == [row.loss for row in other.worst]
