"""``compare --count n`` gives every number that the files give with each row written n times, chance included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from celoss_cli import compare
from celoss_cli.errors import InvalidWeights
from running import run

N = 70
RNG = np.random.default_rng(11)
COUNTS = RNG.choice([0, 1, 1, 2, 3, 25], N)
TIMES = np.repeat(np.arange(N), COUNTS)


def model(seed: int, classes: int, **more: Any) -> pd.DataFrame:
    rng = np.random.default_rng([seed, classes])
    shared = np.random.default_rng(5)
    y = shared.integers(classes, size=N)
    scores = rng.normal(0.0, 1.0, (N, classes))
    scores[np.arange(N), y] += 1.0
    columns: dict[str, Any] = {f"logit_{'abcd'[c]}": scores[:, c] for c in range(classes)}
    columns |= {"y": ["abcd"[c] for c in y], "n": COUNTS, "w": shared.uniform(0.0, 3.0, N)}
    return pd.DataFrame({**columns, "g": shared.integers(3, size=N).astype(str), **more})


def written_out(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[TIMES].reset_index(drop=True)


def numbers(found: Any) -> dict[str, Any]:
    """Everything but what speaks of the files and of single rows."""
    document = found.to_dict()
    for name in ("inputs", "spec", "pairing", "tags"):
        document.pop(name, None)
    document["change"] = {k: v for k, v in document["change"].items() if k not in ("improved", "worsened")}
    document["warnings"] = [w["code"] for w in document["warnings"] if w["code"] != "unused_weights"]
    for standing in document.get("leaderboard") or ():
        standing.pop("path")
    return document


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sample_weight": "w"},
        {"sample_weight": "w", "denominator": "count"},
        {"class_weight": "balanced"},
        {"average": "macro"},
        {"label_smoothing": 0.1},
        {"slice": "g"},
        {"cluster": "g"},
        {"where": {"g": "1"}},
        {"ignore_index": "a"},
        {"bootstrap": 200},
        {"max_regression": "0.05"},
    ],
)
@pytest.mark.parametrize("classes", [2, 4])
def test_a_count_is_as_good_as_writing_the_row_so_often(classes: int, options: dict[str, Any]) -> None:
    a, b = model(1, classes), model(2, classes)
    short = compare(a, b, count="n", label="y", pred="logit_*", **options)
    full = compare(written_out(a), written_out(b), label="y", pred="logit_*", **options)
    assert numbers(short) == numbers(full)
    assert short.difference.standard_error == full.difference.standard_error
    assert short.difference.p_value == full.difference.p_value
    assert short.rows.paired == full.rows.paired
    changed = [row.row for row in (*short.change.improved, *short.change.worsened)]
    assert len(set(changed)) == len(changed)  # a row changed most but once


def test_the_paired_t_test_of_scipy_over_all_that_rows_stand_for() -> None:
    a, b = model(1, 3), model(2, 3)
    losses = []
    for frame in (a, b):
        z = frame.filter(like="logit_").to_numpy()
        codes = frame.y.map("abc".index).to_numpy()
        losses.append((np.logaddexp.reduce(z, axis=1) - z[np.arange(N), codes])[TIMES])
    test = scipy.stats.ttest_rel(losses[1], losses[0])
    found = compare(a, b, count="n", label="y", pred="logit_*").difference
    assert found.mean == pytest.approx((losses[1] - losses[0]).mean(), rel=1e-12)
    assert found.standard_error == pytest.approx(scipy.stats.sem(losses[1] - losses[0]), rel=1e-10)
    assert found.p_value == pytest.approx(test.pvalue, rel=1e-9)
    assert found.degrees_of_freedom == TIMES.size - 1


def test_counts_are_applied_after_pairing_by_id() -> None:
    ids = [f"i{row}" for row in range(N)]
    a, b = model(1, 3, id=ids), model(2, 3, id=ids)
    full = compare(written_out(a.drop(columns="id")), written_out(b.drop(columns="id")), label="y", pred="logit_*")
    assert numbers(
        compare(a, b.sample(frac=1.0, random_state=1, ignore_index=True), count="n", label="y", pred="logit_*")
    ) == numbers(full)
    labels = a[["id", "y", "n"]].sample(frac=1.0, random_state=2, ignore_index=True)
    scores = [frame.drop(columns=["y", "n", "w", "g"]) for frame in (a, b)]
    beside = compare(*scores, labels, count="n", label="y", pred="logit_*")
    assert numbers(beside) == numbers(full)


def test_several_candidates() -> None:
    models = [model(seed, 3) for seed in (1, 2, 3)]
    models[2].loc[[4, 9], "y"] = models[0].loc[[4, 9], "y"]
    short = compare(models[0], models[1:], count="n", label="y", pred="logit_*")
    full = compare(written_out(models[0]), [written_out(one) for one in models[1:]], label="y", pred="logit_*")
    assert numbers(short) == numbers(full)
    assert [one.mean for one in short.leaderboard] == [one.mean for one in full.leaderboard]


def test_more_than_a_block_and_any_number_of_threads(tmp_path: Path) -> None:
    paths = []
    for seed in (1, 2):
        frame = model(seed, 3)
        frame.loc[3, "n"] = 200_000
        paths.append(tmp_path / f"{seed}.csv")
        frame.drop(columns=["w", "g"]).to_csv(paths[-1], index=False)
    found = [
        json.loads(run("compare", *paths, "--count", "n", "--threads", str(t), "--format", "json").out) for t in (1, 2)
    ]
    assert found[0] == found[1]
    assert found[0]["rows"]["paired"] == int(COUNTS.sum() - COUNTS[3]) + 200_000
    assert run("compare", *paths, "--count", "n").code == 0


def test_files_that_count_a_row_differently_are_refused() -> None:
    a, b = model(1, 3), model(2, 3)
    for number in (0, 7):
        b.loc[5, "n"] = number
        if number != COUNTS[5]:
            with pytest.raises(InvalidWeights, match="the count is"):
                compare(a, b, count="n", label="y", pred="logit_*")
