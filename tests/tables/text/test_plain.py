"""What the compiled core reads of a text file is what pyarrow reads there: the same bits, names, ids and faults."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.kernels.compiled import CORE
from celoss_cli.request import ReadOptions
from celoss_cli.tables.id_prints import Ending, IdFilter, id_prints
from celoss_cli.tables.source import Need
from celoss_cli.tables.text import csv
from celoss_cli.tables.text.cell_type import CellType, Unparsable
from celoss_cli.tables.text.csv import CsvTable, open_csv
from celoss_cli.tables.text.dialect import Dialect
from celoss_cli.tables.text.parse import read_records
from celoss_cli.tables.text.plain import read_plain
from celoss_cli.tables.text.plain_batch import PlainBatch
from decimal_texts import CASES, decimal_texts

pytestmark = pytest.mark.skipif(CORE is None, reason="the kernels of this installation are not compiled")

READ_AS = (CellType.FLOAT, CellType.INTEGER, CellType.NAME, CellType.TEXT, None)

FLOATS = st.one_of(
    st.sampled_from(CASES),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers().map(str),
    st.sampled_from((" 1.5", "2 ", "\t3e4\t", "007")),
)
INTEGERS = st.one_of(
    st.integers(-(10**18) + 1, 10**18 - 1).map(str), st.sampled_from(("007", " 1", "2\t", "-0", "-01"))
)
NAMES = st.sampled_from(
    (
        '"cat"',
        '"a\nb"',
        '""',
        '" é\r"',
        "cat",
        "dog",
        " cat",
        "",
        "NA",
        "1.0",
        "é",
        "中",
        "null",
        "a\0b",
        "true",
        "#x",
        "1e5",
        "'",
    )
)
CELLS = {CellType.FLOAT: FLOATS, CellType.INTEGER: INTEGERS, CellType.NAME: NAMES, CellType.TEXT: NAMES, None: NAMES}
FLAWED = st.sampled_from(
    (
        "NA",
        "nan",
        "inf",
        "",
        "0x1A",
        "1_0",
        "1,2",
        '"1"',
        'a"b',
        '"a""b"',
        '"',
        '"a"b',
        '"a,b"',
        '"\n\n"',
        "\r",
        "1\r2",
        "9" * 25,
        "+1",
        "1.",
        "50%",
        "\n",
        "1\n",
    )
)


def dialect_of(width: int, delimiter: str = ",", **other: Any) -> Dialect:
    names = tuple(f"c{place}" for place in range(width - other.get("trailing_delimiter", False)))
    return Dialect("utf-8", None, delimiter, ".", header=False, names=names, **other)


@st.composite
def records(draw: st.DrawFn, *, flaws: bool = False) -> tuple[bytes, Dialect, dict[int, CellType]]:
    """Draw records, how they are written, and what some of their columns are read as."""
    delimiter = draw(st.sampled_from((",", ";", "\t", "|")))
    kinds = draw(st.lists(st.sampled_from(READ_AS), min_size=1, max_size=4))
    cells = [CELLS[kind].filter(lambda text: delimiter not in text) for kind in kinds]
    if flaws:
        cells = [st.one_of(cell, cell, cell, FLAWED) for cell in cells]
    rows = draw(st.lists(st.tuples(*cells), min_size=1, max_size=8))
    end = draw(st.sampled_from(("\n", "\n", "\r\n")))
    trailing = draw(st.booleans())
    lines = [delimiter.join((*row, "") if trailing else row) for row in rows]
    text = end.join(lines) + draw(st.sampled_from((end, "")))
    types = {place: kind for place, kind in enumerate(kinds) if kind is not None}
    return text.encode(), dialect_of(len(kinds) + trailing, delimiter, trailing_delimiter=trailing), types


def assert_same(plain: PlainBatch, data: bytes, dialect: Dialect, types: dict[int, CellType]) -> None:
    """Compare all that a batch hands out with what pyarrow makes of the same records."""
    expected, behind = read_records(data, dialect, types, missing=("",))
    assert not behind
    assert plain.rows == expected.rows
    some = np.arange(plain.rows)[::-2]
    for place, cells in types.items():
        name = dialect.names[place]
        assert plain.column(name).equals(expected.column(name))
        assert plain.column(name).type == expected.column(name).type
        assert plain.texts(name) == expected.texts(name)
        assert [plain.text_at(name, row) for row in range(plain.rows)] == expected.texts(name)
        codes, values = plain.categories(name)
        assert values == expected.categories(name).values
        assert codes.tolist() == expected.categories(name).codes.tolist()
        whole, same = plain.integers(name), expected.integers(name)
        assert (whole is None) == (same is None)
        assert whole is None or whole.tolist() == np.asarray(same).tolist()
        if cells in (CellType.FLOAT, CellType.INTEGER):
            assert plain.numbers(name).dtype == expected.numbers(name).dtype
            assert plain.numbers(name).tobytes() == expected.numbers(name).tobytes()
        prints, expected_prints = id_prints(plain.held(name)), id_prints(expected.held(name))
        assert np.array_equal(prints, expected_prints)
        hits = IdFilter(1 << 63, Ending(2, int.from_bytes(b"at", "little"))).hits
        assert [x.tolist() for x in hits(plain.held(name))] == [x.tolist() for x in hits(expected.held(name))]
        assert plain.taken(some).texts(name) == expected.taken(some).texts(name)
        assert not plain.is_vector(name)


@given(records())
def test_plain_records_are_read_as_pyarrow_reads_them(drawn: tuple[bytes, Dialect, dict[int, CellType]]) -> None:
    data, dialect, types = drawn
    plain = read_plain(data, dialect, types)
    blank = any(line in (b"", b"\r") for line in data.removesuffix(b"\n").split(b"\n"))
    if not blank:
        assert plain is not None
    if plain is not None:
        assert_same(plain, data, dialect, types)


@given(records(flaws=True))
def test_what_is_not_plain_is_left_to_pyarrow(drawn: tuple[bytes, Dialect, dict[int, CellType]]) -> None:
    data, dialect, types = drawn
    plain = read_plain(data, dialect, types)
    if plain is not None:
        assert_same(plain, data, dialect, types)


@given(
    st.binary(max_size=40) | st.binary(max_size=9).map(codecs.BOM_UTF8.__add__),
    st.lists(st.sampled_from(READ_AS), min_size=1, max_size=3),
)
def test_any_bytes_are_read_as_pyarrow_reads_them_or_left(data: bytes, kinds: list[CellType | None]) -> None:
    types = {place: kind for place, kind in enumerate(kinds) if kind is not None}
    plain = read_plain(data, dialect_of(len(kinds)), types)
    if plain is not None:
        assert_same(plain, data, dialect_of(len(kinds)), types)


def test_a_mark_inside_of_a_file_is_text_wherever_the_file_is_cut() -> None:
    data = "\ufeffa\nb\n".encode()
    plain = read_plain(data, dialect_of(1), {0: CellType.TEXT})
    batch, _ = read_records(data, dialect_of(1), {0: CellType.TEXT})
    assert plain is None or plain.texts("c0") == ["\ufeffa", "b"]
    assert batch.texts("c0") == ["\ufeffa", "b"]


def test_pyarrow_rounds_as_python_does() -> None:
    texts = [*CASES, *decimal_texts(20_000, seed=1)]
    batch, _ = read_records("\n".join(texts).encode(), dialect_of(1), {0: CellType.FLOAT})
    assert batch.numbers("c0").tobytes() == np.array([float(text) for text in texts]).tobytes()


@pytest.mark.parametrize(
    "dialect",
    [
        dialect_of(1)._replace(decimal=","),
        dialect_of(1)._replace(newline=b"\r"),
        *(dialect_of(1, delimiter) for delimiter in "0-+.eE"),
    ],
)
def test_some_dialects_are_never_plain(dialect: Dialect) -> None:
    assert read_plain(b"1\n", dialect, {0: CellType.FLOAT}) is None
    assert read_plain(b"1\n", dialect_of(1), {0: CellType.FLOAT}) is not None


def test_no_record_is_for_pyarrow() -> None:
    assert read_plain(b"", dialect_of(1), {0: CellType.FLOAT}) is None
    with pytest.raises(Unparsable):
        read_records(b"", dialect_of(1), {0: CellType.FLOAT})


def test_booleans_are_for_pyarrow() -> None:
    assert read_plain(b"true\n", dialect_of(1), {0: CellType.BOOLEAN}) is None


def test_text_that_is_no_utf8_is_for_pyarrow() -> None:
    for cells in (CellType.NAME, CellType.TEXT):
        assert read_plain(b"a\xff,1\n", dialect_of(2), {0: cells}) is None
        with pytest.raises(Unparsable):
            read_records(b"a\xff,1\n", dialect_of(2), {0: cells})
    assert read_plain(b"\xc3,\xa9\n", dialect_of(2), {0: CellType.TEXT, 1: CellType.TEXT}) is None
    assert read_plain(b"a\xff,1\n", dialect_of(2), {1: CellType.FLOAT}) is not None  # pyarrow looks at no other column


# --- whole files -------------------------------------------------------------------------------------------------


NEEDS = {"p": Need.NUMBER, "y": Need.LABEL, "name": Need.CATEGORY, "id": Need.KEY}
ROWS = [f"{i % 3},{i}e-3,n{i % 5},i{i}" for i in range(200)]


def table_of(folder: Path, rows: list[str], *, compressed: bool = False) -> CsvTable:
    text = "\n".join(("y,p,name,id", *rows, "")).encode()
    path = folder / "f.csv"
    path.write_bytes(gzip.compress(text) if compressed else text)
    return open_csv(str(path), ReadOptions(), compression="gzip" if compressed else None, range_size=100)


def cells_of(table: CsvTable) -> list[list[str | None]]:
    batches = [batch for partition in table.partitions() for batch in partition.batches(NEEDS)]
    return [[text for batch in batches for text in batch.texts(name)] for name in NEEDS]


@pytest.mark.parametrize("compressed", [False, True])
def test_pyarrow_is_not_asked_about_a_plain_file(
    *, compressed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = table_of(tmp_path, ROWS, compressed=compressed)
    with monkeypatch.context() as patch:
        patch.setattr("celoss_cli.tables.text.parse.read_records", None)
        found = cells_of(table)
        assert table.head().rows == 200
    monkeypatch.setattr(csv, "read_plain", lambda *_: None)
    assert cells_of(table_of(tmp_path, ROWS, compressed=compressed)) == found


@pytest.mark.parametrize("odd", ['"1",1,n,i', "1,,n,i", "1,NA,n,i", "1,1,n,é", "1,inf,n,i", "1,1,n,i\n", "1.0,1,n,i"])
def test_one_odd_row_costs_the_others_nothing(odd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of(tmp_path, [*ROWS[:77], odd, *ROWS[77:]])
    found = cells_of(table)
    assert table._refused <= 1
    monkeypatch.setattr(csv, "read_plain", lambda *_: None)
    assert cells_of(table_of(tmp_path, [*ROWS[:77], odd, *ROWS[77:]])) == found


def test_a_file_that_never_is_plain_is_not_tried_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(csv, "read_plain", lambda *_: calls.append(1))
    table = table_of(tmp_path, ROWS)
    cells_of(table)
    assert len(calls) < 10
