"""Plain records of text, read by the compiled core: each number is the nearest double, and what is not plain is left.

``CELOSS_DECIMALS=10000000`` compares so many numbers with Python's own, ``CELOSS_FUZZ=1000000`` feeds so many inputs,
shared out among the instruction levels that work here.
"""

from __future__ import annotations

import csv
import io
import itertools
import os
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from celoss_cli.kernels.compiled import CORE, KERNELS
from decimal_texts import CASES, decimal_texts

pytestmark = pytest.mark.skipif(CORE is None, reason="the kernels of this installation are not compiled")

LEVELS = () if CORE is None else CORE.levels()
DECIMALS = int(os.environ.get("CELOSS_DECIMALS", "30000")) // (len(LEVELS) or 1)
FUZZ = int(os.environ.get("CELOSS_FUZZ", "8000")) // (len(LEVELS) or 1)
AT_ONCE = 20_000

DTYPES = {"d": np.float64, "q": np.int64, "s": np.int32, "t": np.int32}


@pytest.fixture(params=LEVELS, scope="module", autouse=True)
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each test is run with the instructions of each level."""
    CORE.use(request.param)
    yield request.param
    CORE.use(KERNELS.level)


def read(data: bytes, kinds: str, delimiter: str = ",", rows: int | None = None) -> tuple[int, int, list[list[Any]]]:
    """Return the records read, where the next one begins, and the cells of each column that has some."""
    most = CORE.count_lines(data) if rows is None else rows
    arrays: list[np.ndarray] = []
    for kind in kinds:
        if kind in DTYPES:
            arrays.append(np.full(most + (kind == "t"), 77, dtype=DTYPES[kind]))
        if kind == "t":
            arrays.append(np.zeros(len(data), dtype=np.uint8))
    found, end, names = CORE.read_records(data, ord(delimiter), kinds.encode(), most, tuple(arrays))
    columns: list[list[Any]] = []
    left, several = iter(arrays), iter(names)
    for kind in kinds:
        if kind not in DTYPES:
            continue
        cells = next(left)[: found + (kind == "t")].tolist()
        if kind == "s":
            texts = next(several)
            cells = [texts[code] for code in cells]
        if kind == "t":
            text = next(left).tobytes()
            cells = [text[a:b] for a, b in itertools.pairwise(cells)]
        columns.append(cells)
    return found, end, columns


def assert_nearest(texts: list[str]) -> None:
    data = ("\n".join(texts) + "\n").encode()
    cells = np.empty(len(texts))
    assert CORE.read_records(data, ord(","), b"d", len(texts), (cells,))[:2] == (len(texts), len(data))
    expected = np.array([float(text) for text in texts])
    (wrong,) = np.nonzero(cells.view(np.int64) != expected.view(np.int64))
    assert not wrong.size, [(texts[i], cells[i], expected[i]) for i in wrong[:5]]


@pytest.mark.parametrize("text", CASES)
def test_an_awkward_number_is_the_nearest_double(text: str) -> None:
    assert_nearest([text])


@pytest.mark.parametrize("first", range(0, DECIMALS, AT_ONCE))
def test_numbers_are_the_nearest_doubles(first: int, level: str) -> None:
    assert_nearest(decimal_texts(min(AT_ONCE, DECIMALS - first), seed=first + LEVELS.index(level)))


@pytest.mark.parametrize("digits", range(1, 24))
def test_a_point_may_stand_anywhere(digits: int) -> None:
    source = random.Random(digits)
    texts = []
    for place in range(digits + 1):
        for sign in ("", "-", "+"):
            number = "".join(source.choices("0123456789", k=digits))
            texts += [
                f"{sign}{number[:place]}.{number[place:]}",
                f"{sign}{number}",
                f"{sign}{'0' * place}{number[place:]}.",
            ]
    assert_nearest(texts * 2)


def test_a_byte_that_is_no_digit_is_seen_wherever_it_stands() -> None:
    """In a record amid others: the first ones are read one by one."""
    before, after = b"0.123456,1\n" * 8, b"0.5,2\n" * 40
    for number in (b"7", b"0.25", b"-1.706932", b"12345678", b"0.12345678901", b"-0.1234567890123456", b"12.345678901"):
        for place, byte in itertools.product(range(len(number)), range(256)):
            record = number[:place] + bytes([byte]) + number[place + 1 :] + b",1\n"
            (alone, _, cells), data = read(record, "dq"), before + record + after
            found, end, columns = read(data, "dq")
            assert (found, end) == ((49, len(data)) if alone == 1 else (8, len(before)))
            assert columns[0][8:9] == cells[0]


def test_every_power_of_ten_is_the_nearest_double() -> None:
    """Each of the core's 651 powers of five takes part, with digits that leave no bit of it out."""
    digits = ("1", "9007199254740991", "1234567890123456789", "9999999999999999999")
    assert_nearest([f"{text}e{power}" for power in range(-370, 330) for text in digits])


