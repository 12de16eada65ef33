"""Class names that a file of arrays lists beside the scores: labels in words are found by them, in their order."""

from __future__ import annotations

import json
import math
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import celoss_cli
from running import run

LOGITS = np.array([[2.0, 0, 0], [0, 1, 0], [0, 0, 3.0], [1, 0, 0], [0.5, 0, 0.25]])
LABELS = np.array(["cat", "dog", "cow", "cat", "cow"])
NAMES = np.array(["cat", "dog", "cow"])
CODES = [0, 1, 2, 0, 2]
LOSS = sum(math.log(sum(map(math.exp, row))) - row[code] for row, code in zip(LOGITS, CODES, strict=True)) / 5


def saved(tmp_path: Path, **arrays: Any) -> Path:
    path = tmp_path / "f.npz"
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    "name", ["classes", "classes_", "class_names", "classnames", "label_names", "labels_names", "target_names"]
)
def test_their_order_is_that_of_the_scores(name: str, tmp_path: Path) -> None:
    path = saved(tmp_path, logits=LOGITS, labels=LABELS, **{name: NAMES})
    assert run("eval", path, "-q", "--strict").mean == pytest.approx(LOSS)


def test_inspect_shows_it_and_pins_it_down(tmp_path: Path) -> None:
    path = saved(tmp_path, logits=LOGITS, labels=LABELS, classes=NAMES)
    shown = json.loads(run("inspect", path, "--format", "json").out)
    made = next(one for one in shown["decisions"] if one["what"] == "classes")
    assert (made["value"], made["how"]) == ("cat, dog, cow", "detected")
    assert "lists" in made["evidence"]
    assert run(*shlex.split(shown["command"])[1:], "-q").mean == pytest.approx(LOSS)


def test_other_forms(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file["run/logits"], file["run/labels"] = LOGITS, LABELS.tolist()
        file["run/classes"] = NAMES.tolist()
    assert run("eval", tmp_path / "f.h5", "-q").mean == pytest.approx(LOSS)
    found = celoss_cli.evaluate({"logits": LOGITS, "labels": LABELS, "classes": NAMES})
    assert found.loss.mean == pytest.approx(LOSS)
    assert found.spec.classes == ("cat", "dog", "cow")


def test_labels_in_a_file_of_their_own(tmp_path: Path) -> None:
    path = saved(tmp_path, logits=LOGITS, classes=NAMES)
    (tmp_path / "y.csv").write_text("label\n" + "\n".join(LABELS) + "\n", encoding="utf-8")
    assert run("eval", path, tmp_path / "y.csv", "-q").mean == pytest.approx(LOSS)


def test_whole_numbers_stay_positions(tmp_path: Path) -> None:
    path = saved(tmp_path, logits=LOGITS, labels=np.array(CODES), classes=NAMES)
    assert run("eval", path, "-q").mean == pytest.approx(LOSS)


def test_what_is_given_comes_first(tmp_path: Path) -> None:
    path = saved(tmp_path, logits=LOGITS[:, [1, 0, 2]], labels=LABELS, classes=NAMES)
    assert run("eval", path, "-q", "--classes", "dog,cat,cow").mean == pytest.approx(LOSS)


@pytest.mark.parametrize("names", [["cat", "dog", "dog"], ["cat", "dog", "cow", "pig"], ["ant", "bee", "fox"]])
def test_a_list_that_does_not_fit_says_nothing_or_is_refused(names: list[str], tmp_path: Path) -> None:
    refused = run("eval", saved(tmp_path, logits=LOGITS, labels=LABELS, classes=np.array(names)), "-q")
    assert refused.code == 3
    assert "Traceback" not in refused.err


def test_a_label_that_is_not_listed(tmp_path: Path) -> None:
    path = saved(tmp_path, logits=LOGITS, labels=np.where(LABELS == "cow", "pig", LABELS), classes=NAMES)
    refused = run("eval", path, "-q")
    assert refused.code == 3
    assert "'pig' is none of the classes" in refused.err


def test_parts_that_list_other_orders_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", logits=LOGITS, labels=LABELS, classes=NAMES)
    np.savez(tmp_path / "b.npz", logits=LOGITS + 1.0, labels=LABELS, classes=NAMES[[1, 0, 2]])
    refused = run("eval", tmp_path, "-q")
    assert refused.code == 3
    assert "dog, cat, cow" in refused.err
