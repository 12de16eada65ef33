"""Rows of training and of test pooled into one mean are said, with what each split loses; honest files stay silent."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from celoss_cli import evaluate
from running import run


def rows_of(n: int = 400, seed: int = 0) -> pd.DataFrame:
    """Rows that a model has learnt by heart, and others that it has not."""
    random = np.random.default_rng(seed)
    learnt, label = random.random(n) < 0.6, random.integers(2, size=n)
    right = np.where(learnt, random.uniform(0.9, 0.99, n), random.uniform(0.2, 0.9, n))
    prob = np.where(label == 1, right, 1 - right).round(4)
    return pd.DataFrame({"split": np.where(learnt, "train", "test"), "prob": prob, "label": label})


def warned(path: Path, *options: str) -> str | None:
    done = run("eval", path, *options, "--format", "json")
    assert done.code == 0, done.err
    return {one["code"]: one["message"] for one in json.loads(done.out)["warnings"]}.get("pooled_splits")


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize(
    ("column", "words"),
    [("split", ("train", "test")), ("Partition", ("Training", "Holdout")), ("set", ("trn", "oos")),
     ("is_train", ("True", "False")), ("fold", ("train", "valid")), ("dataset", ("TRAIN", "dev"))],
)  # fmt: skip
@pytest.mark.parametrize("copies", [1, 20])
def test_train_and_test_in_one_mean(
    column: str, words: tuple[str, str], ordered: bool, copies: int, tmp_path: Path
) -> None:
    """Also where the first thousand rows are all of one split."""
    rows = pd.concat([rows_of(seed=seed) for seed in range(copies)])
    rows = rows.sort_values("split", ascending=False, kind="stable") if ordered else rows
    means = {split: evaluate(part, label="label", pred="prob").loss.mean for split, part in rows.groupby("split")}
    named = rows.assign(split=rows["split"].map(dict(zip(("train", "test"), words, strict=True))))
    named.rename(columns={"split": column}).to_csv(tmp_path / "p.csv", index=False)
    said = warned(tmp_path / "p.csv")
    assert said is not None
    assert f"--where {column}={words[1]}" in said
    for split, word in zip(("train", "test"), words, strict=True):
        found = re.search(rf"([\d,]+) of '{word}' \(about ([\d.]+) nats\)", said)
        assert found is not None, said
        assert int(found[1].replace(",", "")) == (rows["split"] == split).sum()
        assert float(found[2]) == pytest.approx(means[split], rel=0.01 if copies == 1 else 0.15)
    assert warned(tmp_path / "p.csv", "--where", f"{column}={words[1]}") is None
    assert warned(tmp_path / "p.csv", "--slice", column) is None


def test_in_a_label_file(tmp_path: Path) -> None:
    rows = rows_of()
    rows[["prob"]].to_csv(tmp_path / "p.csv", index=False)
    rows[["label", "split"]].to_csv(tmp_path / "y.csv", index=False)
    done = run("eval", tmp_path / "p.csv", tmp_path / "y.csv")
    assert "of 'train' (about 0.0" in done.err + done.out
    keyed = rows.assign(id=[f"r{i}" for i in range(len(rows))])
    keyed[["id", "prob"]].to_csv(tmp_path / "p.csv", index=False)
    keyed[["id", "label", "split"]].iloc[::-1].to_csv(tmp_path / "y.csv", index=False)
    done = run("eval", tmp_path / "p.csv", tmp_path / "y.csv")
    assert "of 'train', " in " ".join(
        (done.err + done.out).split()
    )  # paired by id: no row of the one is that of the other


def test_the_mean_alone_says_so_where_the_first_rows_show_it(tmp_path: Path) -> None:
    rows_of().to_csv(tmp_path / "p.csv", index=False)
    assert (
        "has rows of several splits, and the mean is of all ('test', 'train')"
        in run("eval", tmp_path / "p.csv", "-q").err
    )


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("split", ["test"]), ("split", ["test", "Test"]), ("fold", ["1", "2", "3"]), ("set", ["blue", "red", "test"]),
        ("stage", ["train", "early", "late"]), ("vehicle", ["train", "test"]), ("usage", ["Public", "Private"]),
        ("phase", ["1", "2"]), ("mode", ["bus", "train", "car"]), ("is_train", ["0"]),
    ],
)  # fmt: skip
def test_honest_files_are_silent(column: str, values: list[str], tmp_path: Path) -> None:
    rows = rows_of().drop(columns="split")
    rows[column] = [values[i % len(values)] for i in range(len(rows))]
    rows.to_csv(tmp_path / "p.csv", index=False)
    assert warned(tmp_path / "p.csv", "--label", "label", "--pred", "prob") is None


@pytest.mark.parametrize("parts", [2, 40])
def test_the_mean_alone_of_parts_that_have_one_split_each(parts: int, tmp_path: Path) -> None:
    """The first rows are those of the first part, so the others are looked at as well."""
    rows = rows_of(4_000).sort_values("split", ascending=False, kind="stable")
    size = len(rows) // parts
    for suffix in ("csv", "parquet"):
        (tmp_path / suffix).mkdir()
        for k in range(parts):
            part, path = rows.iloc[k * size : (k + 1) * size], tmp_path / suffix / f"part-{k:02}.{suffix}"
            part.to_csv(path, index=False) if suffix == "csv" else part.to_parquet(path, index=False)
        done = run("eval", tmp_path / suffix, "-q")
        assert (done.code, "--where split=test" in done.err) == (0, True), done.err
        assert "rows of several splits" not in run("eval", tmp_path / suffix, "--where", "split=test", "-q").err
