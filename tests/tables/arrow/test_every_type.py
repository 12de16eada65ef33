"""Every type that today's writers produce, in every role: the same number, or a refusal with a hint, never a crash."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli import CelossError, evaluate

P = [0.25, 0.5, 0.75, 0.125, 0.625, 0.875]
Y = [0, 1, 1, 0, 1, 1]
NAMES = ["a", "b", "b", "a", "b", "b"]
IDS = [f"k{n}" for n in range(6)]
PAIRS = [[1 - p, p] for p in P]
DAY = dt.datetime(2026, 1, 1)
DAYS = [DAY + dt.timedelta(days=n) for n in range(6)]
MEAN = float(-np.mean([np.log(p if y else 1 - p) for p, y in zip(P, Y, strict=True)]))


def encoded(values: Any) -> Any:
    return pa.array(values).dictionary_encode()


def runs(values: list[Any]) -> Any:
    return pa.RunEndEncodedArray.from_arrays(pa.array(range(1, 7), pa.int32()), pa.array(values))


def stored(kind: Any, values: Any, storage: Any) -> Any:
    return pa.ExtensionArray.from_storage(kind, pa.array(values, storage))


# What holds the scores P, or a score for each of both classes.
SCORES: dict[str, Any] = {
    **{str(kind): pa.array(np.array(P, kind.to_pandas_dtype())) for kind in (pa.float16(), pa.float32(), pa.float64())},
    **{
        str(kind): pa.array([Decimal(str(p)) for p in P], kind)
        for kind in (pa.decimal32(8, 4), pa.decimal64(12, 4), pa.decimal128(12, 4), pa.decimal256(40, 4))
    },
    "text": pa.array([str(p) for p in P]),
    "dictionary of numbers": encoded(P),
    "runs": runs(P),
    "lists of one": pa.array([[p] for p in P]),
    "list": pa.array(PAIRS),
    "large_list": pa.array(PAIRS, pa.large_list(pa.float32())),
    "fixed_size_list": pa.array(PAIRS, pa.list_(pa.float64(), 2)),
    "list_view": pa.array(PAIRS, pa.list_view(pa.float64())),
    "large_list_view": pa.array(PAIRS, pa.large_list_view(pa.float64())),
    "list of decimals": pa.array([[Decimal(str(p)) for p in pair] for pair in PAIRS], pa.list_(pa.decimal128(6, 4))),
    "dictionary of lists": pa.DictionaryArray.from_arrays(pa.array(range(6), pa.int32()), pa.array(PAIRS)),
    "tensor": stored(pa.fixed_shape_tensor(pa.float64(), [2]), PAIRS, pa.list_(pa.float64(), 2)),
}

# What holds the labels Y.
NUMBERS: dict[str, Any] = {
    **{
        str(kind): pa.array(Y, kind)
        for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())
    },
    "bool": pa.array([bool(y) for y in Y]),
    "bool8": stored(pa.bool8(), Y, pa.int8()),
    "opaque": stored(pa.opaque(pa.int64(), "type", "vendor"), Y, pa.int64()),
    "dictionary of integers": encoded(Y),
    "runs of integers": runs(Y),
    "lists of one label": pa.array([[y] for y in Y]),
}

# What holds the names of the classes.
WORDS: dict[str, Any] = {
    **{str(kind): pa.array(NAMES, kind) for kind in (pa.string(), pa.large_string(), pa.string_view())},
    **{
        str(kind): pa.array([name.encode() for name in NAMES], kind)
        for kind in (pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(1))
    },
    "dictionary": encoded(NAMES),
    "dictionary of views": pa.DictionaryArray.from_arrays(
        pa.array(Y, pa.int32()), pa.array(["a", "b"], pa.string_view())
    ),
    "dictionary by uint32": pa.DictionaryArray.from_arrays(pa.array(Y, pa.uint32()), pa.array(["a", "b"])),
    "runs of text": runs(NAMES),
}

# Six different values that name a row.
KEYS: dict[str, Any] = {
    **{str(kind): pa.array(IDS, kind) for kind in (pa.string(), pa.large_string(), pa.string_view())},
    **{str(kind): pa.array([k.encode() for k in IDS], kind) for kind in (pa.binary(), pa.binary_view(), pa.binary(2))},
    **{f"timestamp in {unit}": pa.array(DAYS, pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")},
    **{f"duration in {unit}": pa.array(range(6), pa.duration(unit)) for unit in ("s", "ms", "us", "ns")},
    "timestamp with a zone": pa.array(DAYS, pa.timestamp("us", "UTC")),
    "date32": pa.array([day.date() for day in DAYS]),
    "date64": pa.array([day.date() for day in DAYS], pa.date64()),
    "time32": pa.array([dt.time(n) for n in range(6)], pa.time32("s")),
    "time64": pa.array([dt.time(n) for n in range(6)], pa.time64("ns")),
    "interval": pa.array([pa.MonthDayNano([1, n, 0]) for n in range(6)], pa.month_day_nano_interval()),
    "large": pa.array([2**64 - 1 - n for n in range(6)], pa.uint64()),
    "uuid": stored(pa.uuid(), [uuid.UUID(int=n).bytes for n in range(6)], pa.binary(16)),
    "runs of keys": runs(IDS),
}

# What is no single value, or nothing.
OTHERS: dict[str, Any] = {
    "struct": pa.array([{"x": p, "name": name} for p, name in zip(P, NAMES, strict=True)]),
    "struct of scores": pa.array([{"0": a, "1": b} for a, b in PAIRS]),
    "map": pa.array([[("0", a), ("1", b)] for a, b in PAIRS], pa.map_(pa.string(), pa.float64())),
    "list of objects": pa.array([[{"label": "0", "score": a}, {"label": "1", "score": b}] for a, b in PAIRS]),
    "list of lists": pa.array([[pair] for pair in PAIRS]),
    "list of text": pa.array([[name] for name in NAMES]),
    "list of bool": pa.array([[not y, bool(y)] for y in Y]),
    "json": stored(pa.json_(), [json.dumps({"0": a, "1": b}) for a, b in PAIRS], pa.string()),
    "tensor of two axes": stored(pa.fixed_shape_tensor(pa.float64(), [1, 2]), PAIRS, pa.list_(pa.float64(), 2)),
    "null": pa.nulls(6),
    "integers and nulls": pa.array([None, 1, 1, 0, None, 1]),
    "text and nulls": pa.array([None, "b", "b", "a", "b", "b"]),
    "dense union": pa.UnionArray.from_dense(
        pa.array([0, 1] * 3, pa.int8()),
        pa.array([0, 0, 1, 1, 2, 2], pa.int32()),
        [pa.array([1, 2, 3]), pa.array(list("abc"))],
    ),
    "sparse union": pa.UnionArray.from_sparse(pa.array([0, 1] * 3, pa.int8()), [pa.array(P), pa.array(NAMES)]),
}

ALL = {**SCORES, **NUMBERS, **WORDS, **KEYS, **OTHERS}


def in_memory(table: pa.Table, place: Path) -> Any:  # noqa: ARG001
    return table


def in_pieces(table: pa.Table, place: Path) -> Any:  # noqa: ARG001
    return pa.concat_tables([table.slice(0, 2), table.slice(2, 1), table.slice(3)])


def in_parquet(table: pa.Table, place: Path, rows: int | None = None) -> Any:
    pq.write_table(table, place / "f.parquet", rows)
    return place / "f.parquet"


def in_small_row_groups(table: pa.Table, place: Path) -> Any:
    return in_parquet(table, place, 2)


def in_ipc(table: pa.Table, place: Path, rows: int | None = None) -> Any:
    with pa.OSFile(str(place / "f.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, rows)
    return place / "f.arrow"


def in_small_batches(table: pa.Table, place: Path) -> Any:
    return in_ipc(table, place, 2)


Container = Callable[[pa.Table, Path], Any]
CONTAINERS = [in_memory, in_pieces, in_parquet, in_small_row_groups, in_ipc, in_small_batches]
NOT_IN_PARQUET = {
    name
    for name, column in ALL.items()
    if pa.types.is_run_end_encoded(column.type) or name in ("dictionary of lists", "dictionary of views", "interval")
} | {"dense union", "sparse union"}


def in_all(names: Iterable[str]) -> list[Any]:
    """Each type in each container that has it."""
    return [
        pytest.param(name, container, id=f"{name} {container.__name__}")
        for name in names
        for container in CONTAINERS
        if container not in (in_parquet, in_small_row_groups) or name not in NOT_IN_PARQUET
    ]


PLAIN = {"prob": pa.array(P), "y_true": pa.array(Y)}


@pytest.mark.parametrize(("name", "container"), in_all(SCORES))
def test_scores(name: str, container: Container, tmp_path: Path) -> None:
    table = pa.table({"prob": SCORES[name], "y_true": pa.array(Y)})
    assert evaluate(container(table, tmp_path)).loss.mean == pytest.approx(MEAN, rel=1e-3 if "16" in name else 1e-12)


@pytest.mark.parametrize(("name", "container"), in_all([*NUMBERS, *WORDS]))
def test_labels(name: str, container: Container, tmp_path: Path) -> None:
    table = pa.table({"prob": pa.array(P), "y_true": {**NUMBERS, **WORDS}[name]})
    positive = {"positive": "b"} if name in WORDS else {}
    assert evaluate(container(table, tmp_path), **positive).loss.mean == pytest.approx(MEAN, rel=1e-12)


@pytest.mark.parametrize(("name", "container"), in_all(KEYS))
def test_ids(name: str, container: Container, tmp_path: Path) -> None:
    turned = [KEYS[name].slice(place, 1) for place in (5, 3, 1, 0, 2, 4)]  # take knows not all of these types
    labels = pa.table({"key": pa.chunked_array(turned), "y": pa.array([Y[place] for place in (5, 3, 1, 0, 2, 4)])})
    predictions = container(pa.table({"key": KEYS[name], "prob": pa.array(P)}), tmp_path)
    assert evaluate(predictions, labels, id="key", label="y").loss.mean == pytest.approx(MEAN, rel=1e-12)


@pytest.mark.parametrize(("name", "container"), in_all(sorted({*NUMBERS, *WORDS, *KEYS} - {"lists of one label"})))
def test_slices(name: str, container: Container, tmp_path: Path) -> None:
    found = evaluate(container(pa.table({**PLAIN, "part": ALL[name]}), tmp_path), slice="part")
    assert len(found.slices) == (6 if name in KEYS else 2)
    assert found.loss.mean == pytest.approx(MEAN, rel=1e-12)


@pytest.mark.parametrize(("name", "container"), in_all(ALL))
def test_a_column_that_nobody_needs_is_no_obstacle(name: str, container: Container, tmp_path: Path) -> None:
    table = pa.table({**PLAIN, "unused": ALL[name]})
    written = tmp_path / "rows.parquet"
    found = evaluate(container(table, tmp_path), pred="prob", label="y_true", per_sample=written)
    assert found.loss.mean == pytest.approx(MEAN, rel=1e-12)
    assert pq.read_metadata(written).num_rows == 6


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "role",
    [{"pred": "x"}, {"label": "x"}, {"sample_weight": "x"}, {"slice": "x"}, {"where": {"x": "a"}}, {"count": "x"}],
    ids=lambda role: next(iter(role)),
)
def test_whatever_is_asked_of_a_column_the_answer_is_ours(name: str, role: dict[str, Any], tmp_path: Path) -> None:
    replaced = {"pred": "prob", "label": "y_true"}.get(next(iter(role)))
    columns = {key: column for key, column in PLAIN.items() if key != replaced}
    try:
        found = evaluate(in_ipc(pa.table({**columns, "x": ALL[name]}), tmp_path), **role)
    except CelossError as error:
        assert error.hint  # noqa: PT017  whether there is one is what the type decides
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert 0 < found.counts.scored <= 6
