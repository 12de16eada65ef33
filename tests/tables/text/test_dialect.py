"""Sniffing: what each way of writing a table is taken for, and what is admitted to be a guess."""

from __future__ import annotations

import pytest

from celoss_cli.errors import UnreadableFile, UsageError
from celoss_cli.request import ReadOptions
from celoss_cli.spec import How
from celoss_cli.tables.source import Kind
from celoss_cli.tables.text.cells import describe_column
from celoss_cli.tables.text.delimiter import NO_DELIMITER
from celoss_cli.tables.text.dialect import Sniffed, sniff
from celoss_cli.tables.text.records import squeeze_blanks


def sniffed(text: str, **options: object) -> Sniffed:
    return sniff(text.encode(), "f.csv", ReadOptions(**options), "utf-8", None)  # type: ignore[arg-type]


def guesses(text: str) -> list[str]:
    return [decision.what for decision in sniffed(text).decisions if decision.guess]


@pytest.mark.parametrize(
    ("text", "delimiter", "decimal", "header", "names"),
    [
        ("a,b\n1,0.5\n0,0.25\n", ",", ".", True, ("a", "b")),
        ("a;b\n1;0,5\n0;0,25\n", ";", ",", True, ("a", "b")),
        ("a\tb\n1\t0,5\n", "\t", ",", True, ("a", "b")),
        ("a|b\n1|0.5\n", "|", ".", True, ("a", "b")),
        ('a,b\n1,"0,5"\n', ",", ",", True, ("a", "b")),
        ("0,1;0,2\n0,3;0,9\n", ";", ",", False, ("0", "1")),  # a comma would cut each line in three, all alike
        ("x;y\na;0,5\nb;0,7\n", ";", ",", True, ("x", "y")),
        ("id;m;z\na;glm;-0,5\nb;rf;0,7\nc;rf;0,1\n", ";", ",", True, ("id", "m", "z")),  # a comma in each row, too
        ("1 0.83\n0  0.25\n 1\t0.5\n", " ", ".", False, ("0", "1")),
        ('"a" "b"\n"x y" 0.1 0.2\n"z" 0.3 0.4\n', " ", ".", True, ("", "a", "b")),  # R's write.table
        ("0.5\n0.25\n", NO_DELIMITER, ".", False, ("0",)),
        ("text\nhello, world\nfoo bar\n", NO_DELIMITER, ".", True, ("text",)),
        ("1:0.25 2:0.75\n1:0.5 2:0.5\n1:0.25 2:0.75\n", NO_DELIMITER, ".", False, ("0",)),  # Vowpal Wabbit
        ("class 1\nclass 2\nclass 1\n", NO_DELIMITER, ".", False, ("0",)),  # blanks in names are no delimiters
        ("<=50K,>50K\n0.9,0.1\n", ",", ".", True, ("<=50K", ">50K")),
        ("\r\n\r\na,b\r\n\r\n1,2\r\n", ",", ".", True, ("a", "b")),
        ("a,b\r1,2\r", ",", ".", True, ("a", "b")),
    ],
)
def test_how_a_table_is_written(text: str, delimiter: str, decimal: str, header: bool, names: tuple[str, ...]) -> None:
    dialect = sniffed(text).dialect
    assert (dialect.delimiter, dialect.decimal, dialect.header, dialect.names) == (delimiter, decimal, header, names)


@pytest.mark.parametrize(
    ("text", "header", "guess"),
    [
        ("0,1,2\n0.1,0.2,0.7\n", True, False),  # class labels
        (",0,1\n0,0.2,0.8\n1,0.3,0.7\n", True, False),  # the same from pandas, with its index
        ("obs,0,1\na,0.2,0.8\n", True, False),
        ("0,1,2\n1,0,0\n0,0,1\n", False, False),  # one-hot rows: all integers
        ("1,0\n0,0.25\n1,0.75\n", True, True),  # two columns: target and a saturated prediction look the same
        ("0,0\n0,0.25\n", False, False),  # names would differ
        ("0\n0.25\n", False, False),  # one column: a probability of 0 comes first
        ("0.0,1.0\n0.5,0.5\n", False, False),
        ("spam,0.3\nham,0.9\n", False, False),
        ("label\nspam\nham\n", True, False),
        ("spam\nham\nspam\n", False, False),
        ("kind\nham\neggs\nham\n", True, False),
        ("spam\nham\neggs\n", True, True),
        ("NA,0.5\n0.25,0.5\n", False, False),
    ],
)
def test_header(text: str, header: bool, guess: bool) -> None:
    found = sniffed(text)
    decision = next(decision for decision in found.decisions if decision.what == "header")
    assert (found.dialect.header, decision.guess) == (header, guess)
    assert decision.flag == ("--no-header" if header else "--header")


