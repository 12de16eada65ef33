"""Of a file of several arrays those are read that are meant; and the classes stand where the labels leave room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from celoss_cli import CelossError, DataError, UnreadableFile, evaluate
from running import run

RANDOM = np.random.default_rng(5)
VAL, TEST = RANDOM.normal(size=(8, 3)), RANDOM.normal(size=(14, 3))
VAL_Y, TEST_Y = RANDOM.integers(0, 3, 8), RANDOM.integers(0, 3, 14)
SPLITS = {"val_logits": VAL, "val_labels": VAL_Y, "test_logits": TEST, "test_labels": TEST_Y}


def loss(scores: Any, labels: Any) -> float:
    """The mean over the labels that are not negative; classes on the last axis."""
    norm = np.log(np.exp(scores).sum(axis=-1))
    each = norm - np.take_along_axis(scores, np.maximum(labels, 0)[..., None], -1)[..., 0]
    return float(each[labels >= 0].mean())


def saved(place: Path, **arrays: Any) -> str:
    np.savez(place / "f.npz", **arrays)
    return str(place / "f.npz")


def test_one_of_several_splits(tmp_path: Path) -> None:
    path = saved(tmp_path, **SPLITS)
    expected = pytest.approx(loss(TEST, TEST_Y), rel=1e-12)
    assert evaluate(path, split="test").loss.mean == expected
    assert evaluate(path, pred="test_logits", label="test_labels").loss.mean == expected
    assert evaluate(path, pred="test_log*", label="test_labels").loss.mean == expected
    assert evaluate(SPLITS, split="test").loss.mean == expected
    assert evaluate(path, split="val").loss.mean == pytest.approx(loss(VAL, VAL_Y), rel=1e-12)
    assert run("eval", path, "--split", "test", "-q").mean == expected


def test_splits_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="different first axes") as found:
        evaluate(saved(tmp_path, **SPLITS))
    assert 'split="val", or pred="val_logits", label="val_labels"' in str(found.value.hint)
    with pytest.raises(DataError, match="no array has 'train' in its name") as unknown:
        evaluate(saved(tmp_path, **SPLITS), split="train")
    assert unknown.value.hint
    with pytest.raises(UnreadableFile, match="different first axes"):
        evaluate(saved(tmp_path, **SPLITS), pred="val_logits", label="test_labels")


def test_what_has_no_entry_for_each_sample_is_left_out(tmp_path: Path) -> None:
    aside = {"epoch": np.array(3), "seed": np.array([7]), "class_names": np.array(["a", "b", "c"])}
    path = saved(tmp_path, logits=TEST, labels=TEST_Y, **aside)
    assert evaluate(path).loss.mean == pytest.approx(loss(TEST, TEST_Y), rel=1e-12)
    with pytest.raises(UnreadableFile, match="different first axes"):
        evaluate(saved(tmp_path, logits=TEST, labels=TEST_Y[:13]))


TOKENS = RANDOM.normal(size=(4, 5, 7))
TOKENS_Y = RANDOM.integers(0, 7, (4, 5))
PADDED = np.where(np.arange(5) < 3, TOKENS_Y, -100)
IMAGES, IMAGES_Y = RANDOM.normal(size=(2, 6, 5, 3)), RANDOM.integers(0, 3, (2, 6, 5))


@pytest.mark.parametrize(
    ("scores", "labels"),
    [
        (TOKENS, TOKENS_Y),
        (np.moveaxis(TOKENS, -1, 1), TOKENS_Y),
        (IMAGES, IMAGES_Y),
        (np.moveaxis(IMAGES, -1, 1), IMAGES_Y),
        (TOKENS, TOKENS_Y.ravel()),
        (TOKENS, np.eye(7)[TOKENS_Y]),
        (np.moveaxis(TOKENS, -1, 1), np.moveaxis(np.eye(7)[TOKENS_Y], -1, 1)),
    ],
    ids=lambda array: str(array.shape),
)
def test_classes_stand_where_the_labels_leave_room(scores: Any, labels: Any, tmp_path: Path) -> None:
    places = labels.argmax(1 if labels.shape[1] == 7 else -1) if labels.ndim == 3 and labels.dtype == float else labels
    last = scores if scores.shape[-1] in (3, 7) else np.moveaxis(scores, 1, -1)
    expected = pytest.approx(loss(last, places.reshape(last.shape[:-1])), rel=1e-12)
    np.save(tmp_path / "p.npy", scores)
    np.save(tmp_path / "y.npy", labels)
    assert evaluate(scores, labels).loss.mean == expected
    assert evaluate(str(tmp_path / "p.npy"), str(tmp_path / "y.npy"), strict=True).loss.mean == expected
    if labels.ndim > 1:
        assert evaluate(saved(tmp_path, logits=scores, labels=labels)).loss.mean == expected


def test_labels_of_padding(tmp_path: Path) -> None:
    for inputs in ((TOKENS, PADDED), (saved(tmp_path, logits=TOKENS, labels=PADDED),)):
        with pytest.raises(CelossError) as found:
            evaluate(*inputs)
        assert 'ignore_index="-100"' in str(found.value.hint)
        assert evaluate(*inputs, ignore_index=-100).loss.mean == pytest.approx(loss(TOKENS, PADDED), rel=1e-12)


def test_one_score_a_place() -> None:
    logits, labels = RANDOM.normal(size=(4, 5, 1)), RANDOM.integers(0, 2, (4, 5))
    signed = np.where(labels == 1, logits[..., 0], -logits[..., 0])
    expected = float(np.log1p(np.exp(-signed)).mean())
    assert evaluate(logits, labels).loss.mean == pytest.approx(expected, rel=1e-12)


def test_where_both_axes_fit_it_is_a_guess() -> None:
    scores, labels = RANDOM.normal(size=(4, 5, 5)), RANDOM.integers(0, 5, (4, 5))
    guesses = {one.what: one for one in evaluate(scores, labels).spec.decisions}
    assert guesses["class axis"].guess
    with pytest.raises(CelossError, match="class axis"):
        evaluate(scores, labels, strict=True)
    proba = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    assert evaluate(proba, labels, strict=True).loss.mean == pytest.approx(loss(scores, labels), rel=1e-12)


def test_weights_beside_places_on_the_last_axis() -> None:
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    flat = evaluate(TOKENS.reshape(-1, 7), TOKENS_Y.ravel(), sample_weight=np.repeat(weights, 5))
    assert evaluate(TOKENS, TOKENS_Y, sample_weight=weights).loss.mean == pytest.approx(flat.loss.mean, rel=1e-14)


def test_bfloat16_in_files_of_numpy(tmp_path: Path) -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    rounded = TOKENS.astype(ml_dtypes.bfloat16)
    np.save(tmp_path / "p.npy", rounded)
    np.save(tmp_path / "y.npy", TOKENS_Y)
    expected = pytest.approx(loss(rounded.astype(np.float64), TOKENS_Y), rel=1e-12)
    assert evaluate(str(tmp_path / "p.npy"), str(tmp_path / "y.npy")).loss.mean == expected
    assert evaluate(saved(tmp_path, logits=rounded, labels=TOKENS_Y)).loss.mean == expected
    np.save(tmp_path / "p.npy", TOKENS.astype(ml_dtypes.float8_e4m3fn))
    with pytest.raises(UnreadableFile, match="as NumPy saves float8"):
        evaluate(str(tmp_path / "p.npy"), str(tmp_path / "y.npy"))


def test_splits_of_one_length_are_asked_about(tmp_path: Path) -> None:
    halves = {
        "train_logits": TEST[:8], "train_labels": TEST_Y[:8], "test_logits": VAL, "test_labels": VAL_Y,
    }  # fmt: skip
    path = saved(tmp_path, **halves)
    with pytest.raises(UnreadableFile, match="holds several splits") as found:
        evaluate(path)
    assert 'split="test", or pred="test_logits", label="test_labels"' in str(found.value.hint)
    expected = pytest.approx(loss(VAL, VAL_Y), rel=1e-12)
    assert evaluate(path, split="test").loss.mean == expected
    assert evaluate(path, label="test_labels").loss.mean == expected
    assert evaluate(path, pred="test_logits", label="test_labels").loss.mean == expected
    assert evaluate(path, split="train").loss.mean == pytest.approx(loss(TEST[:8], TEST_Y[:8]), rel=1e-12)
