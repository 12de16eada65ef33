"""``--engine dask`` on a cluster of two processes: the bytes of one run here, and the same errors."""

from __future__ import annotations

import errno
import gzip
import io
import itertools
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import celoss_cli
from running import Run, run, write

distributed: Any = pytest.importorskip("distributed")

ROWS = 1_000
FILES = 4


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as started:
        yield started


@pytest.fixture(scope="module")
def address(cluster: Any) -> str:
    return str(cluster.scheduler_address)


def classes(seed: int = 3) -> pa.Table:
    """Logits of three classes, with an id, a weight and a group."""
    rng = np.random.default_rng(seed)
    n = ROWS * FILES
    z = rng.normal(0.0, 2.0, (n, 3))
    y = np.where(rng.random(n) < 0.7, z.argmax(axis=1), rng.integers(0, 3, n))
    return pa.table(
        {
            "id": np.arange(n) * 7 + 5,
            "y": np.array(["a", "b", "c"])[y],
            **{f"z_{name}": z[:, c] for c, name in enumerate("abc")},
            "w": rng.random(n),
            "g": np.array(["x", "y"])[rng.integers(0, 2, n)],
        }
    )


def text(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pyarrow.csv.write_csv(table, out)
    return out.getvalue()


def in_parts(table: pa.Table, form: str) -> dict[str, Any]:
    """The files of a table; they are not equally long."""
    ends = [0, 300, 1_900, 2_000, table.num_rows]
    pieces = [table.slice(a, b - a) for a, b in itertools.pairwise(ends)]
    made: dict[str, Any] = {}
    for k, piece in enumerate(pieces):
        content: Any = piece
        if form == "csv":
            content = text(piece)
        elif form == "csv.gz":
            content = gzip.compress(text(piece), mtime=0)
        elif form == "jsonl":
            content = "".join(f"{json.dumps(row)}\n" for row in piece.to_pylist())
        made[f"part-{k}.{form}"] = content
    return made


def same(address: str, *arguments: object) -> Run:
    """Run twice, here and on the cluster, and return what both have come to."""
    here = run(*arguments)
    there = run(*arguments, "--engine", "dask", "--scheduler", address)
    assert there == here
    return here


FORMS = ["parquet", "csv", "csv.gz", "jsonl"]
OPTIONS = [
    (),
    ("--slice", "g", "--sample-weight", "w"),
    ("--class-weight", "balanced"),
    ("--class-weight", "balanced", "--slice", "g"),
    ("--compat", "sklearn"),
    ("--where", "g=x", "--top", "50"),
    ("--cluster", "g"),
]


@pytest.mark.parametrize("form", FORMS)
def test_files_of_every_form_come_to_the_same_bytes(form: str, address: str, tmp_path: Path) -> None:
    write(tmp_path, in_parts(classes(), form))
    done = same(address, "eval", tmp_path, "--label", "y", "--pred", "z_*", "--format", "json")
    assert json.loads(done.out)["counts"]["rows"] == ROWS * FILES


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_options_come_to_the_same_bytes(options: tuple[str, ...], address: str, tmp_path: Path) -> None:
    write(tmp_path, in_parts(classes(), "parquet"))
    done = same(address, "eval", tmp_path, "--label", "y", "--pred", "z_*", *options, "--format", "json")
    assert done.code == 0, done.err


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("by", ["id", "position"])
def test_labels_of_a_second_file(form: str, by: str, address: str, tmp_path: Path) -> None:
    table = classes()
    order = np.random.default_rng(0).permutation(table.num_rows) if by == "id" else np.arange(table.num_rows)
    keys = ["id"] if by == "id" else []
    write(tmp_path / "p", in_parts(table.select([*keys, "z_a", "z_b", "z_c"]), form))
    write(tmp_path, {"labels.csv": text(table.select([*keys, "y", "w"]).take(pa.array(order)))})
    done = same(address, "eval", tmp_path / "p", tmp_path / "labels.csv", "--sample-weight", "w", "--format", "json")
    assert done.code == 0, done.err
    alone = run("eval", tmp_path / "p", tmp_path / "labels.csv", "--sample-weight", "w", "-q")
    write(tmp_path, {"whole.parquet": table})
    assert alone.mean == run("eval", tmp_path / "whole.parquet", "--label", "y", "--pred", "z_*",
                             "--sample-weight", "w", "-q").mean  # fmt: skip


@pytest.mark.parametrize("command", ["explain", "diagnose", "inspect"])
def test_other_commands(command: str, address: str, tmp_path: Path) -> None:
    write(tmp_path, in_parts(classes(), "csv"))
    for form in ("json", "table"):
        done = same(address, command, tmp_path, "--label", "y", "--pred", "z_*", "--format", form)
        assert done.code == 0, done.err


@pytest.mark.parametrize("options", [("--cluster", "g"), ("--sample-weight", "w"), ("--worth", "5%")], ids=" ".join)
def test_diagnose_with_options(options: tuple[str, ...], address: str, tmp_path: Path) -> None:
    write(tmp_path, in_parts(binary(), "parquet"))
    done = same(address, "diagnose", tmp_path, "--label", "y", "--pred", "p", *options, "--format", "json")
    assert done.code == 0, done.err


def binary() -> pa.Table:
    rng = np.random.default_rng(8)
    n = ROWS * FILES
    p = rng.beta(2.0, 2.0, n)
    y = (rng.random(n) < p).astype(np.int64)
    return pa.table({"y": y, "p": p, "g": rng.integers(0, 50, n).astype(str), "w": rng.random(n)})


def test_one_file_of_text_is_cut(address: str, tmp_path: Path) -> None:
    """Of 8 MB and more a stretch: quoted cells hold line ends, and the last line has none."""
    n = 400_000
    rng = np.random.default_rng(2)
    cells = np.array(["plain", '"a, b"', '"two\nlines"', '"with ""quotes"""'])[rng.integers(0, 4, n)]
    lines = [f"{y},{p},{cell}" for y, p, cell in zip(rng.integers(0, 2, n), rng.random(n), cells, strict=True)]
    write(tmp_path, {"p.csv": "y,p,note\n" + "\n".join(lines)})
    assert (tmp_path / "p.csv").stat().st_size > 12 << 20
    done = same(
        address, "eval", tmp_path / "p.csv", "--label", "y", "--pred", "p", "--slice", "note", "--format", "json"
    )
    assert json.loads(done.out)["counts"]["rows"] == n


def views() -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
    """Tables that are presented in another way than they are written."""
    table, two = classes(), binary()
    rng = np.random.default_rng(6)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(rng.normal(0.0, 1.0, 3 * table.num_rows)), 3)
    lists = pa.table({"y": rng.integers(0, 3, table.num_rows), "logits": vectors})
    logs = pa.table({"y": two["y"], "lp_0": np.log2(1.0 - np.array(two["p"])), "lp_1": np.log2(np.array(two["p"]))})
    named = [f'{{"no": {1.0 - p}, "yes": {p}}}' for p in two["p"].to_pylist()]
    texts = pa.table({"y": np.array(["no", "yes"])[np.array(two["y"])], "scores": named})
    p = np.array(two["p"])
    chosen = pa.table(
        {
            "y_true": np.array(["no", "yes"])[np.array(two["y"])],
            "y_pred": np.array(["no", "yes"])[(p > 0.5).astype(int)],
            "confidence": np.maximum(p, 1.0 - p),
        }
    )
    soft = pa.table({f"{kind}_{c}": v for kind in "tp" for c, v in enumerate(rng.dirichlet((1, 1, 1), 4_000).T)})
    several = pa.table(
        {f"y_{c}": rng.integers(0, 2, 4_000) for c in range(3)} | {f"p_{c}": rng.random(4_000) for c in range(3)}
    )
    tokens = pa.table(
        {"logprobs": [(-rng.random(4 if k % 50 == 0 else rng.integers(1, 9))).tolist() for k in range(4_000)]}
    )
    hive = {f"week={k}/{name}": piece for k, (name, piece) in enumerate(in_parts(two, "parquet").items())}
    return {
        "vectors": (in_parts(lists, "parquet"), ("--label", "y")),
        "base-2 logarithms": (in_parts(logs, "parquet"), ("--label", "y", "--pred", "lp_*", "--input", "log2probs")),
        "scores as text": (in_parts(texts, "csv"), ("--label", "y", "--pred", "scores")),
        "the predicted class": (in_parts(chosen, "csv"), ()),
        "soft labels": (in_parts(soft, "parquet"), ("--label", "t_*", "--pred", "p_*")),
        "several labels": (in_parts(several, "csv"), ("--label", "y_*", "--pred", "p_*", "--task", "multilabel")),
        "tokens": (in_parts(tokens, "parquet"), ("--truth", "logprobs")),
        "folders": (hive, ("--label", "y", "--pred", "p", "--slice", "week")),
    }


