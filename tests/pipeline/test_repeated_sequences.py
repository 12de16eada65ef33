"""Ids of ``--id`` that stand in several rows of sequences: windows that overlap, sequences that were scored twice."""

from __future__ import annotations

import itertools
import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from celoss_cli.scoring.id_rows import IdRows
from celoss_cli.state.id_sample import IdSample
from celoss_cli.state.row_sample import MOST_IDS
from celoss_cli.tables.arrow.batch import ArrowBatch
from running import run

TRUTH = ("--truth", "logprob", "--input", "logprobs", "--per", "token")
PARTS = (*TRUTH, "--id", "doc,position")
BOTH = (*PARTS, "--cluster", "doc")


def windows(rows: int, length: int, stride: int) -> pa.Table:
    """A row a token: windows of ``length`` tokens over documents of 500, each ``stride`` after the one before."""
    doc, position = [], []
    number = 0
    while len(doc) < rows:
        for start in range(0, 500 - length + 1, stride):
            doc += [f"a document with a long name {number:06d} of all"] * length
            position += range(start, start + length)
        number += 1
    logprob = np.log(np.random.default_rng(5).uniform(0.05, 1.0, rows))
    return pa.table({"doc": doc[:rows], "position": position[:rows], "logprob": logprob})


def written(table: pa.Table, path: Path) -> Path:
    if path.suffix == ".csv":
        pyarrow.csv.write_csv(table, path)
    elif path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=1500)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()), encoding="utf-8")
    return path


def warned(path: Path, *options: object) -> list[str]:
    """What the document says of ids that repeat."""
    done = run("eval", path, *options, "--format", "json")
    assert done.code == 0, done.err
    return [one["message"] for one in json.loads(done.out)["warnings"] if one["code"] == "repeated_ids"]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_windows_that_overlap_by_a_fifth_are_told(suffix: str, tmp_path: Path) -> None:
    path = written(windows(10_000, 100, 80), tmp_path / f"t.{suffix}")
    (message,) = warned(path, *BOTH)
    assert "of 2,048 ids looked at ('doc', 'position') stand in several rows" in message
    found = int(message.split(" of ")[0].replace(",", ""))
    assert 400 < found < 620  # of 8,000 ids or so, 2,000 stand twice
    for threads in (1, 2, 5):
        assert warned(path, *BOTH, "--threads", threads) == [message]
    quiet = run("eval", path, *BOTH, "-q")
    assert quiet.code == 0
    assert message in quiet.err
    refused = run("eval", path, *BOTH, "-q", "--strict")
    assert refused.code == 3
    assert "--where" in refused.err
    assert run("eval", path, *BOTH, "-q", "--strict", "--allow", "repeated_ids").out == quiet.out


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_ids_of_one_row_each_are_never_told(suffix: str, tmp_path: Path) -> None:
    path = written(windows(10_000, 100, 100), tmp_path / f"t.{suffix}")
    assert not warned(path, *BOTH)
    assert "repeated" not in run("eval", path, *BOTH, "-q", "--strict").err


def test_the_rows_of_few_ids_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("doc,position,logprob\na,1,-1\na,2,-2\nb,1,-1\na,2,-2\nb,1,-3\na,2,-1\n", encoding="utf-8")
    (message,) = warned(path, *BOTH)
    assert message.startswith("2 of 3 ids ('doc', 'position') stand in several rows")
    assert "'a' '2' in rows 1 and 3, 'b' '1' in rows 2 and 4; windows that overlap" in message
    assert not warned(path, *TRUTH)  # nobody said what an id is
    path.write_text("doc,position,logprob\na,12,-1\na1,2,-2\n1,2,-1\n2,1,-2\n,1,-1\n,1,-1\n", encoding="utf-8")
    assert not warned(path, *PARTS)  # of two rows nobody knows the document


