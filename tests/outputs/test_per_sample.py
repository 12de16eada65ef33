"""The per-sample file: one row per prediction row, in file order, whatever the number of batches and threads."""

from __future__ import annotations

import csv
import errno
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli import OutputError, UsageError
from celoss_cli.outputs.per_sample import PerSampleWriter, RowFormat, check_suffix, writing
from celoss_cli.scoring.rows import RowResults
from celoss_cli.tables.arrow.parquet import BATCH_ROWS
from running import run, write


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("kind", ["columns", "vectors"])
def test_rows_are_in_file_order(threads: int, kind: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(20_000, 3)), rng.integers(0, 3, 20_000)
    scores = {f"z_{i}": z[:, i] for i in range(3)} if kind == "columns" else {"logits": z.tolist()}
    pq.write_table(
        pa.table({"id": np.arange(20_000) * 7, "label": y, **scores}), tmp_path / "f.parquet", row_group_size=900
    )
    out = tmp_path / "rows.parquet"
    done = run("eval", tmp_path / "f.parquet", "-q", "--per-sample", out, "--threads", threads)
    rows = pq.read_table(out).to_pydict()
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    assert rows["row"] == list(range(20_000))
    assert rows["id"] == [i * 7 for i in range(20_000)]
    assert rows["label"] == [str(label) for label in y]
    assert rows["predicted"] == [str(c) for c in z.argmax(axis=1)]
    np.testing.assert_allclose(rows["loss"], -logp[np.arange(20_000), y], rtol=1e-12)
    np.testing.assert_allclose(rows["p_true"], np.exp(logp[np.arange(20_000), y]), rtol=1e-12)
    assert math.fsum(rows["loss"]) / 20_000 == pytest.approx(done.mean, rel=1e-14)


def test_columns_that_would_clash_get_another_name(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "row,y,p_a,p_b\n5,a,.7,.3\n6,b,.4,.6\n"})
    assert run("eval", tmp_path / "f.csv", "-q", "--id", "row", "--per-sample", tmp_path / "rows.csv").code == 0
    header, first, *_ = (tmp_path / "rows.csv").read_text().splitlines()
    assert header == '"row","id_row","label","loss","p_true","predicted"'
    assert first.startswith("0,")


def test_ids_of_every_type_can_be_written(tmp_path: Path) -> None:
    ids = [pa.array([1, None]), pa.array(["x", "y"]).dictionary_encode(), pa.array([1.5, 2.5]), pa.array([True, False])]
    for number, column in enumerate(ids):
        table = pa.table({"id": column, "y": ["a", "b"], "p_a": [0.7, 0.4], "p_b": [0.3, 0.6]})
        write(tmp_path, {"f.parquet": table})
        for suffix in ("csv", "parquet"):
            done = run("eval", tmp_path / "f.parquet", "-q", "--per-sample", tmp_path / f"rows{number}.{suffix}")
            assert done.code == 0, done.err


