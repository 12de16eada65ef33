"""Text files as tables: whatever the range size, the cells are those Python's csv module reads."""

from __future__ import annotations

import csv
import gzip
import io
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from celoss_cli.errors import CelossError, DataError, InvalidScores, UnreadableFile, UsageError
from celoss_cli.request import ReadOptions
from celoss_cli.tables.batch import label_text
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.text import byte_ranges
from celoss_cli.tables.text.byte_ranges import Cutter, EndlessRecord, cut_stream
from celoss_cli.tables.text.csv import CsvTable, open_csv
from celoss_cli.tables.text.records import records


def write(folder: Path, data: bytes | str, name: str = "f.csv") -> str:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def opened(folder: Path, data: bytes | str, *, range_size: int = 1 << 20, **options: Any) -> CsvTable:
    compression = options.pop("compression", None)
    return open_csv(write(folder, data), ReadOptions(**options), compression=compression, range_size=range_size)


def numbers(table: CsvTable, *names: str) -> list[list[float]]:
    needs = dict.fromkeys(names, Need.NUMBER)
    batches = [batch for partition in table.partitions() for batch in partition.batches(needs)]
    return [[x for batch in batches for x in batch.numbers(name).tolist()] for name in names]


def texts(table: CsvTable, need: Need = Need.CATEGORY) -> list[list[str | None]]:
    needs = {column.name: need for column in table.columns}
    batches = [batch for partition in table.partitions() for batch in partition.batches(needs)]
    return [[x for batch in batches for x in batch.texts(name)] for name in needs]


def fault(table: CsvTable, needs: dict[str, Need]) -> tuple[DataError, int]:
    """Return the first error of a table's partitions with the line of the row it names, as a caller would."""
    start = 0
    found = None
    for partition in table.partitions():
        try:
            start += sum(batch.rows for batch in partition.batches(needs))
        except DataError as error:
            found = error
            break
    assert found is not None
    assert found.where is not None
    assert found.where.row is not None
    assert found.where.line is None
    line = table.line_of(start + found.where.row)
    assert line is not None
    return found, line


# --- the cells ---------------------------------------------------------------------------------------------------

CELL = st.text(st.sampled_from('ab0." \n,;é'), max_size=6) | st.just("x" * 50)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str, bool]:
    """Return (text, delimiter, header) of a random table: quoting, line ends, blank lines, newlines in cells."""
    delimiter = draw(st.sampled_from(",;\t|"))
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=12))
    header = draw(st.booleans())
    if header:
        rows.insert(0, [f"c{i}" for i in range(width)])
    out = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if end == "\r" else quoting, lineterminator=end)
    for row in rows:
        out.write(end * draw(st.integers(0, 2)))
        writer.writerow(row)
    text = out.getvalue()
    return text[: -len(end)] if draw(st.booleans()) else text, delimiter, header


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=files(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1"]),
    compressed=st.booleans(),
    range_size=st.integers(1, 60),
)
def test_cells_and_lines_are_those_of_pythons_csv_module(
    tmp_path: Path, file: tuple[str, str, bool], encoding: str, compressed: bool, range_size: int
) -> None:
    text, delimiter, header = file
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    expected: list[list[str]] = []
    lines, last = [], 0
    for record in reader:
        if record:
            expected.append(record)
            lines.append(last + 1)
        last = reader.line_num
    assume(len(expected) > header)
    expected, lines = expected[header:], lines[header:]

    data = text.encode(encoding)
    table = opened(
        tmp_path,
        gzip.compress(data) if compressed else data,
        compression="gzip" if compressed else None,
        range_size=range_size,
        delimiter=delimiter,
        header=header,
        encoding=encoding,
    )
    columns = [[label_text(cell) for cell in column] for column in zip(*expected, strict=True)]
    if table.dialect.trailing_delimiter:
        assert not any(columns.pop())
    assert texts(table) == columns
    assert texts(table, Need.KEY) == columns
    assert [table.line_of(row) for row in range(len(expected))] == lines
    assert table.line_of(len(expected)) is None
    assert table.head().rows == len(expected)
    sizes = [partition.size for partition in table.partitions()]
    assert sum(sizes) == table.size
    assert min(sizes) >= 0


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.tuples(*[st.floats(allow_nan=False)] * 2), min_size=1), decimal=st.sampled_from(".,"))
def test_floats_come_back_bit_for_bit(tmp_path: Path, values: list[tuple[float, float]], decimal: str) -> None:
    lines = "".join(f"{a!r};{b:.17e}\n".replace(".", decimal) for a, b in values)
    table = opened(tmp_path, "a;b\n" + lines, range_size=100, delimiter=";", decimal=decimal)
    assert numbers(table, "a", "b") == [list(column) for column in zip(*values, strict=True)]


