"""Rows that are copies of each other: a warning where they are more than a fifth, none for scores that are coarse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import celoss_cli
from celoss_cli.state.repeated_rows import RepeatAccumulator, RepeatState
from diagnosed_files import binary, diagnosed, several


def warned(path: Path, columns: dict[str, Any], **options: Any) -> str:
    found = diagnosed(path / "a.parquet", columns, 700, **options)
    return next((notice.message for notice in found.warnings if notice.code == "repeated_rows"), "")


@pytest.mark.parametrize("make", [binary, several])
@pytest.mark.parametrize(("copied", "share"), [(1.0, 100), (0.5, 67), (0.15, 26), (0.07, None), (0.0, None)])
def test_copies_are_told_of_where_they_are_more_than_a_fifth(
    copied: float, share: int | None, make: Any, tmp_path: Path
) -> None:
    columns = make()
    n = len(columns["label"])
    rows = np.random.default_rng(1).permutation(np.concatenate([np.arange(n), np.arange(round(copied * n))]))
    again = {name: column[rows] for name, column in columns.items()}
    found = warned(tmp_path, again)
    if share is None:
        assert not found
        return
    assert int(found.removeprefix("about ").partition("%")[0]) == pytest.approx(share, abs=3)  # of a sample
    assert "--cluster COLUMN" in found
    assert not warned(tmp_path, {**again, "doc": rows}, cluster="doc")


def test_coarse_scores_are_no_copies(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(-1.0, 2.0, 20_000)
    label = (rng.random(20_000) < 1 / (1 + np.exp(-z))).astype(np.int64)
    p = 1 / (1 + np.exp(-z))
    leaves = np.linspace(0.02, 0.98, 8)[np.digitize(p, np.linspace(0.1, 0.9, 7))]
    for coarse in (leaves, np.round(p, 2).clip(0.01, 0.99), np.round(p, 3).clip(0.001, 0.999), np.round(p, 4)):
        assert not warned(tmp_path, {"p": np.clip(coarse, 1e-6, 1 - 1e-6), "label": label})
    sure = np.where(rng.random(20_000) < 0.6, np.where(label == 1, 1.0, 0.0), p)
    assert not warned(tmp_path, {"p": sure, "label": label})


def test_votes_of_neighbours_are_no_copies(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    votes = rng.multinomial(25, [0.5, 0.3, 0.2], 3000) / 25
    label = (rng.random(3000)[:, None] > votes.cumsum(axis=1)).sum(axis=1)
    smoothed = 0.99 * votes + 0.01 / 3
    assert not warned(tmp_path, {**{f"p_{c}": smoothed[:, c] for c in range(3)}, "label": label})


@pytest.mark.parametrize("different", [1500, 2500, 12_000])
@pytest.mark.parametrize("counted", [False, True])
def test_the_scores_that_are_kept_do_not_depend_on_the_cut(different: int, counted: bool) -> None:
    rng = np.random.default_rng(different)
    n = 12_000
    scores = rng.normal(size=(3, different))[:, rng.integers(0, different, n)]
    codes, own = rng.integers(0, 3, n), rng.random(n) < 0.3 if counted else None

    def kept(size: int) -> RepeatState:
        taken = RepeatAccumulator()
        for start in range(0, n, size):
            part = slice(start, start + size)
            some, prints = taken.sampled(scores[:, part], None if own is None else own[part])
            taken.add(prints, codes[part][some], np.full((3, some.size), 1 / 3))
        return taken.finish()

    assert kept(n) == kept(500) == kept(5000)
    assert kept(n).size == min(2048, np.unique(scores[0] if own is None else scores[0][own]).size)


def test_counts_make_no_copies(tmp_path: Path) -> None:
    assert not warned(tmp_path, {**binary(), "k": np.full(3000, 3)}, count="k")


def test_leaves_of_sure_trees_are_no_copies() -> None:
    found = celoss_cli.diagnose("sample_data/cancer_boosted.csv")
    assert "repeated_rows" not in {notice.code for notice in found.warnings}


def test_copies_of_sure_rows_are_told_by_their_number(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    p = 1 / (1 + np.exp(-rng.normal(0.0, 12.0, 300)))
    label = (rng.random(300) < p).astype(np.int64)
    twice = {"p": np.tile(p, 2), "label": np.tile(label, 2)}
    assert warned(tmp_path, twice).startswith("about 100%")
    assert not warned(tmp_path, {"p": p, "label": label})


def test_the_sample_is_the_same_for_any_cut_and_order() -> None:
    rng = np.random.default_rng(4)
    p = rng.dirichlet(np.ones(3), 9000).T[:, rng.integers(0, 9000, 9000)]
    codes = rng.integers(0, 3, 9000)

    def sample(places: np.ndarray) -> RepeatState:
        accumulator = RepeatAccumulator()
        for start in range(0, places.shape[0], 500):
            part = places[start : start + 500]
            some, prints = accumulator.sampled(p[:, part])
            accumulator.add(prints, codes[part][some], p[:, part][:, some])
        return accumulator.finish()

    whole = sample(np.arange(9000))
    order = rng.permutation(9000)
    assert sample(order[:1234]).merge(sample(order[1234:])) == whole
    assert whole.size == 2048
    assert whole.share == 0.0  # the labels of these vary
