"""A label file beside scores with labels of their own: two orders of the same labels are not paired by position."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli import MisalignedData, evaluate
from running import Run, run

N = 80
RNG = np.random.default_rng(31)
Z = RNG.normal(0.0, 1.6, (N, 3))
P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
CODES = (P.cumsum(axis=1) > RNG.random((N, 1))).argmax(axis=1)
PETS = np.array(["cat", "dog", "eel"])
Y = PETS[CODES]
LOSS = math.fsum(-np.log(P[np.arange(N), CODES])) / N
ORDER = RNG.permutation(N)
B, PB = (CODES > 0).astype(int), 1.0 - P[:, 0]
LOSS_B = math.fsum(-np.log(np.where(B == 1, PB, 1.0 - PB))) / N


def pets(**more: Any) -> pd.DataFrame:
    return pd.DataFrame({**more, **{f"prob_{name}": P[:, i] for i, name in enumerate(PETS)}})


def done(directory: Path, scores: pd.DataFrame, labels: pd.DataFrame, *arguments: str) -> Run:
    scores.to_csv(directory / "p.csv", index=False)
    labels.to_csv(directory / "l.csv", index=False)
    return run("eval", directory / "p.csv", directory / "l.csv", "-q", *arguments)


@pytest.mark.parametrize("mine", ["label", "y_true", "class", "species", "checked"])
@pytest.mark.parametrize("theirs", ["label", "y_true", "answer"])
def test_the_same_labels_in_another_order_are_refused(mine: str, theirs: str, tmp_path: Path) -> None:
    refused = done(tmp_path, pets(**{mine: Y}), pd.DataFrame({theirs: Y[ORDER]}))
    assert refused.code == 3
    assert f"column {mine!r} holds the classes of {theirs!r} in" in refused.err
    assert "leave the label file out" in refused.err
    assert "--id COLUMN" in refused.err
    alone = run("eval", tmp_path / "p.csv", "-q", "--label", mine)
    assert alone.mean == pytest.approx(LOSS, rel=1e-12)


@pytest.mark.parametrize("mine", ["label", "target", "churned", "is_fraud"])
def test_labels_of_0_and_1_too_where_the_scores_know_those_beside_them(mine: str, tmp_path: Path) -> None:
    scores = pd.DataFrame({mine: B, "prob": PB})
    refused = done(tmp_path, scores, pd.DataFrame({"y": B[ORDER]}))
    assert refused.code == 3
    assert f"column {mine!r} holds the classes of 'y' in" in refused.err
    assert done(tmp_path, scores, pd.DataFrame({"y": B})).mean == pytest.approx(LOSS_B, rel=1e-12)


@pytest.mark.parametrize("mine", [("no", "yes"), (False, True), ("neg", "pos"), (1, 2)])
@pytest.mark.parametrize("name", ["label", "is_fraud"])
def test_labels_that_are_coded_in_another_way_too(name: str, mine: tuple[Any, Any], tmp_path: Path) -> None:
    scores = pd.DataFrame({name: [mine[b] for b in B], "prob": PB})
    assert done(tmp_path, scores, pd.DataFrame({"y": B[ORDER]})).code == 3
    assert done(tmp_path, scores, pd.DataFrame({"y": B})).mean == pytest.approx(LOSS_B, rel=1e-12)


def test_so_it_is_in_python_and_with_an_array_of_labels() -> None:
    with pytest.raises(MisalignedData, match="in another order"):
        evaluate(pets(label=Y), pd.DataFrame({"label": Y[ORDER]}))
    with pytest.raises(MisalignedData, match="in another order"):
        evaluate(pd.DataFrame({"y": B, "prob": PB}), B[ORDER])


def test_all_rows_are_counted_not_only_the_first(tmp_path: Path) -> None:
    scores = pd.concat([pets(label=Y)] * 40, ignore_index=True)
    order = RNG.permutation(len(scores))
    labels = pd.DataFrame({"label": scores.label.to_numpy()[order]})
    assert done(tmp_path, scores, labels).code == 3
    last_dog = int(np.flatnonzero(labels.label == "dog")[-1])
    assert last_dog > 1000
    labels.loc[last_dog, "label"] = "cat"  # now they are not the same labels
    assert done(tmp_path, scores, labels).code == 0


@pytest.mark.parametrize("rows", [60, 1500])
@pytest.mark.parametrize("by_class", [False, True])
@pytest.mark.parametrize("name", ["y_true", "label", "class"])
def test_a_model_that_knows_nothing_vouches_for_no_order(name: str, by_class: bool, rows: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(rows)
    z = rng.normal(0.0, 3.0, (rows, 3))
    y = np.sort(PETS[rng.integers(0, 3, rows)]) if by_class else PETS[rng.integers(0, 3, rows)]
    scores = pd.DataFrame({f"logit_{pet}": z[:, i] for i, pet in enumerate(PETS)} | {name: y})
    for _ in range(5):
        assert done(tmp_path, scores, pd.DataFrame({"truth": rng.permutation(y)})).code == 3
    assert done(tmp_path, scores, pd.DataFrame({"truth": y})).code == 0


def test_a_truth_that_all_scores_follow_is_not_taken_for_a_prediction(tmp_path: Path) -> None:
    best = PETS[P.argmax(axis=1)]
    assert done(tmp_path, pets(y_true=best), pd.DataFrame({"target": best[ORDER]})).code == 3
    assert done(tmp_path, pets(label=best), pd.DataFrame({"target": best[ORDER]})).code == 3


HONEST: dict[str, dict[str, Any]] = {
    "the same labels": {"label": Y},
    "labels that were corrected": {"label": np.where(np.arange(N) % 9 == 0, PETS[(CODES + 1) % 3], Y)},
    "what was predicted, called label": {"label": PETS[P.argmax(axis=1)]},
    "what was predicted": {"y_pred": PETS[P.argmax(axis=1)]},
    "labels in another order, and a label file that fits": {"label": Y[ORDER]},
    "names of something else": {"city": RNG.choice(["Rome", "Oslo", "Bonn"], N)},
    "a feature": {"smoker": RNG.permutation(B)},
}


@pytest.mark.parametrize("what", HONEST)
def test_what_is_no_other_order_changes_nothing(what: str, tmp_path: Path) -> None:
    found = done(tmp_path, pets(**HONEST[what]), pd.DataFrame({"truth": Y}))
    assert found.mean == pytest.approx(LOSS, rel=1e-12)
    assert not found.err


def test_a_feature_with_as_many_ones_as_the_label_is_no_label(tmp_path: Path) -> None:
    for seed in range(20):
        feature = np.random.default_rng(seed).permutation(B)
        found = done(tmp_path, pd.DataFrame({"prob": PB, "smoker": feature}), pd.DataFrame({"y": B}))
        assert found.mean == pytest.approx(LOSS_B, rel=1e-12)


@pytest.mark.parametrize("label", ["class", "label"])
@pytest.mark.parametrize("truth", ["species", "outcome", "kind"])
def test_two_columns_of_a_few_rows_that_lack_different_classes_are_held_against_each_other(
    label: str, truth: str, tmp_path: Path
) -> None:
    shares = np.array(
        [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.2, 0.1, 0.7], [0.5, 0.4, 0.1], [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]]
    )
    predicted, true = [0, 0, 2, 0, 2, 0], [0, 1, 2, 1, 1, 0]
    columns = {label: predicted, truth: true, **{f"proba.{i}": shares[:, i] for i in range(3)}}
    pd.DataFrame(columns).to_csv(tmp_path / "f.csv", index=False)
    found = evaluate(str(tmp_path / "f.csv"))
    assert found.spec.columns.label == truth or "label_ambiguous" in [notice.code for notice in found.warnings]
    assert run("eval", tmp_path / "f.csv", "-q", "--strict").code == 3
    right = run("eval", tmp_path / "f.csv", "-q", "--strict", "--label", truth)
    assert right.mean == pytest.approx(-np.log(shares[range(6), true]).mean(), rel=1e-12)


@pytest.mark.parametrize("label", ["class", "label"])
def test_a_fold_beside_them_hides_no_second_column_of_classes(label: str, tmp_path: Path) -> None:
    """The model is too sure of itself, so its scores know less of the truth than its class frequencies."""
    rng = np.random.default_rng(4)
    z = rng.normal(0.0, 4.0, (20, 4))
    best = z.argmax(axis=1)
    true = np.where(np.arange(20) % 5 == 0, (best + 1) % 4, best)
    for species, fold in (("species", "fold"), ("kind", "cv")):
        columns = {label: best, species: true, fold: rng.permutation(20) % 5}
        pd.DataFrame(columns | {f"p_{i}": z[:, i] for i in range(4)}).to_csv(tmp_path / "f.csv", index=False)
        found = evaluate(str(tmp_path / "f.csv"))
        assert found.spec.columns.label == species or "label_ambiguous" in [notice.code for notice in found.warnings]
        assert run("eval", tmp_path / "f.csv", "-q", "--strict").code == 3