def test_numbers_and_what_is_missing(tmp_path: Path) -> None:
    table = opened(tmp_path, "p,q\n0.5, inf\nNA,-Infinity\n, 0.25 \nnan, NA\n5e-324,1e400\n")
    p, q = numbers(table, "p", "q")
    assert [None if math.isnan(x) else x for x in p] == [0.5, None, None, None, 5e-324]
    assert [None if math.isnan(x) else x for x in q] == [math.inf, -math.inf, 0.25, None, math.inf]


def test_a_class_may_be_called_na(tmp_path: Path) -> None:
    assert texts(opened(tmp_path, "label,p\nNA,1\n,0\nnan,1\n001,1\n"))[0] == ["NA", None, "nan", "001"]


def test_booleans_as_numbers_and_as_names(tmp_path: Path) -> None:
    table = opened(tmp_path, "y,p\ntrue,0.5\nfalse,0.25\n")
    assert numbers(table, "y") == [[1, 0]]
    assert table.head().categories("y").values == ("true", "false")


def test_the_head_serves_as_numbers_and_as_categories(tmp_path: Path) -> None:
    table = opened(tmp_path, "y,p,s\n0,0.5,a\n1,0.25,b\n")
    head = table.head()
    assert head.numbers("y").tolist() == [0, 1]
    assert head.categories("y").values == ("0", "1")
    assert head.numbers("p").tolist() == [0.5, 0.25]


def test_the_head_reads_only_the_first_bytes(tmp_path: Path) -> None:
    rows = "".join(f"{i},0.5\n" for i in range(400_000))
    table = opened(tmp_path, gzip.compress(("id,p\n" + rows).encode())[:-2000], compression="gzip")
    assert table.head().rows == 1000
    with pytest.raises(UnreadableFile) as caught:
        texts(table)
    assert caught.value.code == "damaged_compression"


def test_only_the_columns_asked_for_are_converted(tmp_path: Path) -> None:
    table = opened(tmp_path, "a,b\n1,0.5\nx,0.25\n")
    assert numbers(table, "b") == [[0.5, 0.25]]
    assert sum(b.rows for p in table.partitions() for b in p.batches({})) == 2


def test_a_row_longer_than_a_range_and_a_sample(tmp_path: Path) -> None:
    width = 60_000
    names = ",".join(f"c{i}" for i in range(width))
    row = ",".join(["0.125"] * width)
    table = opened(tmp_path, f"{names}\n{row}\n{row}\n{row}\n", range_size=10)
    assert len(table.columns) == width
    assert numbers(table, "c59999") == [[0.125] * 3]


@pytest.mark.parametrize("cell", ["x" * 140_000, '"' + 'a line, ""so""\n' * 20_000 + 'end"', "a;b|c\td" * 20_000])
@pytest.mark.parametrize("row", [0, 20, 30_000])
@pytest.mark.parametrize("delimiter", [None, ","])
def test_a_cell_longer_than_the_csv_module_takes(tmp_path: Path, cell: str, row: int, delimiter: str | None) -> None:
    limit = csv.field_size_limit()
    rows = 40_000
    lines = "".join(f"{i % 2},0.{i % 9},{cell if i == row else 'x'}\n" for i in range(rows))
    table = opened(tmp_path, f"y,prob,prompt\n{lines}0,oops,x\n", delimiter=delimiter)
    assert table.dialect.names == ("y", "prob", "prompt")
    prompts = [text for part in table.partitions() for batch in part.batches({"prompt": Need.CATEGORY})
               for text in batch.texts("prompt")]  # fmt: skip
    expected = cell.strip('"').replace('""', '"')
    assert (len(prompts), prompts[row]) == (rows + 1, expected)
    error, line = fault(table, {"prob": Need.NUMBER})
    assert (error.code, line) == ("not_a_number", rows + 2 + expected.count("\n"))
    assert csv.field_size_limit() == limit