@pytest.mark.parametrize("name", views())
def test_what_is_presented_in_another_way(name: str, address: str, tmp_path: Path) -> None:
    files, options = views()[name]
    write(tmp_path, files)
    done = same(address, "eval", tmp_path, *options, "--format", "json")
    assert done.code == 0, done.err


def test_ids_without_a_header(address: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    ids, p = rng.permutation(3_000), rng.random(3_000)
    write(tmp_path, {"p.csv": "".join(f"k{k},{v}\n" for k, v in zip(ids, p, strict=True))})
    write(tmp_path, {"y.csv": "key,y\n" + "".join(f"k{k},{k % 2}\n" for k in range(3_000))})
    done = same(address, "eval", tmp_path / "p.csv", tmp_path / "y.csv", "--format", "json")
    assert done.code == 0, done.err


def test_arrays(address: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    np.save(tmp_path / "z.npy", rng.normal(0.0, 1.0, (5_000, 4)))
    np.save(tmp_path / "y.npy", rng.integers(0, 4, 5_000))
    done = same(address, "eval", tmp_path / "z.npy", tmp_path / "y.npy", "--format", "json")
    assert done.code == 0, done.err


def test_in_python(cluster: Any, tmp_path: Path) -> None:
    write(tmp_path, in_parts(classes(), "csv"))
    path = str(tmp_path)
    with distributed.Client(cluster, set_as_default=False) as client:
        found = celoss_cli.evaluate(path, label="y", pred="z_*", client=client, per_row=True)
        here = celoss_cli.evaluate(path, label="y", pred="z_*", per_row=True)
        assert found.to_dict() == here.to_dict()
        assert np.array_equal(found.per_row.loss, here.per_row.loss)
        for function in (celoss_cli.explain, celoss_cli.diagnose, celoss_cli.inspect):
            assert function(path, label="y", pred="z_*", client=client) == function(path, label="y", pred="z_*")
        assert client.status == "running"


def test_a_calibration_is_applied(address: str, tmp_path: Path) -> None:
    write(tmp_path / "p", in_parts(classes(1), "parquet"))
    write(tmp_path, {"validation.parquet": classes(2)})
    fit = run(
        "calibrate", "fit", tmp_path / "validation.parquet", "--label", "y", "--pred", "z_*", "-o", tmp_path / "f"
    )
    assert fit.code == 0, fit.err
    options = ("--label", "y", "--pred", "z_*", "--calibration", tmp_path / "f", "--format", "json")
    assert same(address, "eval", tmp_path / "p", *options).code == 0


def _read_on(directory: Path) -> bytes:
    """The part files one after the other, the header of the first alone."""
    parts = sorted(directory.iterdir())
    assert [part.name for part in parts] == [f"part-{k:05}.csv" for k in range(len(parts))]
    header, _, _ = parts[0].read_bytes().partition(b"\n")
    contents = [part.read_bytes() for part in parts]
    assert all(content.startswith(header + b"\n") for content in contents)
    return header + b"\n" + b"".join(content[len(header) + 1 :] for content in contents)


PER_SAMPLE = [
    ("parquet", ("--id", "id", "--sample-weight", "w")),
    ("csv", ("--class-weight", "balanced")),
    ("csv.gz", ("--gradients",)),
    ("jsonl", ("--where", "g=x", "--id", "id")),
]


@pytest.mark.parametrize(("form", "options"), PER_SAMPLE)
def test_per_sample_output_is_a_directory_of_parts_in_order(
    form: str, options: tuple[str, ...], address: str, tmp_path: Path
) -> None:
    write(tmp_path / "in", in_parts(classes(), form))
    common = ("eval", tmp_path / "in", "--label", "y", "--pred", "z_*", *options, "--format", "json", "--per-sample")
    dask = ("--engine", "dask", "--scheduler", address)
    here = run(*common, tmp_path / "rows.csv")
    there = run(*common, tmp_path / "rows", *dask)
    assert there == here
    assert here.code == 0, here.err
    assert _read_on(tmp_path / "rows") == (tmp_path / "rows.csv").read_bytes()
    assert len(list((tmp_path / "rows").iterdir())) == FILES
    assert run(*common, tmp_path / "here.parquet").code == 0
    assert run(*common, tmp_path / "there.parquet", *dask) == here
    found = pq.ParquetDataset(tmp_path / "there.parquet").read()
    assert found.equals(pq.read_table(tmp_path / "here.parquet"))


def test_per_sample_output_of_sequences(address: str, tmp_path: Path) -> None:
    files, options = views()["tokens"]
    write(tmp_path / "in", files)
    common = ("eval", tmp_path / "in", *options, "-q", "--per-sample")
    assert run(*common, tmp_path / "rows.csv").code == 0
    assert run(*common, tmp_path / "rows", "--engine", "dask", "--scheduler", address).code == 0
    assert _read_on(tmp_path / "rows") == (tmp_path / "rows.csv").read_bytes()


def test_a_stretch_without_rows_has_no_part(address: str, tmp_path: Path) -> None:
    parts = in_parts(classes(), "csv")
    parts["part-1.csv"] = parts["part-1.csv"].partition(b"\n")[0] + b"\n"
    write(tmp_path / "in", parts)
    common = ("eval", tmp_path / "in", "--label", "y", "--pred", "z_*", "-q", "--per-sample")
    assert run(*common, tmp_path / "rows.csv").code == 0
    assert run(*common, tmp_path / "rows", "--engine", "dask", "--scheduler", address).code == 0
    assert _read_on(tmp_path / "rows") == (tmp_path / "rows.csv").read_bytes()


def test_rows_that_are_read_again_are_written_once(address: str, tmp_path: Path) -> None:
    """The first rows look like probabilities: what the first pass wrote is thrown away."""
    rng = np.random.default_rng(5)
    z = np.concatenate([rng.random(1_000), rng.normal(0.0, 6.0, 3_000)])
    table = pa.table({"y": (rng.random(4_000) < 1 / (1 + np.exp(-z))).astype(int), "score": z})
    write(tmp_path / "in", in_parts(table, "csv"))
    common = ("eval", tmp_path / "in", "--label", "y", "--pred", "score", "-q", "--per-sample")
    assert run(*common, tmp_path / "rows.csv").code == 0
    assert run(*common, tmp_path / "rows", "--engine", "dask", "--scheduler", address).code == 0
    assert _read_on(tmp_path / "rows") == (tmp_path / "rows.csv").read_bytes()


def test_a_failed_run_leaves_no_per_sample_directory(address: str, tmp_path: Path) -> None:
    write(tmp_path / "in", in_parts(_bad_score(classes(), 3_950), "parquet"))
    out = tmp_path / "out"
    out.mkdir()
    common = ("eval", tmp_path / "in", "--label", "y", "--pred", "z_*", "--per-sample")
    done = run(*common, out / "rows", "--engine", "dask", "--scheduler", address)
    assert done.code == 3
    assert list(out.iterdir()) == []


def test_a_full_disk_is_said_of_the_part(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "in", in_parts(classes(), "parquet"))
    out = tmp_path / "out"
    out.mkdir()

    def full(descriptor: int) -> None:  # noqa: ARG001
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    common = ("eval", tmp_path / "in", "--label", "y", "--pred", "z_*", "--per-sample")
    done = run(*common, out / "rows", "--engine", "dask", "--scheduler", address)
    assert done.code == 3
    assert f"{out}/rows/part-00000.csv: cannot be written: No space left on device" in done.err
    assert list(out.iterdir()) == []


def test_per_sample_directories_that_cannot_be_made_are_refused_before_the_work(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "y,p\n1,0.7\n0,0.2\n", "b.csv": "", "full/x.csv": "y\n"})
    dask = ("--engine", "dask", "--scheduler", "tcp://127.0.0.1:1")
    (tmp_path / "empty").mkdir()
    for taken in ("b.csv", "full"):
        error = _refused("eval", tmp_path / "a.csv", "--per-sample", tmp_path / taken, *dask)
        assert "is there already, and a new directory is written" in error
    assert "its form is not known" in _refused("eval", tmp_path / "a.csv", "--per-sample", "rows.txt", *dask)
    missing = run("eval", tmp_path / "a.csv", "--per-sample", tmp_path / "none" / "rows", *dask)
    assert (missing.code, "its directory does not exist" in missing.err) == (3, True)
    gone = run("eval", tmp_path / "a.csv", "--per-sample", tmp_path / "empty", *dask)
    assert (gone.code, "cannot be reached" in gone.err) == (3, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv", "empty", "full"]


def _refused(*arguments: object) -> str:
    done = run(*arguments)
    assert done.code == 2, done.err
    return done.err


def test_what_cannot_be_done_there_is_refused_with_a_reason(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "y,p\n1,0.7\n0,0.2\n", "b.csv": "y,p\n1,0.6\n0,0.1\n"})
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    dask = ("--engine", "dask", "--scheduler", "tcp://127.0.0.1:1")
    assert "standard input cannot be read by other machines" in _refused("eval", "-", "--file-format", "csv", *dask)
    assert "celoss compare holds each row" in _refused("compare", a, b, *dask)
    assert "celoss batch shares its evaluations" in _refused("batch", a, b, *dask)
    assert "add --engine dask" in _refused("eval", a, *dask[2:])
    with pytest.raises(celoss_cli.UsageError, match="the predictions are in memory"):
        celoss_cli.evaluate([0.7, 0.2], [1, 0], engine="dask")
    for held in (np.array([0.7, 0.2]), np.array([[0.3, 0.7], [0.8, 0.2]]), pa.table({"p": [0.7, 0.2]}).to_pandas()):
        for function in (celoss_cli.evaluate, celoss_cli.diagnose, celoss_cli.explain, celoss_cli.inspect):
            with pytest.raises(celoss_cli.UsageError, match="the predictions are in memory"):
                function(held, np.array([1, 0]), engine="dask")
    with pytest.raises(celoss_cli.UsageError, match="client is of type str"):
        celoss_cli.evaluate(str(a), client="tcp://127.0.0.1:1")


@pytest.mark.parametrize("guarded", [True, False])
def test_a_script_needs_a_guard_and_is_told_so_once(guarded: bool, tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "y,p\n1,0.5\n0,0.5\n"})
    call = (
        "try:\n"
        "    print(celoss_cli.evaluate('a.csv', engine='dask', threads=1).loss.mean)\n"
        "except celoss_cli.CelossError as error:\n"
        "    print(error.code, error.hint)\n"
    )
    if guarded:
        call = "if __name__ == '__main__':\n" + textwrap.indent(call, "    ")
    write(tmp_path, {"script.py": f"import celoss_cli\n{call}"})
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    expected = (
        "0.6931471805599453"
        if guarded
        else 'cluster_start a script is read by each of them: call celoss under if __name__ == "__main__":'
    )
    assert (done.stdout.strip(), done.stderr) == (expected, "")