def test_numbers_at_the_end_of_the_data_are_read_to_their_last_byte() -> None:
    for length in range(1, 24):
        text = ("0." + "123456789" * 3)[:length]
        assert read(text.encode(), "d") == (1, length, [[float(text)]])
        assert read(b"1," + text.encode(), "qd") == (1, length + 2, [[1], [float(text)]])


def test_blanks_around_numbers_do_not_count() -> None:
    assert read(b" 1\t,\t-2 \n", "dq") == (1, 9, [[1.0], [-2]])
    assert read(b"1\t 2\n", "dd", "\t") == (1, 5, [[1.0], [2.0]])
    assert read(b"1  2\n", "dd", " ") == (0, 0, [[], []])


@pytest.mark.parametrize(
    ("cell", "value"), [("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("007", 7), ("9" * 18, 10**18 - 1)]
)
def test_whole_numbers(cell: str, value: int) -> None:
    assert read(f"{cell}\n".encode(), "q")[2] == [[value]]


NO_NUMBERS = (
    *(
        "",
        " ",
        "NA",
        "nan",
        "inf",
        "-inf",
        "Infinity",
        "0x10",
        "1_000",
        "1,000",
        "50%",
        "$1",
        ".",
        "-",
        "+",
        "e5",
        "1e",
    ),
    *("1e+", "1.2.3", "--1", "+-1", "1 2", "1d5", "\x0b1", "1\0", "é", "\u0661", '"1"', "1#", "#1", "(1)", "½", "１"),
)


@pytest.mark.parametrize("cell", NO_NUMBERS)
def test_it_stops_before_a_record_whose_cell_is_no_plain_number(cell: str) -> None:
    data = f"1,2\n3,4\n{cell},6\n7,8\n".encode()
    for kinds in ("dd", "qd"):
        assert read(data, kinds)[:2] == (2, 8)
    assert read(f"1,2\n3,4\n5,{cell}\n7,8\n".encode(), "dd")[:2] == (2, 8)


@pytest.mark.parametrize("cell", ["1.0", "1e3", "+1", "9" * 19, "1."])
def test_it_stops_before_a_whole_number_that_is_written_otherwise(cell: str) -> None:
    assert read(f"1\n{cell}\n2\n".encode(), "q")[:2] == (1, 2)


@pytest.mark.parametrize(
    "record", ["", "5", "5,6,7", "5,6,", ",5,6", "5\r,6", "5,6\r\r", '5,a"b', "\r5,6", '5,"6"7', '5,"6']
)
@pytest.mark.parametrize("kinds", ["ds", "dt", "d-", "-d", "st"])
def test_it_stops_before_a_record_that_is_not_plain(record: str, kinds: str) -> None:
    data = f"1,2\n3,4\n{record}\n7,8\n".encode()
    assert read(data, kinds)[:2] == (2, 8)


def test_text_may_be_quoted() -> None:
    data = b'"a",1\na,"x,\ny"\n"",""\r\n"b","z\r"'
    assert read(data, "ss")[:2] == (4, len(data))
    assert read(data, "st")[2] == [[b"a", b"a", b"", b"b"], [b"1", b"x,\ny", b"", b"z\r"]]
    assert read(b'"a ""b"",\n""",1\n"",2\n', "-q")[2] == [[1, 2]]
    assert read(b'1,2\n"a ""b""",1\n', "sq")[:2] == (1, 4)
    assert read(b'1,2\n"""",1\n', "tq")[:2] == (1, 4)
    assert read(b'1,2\n"1",1\n', "dq")[:2] == (1, 4)
    assert read(b'1,2,\n1,1,""\n', "dqx")[:2] == (1, 5)


@pytest.mark.parametrize("cell", ['"', '"a', '"""', '"a"b', '"a" ', ' "a"', '"a""', 'a"', '"a"\r,'])
def test_it_stops_before_a_quote_that_is_no_frame(cell: str) -> None:
    for kind in "-st":
        assert read(f"1,2\n{cell},3\n4,5\n".encode(), kind + "d")[:2] == (1, 4)


def test_line_ends() -> None:
    assert read(b"1,2\r\n3,4\n5,6\r\n7,8", "dd") == (4, 17, [[1, 3, 5, 7], [2, 4, 6, 8]])
    assert read(b"1,2\n3,4\r", "dd")[:2] == (1, 4)
    assert read(b"1,a\n3,b\r", "dt")[:2] == (1, 4)
    assert read(b"", "dd") == (0, 0, [[], []])
    assert read(b"\n", "s")[:2] == (0, 0)
    assert read(b"a\n\nb\n", "s")[:2] == (1, 2)


def test_lines_are_counted() -> None:
    assert [CORE.count_lines(data) for data in (b"", b"\n", b"a", b"a\n", b"a\nb", b"\n\n")] == [0, 1, 1, 1, 2, 2]
    for size in (254, 255, 256, 511, 100_000):
        assert CORE.count_lines(b"\n" * size) == size


def test_names_come_in_the_order_of_the_file_and_once() -> None:
    data = "é,1\n a ,2\n,3\né,4\nNA,5\n".encode()
    assert read(data, "sd")[2] == [["é".encode(), b" a ", b"", "é".encode(), b"NA"], [1, 2, 3, 4, 5]]
    codes = np.zeros(5, dtype=np.int32)
    found = CORE.read_records(data, ord(","), b"s-", 5, (codes,))
    assert codes.tolist() == [0, 1, 2, 0, 3]
    assert found[2] == [["é".encode(), b" a ", b"", b"NA"]]


def test_many_names_are_told_apart() -> None:
    words = [f"{i * i % 9973:x}" * (i % 4 + 1) for i in range(20_000)]
    assert read("\n".join(words).encode(), "s")[2] == [[word.encode() for word in words]]


def test_texts_skipped_and_empty_columns() -> None:
    data = b"a,,1,\n,x y,2,\nbcd,\xff,3,\n"
    assert read(data, "ttqx")[2] == [[b"a", b"", b"bcd"], [b"", b"x y", b"\xff"], [1, 2, 3]]
    assert read(data, "--q-") == (3, len(data), [[1, 2, 3]])
    assert read(b"1,\n2,x\n", "qx")[:2] == (1, 3)


def test_no_more_records_than_there_is_room_for() -> None:
    assert read(b"1\n2\n3\n", "q", rows=2) == (2, 4, [[1, 2]])


@pytest.mark.parametrize(
    ("kinds", "delimiter", "rows", "arrays"),
    [
        (b"", ",", 1, ()),
        (b"z", ",", 1, (np.empty(1),)),
        (b"d", "1", 1, (np.empty(1),)),
        (b"d", "é", 1, (np.empty(1),)),
        (b"d", "\n", 1, (np.empty(1),)),
        (b"d", ",", -1, (np.empty(1),)),
        (b"d", ",", 2, (np.empty(1),)),
        (b"d", ",", 1, ()),
        (b"q", ",", 3, (np.empty(2, dtype=np.int64),)),
        (b"s", ",", 3, (np.empty(2, dtype=np.int32),)),
        (b"t", ",", 1, (np.empty(1, dtype=np.int32), np.empty(9, dtype=np.uint8))),
        (b"t", ",", 1, (np.empty(2, dtype=np.int32), np.empty(1, dtype=np.uint8))),
        (b"t", ",", 1, (np.empty(2, dtype=np.int32),)),
        (b"d", ",", 1, (np.frombuffer(bytearray(9), dtype=np.uint8)[1:],)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(kinds: bytes, delimiter: str, rows: int, arrays: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError):
        CORE.read_records(b"1\n2\n", ord(delimiter), kinds, rows, arrays)


def test_an_array_that_is_read_only_is_refused() -> None:
    cells = np.empty(1)
    cells.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        CORE.read_records(b"1\n", ord(","), b"d", 1, (cells,))


CELLS = [text.encode() for text in (*CASES, *NO_NUMBERS)]
PIECES = (*CELLS, *[b",", b"\n"] * 40, b"\r\n", b"\r", b'"', b"cat", *[b'"cat"', b'"a,""\n"'] * 5)
WORDS = (b"", b"a", b"cat", b"a long name of a class", b"\xc3\xa9", *[b'"cat"', b'"a,""\n"', b'""'] * 2)


def number_in(source: random.Random) -> bytes:
    text = f"{source.uniform(-20, 20):.{source.choice((1, 6, 6, 6, 8, 15, 17, 18))}f}"
    return source.choice((text, text[:8], text.lstrip("-"), repr(source.random()), f" {text}")).encode()


def mostly_records(source: random.Random, kinds: str) -> bytearray:
    """Return records, most of them plain, enough of them to be read a piece at a time."""
    quoted = source.random() < 0.3
    end = source.choice((b"\n", b"\n", b"\r\n"))
    lines = []
    for _ in range(source.randrange(1, 40)):
        cells = []
        for kind in kinds:
            if kind == "d":
                cells.append(number_in(source))
            elif kind == "q":
                cells.append(
                    str(source.choice((0, 1, source.randrange(10), source.randrange(-(10**9), 10**9)))).encode()
                )
            else:
                cells.append(b"" if kind == "x" else source.choice(WORDS if quoted else WORDS[:5]))
        lines.append(b",".join(cells) + end)
    if source.random() < 0.5:
        lines.insert(source.randrange(len(lines)), source.choice(CELLS) + source.choice((b",", b"\n", b"")))
    return bytearray().join(lines)


def any_bytes(source: random.Random) -> tuple[bytes, str]:
    """Return some text, and the kinds of its columns."""
    kinds = "".join(source.choices("dddqst-x", k=source.randrange(1, 5)))
    if source.random() < 0.5:
        data = bytearray().join(source.choices(PIECES, k=source.randrange(12)))
    else:
        data = mostly_records(source, kinds)
    for _ in range(source.choice((0, 0, 1, 2)) if data else 0):
        data[source.randrange(len(data))] = source.randrange(256)
    return bytes(data), kinds


def test_records_read_many_at_a_time_are_as_each_alone(level: str) -> None:
    source = random.Random(f"{level} {FUZZ}")
    for _ in range(FUZZ // 4):
        data, kinds = any_bytes(source)
        found, end, columns = read(data, kinds)
        start, alone = 0, []
        while (one := read(data[start:], kinds, rows=1))[0]:
            start += one[1]
            alone.append([column[0] for column in one[2]])
        assert (found, end) == (len(alone), start)
        assert repr(list(zip(*columns, strict=True))) == repr([tuple(row) for row in alone] if columns else [])


def test_any_bytes_are_read_or_left(level: str) -> None:
    """What it says that it read is what Python reads there; nothing ends the process (see the session sanitizers)."""
    source = random.Random(f"{FUZZ} {level}")
    for _ in range(FUZZ):
        data, kinds = any_bytes(source)
        found, end, columns = read(bytes(data), kinds)
        plain = bytes(data[:end])
        assert end == len(data) or data[end - 1 : end] in (b"\n", b"")
        records = list(csv.reader(io.StringIO(plain.decode("latin-1"), newline="")))
        assert [len(record) for record in records] == [len(kinds)] * found
        kept = [place for place, kind in enumerate(kinds) if kind in DTYPES]
        for place, column in zip(kept, columns, strict=True):
            texts = [record[place] for record in records]
            kind = kinds[place]
            if kind == "d":
                assert np.array(column).tobytes() == np.array([float(text) for text in texts]).tobytes()
            else:
                assert column == [int(text) if kind == "q" else text.encode("latin-1") for text in texts]