def test_the_csv_module_keeps_its_limit_for_everybody_else() -> None:
    """The limit is the process's own: here threads read long cells while the program relies on its limit."""
    row = f"1,0.5,{'x' * 140_000}\n".encode()
    own = csv.field_size_limit(1000)
    try:
        reading = records(b"y,p,s\n" + row * 150, ",")
        next(reading)
        assert csv.field_size_limit() == 1000
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: [len(one.fields[2]) for one in records(row * 150, ",")], range(8)))
        assert found == [[140_000] * 150] * 8
        assert csv.field_size_limit() == 1000
        csv.field_size_limit(1 << 30)
        assert len(list(reading)) == 150
        assert csv.field_size_limit() == 1 << 30
    finally:
        csv.field_size_limit(own)


def test_stray_quotes_do_not_hide_the_record_ends(tmp_path: Path) -> None:
    rows = 'TV 40" wide,0.5\nradio,0.25\n"a\nb",0.125\n' * 30
    table = opened(tmp_path, "name,p\n" + rows, range_size=100)
    assert numbers(table, "p") == [[0.5, 0.25, 0.125] * 30]
    assert len(list(table.partitions())) > 5


@pytest.mark.parametrize("range_size", [1, 5, 10, 20, 1000])
def test_a_stray_quote_and_a_quoted_newline_in_one_row(tmp_path: Path, range_size: int) -> None:
    # Two quotes, so that their number is even at the line end inside the quotes: counting alone would cut there.
    table = opened(tmp_path, 'size,note,p\n5",ok,0.5\n5","a\n\nb",0.25\n6",ok,0.125\n', range_size=range_size)
    assert texts(table) == [['5"', '5"', '6"'], ["ok", "a\n\nb", "ok"], ["0.5", "0.25", "0.125"]]
    assert [table.line_of(row) for row in range(3)] == [2, 3, 6]


def test_blank_separated(tmp_path: Path) -> None:
    table = opened(tmp_path, "1 0.83\n\n 0   0.25 \n1\t0.5\n" * 5, range_size=20)
    assert numbers(table, "0", "1") == [[1, 0, 1] * 5, [0.83, 0.25, 0.5] * 5]
    assert table.line_of(1) == 3


def test_a_trailing_delimiter_is_dropped_only_while_nothing_stands_after_it(tmp_path: Path) -> None:
    assert numbers(opened(tmp_path, "a,b\n0.1,0.2,\n0.3,0.4,\n"), "b") == [[0.2, 0.4]]
    late = "a,b\n" + "0.1,0.2,\n" * 1500 + "0.1,0.2,7\n"
    error, line = fault(opened(tmp_path, late, range_size=100), {"a": Need.NUMBER})
    assert (error.code, line) == ("ragged_row", 1502)


def test_zstd(tmp_path: Path) -> None:
    import pyarrow as pa

    data = pa.compress(b"a,b\n1,2\n3,4\n" * 1, codec="zstd", asbytes=True)
    table = opened(tmp_path, data, compression="zstd")
    assert (table.format, numbers(table, "a")) == ("csv.zst", [[1, 3]])


def test_it_is_a_table(tmp_path: Path) -> None:
    table: Table = opened(tmp_path, "a,b\n1,2\n")
    assert (table.format, table.named, table.rows) == ("csv", True, None)
    assert not opened(tmp_path, "0.5\n0.25\n").named