def test_several_lines_a_row_are_refused(address: str, tmp_path: Path) -> None:
    p = np.random.default_rng(0).dirichlet((1, 1, 1), 50)
    write(tmp_path, {"p.txt": "".join(f"{v:.17g}\n" for v in p.ravel()), "y.txt": "0\n1\n" * 25})
    assert run("eval", tmp_path / "p.txt", tmp_path / "y.txt", "-q").code == 0
    error = _refused("eval", tmp_path / "p.txt", tmp_path / "y.txt", "--engine", "dask", "--scheduler", address)
    assert "has several lines for each row" in error


def _bad_score(table: pa.Table, row: int) -> pa.Table:
    values = table["z_b"].to_pylist()
    values[row] = float("nan")
    return table.set_column(table.column_names.index("z_b"), "z_b", pa.array(values, pa.float64()))


@pytest.mark.parametrize("form", ["parquet", "csv", "csv.gz"])
def test_the_error_of_a_row_is_the_same(form: str, address: str, tmp_path: Path) -> None:
    write(tmp_path, in_parts(_bad_score(classes(), 1_950), form))
    done = same(address, "eval", tmp_path, "--label", "y", "--pred", "z_*")
    assert done.code == 3
    assert "part-2" in done.err
    assert "row 50" in done.err


