"""Id columns of every type: what is one id to a person is one id here, and what is not is not."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from celoss_cli.pairing.ids import Numbers, Texts, count
from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.keys import KeyForm, form_of, ids_of, spelled
from running import Run, run, write

P, Y = [0.1, 0.8, 0.7, 0.3], [0, 1, 1, 0]
MEAN = -(math.log(0.9) + math.log(0.8) + math.log(0.7) + math.log(0.7)) / 4
ORDER = [2, 0, 3, 1]

UUIDS = [uuid.UUID(int=i * 0x1234567890ABCDEF1234567) for i in range(1, 5)]
DAYS = [dt.date(2024, 2, day) for day in (1, 2, 3, 29)]
TIMES = [dt.datetime(2024, 2, 1, 10, 0, second, 250_000 * second) for second in range(4)]
SECONDS = [time.replace(microsecond=0) for time in TIMES]
MIDNIGHTS = [dt.datetime(day.year, day.month, day.day) for day in DAYS]


def paired(directory: Path, mine: pa.Array, theirs: pa.Array, *arguments: object) -> Run:
    """Score four predictions with ids ``mine`` by labels with ids ``theirs``, which stand in another order."""
    predictions = pa.table({"id": mine, "prob": P})
    labels = pa.table({"id": theirs, "y": Y}).take(pa.array(ORDER))
    write(directory, {"p.parquet": predictions, "l.parquet": labels})
    return run("eval", directory / "p.parquet", directory / "l.parquet", "-q", *arguments)


def strings(values: Any) -> pa.Array:
    return pa.array([str(value) for value in values])


SAME = {
    "integers of two widths": (pa.array([1, 2, 3, 4], pa.int8()), pa.array([1, 2, 3, 4], pa.uint64())),
    "integers and their text": (pa.array([7, -7, 0, 10**18]), pa.array(["7", "-7", "0", str(10**18)])),
    "text with blanks": (pa.array([7, 8, 9, 10]), pa.array([" 7", "8 ", "9", "\t10"])),
    "whole floats": (pa.array([1.0, 2.0, 3.0, 4.0]), pa.array([1, 2, 3, 4])),
    "whole floats and text": (pa.array([1.0, 2.0, 3.0, 4.0]), pa.array(["1", "2", "3", "4"])),
    "floats": (pa.array([0.5, 1.5, 2.0, 3.25]), pa.array(["0.5", "1.5", "2", "3.25"])),
    "decimals": (pa.array([Decimal("1.0"), Decimal("2"), Decimal("3"), Decimal("4")]), pa.array([1, 2, 3, 4])),
    "beyond int64": (pa.array([2**63, 2**63 + 1, 1, 2], pa.uint64()), strings([2**63, 2**63 + 1, 1, 2])),
    "categories": (strings("abcd").dictionary_encode(), strings("abcd")),
    "categories of integers": (pa.array([1, 2, 3, 4]).dictionary_encode(), pa.array([1, 2, 3, 4])),
    "long strings": (strings("abcd").cast(pa.large_string()), strings("abcd")),
    "zeros in front on both sides": (strings(["007", "07", "7", "0"]), strings(["007", "07", "7", "0"])),
    "accents": (strings(["é", "è", "ß", "日本"]), strings(["é", "è", "ß", "日本"])),
    "days": (pa.array(DAYS), pa.array(DAYS, pa.date64())),
    "days and text": (pa.array(DAYS), strings(DAYS)),
    "days and midnights": (pa.array(DAYS), pa.array(MIDNIGHTS, pa.timestamp("us"))),
    "times of two units": (pa.array(TIMES, pa.timestamp("us")), pa.array(TIMES, pa.timestamp("ns"))),
    "times and text": (pa.array(TIMES, pa.timestamp("ns")), strings(TIMES)),
    "times and ISO text": (pa.array(SECONDS, pa.timestamp("s")), pa.array([time.isoformat() for time in SECONDS])),
    "one instant in two zones": (
        pa.array(TIMES, pa.timestamp("us", "UTC")),
        pa.array(TIMES, pa.timestamp("us", "UTC")).cast(pa.timestamp("ns", "America/New_York")),
    ),
    "instants and text": (pa.array(SECONDS, pa.timestamp("us", "UTC")), strings(f"{t.isoformat()}Z" for t in SECONDS)),
    "bytes": (pa.array([b"\xff\x01", b"\xff\x02", b"\xfe", b"a"]), pa.array([b"\xff\x01", b"\xff\x02", b"\xfe", b"a"])),
    "bytes and text": (pa.array([b"a", b"b", b"c", b"d"]), strings("abcd")),
    "UUIDs": (pa.array([u.bytes for u in UUIDS], pa.binary(16)), strings(UUIDS)),
    "UUIDs in capitals": (pa.array([u.bytes for u in UUIDS], pa.binary(16)), strings(str(u).upper() for u in UUIDS)),
    "UUIDs as such": (pa.array([u.bytes for u in UUIDS], pa.uuid()), pa.array([u.bytes for u in UUIDS], pa.uuid())),
    "UUIDs without dashes": (pa.array([u.bytes for u in UUIDS], pa.uuid()), strings(u.hex for u in UUIDS)),
}


@pytest.mark.parametrize("name", SAME)
def test_one_id_in_two_spellings(name: str, tmp_path: Path) -> None:
    mine, theirs = SAME[name]
    assert paired(tmp_path, mine, theirs).mean == pytest.approx(MEAN, rel=1e-10)
    assert paired(tmp_path, theirs, mine).mean == pytest.approx(MEAN, rel=1e-10)


DIFFERENT = {
    "zeros in front": (strings(["001", "002", "003", "004"]), pa.array([1, 2, 3, 4])),
    "a sign in front": (strings(["+1", "+2", "+3", "+4"]), pa.array([1, 2, 3, 4])),
    "letters large and small": (strings("abcd"), strings("ABCD")),
    "a day and a time of it": (pa.array(DAYS), pa.array([d.replace(hour=1) for d in MIDNIGHTS], pa.timestamp("us"))),
    "with a zone and without": (pa.array(SECONDS, pa.timestamp("us", "UTC")), strings(SECONDS)),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_two_ids_that_look_alike(name: str, tmp_path: Path) -> None:
    mine, theirs = DIFFERENT[name]
    for one, other in ((mine, theirs), (theirs, mine)):
        done = paired(tmp_path, one, other)
        assert done.code == 3
        assert "no id is in" in done.err or "the ids are written in two ways" in done.err


def test_truth_values_beside_another_column(tmp_path: Path) -> None:
    flags = pa.array([True, False, True, False])
    predictions = pa.table({"user": [1, 1, 2, 2], "control": flags, "prob": P})
    for theirs in (flags, pa.array(["True", "False", "True", "False"]), pa.array(["true", "false", "TRUE", "false"])):
        labels = pa.table({"control": theirs, "y": Y, "user": [1, 1, 2, 2]}).take(pa.array(ORDER))
        write(tmp_path, {"p.parquet": predictions, "l.parquet": labels})
        done = run("eval", tmp_path / "p.parquet", tmp_path / "l.parquet", "-q", "--id", "user,control")
        assert done.mean == pytest.approx(MEAN, rel=1e-10)


@pytest.mark.parametrize(("mine", "theirs"), [(pa.array([1, 2, 3, 4]), strings([1, 2, 3, 4]))])
def test_types_that_differ_are_said(mine: pa.Array, theirs: pa.Array, tmp_path: Path) -> None:
    done = paired(tmp_path, mine, theirs)
    assert done.mean == pytest.approx(MEAN, rel=1e-10)
    assert "the ids in column 'id' are int64 in" in done.err
    assert "7 is '7' and not '007'" in done.err
    assert paired(tmp_path, mine, mine).err == ""


def test_numbers_that_turn_out_to_be_none_late(tmp_path: Path) -> None:
    """The ids are whole numbers for a whole row group, and fractions after it."""
    import pyarrow.parquet as pq

    n = 3000
    ids = pa.array([float(i) for i in range(n - 1)] + [0.5])
    pq.write_table(pa.table({"id": ids, "prob": [0.5] * n}), tmp_path / "p.parquet", row_group_size=1000)
    pq.write_table(pa.table({"id": ids, "y": [1] * n}).take(pa.array(range(n - 1, -1, -1))), tmp_path / "l.parquet")
    done = run("eval", tmp_path / "p.parquet", tmp_path / "l.parquet", "-q")
    assert done.mean == pytest.approx(0.6931471805599453, rel=1e-14)


def test_nulls_and_slices() -> None:
    for array in (
        pa.array([5, None, 7, None, 9]),
        pa.array(["5", None, "7", "", "9"]),
        pa.array([5.0, None, 7, None, 9]),
    ):
        (column,) = ids_of(ArrowBatch({"id": array.slice(1, 3)}, 3), {"id": form_of(array.type, array.type)})
        assert count(column) == 3
        assert column.missing is not None
        assert column.missing.tolist() == [True, False, True]
        assert spelled(column).text(1) == "7"
    (column,) = ids_of(ArrowBatch({"id": pa.array([], pa.string())}, 0), {"id": KeyForm.TEXT})
    assert isinstance(column, Texts)
    assert count(column) == 0
    (column,) = ids_of(ArrowBatch({"id": pa.nulls(2)}, 2), {"id": KeyForm.TEXT})
    assert column.missing is not None
    assert column.missing.all()


def test_forms() -> None:
    assert form_of(pa.int64(), pa.float32()) is KeyForm.NUMBER
    assert form_of(pa.int64(), pa.string()) is KeyForm.TEXT
    assert form_of(None, pa.int8()) is KeyForm.NUMBER
    assert form_of(pa.string(), pa.date32()) is KeyForm.TIME
    (column,) = ids_of(ArrowBatch({"id": pa.array([1, 2])}, 2), {"id": KeyForm.NUMBER})
    assert isinstance(column, Numbers)
