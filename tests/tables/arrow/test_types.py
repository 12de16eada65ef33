"""Arrow's many types for one thing: views, narrow decimals, extension types, large integers, bytes."""

from __future__ import annotations

import math
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from celoss_cli import evaluate
from running import run, write

LABELS = [1, 0, 1, 0]

SCORES = [0.9, 0.2, 0.8, 0.3]

EXPECTED = -float(np.mean(np.log([0.9, 0.8, 0.8, 0.7])))

UUIDS = [uuid.UUID(int=place) for place in range(4)]

BYTES = [b"a\xff", b"a\xfe", b"b\xff", b"b\xfe"]  # no text: two of them differ in what cannot be decoded alone

LARGE = [2**60, None, 2**60 + 1, 7]


def _other(value: Any) -> dict[str, pa.Array]:
    """Columns of types that few files have, each with four values."""
    del value
    return {
        "uuid": pa.array([u.bytes for u in UUIDS], pa.uuid()),
        "json": pa.array(['{"a": 1}', "2", None, '"x"'], pa.json_()),
        "bool8": pa.array([1, 0, 1, None], pa.bool8()),
        "opaque": pa.ExtensionArray.from_storage(pa.opaque(pa.string(), "x", "y"), pa.array(["a", "b", "c", "d"])),
        "decimal32": pa.array([Decimal("1.25"), None, Decimal("2.5"), Decimal("0.25")], pa.decimal32(5, 2)),
        "decimal64": pa.array([Decimal("1.25"), None, Decimal("2.5"), Decimal("0.25")], pa.decimal64(5, 2)),
        "string_view": pa.array(["a", None, "c", "d"], pa.string_view()),
        "binary_view": pa.array(BYTES, pa.binary_view()),
        "binary": pa.array(BYTES, pa.binary()),
        "fixed": pa.array(BYTES, pa.binary(2)),
        "null": pa.nulls(4),
        "large integers": pa.array(LARGE, pa.int64()),
        "unsigned": pa.array([2**64 - 1, None, 1, 2], pa.uint64()),
        "tensor": pa.FixedShapeTensorArray.from_numpy_ndarray(np.arange(16.0).reshape(4, 2, 2)),
        "date": pa.array([1, 2, None, 4], pa.date32()),
        "duration": pa.array([1, 2, None, 4], pa.duration("s")),
    }


OTHER = _other(None)


def _write(path: Path, table: pa.Table) -> None:
    if path.suffix == ".arrow":
        pyarrow.feather.write_feather(table, str(path), compression="uncompressed")
    else:
        pq.write_table(table, path)


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
@pytest.mark.parametrize("name", OTHER)
def test_a_column_of_another_type_is_no_obstacle(name: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    try:
        _write(path, pa.table({"other": OTHER[name], "prob": SCORES, "label": LABELS}))
    except pa.ArrowNotImplementedError:
        pytest.skip("Arrow cannot write it in this form")
    assert run("eval", path, "-q", "--pred", "prob").mean == pytest.approx(EXPECTED, rel=1e-14)
    assert run("inspect", path, "--pred", "prob").code == 0
    rows = tmp_path / "rows.csv"
    done = run("eval", path, "--slice", "other", "--pred", "prob", "--id", "other", "--per-sample", rows)
    assert done.code == 0, done.err
    assert len(rows.read_text().splitlines()) == 5


@pytest.mark.parametrize("name", ["uuid", "string_view", "binary_view", "binary", "fixed", "decimal32"])
def test_slices_are_told_apart(name: str) -> None:
    table = pa.table({"other": OTHER[name], "prob": SCORES, "label": LABELS})
    values = {part.value for part in evaluate(table, slice="other", pred="prob").slices}
    assert len(values) == 4
    if name == "uuid":
        assert values == {str(one) for one in UUIDS}


def test_a_tensor_of_one_axis_is_a_vector(tmp_path: Path) -> None:
    matrix = np.array([[1 - p, p] for p in SCORES])
    write(tmp_path, {"x.parquet": pa.table({
        "probs": pa.FixedShapeTensorArray.from_numpy_ndarray(matrix), "label": LABELS})})  # fmt: skip
    assert evaluate(str(tmp_path / "x.parquet"), strict=True).loss.mean == pytest.approx(EXPECTED, rel=1e-14)
    ragged = pa.StructArray.from_arrays(
        [pa.array(matrix.tolist()), pa.array([[2]] * 4, pa.list_(pa.int32(), 1))], names=["data", "shape"]
    )
    assert evaluate(pa.table({"probs": ragged, "label": LABELS})).loss.mean == pytest.approx(EXPECTED, rel=1e-14)


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(2), pa.binary_view()])
def test_ids_of_bytes_are_compared_as_bytes(kind: pa.DataType, tmp_path: Path) -> None:
    order = [2, 0, 3, 1]
    mine = pa.table({"id": pa.array(BYTES, kind), "prob": SCORES})
    theirs = pa.table({"id": pa.array([BYTES[i] for i in order], kind), "label": [LABELS[i] for i in order]})
    write(tmp_path, {"p.parquet": mine, "y.parquet": theirs})
    assert run("eval", tmp_path / "p.parquet", tmp_path / "y.parquet", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)
    strangers = theirs.set_column(0, "id", pa.array([b"a\xfd", b"a\xfc", b"b\xfd", b"b\xfc"], kind))
    write(tmp_path, {"y.parquet": strangers})
    done = run("eval", tmp_path / "p.parquet", tmp_path / "y.parquet")
    assert (done.code, "61ff" in done.err) == (3, True), done.err