def test_the_error_of_a_ragged_record_is_the_same(address: str, tmp_path: Path) -> None:
    parts = in_parts(classes(), "csv")
    lines = parts["part-1.csv"].split(b"\n")
    lines[1_200] += b",1"
    write(tmp_path, {**parts, "part-1.csv": b"\n".join(lines)})
    done = same(address, "eval", tmp_path, "--label", "y", "--pred", "z_*")
    assert done.code == 3
    assert "part-1.csv row 1199" in done.err


def test_an_unknown_label_is_the_same_error(address: str, tmp_path: Path) -> None:
    parts = in_parts(classes(), "csv")
    parts["part-3.csv"] = parts["part-3.csv"].replace(b'"b"', b'"d"', 1)
    write(tmp_path, parts)
    done = same(address, "eval", tmp_path, "--label", "y", "--pred", "z_*", "--classes", "a,b,c")
    assert done.code == 3
    assert "part-3.csv" in done.err


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_fewer_labels_than_predictions_is_the_same_error(form: str, address: str, tmp_path: Path) -> None:
    table = classes()
    write(tmp_path / "p", in_parts(table.select(["z_a", "z_b", "z_c"]), form))
    write(tmp_path, {"labels.csv": text(table.select(["y"]).slice(0, 3_999))})
    done = same(address, "eval", tmp_path / "p", tmp_path / "labels.csv")
    assert done.code == 3
    assert "4,000 predictions but 3,999 labels" in done.err


def test_logits_that_look_like_probabilities_at_first_are_read_again(address: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    z = np.concatenate([rng.random(1_000), rng.normal(0.0, 6.0, 3_000)])
    table = pa.table({"y": (rng.random(4_000) < 1 / (1 + np.exp(-z))).astype(int), "score": z})
    write(tmp_path, in_parts(table, "csv"))
    done = same(address, "eval", tmp_path, "--label", "y", "--pred", "score", "--format", "json")
    assert json.loads(done.out)["spec"]["input"] == "logits"