def test_infinite_losses_and_ignored_rows(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p_a,p_b\na,0,1\nb,.4,.6\n,.5,.5\n"})
    out = tmp_path / "rows.parquet"
    assert run("eval", tmp_path / "f.csv", "-q", "--invalid", "drop", "--per-sample", out).code == 0
    assert pq.read_table(out)["loss"].to_pylist() == [math.inf, pytest.approx(-math.log(0.6)), None]


def test_balanced_weights_are_known_before_rows_are_written(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p_a,p_b\na,.7,.3\nb,.4,.6\nb,.2,.8\n"})
    out = tmp_path / "rows.parquet"
    done = run("eval", tmp_path / "f.csv", "-q", "--class-weight", "balanced", "--per-sample", out)
    rows = pq.read_table(out).to_pydict()
    assert rows["weight"] == [1.5, 0.75, 0.75]
    assert math.fsum(rows["weighted_loss"]) / 3 == pytest.approx(done.mean, rel=1e-14)


@pytest.mark.parametrize("name", ["rows", "rows.json", "rows.csv.gz", ".csv"])
def test_other_suffixes_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="its form is not known"):
        check_suffix(name)


@pytest.mark.parametrize("name", ["rows.csv", "rows.CSV", "a.b.parquet"])
def test_known_suffixes_in_any_case(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p_a,p_b\na,.7,.3\n"})
    assert run("eval", tmp_path / "f.csv", "-q", "--per-sample", tmp_path / name).code == 0
    assert (tmp_path / name).stat().st_size > 0


def test_ids_that_clash_with_places_and_gradients_get_another_name(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "grad_a,y,p_a,p_b\n5,a,.7,.3\n6,b,.4,.6\n"})
    out = tmp_path / "rows.csv"
    assert run("eval", tmp_path / "f.csv", "-q", "--id", "grad_a", "--gradients", "--per-sample", out).code == 0
    header = out.read_text().splitlines()[0]
    assert header == '"row","id_grad_a","label","loss","p_true","predicted","grad_a","grad_b","el2n"'
    assert run("eval", tmp_path / "f.csv", "-q", "--id", "grad_a", "--per-sample", out).code == 0
    assert out.read_text().splitlines()[0] == '"row","grad_a","label","loss","p_true","predicted"'
    write(tmp_path, {"g.csv": "el2n,y,p_a,p_b\n5,a,.7,.3\n6,b,.4,.6\n"})
    assert run("eval", tmp_path / "g.csv", "-q", "--id", "el2n", "--gradients", "--per-sample", out).code == 0
    assert out.read_text().splitlines()[0].startswith('"row","id_el2n",')


def test_the_labels_of_multilabel_rows_that_were_not_scored_are_null(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "label_a,label_b,p_a,p_b\n1,1,.7,.3\n1,0,,.6\n0,0,.2,.1\n"})
    out = tmp_path / "rows.parquet"
    flags = ("--task", "multilabel", "--input", "probs", "--label", "label_*", "--invalid", "drop")
    done = run("eval", tmp_path / "f.csv", "-q", *flags, "--per-sample", out)
    assert done.code == 0, done.err
    rows = pq.read_table(out).to_pydict()
    assert rows["label"] == ["a|b", None, ""]
    assert rows["predicted"] == ["a", None, ""]
    assert rows["loss"][1] is None


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_no_text_of_a_csv_runs_in_a_spreadsheet(kind: pa.DataType, tmp_path: Path) -> None:
    ids = ["=1+1", "-2", None, "plain", "@x", "\rx", "＝1", " =1", "", "é"] * 3
    names = ["=a" if number % 2 else "-b" for number in range(30)]
    scores = {"p_=a": [0.25] * 30, "p_-b": [0.75] * 30}
    table = pa.table({"=id": pa.array(ids).cast(kind), "y": names, **scores}).slice(1)
    pq.write_table(table, tmp_path / "f.parquet", row_group_size=4)
    columns = ("--label", "y", "--pred", "p_*", "--id", "=id", "--classes", "=a,-b")
    for name in ("rows.csv", "rows.parquet"):
        done = run("eval", tmp_path / "f.parquet", "-q", *columns, "--per-sample", tmp_path / name)
        assert done.code == 0, done.err
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[:3] == ["row", "'=id", "label"]
    neutral = {"=1+1": "'=1+1", "@x": "'@x", "\rx": "'\rx", "＝1": "'＝1", " =1": "' =1", None: ""}
    assert [row[1] for row in rows] == [neutral.get(name, name) for name in ids[1:]]
    assert [row[2] for row in rows] == [f"'{name}" for name in names[1:]]
    kept = pq.read_table(tmp_path / "rows.parquet").to_pydict()
    assert kept["=id"] == ids[1:], "no spreadsheet reads Parquet"
    assert kept["label"] == names[1:]


@pytest.mark.parametrize("threads", [1, 2])
def test_rows_are_written_batch_by_batch_however_large_the_row_group(
    threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = 3 * BATCH_ROWS + 5
    p = np.random.default_rng(1).uniform(size=rows).astype(np.float32)
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"label": (p > 0.4).astype(np.int8), "p": p}), path, row_group_size=rows)
    written: list[int] = []
    unwatched = PerSampleWriter.write

    def watched(self: PerSampleWriter, results: RowResults) -> None:
        written.append(results.loss.shape[0])
        unwatched(self, results)

    monkeypatch.setattr(PerSampleWriter, "write", watched)
    done = run("eval", path, "-q", "--per-sample", tmp_path / "rows.parquet", "--threads", threads)
    assert done.code == 0
    assert written == [BATCH_ROWS] * 3 + [5]
    assert pq.read_table(tmp_path / "rows.parquet")["row"].to_pylist() == list(range(rows))


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_what_cannot_be_written_is_said_and_leaves_nothing(
    name: str, behind: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    unopened = PerSampleWriter._open

    def opened(self: PerSampleWriter, schema: pa.Schema) -> object:
        writer = unopened(self, schema)
        return SimpleNamespace(write_batch=full, close=writer.close)

    monkeypatch.setattr(PerSampleWriter, "_open", opened)
    rows = RowResults.unscored(np.zeros(4, dtype=np.int32), (), labels=0, gradients=0)

    def write_twice() -> None:
        with writing(str(tmp_path / name), RowFormat(("0", "1"), (), None, 1.0), behind=behind) as writer:
            writer.write(rows)
            writer.write(rows)

    with pytest.raises(OutputError, match="No space left"):
        write_twice()
    assert list(tmp_path.iterdir()) == []
