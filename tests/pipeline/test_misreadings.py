"""Files that were once read wrong without a word: each is read right now, or refused with the flag that settles it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from celoss_cli import AmbiguousData, InvalidScores, MisalignedData, evaluate


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_number_column_beside_bare_class_names_is_no_class(tmp_path: Path) -> None:
    text = "label,cat,dog,length\ncat,2.5,-1.0,12\ndog,-0.5,1.5,7\ncat,1.0,0.2,31\n"
    path = write(tmp_path / "a.csv", text)
    with pytest.raises(AmbiguousData, match="'length'"):
        evaluate(path)
    assert evaluate(path, pred=("cat", "dog")).loss.mean == pytest.approx(0.175926, abs=1e-6)


def test_probabilities_say_which_columns_are_the_classes(tmp_path: Path) -> None:
    text = "label,cat,dog,confidence\ncat,0.9,0.1,0.9\ndog,0.3,0.7,0.7\ncat,0.6,0.4,0.6\n"
    found = evaluate(write(tmp_path / "a.csv", text))
    assert found.spec.classes == ("cat", "dog")


def test_a_class_without_rows_is_still_a_class(tmp_path: Path) -> None:
    text = "label,cat,dog,eel\ncat,0.8,0.1,0.1\ndog,0.3,0.6,0.1\ncat,0.6,0.2,0.2\n"
    found = evaluate(write(tmp_path / "a.csv", text))
    assert found.spec.classes == ("cat", "dog", "eel")


def test_rows_of_two_files_that_a_shared_column_contradicts(tmp_path: Path) -> None:
    predictions = write(tmp_path / "p.csv", "user,prob\nann,0.9\nbob,0.2\ncat,0.8\n")
    labels = write(tmp_path / "l.csv", "user,label\nbob,0\ncat,1\nann,1\n")
    with pytest.raises(MisalignedData, match="'ann' here and 'bob'") as caught:
        evaluate(predictions, labels)
    assert caught.value.hint is not None
    assert 'id="user"' in caught.value.hint
    assert evaluate(predictions, labels, id="user").loss.mean == pytest.approx(0.183883, abs=1e-6)


def test_labels_win_over_words_for_the_truth(tmp_path: Path) -> None:
    text = "label,true,fake\ntrue,2.0,-1.0\nfake,-1.5,2.5\nfake,0.5,1.0\ntrue,3,-2\n"
    found = evaluate(write(tmp_path / "t.csv", text))
    assert found.spec.columns.predictions == ("true", "fake")
    assert found.loss.mean == pytest.approx(0.136882, abs=1e-6)


def test_columns_of_pandas_for_a_boolean_label_are_not_dropped(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "y,True,False\n1,0.9,0.1\n0,0.2,0.8\n1,0.7,0.3\n")
    with pytest.raises(AmbiguousData, match="'True'"):
        evaluate(path)
    assert evaluate(path, classes=("1", "0")).loss.mean == pytest.approx(0.228393, abs=1e-6)


@pytest.mark.parametrize("name", ["prob_no", "prob_neg", "proba_false", "p_negative"])
def test_a_column_named_after_the_negative_class(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "n.csv", f"y,{name}\n0,0.9\n1,0.2\n1,0.1\n")
    with pytest.raises(AmbiguousData, match="negative"):
        evaluate(path)
    assert evaluate(path, positive="0").loss.mean == pytest.approx(0.144622, abs=1e-6)


def test_a_shuffled_series_beside_a_default_index() -> None:
    frame = pd.DataFrame({"a": [0.9, 0.2, 0.7], "b": [0.1, 0.8, 0.3]})
    labels = pd.Series(["a", "b", "a"], name="y")
    with pytest.raises(MisalignedData):
        evaluate(frame, labels.loc[[1, 2, 0]])
    assert evaluate(frame, labels).loss.mean == pytest.approx(0.228393, abs=1e-6)


def test_a_class_column_of_text_is_not_left_out(tmp_path: Path) -> None:
    with pytest.raises(InvalidScores, match="holds text"):
        evaluate(write(tmp_path / "x.csv", "y,a,b\na,x,0.2\nb,y,0.9\n"))


def test_booleans_as_pandas_spells_them_are_one_hot_labels(tmp_path: Path) -> None:
    text = "prob_a,prob_b,true_a,true_b\n0.6,0.4,True,False\n0.3,0.7,False,True\n"
    found = evaluate(write(tmp_path / "o.csv", text))
    assert found.loss.mean == pytest.approx(0.43375028385236158, rel=1e-15)


def test_predictions_called_like_the_truth_when_the_truth_is_in_a_second_file(tmp_path: Path) -> None:
    predictions = write(tmp_path / "k.csv", "id,target\n1,0.2\n2,0.8\n")
    labels = write(tmp_path / "l.csv", "id,target\n2,1\n1,0\n")
    assert evaluate(predictions, labels).loss.mean == pytest.approx(0.22314355131420974, rel=1e-15)


def test_ranks_without_their_index_are_no_classes(tmp_path: Path) -> None:
    rows = [sorted((0.4 + i / 100, 0.35 - i / 200, 0.25 - i / 200), reverse=True) for i in range(25)]
    text = "target,prob_0,prob_1,prob_2\n" + "".join(f"{i % 3},{a},{b},{c}\n" for i, (a, b, c) in enumerate(rows))
    path = write(tmp_path / "r.csv", text)
    with pytest.raises(AmbiguousData, match="may be ranks"):
        evaluate(path)
    assert evaluate(path, pred=("prob_*",)).counts.scored == 25
    turned = text.replace("prob_0,prob_1,prob_2", "prob_2,prob_1,prob_0")
    assert evaluate(write(tmp_path / "t.csv", turned)).counts.scored == 25