@pytest.mark.parametrize("mine", [pa.binary(12), pa.binary_view()])
def test_bytes_of_two_types_are_the_same_bytes(mine: pa.DataType, tmp_path: Path) -> None:
    ids = [bytes([i] * 12) for i in range(4)]
    write(tmp_path, {
        "p.parquet": pa.table({"id": pa.array(ids, mine), "prob": SCORES}),
        "y.parquet": pa.table({"id": pa.array(ids[::-1], pa.binary()), "label": LABELS[::-1]}),
    })  # fmt: skip
    assert run("eval", tmp_path / "p.parquet", tmp_path / "y.parquet", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


def test_a_decimal_is_the_nearest_double() -> None:
    values = [
        Decimal("0.1234567890123456789"),
        Decimal("0.9999999999999999999"),
        None,
        Decimal("0.3000000000000000001"),
    ]
    numbers = evaluate_numbers(pa.array(values, pa.decimal128(30, 19)))
    assert numbers[:2] == [float(values[0] or 0), float(values[1] or 0)]
    assert math.isnan(numbers[2])
    assert numbers[3] == 0.3


def evaluate_numbers(column: pa.Array) -> list[float]:
    from celoss_cli.tables.arrow.batch import ArrowBatch

    values: list[float] = ArrowBatch({"x": column}, len(column)).numbers("x").tolist()
    return values


@pytest.mark.parametrize("encoding", ["DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"])
def test_text_in_a_delta_encoding(encoding: str, tmp_path: Path) -> None:
    table = pa.table({"note": ["one", "two", "two", None], "prob": SCORES, "label": ["b", "a", "b", "a"]})
    encodings = {"note": encoding, "label": encoding}
    pq.write_table(table, tmp_path / "x.parquet", use_dictionary=False, column_encoding=encodings)
    assert run("eval", tmp_path / "x.parquet", "--positive", "b", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


def test_large_labels_are_told_apart() -> None:
    labels = [2**53 + label for label in LABELS]
    result = evaluate(pa.table({"prob": SCORES, "label": labels}), positive=str(2**53 + 1), strict=True)
    assert result.loss.mean == pytest.approx(EXPECTED, rel=1e-14)
    texts = pa.table({"prob": SCORES, "label": list(map(str, labels))})
    assert evaluate(texts, positive=str(2**53 + 1)).loss.mean == pytest.approx(EXPECTED, rel=1e-14)


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("s"), pa.timestamp("us", "UTC"), pa.duration("s")], ids=str)
def test_times_that_python_has_no_object_for(kind: Any, tmp_path: Path) -> None:
    """As "infinity" of a database: ids, slices and groups go by the number that is stored."""
    wide = np.iinfo(f"i{kind.bit_width // 8}")
    stored = np.array([wide.max, wide.max - 1, 5, 86400], wide.dtype)
    times = pa.Array.from_buffers(kind, 4, [None, pa.py_buffer(stored.tobytes())])
    table = pa.table({"when": times, "p": [0.25, 0.5, 0.75, 0.125], "y": [0, 1, 1, 0]})
    pa.feather.write_feather(table, tmp_path / "f.arrow", compression="uncompressed")
    pa.feather.write_feather(table.select(["when", "y"]), tmp_path / "y.arrow", compression="uncompressed")
    mean = -float(np.log([0.75, 0.5, 0.75, 0.875]).mean())
    for options in (("--slice", "when"), ("--cluster", "when"), (tmp_path / "y.arrow", "--id", "when", "--pred", "p")):
        assert run("eval", tmp_path / "f.arrow", *options, "-q").mean == pytest.approx(mean, rel=1e-12), options
    assert run("inspect", tmp_path / "f.arrow").code == 0
    for form in ("csv", "parquet"):
        rows = tmp_path / f"rows.{form}"
        done = run("eval", tmp_path / "f.arrow", "-q", "--id", "when", "--per-sample", rows)
        assert done.code == (3 if form == "parquet" and kind == pa.timestamp("s") else 0), (
            done.err
        )  # which has no seconds
        assert rows.exists() == (done.code == 0)
