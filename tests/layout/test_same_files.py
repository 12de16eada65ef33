"""Parts of a table that are one file twice count twice: refused, unless they may be alike by chance."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

from celoss_cli.layout.items import same_files
from running import run


def text(seed: int, rows: int = 500, values: int = 10_000) -> str:
    """Rows of a score with one of ``values`` values, and a label drawn from it; all files are of one size."""
    rng = random.Random(seed)
    scores = [(1 + rng.randrange(values)) / (values + 2) for _ in range(rows)]
    return "p,y\n" + "".join(f"{score:.6f},{int(rng.random() < score)}\n" for score in scores)


def written(directory: Path, **files: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (directory / f"{name}.csv").write_text(content, encoding="utf-8")
    return directory


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_one_file_twice_is_refused_and_named(form: str, tmp_path: Path) -> None:
    parts = written(tmp_path / "d", a=text(1), b=text(2), c=text(2))
    for path in sorted(parts.glob("*.csv")) if form != "csv" else ():
        table = pyarrow.csv.read_csv(path)
        if form == "parquet":
            pyarrow.parquet.write_table(table, path.with_suffix(".parquet"))
        else:
            table.to_pandas().to_json(path.with_suffix(".jsonl"), orient="records", lines=True)
        path.unlink()
    for asked in (parts, parts / f"*.{form}"):
        done = run("eval", asked, "-q")
        assert done.code == 3
        assert f"b.{form} and " in done.err
        assert f"c.{form} are one file twice" in done.err
        assert f"a.{form}" not in done.err
    assert run("eval", parts / f"[ab].{form}", "-q").code == 0


def test_sequences_of_one_file_twice_are_refused(tmp_path: Path) -> None:
    rng = random.Random(4)
    rows = "".join(f'{{"logprobs": [{-rng.random()}, {-rng.random()}]}}\n' for _ in range(30))
    (tmp_path / "a.jsonl").write_text(rows, encoding="utf-8")
    assert run("eval", tmp_path / "a.jsonl", "-q").code == 0
    (tmp_path / "b.jsonl").write_text(rows, encoding="utf-8")
    done = run("eval", tmp_path / "*.jsonl", "-q")
    assert (done.code, "one file twice" in done.err) == (3, True), done.err


def test_small_parts_and_those_of_few_scores_may_be_alike(tmp_path: Path) -> None:
    small = written(tmp_path / "small", a=text(1, rows=9), b=text(1, rows=9), c=text(5))
    assert run("eval", small, "-q").code == 0
    coarse = written(tmp_path / "coarse", a=text(1, values=9), b=text(1, values=9))
    assert run("eval", coarse, "-q").code == 0
    written(coarse, a=text(1, values=12), b=text(1, values=12))
    assert run("eval", coarse, "-q").code == 3


def test_a_difference_anywhere_makes_two_parts(tmp_path: Path) -> None:
    whole = text(1, rows=3_000)
    at = len(whole) // 3 - 1
    at = whole.index("\n", at) - 1  # a label between the blocks that are looked at first
    other = whole[:at] + ("0" if whole[at] == "1" else "1") + whole[at + 1 :]
    parts = written(tmp_path / "d", a=whole, b=other)
    assert run("eval", parts, "-q").code == 0
    written(parts, b=whole)
    assert run("eval", parts, "-q").code == 3


def test_folders_tell_parts_apart(tmp_path: Path) -> None:
    for week in (1, 2):
        written(tmp_path / "d" / f"week={week}", a=text(1))
    assert run("eval", tmp_path / "d", "-q").code == 0
    written(tmp_path / "d" / "week=2", b=text(1))
    assert run("eval", tmp_path / "d", "-q").code == 3


def test_files_of_different_sizes_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    blocks = same_files._blocks
    monkeypatch.setattr(same_files, "_blocks", lambda path: looked.append(path) or blocks(path))
    parts = written(tmp_path / "d", **{f"p{k}": text(k, rows=100 + k) for k in range(5)})
    assert run("eval", parts, "-q").code == 0
    assert looked == []
    written(parts, q=text(9, rows=100))
    assert run("eval", parts, "-q").code == 0
    assert [Path(path).name for path in looked] == ["p0.csv", "q.csv"]