# --- the faults --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"a,b\n", "no_data_rows"),
        (b"\x00\x01\x02PNG\n", "binary_file"),
        (b"id,p\n1,caf\xe9\n", "invalid_bytes"),
        (b"a,a\n1,2\n", "duplicate_columns"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        opened(tmp_path, data)
    assert (caught.value.code, bool(caught.value.hint)) == (code, True)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        open_csv(str(tmp_path / "none.csv"), ReadOptions())
    assert caught.value.code == "cannot_open"


def test_encodings(tmp_path: Path) -> None:
    data = "id,name\n1,café\n2,thé\n".encode("latin-1")
    with pytest.raises(UnreadableFile, match="line 2") as caught:
        opened(tmp_path, data)
    assert caught.value.code == "invalid_bytes"
    assert "--encoding latin-1" in str(caught.value.hint)
    assert texts(opened(tmp_path, data, encoding="latin-1"))[1] == ["café", "thé"]
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):  # the last two by their NUL bytes
        assert texts(opened(tmp_path, "id,p\n1,0.5\n2,0.25\n".encode(encoding)))[0] == ["1", "2"]
    with pytest.raises(UsageError):
        opened(tmp_path, data, encoding="bogus")


def test_a_ragged_row_in_the_head_is_found_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        opened(tmp_path, "id,p\n1,0.5\n\n2,0.25,9\n3,0.5\n")
    assert "row 1 (line 4): expected 2 fields, got 3: 2,0.25,9" in str(caught.value)


GOOD = "".join(f"{i},0.5,x\n" for i in range(1200))


@pytest.mark.parametrize(
    ("bad", "code", "offset"),
    [
        ("7,0.5\n", "ragged_row", 0),
        ("\n\n7,0.5,x,y\n", "ragged_row", 2),
        ("7,oops,x\n", "not_a_number", 0),
        ('7,0.5,"a\nb"\n7,"0,5",x\n', "not_a_number", 2),
    ],
)
@pytest.mark.parametrize("range_size", [50, 3000, 1 << 20])
def test_faults_later_in_the_file_are_placed(tmp_path: Path, bad: str, code: str, offset: int, range_size: int) -> None:
    data = f"id,p,s\n{GOOD}{bad}{GOOD}".encode("latin-1")
    table = opened(tmp_path, data, range_size=range_size)
    error, line = fault(table, {"p": Need.NUMBER, "s": Need.CATEGORY})
    assert (error.code, line) == (code, 1202 + offset)
    assert isinstance(error, InvalidScores if code == "not_a_number" else UnreadableFile)
    assert error.hint
    if code == "not_a_number":
        assert error.where is not None
        assert error.where.column == "p"


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_bytes_later_in_the_file_that_are_no_text(tmp_path: Path, encoding: str) -> None:
    text = "id,p,s\n" + GOOD * 30
    table = opened(tmp_path, text.encode() + b"7,0.5,x\n7,0.5,\xff\n", range_size=5000, encoding=encoding)
    if encoding == "latin-1":
        assert texts(table)[2][-1] == "ÿ"
        return
    error, line = fault(table, {"s": Need.CATEGORY})
    assert (error.code, line) == ("invalid_bytes", 36003)
    assert sum(b.rows for p in table.partitions() for b in p.batches({"p": Need.NUMBER})) == 36002


def test_a_transcoded_file_with_bad_bytes(tmp_path: Path) -> None:
    table = opened(tmp_path, ("id,p\n" + "1,0.5\n" * 200_000).encode("utf-16") + b"\x00\xd8\x00", range_size=5000)
    with pytest.raises(UnreadableFile, match="line 200002") as caught:
        texts(table)
    assert caught.value.code == "invalid_bytes"


def test_the_other_decimal_mark_is_named(tmp_path: Path) -> None:
    error, _ = fault(opened(tmp_path, 'id,p\n1,0.5\n2,"0,5"\n'), {"p": Need.NUMBER})
    assert error.hint is not None
    assert "--decimal ," in error.hint


@pytest.mark.parametrize("range_size", [20, 1 << 20])
def test_an_unclosed_quote(tmp_path: Path, range_size: int) -> None:
    table = opened(tmp_path, f'id,p,s\n{GOOD}7,0.5,"never\n8,0.5,x\n', range_size=range_size)
    error, line = fault(table, {"p": Need.NUMBER})
    assert (error.code, line) == ("unclosed_quote", 1202)


def test_an_endless_record_in_the_sample_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celoss_cli.tables.text.sample.LONGEST_RECORD", 1 << 20)
    with pytest.raises(UnreadableFile, match="a record goes on") as found:
        opened(tmp_path, 'id,p\n"1,0.5\n' + "2,0.5\n" * 800_000)
    assert found.value.code == "unclosed_quote"