def test_what_the_file_does_not_settle_is_a_guess() -> None:
    assert guesses("a,b\n1,0.5\n") == []
    assert guesses("0,25\n0,5\n") == ["delimiter"]  # or one number a line, with a decimal comma
    assert guesses("0,1\n1,0\n") == []
    assert guesses("id,name;x\na,b;c\na,b;d\n") == ["delimiter"]
    assert guesses("p;q\n1,234;2\n") == ["decimal"]  # or a thousand and more
    assert guesses("p;q\n0,234;2\n") == []


def test_ordinary_decisions_are_short() -> None:
    assert [decision.what for decision in sniffed("a,b\n1,0.5\n").decisions] == ["delimiter", "header"]


def test_options_overrule_and_are_marked_as_given() -> None:
    found = sniffed("0,25\n0,5\n", delimiter="none", decimal=",", header=True)
    assert found.dialect.names == ("0,25",)
    assert {decision.how for decision in found.decisions} == {How.GIVEN}
    assert sniffed("a\tb\n", delimiter="\\t", header=False).dialect.delimiter == "\t"
    assert sniffed("a\tb\n", delimiter="tab", header=False).dialect.delimiter == "\t"
    assert sniffed("1 2\n", delimiter=" ").dialect.squeeze


@pytest.mark.parametrize(
    ("options", "code"), [({"delimiter": ";;"}, "bad_delimiter"), ({"decimal": "x"}, "bad_decimal")]
)
def test_impossible_options(options: dict[str, object], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        sniffed("a,b\n1,2\n", **options)
    assert caught.value.code == code


def test_trailing_delimiters_and_unnamed_indices() -> None:
    trailing = sniffed("a,b\n0.1,0.2,\n0.3,0.4,\n").dialect
    assert (trailing.names, trailing.trailing_delimiter, trailing.width) == (("a", "b"), True, 3)
    assert sniffed("a,b,\n0.1,0.2,\n").dialect.names == ("a", "b")
    index = sniffed("a,b\nx,0.1,0.2\ny,0.3,0.4\n").dialect
    assert index.names == ("", "a", "b")
    assert sniffed("1,2\n1,2,3\n1,2,3\n").dialect.names == ("0", "1", "2")  # no header: a ragged row, found later


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty_file"), ("\n\n", "empty_file"), ("a,b\n", "no_data_rows"), ("a,b,a\n1,2,3\n", "duplicate_columns")],
)
def test_refusals(text: str, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        sniffed(text)
    assert caught.value.code == code


def test_where_the_data_begin() -> None:
    dialect = sniffed('\n"a\nb",c\n1,2\n').dialect
    assert (dialect.data_start, dialect.header_lines) == (9, 3)
    assert sniffed("é,b\r\n1,2\r\n").dialect.data_start == 6


def test_squeezing_keeps_the_lines() -> None:
    assert squeeze_blanks(b"  1 \t 2 \r\n\t\n3  4") == b"1 2\r\n\n3 4"


@pytest.mark.parametrize(
    ("cells", "decimal", "kind", "dtype", "digits"),
    [
        (["1", "-2"], ".", Kind.NUMBER, "integer", 0),
        (["1.00", ""], ".", Kind.NUMBER, "float", 2),
        (["0.250", " 1e-300", "inf", "NA"], ".", Kind.NUMBER, "float", 3),
        (["0,25"], ",", Kind.NUMBER, "float", 2),
        (["0.25"], ",", Kind.TEXT, "text", None),
        (["001", "002"], ".", Kind.TEXT, "text", None),
        (["True", "false", ""], ".", Kind.BOOLEAN, "boolean", None),
        (["[0.1, 0.9]"], ".", Kind.TEXT, "text", None),
        (["", "NA"], ".", Kind.OTHER, "empty", None),
        (["1_000"], ".", Kind.TEXT, "text", None),
    ],
)
def test_kinds(cells: list[str], decimal: str, kind: Kind, dtype: str, digits: int | None) -> None:
    column = describe_column("c", cells, decimal)
    assert (column.kind, column.dtype, column.digits) == (kind, dtype, digits)