def test_the_command_that_pins_a_reading_accepts_them(tmp_path: Path) -> None:
    path = written(windows(400, 100, 80), tmp_path / "t.csv")
    found = json.loads(run("inspect", path, *PARTS, "--format", "json").out)
    assert found["command"].endswith("--strict --allow repeated_ids")
    assert run(*shlex.split(found["command"])[1:], "-q").code == 0
    assert run("inspect", path, *PARTS, "--strict").code == 3


def sequences(ids: list[Any], **more: list[Any]) -> pa.Table:
    return pa.table({"id": ids, "logprobs": [[-1.0, -0.5, -0.25][: 1 + n % 3] for n in range(len(ids))], **more})


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
@pytest.mark.parametrize("kind", [str, int])
def test_a_sequence_that_was_scored_twice_is_told(suffix: str, kind: type, tmp_path: Path) -> None:
    table = sequences([kind(n) for n in [*range(2000), 17]])
    path = written(table, tmp_path / f"t.{suffix}")
    (message,) = warned(path, "--id", "id")
    assert "1 of 2,000 ids ('id') stands in several rows" in message
    assert "'17' in rows 17 and 2,000" in message
    assert "--skip COLUMN" in message
    assert not warned(path, "--id", "id", "--where", "id=18")
    assert not warned(written(table.slice(0, 2000), path), "--id", "id")


def test_windows_that_leave_out_what_was_scored_before_are_not_told(tmp_path: Path) -> None:
    table = sequences(["a"] * 6, context=[0, 1, 1, 0, 1, 1])
    path = written(table.slice(0, 3), tmp_path / "t.parquet")
    assert warned(path, "--id", "id")
    assert not warned(path, "--id", "id", "--skip", "context")
    path = written(table, path)
    assert "'a' in rows 0 and 3" in warned(path, "--id", "id", "--skip", "context")[0]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_parts_say_together_what_the_whole_says(suffix: str, tmp_path: Path) -> None:
    table = windows(6000, 100, 80)
    states = []
    for k, start in enumerate((0, 2000, 4000)):
        written(table.slice(start, 2000), tmp_path / f"p{k}.{suffix}")
    for k in (2, 0, 1):
        states.append(tmp_path / f"p{k}.state")
        done = run("state", tmp_path / f"p{k}.{suffix}", "--part", f"{k + 1}/3", "-o", states[-1], *PARTS)
        assert done.code == 0, done.err
    whole = run("eval", tmp_path / f"p*.{suffix}", *PARTS, "--format", "json")
    assert "repeated_ids" in whole.out
    assert run("merge", *states, "--format", "json").out == whole.out


def test_a_sample_is_the_same_however_the_rows_are_cut() -> None:
    rng = np.random.default_rng(8)
    doc, position = rng.integers(0, 300, 9000), rng.integers(0, 40, 9000)
    batch = pa.table({"doc": [f"d{n}" for n in doc], "position": position.astype(np.int16)})

    def sample(start: int, stop: int) -> IdSample:
        rows = IdRows(("doc", "position"))
        part = batch.slice(start, stop - start).combine_chunks()
        held = {name: part.column(name).combine_chunks() for name in part.column_names}
        rows.add(ArrowBatch(held, stop - start), 0, np.ones(stop - start, dtype=bool))
        return rows.finish().shifted(start)

    whole = sample(0, 9000)
    assert whole.size == MOST_IDS
    for cuts in ((0, 1, 4000, 9000), (0, 3000, 3001, 3002, 9000)):
        parts = [sample(*pair) for pair in itertools.pairwise(cuts)]
        left, right = IdSample(), IdSample()
        for part in parts:
            left = left.merge(part)
        for part in reversed(parts):
            right = part.merge(right)
        assert left == whole
        assert right == whole
    every = doc * 40 + position
    for one, count in zip(whole.values, whole.counts, strict=True):
        rows = np.flatnonzero(every == int(one[0][1:]) * 40 + int(one[1]))
        assert count == rows.size
    for one in whole.examples(50):
        assert tuple(np.flatnonzero(every == int(one.values[0][1:]) * 40 + int(one.values[1]))[:2]) == one.rows