def test_an_endless_record_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_ranges, "LONGEST_RECORD", 100)
    with pytest.raises(EndlessRecord):
        list(cut_stream(iter([b'"' + b"x\n" * 500]), Cutter(10, b"\n", b",")))


def test_every_error_is_ours_when_random_bytes_are_read(tmp_path: Path) -> None:
    import random

    source = random.Random(5)
    hints = []
    for _ in range(300):
        data = bytes(source.choices(b'\x00\xff\xfe\xc3\xa9ab01.,;\t"\r\n \x1f', k=source.randint(1, 60)))
        try:
            table = opened(tmp_path, data, range_size=7)
            table.head()
            texts(table)
            numbers(table, *(column.name for column in table.columns))
        except CelossError as error:
            hints.append(error.hint)
    assert hints
    assert all(hints)


def test_pandas_stays_out(tmp_path: Path) -> None:
    path = write(tmp_path, "y,p,b\nspam,0.5,true\nham,,false\n")
    script = f"""
import sys
from celoss_cli.request import ReadOptions
from celoss_cli.tables.text.csv import open_csv
from celoss_cli.tables.keys import KeyForm, ids_of
from celoss_cli.tables.source import Need
table = open_csv({path!r}, ReadOptions())
table.head().numbers("p"), table.head().categories("y")
for partition in table.partitions():
    for batch in partition.batches({{"y": Need.CATEGORY, "p": Need.NUMBER, "b": Need.NUMBER}}):
        batch.numbers("p"), batch.numbers("b"), batch.categories("y")
    for batch in partition.batches({{"y": Need.KEY}}):
        list(ids_of(batch, {{"y": KeyForm.TEXT}}))
table.line_of(1)
assert "pandas" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- the quick way -----------------------------------------------------------------------------------------------

SCORES = [
    "0.25",
    " 1e-3",
    "5e-324",
    "inf",
    "-inf",
    "nan",
    "NaN",
    "-nan",
    "NA",
    " NA",
    "null",
    "#N/A",
    "",
    "007",
    "1_0",
    "x",
]
LABELS = ["0", "1", "2", " 1", "01", "1.0", "+1", "NA", "", "yes", "99999999999999999999", "-0"]


def read_all_ways(table: CsvTable, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, Any]:
    """Return the cells as the compiled core reads what it takes, as pyarrow does quickly, and as it does in general."""

    def read() -> Any:
        table._refused = 0
        try:
            found = numbers(table, "p")[0]
            needs = {"y": Need.LABEL}
            batches = [batch for partition in table.partitions() for batch in partition.batches(needs)]
            labels = [text for batch in batches for text in batch.texts("y")]
        except DataError as error:
            return error.code, str(error)
        return [repr(x) for x in found], [None if label is None else label.lstrip("+") for label in labels]

    plain = read()
    with monkeypatch.context() as patch:
        patch.setattr(CsvTable, "_read_plainly", lambda *_: None)
        quick = read()
        patch.setattr(CsvTable, "_read_quickly", lambda *_: None)
        return plain, quick, read()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(SCORES)), max_size=12))
def test_the_quick_ways_read_what_the_general_one_does(
    rows: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = "y,p\n0,0.5\n1,0.25\n2,0.125\n"
    table = opened(tmp_path, first + "".join(f"{label},{score}\n" for label, score in rows), range_size=24)
    plain, quick, general = read_all_ways(table, monkeypatch)
    assert plain == quick
    if isinstance(quick[1], str) or isinstance(general[1], str):
        assert quick == general
        return
    assert quick[0] == general[0]
    for one, other in zip(quick[1], general[1], strict=True):  # a label goes by its number
        assert one == other or float(one) == float(other)


def test_whole_labels_are_read_as_numbers(tmp_path: Path) -> None:
    table = opened(tmp_path, "y,p\n0,0.5\n1,0.25\n")
    (batch,) = [batch for partition in table.partitions() for batch in partition.batches({"y": Need.LABEL})]
    assert batch.integers("y") is not None
    (batch,) = [batch for partition in table.partitions() for batch in partition.batches({"y": Need.CATEGORY})]
    assert batch.integers("y") is None
