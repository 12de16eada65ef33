"""A table or a split that is named, and that no input can have, is an error of use and not ignored."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from celoss_cli import UsageError, evaluate
from running import run, write

ROWS = "y,p_0,p_1,Split\n0,.7,.3,test\n1,.2,.8,val\n"


def test_a_split_of_a_text_file_is_a_column_of_it(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": ROWS})
    done = run("eval", tmp_path / "p.csv", "--split", "test")
    assert done.code == 2
    assert "p.csv is csv" in done.err
    assert "--where Split=test scores these rows" in done.err


@pytest.mark.parametrize("form", ["csv", "parquet", "npz", "jsonl"])
def test_a_table_of_a_form_without_tables(form: str, tmp_path: Path) -> None:
    frame, path = pd.DataFrame({"y": [0, 1], "p_0": [0.7, 0.2], "p_1": [0.3, 0.8]}), tmp_path / f"p.{form}"
    if form == "csv":
        frame.to_csv(path, index=False)
    elif form == "parquet":
        frame.to_parquet(path)
    elif form == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        np.savez(path, probs=frame[["p_0", "p_1"]], labels=frame["y"])
    with pytest.raises(UsageError, match="names one table of several") as found:
        evaluate(path, table="scores")
    assert found.value.code == "table_unused"
    assert "HDF5" in (found.value.hint or "")


def test_objects_have_no_tables_and_one_split() -> None:
    frame = pd.DataFrame({"y": [0, 1], "p": [0.3, 0.8]})
    for name in ("table", "split"):
        with pytest.raises(UsageError, match=f'{name}="test" names one'):
            evaluate(frame, **{name: "test"})
    arrays = {"test_p": np.array([[0.7, 0.3], [0.2, 0.8]]), "test_y": np.array([0, 1]), "val_y": np.array([0])}
    assert evaluate(arrays, split="test").counts.rows == 2


def test_one_of_two_inputs_is_enough(tmp_path: Path) -> None:
    write(tmp_path, {"y.csv": "y\n0\n1\n"})
    np.savez(tmp_path / "p.npz", test_probs=[[0.7, 0.3], [0.2, 0.8]], val_probs=[[0.5, 0.5], [0.5, 0.5]])
    done = run("eval", tmp_path / "p.npz", tmp_path / "y.csv", "--split", "test", "-q")
    assert done.code == 0
    assert float(done.out) == pytest.approx(-(np.log(0.7) + np.log(0.8)) / 2)


@pytest.mark.parametrize("shards", [1, 2])
def test_a_saved_data_set_has_splits_however_many_files_they_are(shards: int, tmp_path: Path) -> None:
    table = pa.table({"y_true": [1, 0, 1, 1], "y_prob": [0.9, 0.2, 0.6, 0.7]})
    for split in ("train", "test"):
        (tmp_path / split).mkdir()
        for shard in range(shards):
            part = table.slice(shard * 4 // shards, 4 // shards)
            name = tmp_path / split / f"data-{shard:05}-of-{shards:05}.arrow"
            with pa.OSFile(str(name), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
                writer.write_table(part)
        (tmp_path / split / "dataset_info.json").write_text("{}")
        files = [{"filename": f"data-{shard:05}-of-{shards:05}.arrow"} for shard in range(shards)]
        (tmp_path / split / "state.json").write_text(json.dumps({"_data_files": files}))
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    done = run("eval", tmp_path, "--split", "test", "-q")
    assert done.code == 0, done.err
    assert done.mean == pytest.approx(-float(np.log([0.9, 0.8, 0.6, 0.7]).mean()), rel=1e-14)
