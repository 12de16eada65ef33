"""Classes: by name first, numbers as numbers, position last and said; never a positive class by sorting."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from celoss_cli import AmbiguousData
from celoss_cli.labels.classes import ClassMap
from celoss_cli.labels.match import match_columns
from celoss_cli.labels.positive import match_single
from celoss_cli.spelling import listed, natural_key, without_affixes
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
        (("0", "1"), "prob_not_churn", None),
        (("0", "1"), "p_non_fraud", None),
        (("no", "yes"), "one_minus_prob", None),
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


# One class in several spellings, only where no other class could be meant.


@pytest.mark.parametrize(
    ("header", "labels"),
    [
        ("p_0,p_1", ("false", "true")),
        ("p_0,p_1", ("False", "TRUE")),
        ("False,True", ("0", "1")),
        ("p_false,p_true", ("0.0", "1.0")),
        ("1,0", ("true", "false")),
    ],
)
def test_true_is_one_where_nothing_else_is(header: str, labels: tuple[str, str], tmp_path: Path) -> None:
    done = mean_of(tmp_path, f"y_true,{header}\n{labels[0]},.9,.1\n{labels[1]},.2,.8\n")
    assert "taken as positions" not in done.err
    assert done.mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2, rel=1e-14)


@pytest.mark.parametrize("row", [0, 500, 1500])
@pytest.mark.parametrize("how", [(), ("--positive", "1"), ("--positive", "TRUE"), ("--positive", "0")])
@pytest.mark.parametrize(
    ("labels", "odd"),
    [
        (("0", "1"), "true"),
        (("0", "1"), "01"),
        (("0", "1"), "1.0"),
        (("False", "True"), "1.0"),
        (("False", "True"), "01"),
        (("False", "True"), "true"),
    ],
)
def test_the_odd_spelling_may_stand_in_any_row(
    labels: tuple[str, str], odd: str, how: tuple[str, ...], row: int, tmp_path: Path
) -> None:
    names = [labels[i % 2] for i in range(2000)]
    names[row] = odd
    content = "y,score\n" + "".join(f"{name},{'.3' if name in ('0', 'False') else '.6'}\n" for name in names)
    content = content.replace(f"{odd},.6", f"{odd},.9", 1)
    p_true = [0.9 if i == row else (0.7, 0.6)[i % 2] for i in range(2000)]
    if how[1:] == ("0",):  # the score is that of the other class
        p_true = [1.0 - p for p in p_true]
    loss = -math.fsum(map(math.log, p_true)) / 2000
    done = mean_of(tmp_path, content, "--label", "y", "--input", "probs", *how)
    assert done.mean == pytest.approx(loss, rel=1e-13)


@pytest.mark.parametrize(("label", "positive"), [("True", "1"), ("1", "true"), ("True", "1.0"), ("1", "01")])
def test_labels_of_one_class_that_is_called_by_its_other_name(label: str, positive: str, tmp_path: Path) -> None:
    done = mean_of(tmp_path, f"y,score\n{label},.9\n{label},.8\n", "--label", "y", "--positive", positive)
    assert done.mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2, rel=1e-14)


def test_two_spellings_do_not_make_a_class_of_a_word() -> None:
    """A class map of no and 1 has no false and true, so a true beside them stays a third label."""
    with pytest.raises(AmbiguousData):
        match_single("score", ["no", "1", "true"], None, ())
    with pytest.raises(AmbiguousData):
        match_single("score", ["no", "0", "false"], "no", ())


@pytest.mark.parametrize(
    ("seen", "names"),
    [
        (["0", "1", "true"], ("0", "1")),
        (["0", "true"], ("0", "1")),
        (["False", "True", "1.0"], ("False", "True")),
        (["false", "true", "0", "1"], ("0", "1")),
    ],
)
def test_the_classes_are_called_as_most_labels_are(seen: list[str], names: tuple[str, str]) -> None:
    assert match_single("score", seen, None, ()).classes.names == names


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (("1", "true"), "TRUE "),
        (("1", "01"), "1.0"),
        (("1", "01"), "001"),
        (("0", "1", "2"), "true"),
        (("no", "1"), "true"),
    ],
)
def test_spellings_that_could_be_two_classes_or_none_are_kept_apart(names: tuple[str, ...], label: str) -> None:
    classes = ClassMap(names, {name: code for code, name in enumerate(names)})
    assert [classes.code(name) for name in names] == list(range(len(names)))
    assert classes.code(label) == (1 if label == "TRUE " else None)


def test_a_class_list_with_one_and_true_keeps_them_apart(tmp_path: Path) -> None:
    content = "y,p_1,p_true\n1,.9,.1\ntrue,.2,.8\n"
    assert mean_of(tmp_path, content).mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2, rel=1e-14)
    refused = mean_of(tmp_path, content.replace("true", "01") + "1.0,.5,.5\n")
    assert refused.code == 3
    assert "label '1.0' is none of the classes '1', '01'" in refused.err


# Labels counted from 0 or from 1: told by every row, not by the first ones.


def vectors(labels: list[int]) -> pa.Table:
    return pa.table({"y": labels, "probs": [[0.7, 0.2, 0.1]] * len(labels)})


@pytest.mark.parametrize("many", [1, 3000])
@pytest.mark.parametrize(
    ("labels", "first", "sure"),
    [
        ([0, 1, 2], 0, True),
        ([1, 2, 3], 1, True),
        ([2, 3], 1, True),
        ([0, 1], 0, True),
        ([1, 2], 0, False),
        ([1], 0, False),
    ],
)
def test_labels_from_zero_or_one(labels: list[int], first: int, sure: bool, many: int, tmp_path: Path) -> None:
    """With ``many`` rows of a label that fits both ways in front, the first rows do not tell."""
    inside = [label for label in labels if label in (1, 2)][:1] * many
    rows = [*inside, *labels]
    p = [0.7, 0.2, 0.1]
    expected = math.fsum(-math.log(p[label - first]) for label in rows) / len(rows)
    write(tmp_path, {"p.parquet": vectors(rows).select(["probs"]), "l.parquet": vectors(rows).select(["y"])})
    for arguments in ((tmp_path / "f.parquet",), (tmp_path / "p.parquet", tmp_path / "l.parquet")):
        write(tmp_path, {"f.parquet": vectors(rows)})
        done = run("eval", *arguments, "-q")
        assert done.mean == pytest.approx(expected, rel=1e-12)
        assert ("taken as positions from 0 among 3 columns, though none is 0 and none is 3" in done.err) is not sure
        assert run("eval", *arguments, "-q", "--strict").code == (0 if sure else 3)


def test_an_unnamed_array_is_no_guess_where_labels_count_its_columns(tmp_path: Path) -> None:
    import numpy as np

    np.save(tmp_path / "p.npy", np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6]]))
    for labels, code in (([0, 1, 2], 0), ([1, 2, 3], 0), ([0, 0, 1], 0), ([1, 1, 2], 3)):
        np.save(tmp_path / "l.npy", np.array(labels))
        done = run("eval", tmp_path / "p.npy", tmp_path / "l.npy", "-q", "--strict")
        assert done.code == code, done.err


def test_labels_that_fit_neither_count_are_refused(tmp_path: Path) -> None:
    done = mean_of(tmp_path, vectors([0, 1, 3]), name="f.parquet")
    assert done.code == 3
    assert "label '3' is none of the classes '0', '1', '2'" in done.err


def test_the_hint_for_names_against_numbered_columns_has_the_sorted_order(tmp_path: Path) -> None:
    content = "y,0,1,2\ncat,.7,.2,.1\nemu,.2,.1,.7\ndog,.2,.6,.2\n"
    done = mean_of(tmp_path, content, "--pred", "0,1,2")
    assert done.code == 3
    assert "(if they are in sorted order: --classes 'cat,dog,emu')" in done.err
    assert mean_of(tmp_path, content, "--pred", "0,1,2", "--classes", "cat,dog,emu").code == 0


def test_the_hint_follows_columns_that_are_numbered_from_the_end(tmp_path: Path) -> None:
    content = "y,p_1,p_0\nB,.9,.1\nA,.2,.8\n"
    refused = mean_of(tmp_path, content)
    assert refused.code == 3
    assert "if they are in sorted order: --classes 'B,A'" in refused.err
    followed = mean_of(tmp_path, content, "--classes", "B,A")
    assert followed.mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2, rel=1e-14)


@pytest.mark.parametrize("pair", [("no", "yes"), ("No", "Yes"), ("neg", "pos"), ("N", "Y"), ("negative", "positive")])
@pytest.mark.parametrize("header", ["p_1,p_0", "1,0", "prob_class_1,prob_class_0"])
def test_well_known_words_are_the_numbers_that_they_mean(pair: tuple[str, str], header: str, tmp_path: Path) -> None:
    rows = [(pair[1], 0.9), (pair[0], 0.2), (pair[1], 0.7), (pair[0], 0.4)]
    content = f"y,{header}\n" + "".join(f"{label},{p},{1 - p:.1f}\n" for label, p in rows)
    done = mean_of(tmp_path, content)
    assert done.mean == pytest.approx(-sum(map(math.log, (0.9, 0.8, 0.7, 0.6))) / 4, rel=1e-14)
    assert not done.err


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (("yes",), ("no",)),
        (("no",), ("Yes", "no")),
        (("yes",), ()),
        (("No", "no", "YES", "yes"), ()),
        (("No",), ("no", "YES", "yes")),
        (("t",), ("F", "T")),
    ],
)
def test_words_of_a_pair_are_told_in_any_letters_and_alone(
    first: tuple[str, ...], later: tuple[str, ...], tmp_path: Path
) -> None:
    labels = [*first] * 2000 + [*later]
    content = "y,p_0,p_1\n" + "".join(f"{label},.3,.7\n" for label in labels)
    truths = [0.7 if label.casefold() in ("yes", "t") else 0.3 for label in labels]
    done = mean_of(tmp_path, content)
    assert done.mean == pytest.approx(-sum(map(math.log, truths)) / len(truths), rel=1e-12)
    assert "one class" not in done.err
    assert "classes_by_position" not in done.err
    assert "is 0 and" not in done.err


def test_a_single_letter_alone_is_a_guess_and_other_words_are_none_of_a_pair(tmp_path: Path) -> None:
    guess = mean_of(tmp_path, "y,p_0,p_1\nf,.9,.1\nF,.8,.2\n")
    assert guess.mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2, rel=1e-12)
    assert "'f' is 0 and 't' is 1: if that is wrong" in guess.err.replace("'F'", "'f'")
    for labels in ("f,m", "no,maybe", "yes,no,maybe", "no,true"):
        content = "y,p_0,p_1\n" + "".join(f"{label},.3,.7\n" for label in labels.split(","))
        assert mean_of(tmp_path, content).code == 3
        late = "y,p_0,p_1\n" + "no,.3,.7\n" * 3000 + content.partition("\n")[2]
        assert mean_of(tmp_path, late).code == 3


# Three columns in the order owl, cat, dog, of a model that knows next to nothing: no alarm tells the order.
UNSURE = "y,p_owl,p_cat,p_dog\ncat,.4,.3,.3\nowl,.3,.4,.3\ndog,.3,.3,.4\n"


def test_a_list_of_classes_against_the_names_of_the_columns_is_told(tmp_path: Path) -> None:
    done = mean_of(tmp_path, UNSURE, "--classes", "cat,dog,owl")
    assert done.mean == pytest.approx(-sum(map(math.log, (0.4, 0.3, 0.3))) / 3, rel=1e-14)
    assert "--classes takes the scores called 'owl' for class 'cat'" in done.err
    for options in ((), ("--classes", "owl,cat,dog"), ("--pred", "p_cat,p_dog,p_owl", "--classes", "cat,dog,owl")):
        named = mean_of(tmp_path, UNSURE, *options)
        assert named.mean == pytest.approx(-sum(map(math.log, (0.3, 0.3, 0.4))) / 3, rel=1e-14)
        assert not named.err
    other = mean_of(tmp_path, UNSURE.replace("p_owl,p_cat,p_dog", "p_x,p_y,p_z"), "--classes", "owl,cat,dog")
    assert not other.err


def test_a_list_against_the_names_where_these_are_not_of_columns(tmp_path: Path) -> None:
    """The names inside of objects, and classes that have no score."""
    records = "".join(
        f'{{"label": "{label}", "probs": {{"p_ant": {p}, "p_dog": {q}, "p_cat": {r}}}}}\n'
        for label, p, q, r in (("ant", 0.4, 0.3, 0.3), ("cat", 0.3, 0.4, 0.3), ("dog", 0.3, 0.3, 0.4))
    )
    write(tmp_path, {"f.jsonl": records, "f.csv": "label,p_a,p_b\na,.9,.1\nz,.5,.5\nb,.3,.7\n"})
    objects = run("eval", tmp_path / "f.jsonl", "-q", "--classes", "ant,cat,dog")
    assert objects.mean == pytest.approx(-math.log(0.4), rel=1e-14)
    assert "--classes takes the scores called 'dog' for class 'cat'" in objects.err
    unknown = run("eval", tmp_path / "f.csv", "-q", "--classes", "b,a", "--unknown-class", "inf")
    assert (unknown.code, unknown.out) == (0, "inf\n"), unknown.err


def test_a_list_that_the_rows_bear_out_is_no_mistake(tmp_path: Path) -> None:
    """The names of the columns are wrong then, and the list mends it: as the alarm of swapped classes says."""
    labels = ["cat", "dog"] * 40
    rows = "".join(f"{label},{p},{1 - p}\n" for label, p in zip(labels, [0.125, 0.875] * 40, strict=True))
    write(tmp_path, {"f.csv": f"label,p_cat,p_dog\n{rows}"})
    named, listed = (run("eval", tmp_path / "f.csv", "-q", *given) for given in ((), ("--classes", "dog,cat")))
    assert "--classes dog,cat" in named.err
    assert (listed.mean, listed.err) == (pytest.approx(-math.log(0.875)), "")


def test_a_label_that_no_row_has_keeps_its_share_of_the_loss() -> None:
    from celoss_cli import evaluate

    data = pa.table({"label_a": [0, 0], "label_b": [1, 0], "p_a": [0.5, 0.5], "p_b": [0.5, 0.5]})
    found = evaluate(data, label="label_*", pred="p_*", task="multilabel", input="probs")
    assert [(row.count, row.loss_share) for row in found.per_class] == [(0, 0.5), (1, 0.5)]


# Names around labels, numbers in their order, letters, contests.


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("prob_{}", ("class_a", "class_b", "class_c")),
        ("P (kind={})", ("Iris-setosa", "Iris-versicolor", "Iris-virginica")),
        ("y_pred_proba_{}", ("prepaid_card", "highstreet_card", "upmarket_card")),
        ("p_{}", ("c0", "c1", "c2")),
        ("p_{}", ("1.5", "2.5", "3.5")),
        ("prob_{}", ("2024-01-01", "2024-01-02", "2024-02-01")),
        ("{}_score", ("grade_1", "grade_2", "grade_10")),
        ("p_{}", ("-1", "0", "1")),
        ("p{}", ("-1", "0", "1")),
    ],
)
def test_what_labels_share_stays_in_their_names(pattern: str, names: tuple[str, ...], tmp_path: Path) -> None:
    done = mean_of(tmp_path, three(",".join(pattern.format(name) for name in names), *names))
    assert done.mean == pytest.approx(DIAGONAL, rel=1e-14)
    assert not done.err


def test_a_number_is_never_cut() -> None:
    from celoss_cli.spelling import around_labels

    assert around_labels(["p10", "p11"], {"0", "1"}) is None
    assert around_labels(["p_happy", "p_unhappy"], {"happy"}) == ("happy", "unhappy")
    assert around_labels(["logit", "logic"], {"t"}) is None


@pytest.mark.parametrize("labels", [("9", "10", "100"), ("2", "10", "33"), ("1", "2", "5")])
@pytest.mark.parametrize("header", ["0,1,2", "p_0,p_1,p_2"])
def test_numbers_that_are_no_positions_are_asked_for_in_their_order(
    labels: tuple[str, ...], header: str, tmp_path: Path
) -> None:
    content = three(header, *labels)
    without = mean_of(tmp_path, content)
    assert without.code == 3
    assert "--unknown-class" not in without.err
    refused = mean_of(tmp_path, content, "--pred", header)
    assert refused.code == 3
    assert f"--classes {','.join(labels)}" in refused.err
    assert "--unknown-class" not in refused.err
    given = mean_of(tmp_path, content, "--pred", header, "--classes", ",".join(labels))
    assert given.mean == pytest.approx(DIAGONAL, rel=1e-14)


def test_large_and_small_letters_are_two_classes_if_both_occur(tmp_path: Path) -> None:
    content = "y,p_a,p_b\nA,.9,.1\na,.2,.8\n"
    refused = mean_of(tmp_path, content)
    assert refused.code == 3
    assert "labels 'A' and 'a' may be two classes" in refused.err
    assert "--classes A,a" in refused.err
    assert mean_of(tmp_path, content, "--classes", "A,a").mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2)
    exact = mean_of(tmp_path, content.replace("p_a,p_b", "p_A,p_a"))
    assert exact.mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2)
    sloppy = mean_of(tmp_path, "y,p_no,p_yes\nNo,.9,.1\nyes,.2,.8\nYes,.3,.7\n")
    assert sloppy.mean == pytest.approx(-(math.log(0.9) + math.log(0.8) + math.log(0.7)) / 3)


# A and a beside p_A and p_b: -ln of .7 .2 .6 .9 .7 .4 is taken for the loss, as if a were A.
TWO_SPELLINGS = (("A", 0.7), ("a", 0.2), ("A", 0.6), ("b", 0.1), ("b", 0.3), ("a", 0.4))
AS_ONE = -sum(math.log(p if label != "b" else 1 - p) for label, p in TWO_SPELLINGS) / 6
WITHOUT_A = -(math.log(0.7) + math.log(0.6) + math.log(0.9) + math.log(0.7)) / 4


def spelled(header: str, rows: Iterable[tuple[str, float]] = TWO_SPELLINGS) -> str:
    """Return a file of two columns of probabilities, of which the first has the number."""
    return f"{header}\n" + "".join(f"{label},{p},{1 - p:.1f}\n" for label, p in rows)


@pytest.mark.parametrize("header", ["y,p_A,p_b", "y,p_a,p_b", "y,p_a,p_B", "label,score_A,score_B"])
def test_labels_that_differ_in_letters_alone_are_one_class_by_a_warning(header: str, tmp_path: Path) -> None:
    done = mean_of(tmp_path, spelled(header))
    assert done.mean == pytest.approx(AS_ONE, rel=1e-12)
    written, other = ("A", "a") if "_A" in header else ("a", "A")
    assert f"labels {written!r} and {other!r} are counted as one class" in done.err
    assert f"--ignore-index {other}" in done.err
    strict = mean_of(tmp_path, spelled(header), "--strict")
    assert strict.code == 3
    assert "--allow labels_alike" in strict.err
    assert mean_of(tmp_path, spelled(header), "--strict", "--allow", "labels_alike").code == 0
    left = mean_of(tmp_path, spelled(header), "--ignore-index", "a")
    assert left.mean == pytest.approx(WITHOUT_A, rel=1e-12)
    assert "labels_alike" not in left.err


def test_a_class_in_two_spellings_is_told_wherever_the_second_stands(tmp_path: Path) -> None:
    first = [("A", 0.7), ("b", 0.2)] * 2000
    header = "y,p_A,p_b"
    late = mean_of(tmp_path, spelled(header, [*first, ("a", 0.1)]))
    assert "labels 'A' and 'a' are counted as one class" in late.err
    counted = mean_of(tmp_path, spelled(header, [*first, ("a", 0.1)]).replace("\n", ",2\n").replace(",2", ",n", 1),
                      "--count", "n")  # fmt: skip
    assert "labels 'A' and 'a' are counted as one class" in counted.err
    assert mean_of(tmp_path, spelled(header, [*first, ("a", 0.1)]), "--where", "y=b").mean == pytest.approx(
        -math.log(0.8), rel=1e-12
    )
    may_be_two = mean_of(tmp_path, spelled(header, [("A", 0.7)] * 3000 + [("a", 0.2)] * 3000))
    assert may_be_two.code == 3
    assert "labels 'A' and 'a' may be two classes" in may_be_two.err
    single = mean_of(tmp_path, "y,p_A\n" + "A,.7\nb,.2\n" * 2000 + "a,.1\n")
    assert single.code == 3
    assert "3 labels: 'A', 'a', 'b'" in single.err


def test_labels_of_a_second_file_in_two_spellings_are_told(tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("y\n" + "".join(f"{label}\n" for label, _ in TWO_SPELLINGS), encoding="utf-8")
    scores = "p_A,p_b\n" + "".join(f"{p},{1 - p:.1f}\n" for _, p in TWO_SPELLINGS)
    done = mean_of(tmp_path, scores, str(labels))
    assert done.mean == pytest.approx(AS_ONE, rel=1e-12)
    assert "labels 'A' and 'a' are counted as one class" in done.err


def test_states_of_which_each_has_one_of_two_spellings_are_told_when_merged(tmp_path: Path) -> None:
    parts = {"1": [("A", 0.7), ("b", 0.1)], "2": [("a", 0.2), ("b", 0.3)]}
    for name, rows in parts.items():
        write(tmp_path, {f"{name}.csv": spelled("y,p_A,p_b", rows)})
        assert not run("state", tmp_path / f"{name}.csv", "-o", tmp_path / f"{name}.state").err
    done = run("merge", tmp_path / "1.state", tmp_path / "2.state", "-q")
    assert done.mean == pytest.approx(-sum(map(math.log, (0.7, 0.9, 0.2, 0.7))) / 4, rel=1e-12)
    assert "labels 'A' and 'a' are counted as one class" in done.err


@pytest.mark.parametrize("files", [1, 2])
def test_states_are_told_as_well_where_rows_are_left_out(files: int, tmp_path: Path) -> None:
    parts = {"1": ["A,.7,.3", "b,.1,.9"], "2": ["a,.2,.8", "b,.3,.7", "a,,", "a,,"]}
    for name, rows in parts.items():
        labels = "y\n" + "".join(f"{row.partition(',')[0]}\n" for row in rows)
        scores = "p_A,p_b\n" + "".join(f"{row.partition(',')[2]}\n" for row in rows)
        write(tmp_path, {f"{name}.csv": "y,p_A,p_b\n" + "\n".join(rows) + "\n", f"{name}s.csv": scores,
                         f"{name}y.csv": labels})  # fmt: skip
        inputs = [f"{name}.csv"] if files == 1 else [f"{name}s.csv", f"{name}y.csv"]
        run("state", *(tmp_path / one for one in inputs), "--invalid", "drop", "-o", tmp_path / f"{name}.state")
    done = run("merge", tmp_path / "1.state", tmp_path / "2.state", "-q")
    assert done.mean == pytest.approx(-sum(map(math.log, (0.7, 0.9, 0.2, 0.7))) / 4, rel=1e-12)
    assert "labels 'A' and 'a' are counted as one class" in done.err


@pytest.mark.parametrize("above", [0, 3000])
def test_labels_in_two_spellings_are_told_where_others_name_no_class(above: int, tmp_path: Path) -> None:
    rows = ["a,.9,.1"] * above + ["a,.9,.1", "A,.8,.2", "z,.5,.5", "b,.3,.7"]
    write(tmp_path, {"f.csv": "label,p_a,p_b\n" + "\n".join(rows) + "\n"})
    infinite = run("eval", tmp_path / "f.csv", "--unknown-class", "inf", "-q")
    assert infinite.code == 0
    assert infinite.mean == math.inf
    assert "labels 'a' and 'A' are counted as one class" in infinite.err
    dropped = run("eval", tmp_path / "f.csv", "--unknown-class", "drop", "-q")
    total = math.log(0.9) * (above + 1) + math.log(0.8) + math.log(0.7)
    assert dropped.mean == pytest.approx(-total / (above + 3), rel=1e-12)
    assert "labels 'a' and 'A' are counted as one class" in dropped.err
    for unknown in ("inf", "drop"):
        strict = run("eval", tmp_path / "f.csv", "--unknown-class", unknown, "--strict", "-q")
        assert strict.code == 3
        assert "--allow labels_alike" in strict.err
        assert "--classes a,b says so" in strict.err


@pytest.mark.parametrize("late", [0, 3000])
def test_labels_in_two_spellings_are_told_where_rows_are_left_out(late: int, tmp_path: Path) -> None:
    rows = ["a,.9,.1", "b,.3,.7", *["b,.3,.7"] * late, "A,.8,.2", *["A,,"] * 3]
    content = "label,p_a,p_b\n" + "\n".join(rows) + "\n"
    done = mean_of(tmp_path, content, "--invalid", "drop")
    loss = -(math.log(0.9) + math.log(0.8) + math.log(0.7) * (late + 1)) / (late + 3)
    assert done.mean == pytest.approx(loss, rel=1e-12)
    assert "labels 'a' and 'A' are counted as one class" in done.err
    strict = mean_of(tmp_path, content, "--invalid", "drop", "--strict")
    assert strict.code == 3
    assert "--allow labels_alike" in strict.err
    alone = mean_of(tmp_path, content.replace("a,.9,.1", "A,.9,.1"), "--invalid", "drop")
    assert alone.mean == pytest.approx(loss, rel=1e-12)
    assert "one class" not in alone.err
    other = mean_of(tmp_path, content, "--invalid", "drop", "--ignore-index", "a")
    assert other.mean == pytest.approx(-(math.log(0.8) + math.log(0.7) * (late + 1)) / (late + 2), rel=1e-12)
    assert "one class" not in other.err


@pytest.mark.parametrize("more", [(), ("--count", "n")])
def test_all_labels_in_other_letters_than_the_columns_are_no_two_spellings(
    more: tuple[str, ...], tmp_path: Path
) -> None:
    done = mean_of(tmp_path, "y,p_a,p_b,n\nA,.7,.3,2\nB,.2,.8,1\nA ,.6,.4,1\nB,.1,.9,2\n"[:-1] + "\n", *more)
    assert "one class" not in done.err
    assert done.code == 0
    known = mean_of(tmp_path, "y,no,yes\nno,.9,.1\nYes,.2,.8\nyes,.3,.7\n")
    assert known.mean == pytest.approx(-(math.log(0.9) + math.log(0.8) + math.log(0.7)) / 3, rel=1e-12)
    assert not known.err


@pytest.mark.parametrize(
    ("header", "rows", "told"),
    [
        ("y,p_n,p_b", "n,.9,.1 N,.8,.2 b,.3,.7", "'n' and 'N'"),
        ("y,p_t,p_a,p_g", "t,.9,.1,0 T,.8,.1,.1 a,.3,.7,0 g,.2,.1,.7", "'t' and 'T'"),
        ("y,p_n,p_y", "n,.9,.1 Y,.2,.8 y,.3,.7", ""),
        ("y,p_F,p_T", "F,.9,.1 t,.2,.8 T,.3,.7", ""),
        ("y,p_no,p_may", "no,.9,.1 No,.8,.2 may,.3,.7", ""),
    ],
)
def test_a_single_letter_is_a_well_known_word_beside_the_other_alone(
    header: str, rows: str, told: str, tmp_path: Path
) -> None:
    done = mean_of(tmp_path, "\n".join([header, *rows.split()]) + "\n")
    truths = (0.9, 0.8, 0.7, 0.7)[: len(rows.split())]
    assert done.mean == pytest.approx(-sum(map(math.log, truths)) / len(truths), rel=1e-12)
    assert done.err == "" if not told else f"labels {told} are counted as one class" in done.err
    strict = mean_of(tmp_path, "\n".join([header, *rows.split()]) + "\n", "--strict")
    assert strict.code == (3 if told else 0)
    more = [header, *rows.split(), f"zzz{',.5' * header.count('p_')}"]
    beyond = mean_of(tmp_path, "\n".join(more).replace(",.5,.5,.5", ",.5,.5,0") + "\n", "--unknown-class", "inf")
    assert beyond.code == 0
    assert ("are counted as one class" in beyond.err) == bool(told)


def test_two_letters_may_be_two_classes_though_one_is_a_well_known_word(tmp_path: Path) -> None:
    refused = mean_of(tmp_path, "y,p_n,p_b\nN,.9,.1\nn,.8,.2\n")
    assert refused.code == 3
    assert "labels 'N' and 'n' may be two classes" in refused.err
    assert mean_of(tmp_path, "y,p_n,p_y\nN,.9,.1\nn,.8,.2\n").mean == pytest.approx(
        -(math.log(0.9) + math.log(0.8)) / 2, rel=1e-12
    )


@pytest.mark.parametrize("positive", ["A", "a"])
def test_the_positive_class_may_differ_in_its_letters_alone(positive: str, tmp_path: Path) -> None:
    loss = -(math.log(0.9) + math.log(0.8)) / 2
    scores = (0.9, 0.2) if positive == "A" else (0.1, 0.8)
    done = mean_of(tmp_path, f"y,score\nA,{scores[0]}\na,{scores[1]}\n", "--positive", positive)
    assert done.mean == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize(
    "columns", ["elo_prob1,elo_prob2", "p_home,p_away", "home_prob,away_prob", "win,lose", "prob_1,prob_2"]
)
def test_the_sides_of_a_contest_are_not_counted(columns: str, tmp_path: Path) -> None:
    content = f"result,{columns}\n1,.9,.1\n0,.2,.8\n"
    refused = mean_of(tmp_path, content, "--label", "result")
    assert refused.code == 3
    assert "--classes 1,0 or --classes 0,1" in refused.err
    first = mean_of(tmp_path, content, "--label", "result", "--classes", "1,0")
    assert first.mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2)


def test_labels_of_one_and_two_count_the_sides(tmp_path: Path) -> None:
    done = mean_of(tmp_path, "result,elo_prob1,elo_prob2\n1,.9,.1\n2,.2,.8\n", "--label", "result")
    assert done.mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2)
    assert not done.err


def test_whole_numbers_beyond_every_double_stay_apart(tmp_path: Path) -> None:
    first, second = str(2**53), str(2**53 + 1)
    done = mean_of(tmp_path, single((first, second)), "--positive", second)
    assert done.mean == pytest.approx(OF_SECOND, rel=1e-14)
    classes = ClassMap((first, second), {first: 0, second: 1})
    assert (classes.code(first), classes.code(second), classes.code(str(2**53 + 2))) == (0, 1, None)
