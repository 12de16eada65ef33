"""Classes: by name first, numbers as numbers, position last and said; never a positive class by sorting."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from celoss_cli import AmbiguousData
from celoss_cli.classes import ClassMap, listed, match_columns, match_single, natural_key, without_affixes
from running import mean_of, run, write

P = (0.1, 0.8, 0.7, 0.3)
OF_SECOND = -(math.log(0.9) + math.log(0.8) + math.log(0.7) + math.log(0.7)) / 4  # labels first, second, second, first
OF_FIRST = -(math.log(0.1) + math.log(0.2) + math.log(0.3) + math.log(0.3)) / 4


def single(labels: tuple[str, str], column: str = "prob") -> str:
    order = [labels[0], labels[1], labels[1], labels[0]]
    return f"y_true,{column}\n" + "".join(f"{label},{p}\n" for label, p in zip(order, P, strict=True))


@pytest.mark.parametrize(
    "labels",
    [
        ("0", "1"),
        ("0.0", "1.0"),
        ("-1", "1"),
        ("no", "yes"),
        ("No", "Yes"),
        ("n", "y"),
        ("false", "true"),
        ("False", "True"),
        ("FALSE", "TRUE"),
        ("f", "t"),
        ("neg", "pos"),
        ("negative", "positive"),
    ],
)
def test_words_that_say_which_is_positive(labels: tuple[str, str], tmp_path: Path) -> None:
    assert mean_of(tmp_path, single(labels)).mean == pytest.approx(OF_SECOND, rel=1e-14)


@pytest.mark.parametrize(
    "labels",
    [
        ("ham", "spam"),
        ("spam", "ham"),
        ("a", "b"),
        ("1", "2"),
        ("0", "2"),
        ("-1", "0"),
        ("off", "on"),
        ("0", "yes"),
        ("p", "e"),
    ],
)
def test_other_labels_are_never_ordered(labels: tuple[str, str], tmp_path: Path) -> None:
    refused = mean_of(tmp_path, single(labels))
    assert refused.code == 3
    assert "nothing says which of the labels" in refused.err
    assert "--positive" in refused.err
    for positive, expected in ((labels[1], OF_SECOND), (labels[0], OF_FIRST)):
        assert mean_of(tmp_path, single(labels), "--positive", positive).mean == pytest.approx(expected, rel=1e-14)
    given = mean_of(tmp_path, single(labels), f"--classes={labels[0]},{labels[1]}")
    assert given.mean == pytest.approx(OF_SECOND, rel=1e-14)


@pytest.mark.parametrize(
    ("labels", "column", "expected"),
    [
        (("ham", "spam"), "prob_spam", OF_SECOND),
        (("ham", "spam"), "p_ham", OF_FIRST),
        (("ham", "spam"), "spamScore", None),
        (("no", "yes"), "prob_no", OF_FIRST),
        (("0", "1"), "prob_1", OF_SECOND),
        (("0", "1"), "prob_0", None),
        (("0", "1"), "p0", None),
        (("1", "2"), "prob_2", OF_SECOND),
        (("1", "2"), "prob_1", None),
        (("e", "p"), "p", None),
        (("e", "p"), "prob_e", OF_FIRST),
    ],
)
def test_what_the_name_of_the_column_says(
    labels: tuple[str, str], column: str, expected: float | None, tmp_path: Path
) -> None:
    done = mean_of(tmp_path, single(labels, column))
    if expected is None:
        assert done.code == 3
        assert "--positive" in done.err
    else:
        assert done.mean == pytest.approx(expected, rel=1e-14)


def test_a_flag_overrules_the_name(tmp_path: Path) -> None:
    done = mean_of(tmp_path, single(("ham", "spam"), "p_ham"), "--positive", "spam")
    assert done.mean == pytest.approx(OF_SECOND, rel=1e-14)


@pytest.mark.parametrize("labels", [("1",), ("0",), ("yes",), ("no",), ("True",)])
def test_one_of_a_known_pair_is_enough(labels: tuple[str], tmp_path: Path) -> None:
    assert mean_of(tmp_path, single((labels[0], labels[0]))).code == 0


COLUMNS = [(0.7, 0.2, 0.1), (0.2, 0.5, 0.3), (0.3, 0.1, 0.6)]
DIAGONAL = -(math.log(0.7) + math.log(0.5) + math.log(0.6)) / 3


def three(header: str, *labels: str) -> str:
    rows = ("".join(f",{p}" for p in row) for row in COLUMNS)
    return f"y_true,{header}\n" + "".join(f"{label}{row}\n" for label, row in zip(labels, rows, strict=True))


@pytest.mark.parametrize(
    ("header", "labels", "notice"),
    [
        ("p_10,p_2,p_1", ("10", "2", "1"), False),
        ("p_10,p_2,p_1", ("10.0", "2", "1.0"), False),
        ("10,2,1", ("10", "2", "1"), False),
        ("01,02,03", ("1", "2", "3"), False),
        ("b,c,a", ("b", "c", "a"), False),
        ("prob_b_v1,prob_c_v1,prob_a_v1", ("b", "c", "a"), False),
        (".pred_b,.pred_c,.pred_a", ("b", "c", "a"), False),
        ("confidence.b,confidence.c,confidence.a", ("b", "c", "a"), False),
        ("t_b_PREDICTION,t_c_PREDICTION,t_a_PREDICTION", ("b", "c", "a"), False),
        ("p_b,p_c,p_a", ("0", "1", "2"), True),
        ("p_b,p_c,p_a", ("1", "2", "3"), True),
        ("p1,p2,p3", ("0", "1", "2"), True),
        ("p0,p1,p2", ("1", "2", "3"), True),
    ],
)
def test_columns_by_name_then_by_position(header: str, labels: tuple[str, ...], notice: bool, tmp_path: Path) -> None:
    done = mean_of(tmp_path, three(header, *labels))
    assert done.mean == pytest.approx(DIAGONAL, rel=1e-14)
    assert ("taken as positions" in done.err) is notice
    assert mean_of(tmp_path, three(header, *labels), "--strict").code == (3 if notice else 0)


def test_letters_may_be_large_or_small(tmp_path: Path) -> None:
    assert mean_of(tmp_path, three("b,c,a", "B", "C", "A")).mean == pytest.approx(DIAGONAL, rel=1e-14)


def test_eleven_integer_classes_are_not_sorted_as_strings(tmp_path: Path) -> None:
    names = [str(i) for i in range(11)]
    for order in (names, sorted(names), names[::-1]):
        rows = [[0.9 if column == label else 0.01 for column in order] for label in names]
        content = "y," + ",".join(order) + "\n"
        content += "".join(f"{label},{','.join(map(str, row))}\n" for label, row in zip(names, rows, strict=True))
        assert mean_of(tmp_path, content).mean == pytest.approx(-math.log(0.9), rel=1e-14)


def test_positions_against_the_meaning_of_words_are_refused(tmp_path: Path) -> None:
    content = "y,p_{},p_{}\n0,.9,.1\n1,.2,.8\n"
    for pair in (("no", "yes"), ("false", "true"), ("neg", "pos")):
        assert mean_of(tmp_path, content.format(*pair)).mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2)
        refused = mean_of(tmp_path, content.format(*pair[::-1]))
        assert refused.code == 3
        assert "--classes" in refused.err
        assert mean_of(tmp_path, content.format(*pair[::-1]), "--classes", "0,1").code == 0


SCORES = {"p_0": pa.array([0.5, 0.4, 0.1]), "p_1": pa.array([0.5, 0.6, 0.9])}


@pytest.mark.parametrize(
    "labels",
    [
        pa.array([0, 1, 1]),
        pa.array([0, 1, 1], pa.uint8()),
        pa.array([0, 1, 1], pa.uint64()),
        pa.array([0.0, 1.0, 1.0]),
        pa.array([0.0, 1.0, 1.0], pa.float32()),
        pa.array([Decimal("0.0"), Decimal("1.00"), Decimal("1.00")]),
        pa.array(["0", "1", "1.0"]),
        pa.array(["0", "1", "1"]).dictionary_encode(),
        pa.array(["0", "1", "1"], pa.large_string()),
        pa.array([b"0", b"1", b"1"]),
        pa.array([" 0", "1 ", "1"]),
        pa.array([0, 1, 1]).dictionary_encode(),
    ],
    ids=lambda labels: str(labels.type),
)
def test_labels_of_any_type_are_the_same_classes(labels: pa.Array, tmp_path: Path) -> None:
    done = mean_of(tmp_path, pa.table({"label": labels, **SCORES}), name="f.parquet")
    assert done.mean == pytest.approx(-(math.log(0.5) + math.log(0.6) + math.log(0.9)) / 3, rel=1e-14)


def test_boolean_labels(tmp_path: Path) -> None:
    labels = pa.array([False, True, True])
    expected = -(math.log(0.5) + math.log(0.6) + math.log(0.9)) / 3
    for columns in (
        {"label": labels, "p": SCORES["p_1"]},
        {"y": labels, "True": SCORES["p_1"], "False": SCORES["p_0"]},
        {"y": labels, "p_False": SCORES["p_0"], "p_True": SCORES["p_1"]},
    ):
        assert mean_of(tmp_path, pa.table(columns), name="f.parquet").mean == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("label", ["inf", "nan", "18446744073709551615", "0.5"])
def test_numbers_that_name_no_class(label: str, tmp_path: Path) -> None:
    done = mean_of(tmp_path, f"y,p_0,p_1\n0,.5,.5\n{label},.4,.6\n1,.1,.9\n")
    assert done.code == 3
    assert "row 1 (line 3), column 'y'" in done.err


# The functions


def test_a_label_is_found_by_text_then_number_then_letters() -> None:
    classes = ClassMap(("1", "Cat"), {"1": 0, "Cat": 1})
    assert [classes.code(label) for label in ("1", "1.0", "01", "Cat", "cat", " CAT ", "dog", "2")] == [
        0,
        0,
        0,
        1,
        1,
        1,
        None,
        None,
    ]


def test_letters_that_stand_for_two_classes_stand_for_none() -> None:
    classes = ClassMap(("a", "A"), {"a": 0, "A": 1})
    assert (classes.code("a"), classes.code("A"), classes.code(" a")) == (0, 1, None)


def test_positions_are_found_by_the_names_shown() -> None:
    match = match_columns(["p_x", "p_y"], ["0", "1"], (), named=True)
    assert match.guess
    assert [match.classes.find(name) for name in ("0", "x", "y", "z")] == [0, 0, 1, None]


def test_natural_order() -> None:
    assert sorted(["10", "2", "b", "a10", "a2", "-1"], key=natural_key) == ["-1", "2", "10", "a2", "a10", "b"]
    assert listed(str(i) for i in range(12)) == "'0', '1', '2', '3', '4', '5', '6', '7' … (12 in all)"


@pytest.mark.parametrize(
    ("names", "cores"),
    [
        (["prob_10", "prob_11"], ("10", "11")),
        (["setosa", "sesame"], ("setosa", "sesame")),
        (["p_a", "p_b"], ("a", "b")),
        (["a_p", "b_p"], ("a", "b")),
        (["x_a_p", "x_b_p"], ("a", "b")),
        (["class1", "class2"], ("1", "2")),
        (["p_", "p_a"], ("p_", "p_a")),
        (["one"], ("one",)),
    ],
)
def test_affixes_are_cut_where_words_end(names: list[str], cores: tuple[str, ...]) -> None:
    assert without_affixes(names) == cores


def test_no_labels_yet_is_no_error() -> None:
    assert match_single("score", [], None, ()).classes.names == ("0", "1")
    assert match_columns(["p_a", "p_b"], [], (), named=True).classes.names == ("a", "b")


def test_a_single_column_needs_two_classes() -> None:
    with pytest.raises(AmbiguousData, match="one prediction column has two"):
        match_single("p", ["a", "b", "c"], None, ("a", "b", "c"))
    with pytest.raises(AmbiguousData, match="against labels 'a', 'b', 'c'"):
        match_single("p", ["a", "b", "c"], "a", ())


def test_messages_keep_the_order_that_matters(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": three("p_10,p_2,p_1", "10", "2", "1")})
    assert "for 3 classes: '10', '2', '1'" in run("eval", tmp_path / "f.csv", "--class-weight", "1,2").err
