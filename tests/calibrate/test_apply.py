"""Files with a fix applied: the loss is that of ``--calibration``, and nothing but the scores has changed."""

from __future__ import annotations

import codecs
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pyarrow.parquet as pq
import pytest
from scipy import special

import celoss_cli
from calibrated_files import csv, parquet, several, two
from running import run, write


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a fix of two classes, and one of three."""
    monkeypatch.chdir(tmp_path)
    celoss_cli.fit_calibration(pa.table(two(seed=11)), output="two.json")
    celoss_cli.fit_calibration(pa.table(several(seed=12)), output="several.json")
    return tmp_path


def applied(fix: str, path: str, output: str, *options: object) -> None:
    done = run("calibrate", "apply", fix, path, "-o", output, *options)
    assert (done.code, done.out) == (0, ""), done.err
    assert f": {output}\n" in done.err


def of_kind(columns: dict[str, Any], kind: str) -> dict[str, Any]:
    """The same scores as probabilities, logits or log-probabilities."""
    names = [name for name in columns if name.startswith("logit_")]
    new = dict(columns)
    if not names:
        z = special.logit(columns["p_yes"])
        new["p_yes"] = {"probs": special.expit, "logits": np.array, "logprobs": special.log_expit}[kind](z)
        return new
    z = np.stack([columns[name] for name in names])
    scores = {"probs": special.softmax, "logits": np.asarray, "logprobs": special.log_softmax}[kind]
    scores = scores(z) if kind == "logits" else scores(z, axis=0)
    return new | dict(zip(names, scores, strict=True))


@pytest.mark.parametrize("kind", ["probs", "logits", "logprobs"])
@pytest.mark.parametrize(("fix", "columns"), [("two.json", two(seed=5)), ("several.json", several(seed=6))])
@pytest.mark.parametrize("into", [None, "probs", "logits", "logprobs"])
def test_the_loss_is_that_of_the_fix(
    fix: str, columns: dict[str, Any], kind: str, into: str | None, place: Path
) -> None:
    parquet(place / "t.parquet", of_kind(columns, kind))
    said = ("--input", kind)
    expected = run("eval", "t.parquet", "-q", "--calibration", fix, *said).mean
    applied(fix, "t.parquet", "out.parquet", *said, *(() if into is None else ("--into", into)))
    assert run("eval", "out.parquet", "-q", "--input", into or kind).mean == pytest.approx(expected, abs=1e-13)
    assert expected < run("eval", "t.parquet", "-q", *said).mean - 0.05


def test_percentages_stay_percentages(place: Path) -> None:
    columns = of_kind(several(seed=7), "probs")
    percent = {
        name.replace("logit", "pct"): 100.0 * values if name != "y" else values for name, values in columns.items()
    }
    csv(place / "v.csv", percent)
    fix = celoss_cli.fit_calibration("v.csv", output="fix.json")
    assert fix.scores.percent
    applied("fix.json", "v.csv", "out.csv")
    assert run("eval", "out.csv", "-q").mean == pytest.approx(
        run("eval", "v.csv", "-q", "--calibration", "fix.json", "--allow", "fitted_rows").mean, abs=1e-12
    )


# Text: all other cells stay as they were, to the byte


ROWS = [("7", 'say "no", or', "0.9"), ("08", "two\nlines", "0.25"), ("", "plain é", ".5")]


def text(rows: list[tuple[str, ...]], delimiter: str = ",", end: str = "\n", decimal: str = ".") -> str:
    def cell(value: str) -> str:
        if any(mark in value for mark in (delimiter, '"', "\n")):
            doubled = value.replace('"', '""')
            return f'"{doubled}"'
        return value

    lines = [("n", "note", "p_yes"), *rows]
    whole = end.join(delimiter.join(map(cell, line[:2])) + delimiter + line[2].replace(".", decimal) for line in lines)
    return whole + end


@pytest.mark.parametrize(
    ("delimiter", "end", "decimal", "encode", "name"),
    [
        (",", "\n", ".", str.encode, "t.csv"),
        (",", "\r\n", ".", str.encode, "t.csv"),
        (";", "\n", ",", str.encode, "t.csv"),
        ("\t", "\n", ".", lambda t: codecs.BOM_UTF8 + t.encode(), "t.tsv"),
        (",", "\n", ".", lambda t: codecs.BOM_UTF16_LE + t.encode("utf-16-le"), "t.csv"),
        (",", "\n", ".", lambda t: gzip.compress(t.encode(), mtime=0), "t.csv.gz"),
    ],
    ids=["plain", "CRLF", "decimal comma", "mark", "UTF-16", "gzip"],
)
def test_every_other_cell_of_a_text_file_stays(
    delimiter: str, end: str, decimal: str, encode: Callable[[str], bytes], name: str, place: Path
) -> None:
    fix = celoss_cli.fit_calibration(pa.table(two(seed=11)))
    a, b = fix.parameters["intercept"], fix.parameters["slope"]
    write(place, {name: encode(text(ROWS, delimiter, end, decimal))})
    applied("two.json", name, f"out.{name.partition('.')[2]}")
    found = (place / f"out.{name.partition('.')[2]}").read_bytes()
    raw = gzip.decompress(found) if name.endswith("gz") else found
    new = raw.decode("utf-16" if raw.startswith(codecs.BOM_UTF16_LE) else "utf-8-sig")
    cells = [line.rpartition(delimiter)[2] for line in new.split(end) if line][1:]
    numbers = [float(cell.replace(decimal, ".")) for cell in cells if cell.replace(decimal, ".").startswith("0.")]
    assert numbers == pytest.approx([special.expit(a + b * special.logit(float(row[2]))) for row in ROWS], rel=1e-13)
    back = [(*row[:2], str(number)) for row, number in zip(ROWS, numbers, strict=True)]
    assert raw == (encode(text(back, delimiter, end, decimal)) if not name.endswith("gz") else text(back).encode())


def test_text_without_quotes_keeps_even_its_blanks(place: Path) -> None:
    write(place, {"t.csv": "a, b ,p_yes,c\n 1,x  ,0.9,\n\n2 , y,0.2, z \n"})
    applied("two.json", "t.csv", "out.csv")
    lines = (place / "out.csv").read_text().split("\n")
    assert lines[0] == "a, b ,p_yes,c"
    assert (lines[1].split(",")[:2], lines[1].split(",")[3]) == ([" 1", "x  "], "")
    assert lines[2] == ""
    assert (lines[3].split(",")[:2], lines[3].split(",")[3]) == (["2 ", " y"], " z ")


def test_a_file_of_several_ranges(place: Path) -> None:
    rng = np.random.default_rng(0)
    p = rng.random(300_000)
    (place / "t.csv").write_text("k,p_yes\n" + "".join(f"{k},{x!r}\n" for k, x in enumerate(p.tolist())))
    applied("two.json", "t.csv", "out.csv")
    found = np.loadtxt(place / "out.csv", delimiter=",", skiprows=1)
    assert found[:, 0].tolist() == list(range(300_000))
    np.testing.assert_array_equal(found[:, 1], celoss_cli.apply_calibration("two.json", p))


# Parquet, Arrow, arrays


def test_a_parquet_file_keeps_its_form() -> None:
    columns = several(1000, seed=6)
    typed = pa.table(
        {
            "key": pa.array([f"k{row % 7}" for row in range(1000)]).dictionary_encode(),
            "when": pa.array(np.arange(1000), type=pa.timestamp("ms")),
            "nested": pa.array([{"a": row} if row % 3 else None for row in range(1000)]),
            "logit_ash": pa.array(columns["logit_ash"].astype(np.float32)),
            "logit_elm": pa.array(columns["logit_elm"].astype(np.float32)),
            "logit_oak": pa.array(columns["logit_oak"].astype(np.float64)),
        }
    ).replace_schema_metadata({"made": "by a test"})
    pq.write_table(typed, "t.parquet", row_group_size=300, compression={"key": "gzip", "logit_oak": "none"})
    applied("several.json", "t.parquet", "out.parquet")
    old, new = pq.ParquetFile("t.parquet"), pq.ParquetFile("out.parquet")
    assert new.schema_arrow.equals(old.schema_arrow, check_metadata=True)
    assert new.metadata.num_row_groups == old.metadata.num_row_groups == 4
    for column in range(old.metadata.num_columns):
        before, after = (file.metadata.row_group(1).column(column) for file in (old, new))
        assert (before.path_in_schema, before.compression) == (after.path_in_schema, after.compression)
    for name in ("key", "when", "nested"):
        assert new.read([name]) == old.read([name])
    t = celoss_cli.fit_calibration(pa.table(several(seed=12))).parameters["t"]
    for name in ("logit_ash", "logit_oak"):
        np.testing.assert_allclose(new.read()[name].to_numpy(), old.read()[name].to_numpy() / t, rtol=3e-7)


@pytest.mark.parametrize("kind", [pa.list_(pa.float32()), pa.list_(pa.float64(), 3), pa.large_list(pa.float64())])
@pytest.mark.parametrize("form", ["parquet", "feather", "arrows"])
def test_vectors(kind: Any, form: str) -> None:
    columns = several(1000, seed=6)
    rows = np.stack([columns[name] for name in columns if name != "y"], axis=1).tolist()
    table = pa.table({"y": columns["y"], "logits": pa.array(rows, type=kind)})
    validation = pa.table({"y": columns["y"], "logits": pa.array(rows, type=pa.list_(pa.float64(), 3))})
    celoss_cli.fit_calibration(validation, classes=["ash", "elm", "oak"], output="vectors.json")
    if form == "parquet":
        pq.write_table(table, "t.parquet")
    elif form == "feather":
        pyarrow.feather.write_feather(table, "t.feather", compression="uncompressed")
    else:
        with pa.OSFile("t.arrows", "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=300)
    applied("vectors.json", f"t.{form}", f"out.{form}")
    classes = ("--classes", "ash,elm,oak", "-q")
    expected = run("eval", f"t.{form}", *classes, "--calibration", "vectors.json", "--allow", "fitted_rows").mean
    assert run("eval", f"out.{form}", *classes).mean == pytest.approx(expected, abs=1e-7)
    if form == "parquet":
        assert pq.read_schema("out.parquet").field("logits").type == pq.read_schema("t.parquet").field("logits").type


@pytest.mark.parametrize("row", [5, 2500])
@pytest.mark.parametrize("form", ["parquet", "arrow", "arrows", "orc", "jsonl"])
def test_a_vector_of_another_length_is_told_with_its_row(form: str, row: int) -> None:
    columns = several(3000, seed=6)
    rows = np.stack([columns[name] for name in columns if name != "y"], axis=1).tolist()
    table = pa.table({"y": columns["y"], "logits": rows})
    celoss_cli.fit_calibration(table, classes=["ash", "elm", "oak"], output="vectors.json")
    rows[row].pop()
    odd = pa.table({"y": columns["y"], "logits": rows})
    if form == "parquet":
        pq.write_table(odd, "t.parquet", row_group_size=1000)
    elif form == "orc":
        pyarrow.orc.write_table(odd, "t.orc")
    elif form == "jsonl":
        Path("t.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in odd.to_pylist()), encoding="utf-8")
    else:
        make = pa.ipc.new_file if form == "arrow" else pa.ipc.new_stream
        with pa.OSFile(f"t.{form}", "wb") as sink, make(sink, odd.schema) as writer:
            writer.write_table(odd, max_chunksize=1000)
    done = run("calibrate", "apply", "vectors.json", f"t.{form}", "-o", f"out.{form}")
    assert (done.code, Path(f"out.{form}").exists()) == (3, False), done.err
    assert f".{form} row {row}" in done.err
    assert "column 'logits': the vector has 2 elements, not 3" in done.err


def test_two_streams_in_one_file_are_refused(place: Path) -> None:
    table = pa.table(several(3000, seed=6))
    celoss_cli.fit_calibration(table, output="fix.json")
    with pa.BufferOutputStream() as sink:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=500)
        stream = sink.getvalue().to_pybytes()
    (place / "t.arrows").write_bytes(stream * 2)
    done = run("calibrate", "apply", "fix.json", "t.arrows", "-o", "out.arrows")
    assert (done.code, "end mark" in done.err, (place / "out.arrows").exists()) == (3, True, False), done.err


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
def test_arrays(dtype: Any, place: Path) -> None:
    columns = several(1000, seed=6)
    z = np.stack([columns[name] for name in columns if name != "y"], axis=1).astype(dtype)
    np.save("t.npy", z)
    fix = celoss_cli.fit_calibration(z.astype(np.float64), columns["y"], classes=["ash", "elm", "oak"], input="logits")
    write(place, {"fix.json": ""})
    celoss_cli.fit_calibration(
        z.astype(np.float64), columns["y"], classes=["ash", "elm", "oak"], input="logits", output="fix.json"
    )
    applied("fix.json", "t.npy", "out.npy", "--input", "logits")
    new = np.load("out.npy")
    assert new.dtype == (dtype if dtype is not np.int64 else np.float64)
    np.testing.assert_allclose(new, z / fix.parameters["t"], rtol=2e-3 if dtype is np.float16 else 1e-6)


def test_objects_in_memory() -> None:
    pd = pytest.importorskip("pandas")
    columns = two(seed=5)
    frame = pd.DataFrame(columns, index=np.arange(2000)[::-1])
    new = celoss_cli.apply_calibration("two.json", frame)
    assert list(new.columns) == list(frame.columns)
    assert new.index.equals(frame.index)
    assert frame["p_yes"].equals(pd.Series(columns["p_yes"], index=frame.index))
    array = celoss_cli.apply_calibration("two.json", columns["p_yes"])
    np.testing.assert_array_equal(new["p_yes"].to_numpy(), array)
    both = celoss_cli.apply_calibration(
        "two.json", np.stack([1.0 - columns["p_yes"], columns["p_yes"]], axis=1), pred=None
    )
    assert both.shape == (2000, 2)
    np.testing.assert_allclose(both[:, 1], array, rtol=1e-12)


# What is refused: nothing is written


def no_change(place: Path, files: dict[str, Any]) -> dict[str, Any]:
    write(place, files)
    return {}


LOGITS = "logit_ash,logit_elm,logit_oak\n" + "1.5,-2.5,0.25\n-3.5,1.25,4.5\n" * 20
SHARES = "logit_ash,logit_elm,logit_oak\n" + "0.5,0.25,0.25\n0.2,0.2,0.6\n" * 20


@pytest.mark.parametrize(
    ("files", "arguments", "code", "says"),
    [
        ({"t.csv": SHARES}, ("several.json", "t.csv", "-o", "out.csv"), 3, "and these scores are probabilities"),
        (
            {"t.csv": "p_yes\n" + "3.5\n-2\n" * 9},
            ("two.json", "t.csv", "-o", "out.csv"),
            3,
            "was fitted to probabilities",
        ),
        ({"t.csv": "p_yes\n.5\n1.5\n.25\n.5\n.5\n"}, ("two.json", "t.csv", "-o", "out.csv"), 3, "is not a probability"),
        ({"t.csv": "p_yes,k\n.5,1\n,2\n"}, ("two.json", "t.csv", "-o", "out.csv"), 3, "t.csv row 1 (line 3), column"),
        ({"t.csv": "p,q\n.5,.5\n"}, ("two.json", "t.csv", "-o", "out.csv"), 3, "there is no 'p_yes' among 'p', 'q'"),
        ({"t.csv": "p,q\n.5,.5\n"}, ("two.json", "t.csv", "--pred", "r", "-o", "out.csv"), 3, "no column 'r'"),
        ({"t.csv": LOGITS}, ("several.json", "t.csv", "--pred", "logit_ash", "-o", "out.csv"), 3, "for 3 classes"),
        ({"t.csv": "p_yes\nhigh\nlow\n"}, ("two.json", "t.csv", "-o", "out.csv"), 3, "scores are numbers"),
        ({"t.csv": "p_yes\n.5\n"}, ("two.json", "t.csv", "-o", "t.csv"), 2, "would be overwritten"),
        ({"t.csv": "p_yes\n.5\n"}, ("two.json", "t.csv", "-o", "two.json"), 2, "would be overwritten"),
        ({"t.csv": "p_yes\n.5\n"}, ("two.json", "t.csv", "-o", "out.parquet"), 2, "tells another form"),
        ({"t.csv": "p_yes\n.5\n"}, ("two.json", "t.csv", "-o", "out.csv.gz"), 2, "tells another form"),
        ({"t.csv": "p_yes\n.5\n"}, ("two.json", "t.csv", "-o", "no/out.csv"), 3, "directory does not exist"),
        ({"t.csv": "p_yes\n.5\n"}, ("two.json", "t.csv"), 2, "-o says where"),
        (
            {"t.arff": "@relation r\n@attribute p_yes numeric\n@data\n.5\n"},
            ("two.json", "t.arff", "-o", "o.arff"),
            3,
            "arff",
        ),
        ({"t.jsonl": '{"p_yes": 0.5}\n'}, ("two.json", "t.jsonl", "-o", "out.csv"), 2, "tells another form"),
        ({}, ("two.json", "nope.csv", "-o", "out.csv"), 3, "no such file"),
        ({}, ("two.json", "-", "-o", "out.csv"), 2, "is standard input"),
        ({"t.csv": "p_yes\n.5\n"}, ("nope.json", "t.csv", "-o", "out.csv"), 3, "the fix cannot be read"),
        ({"t.csv": "p_yes\n.5\n"}, ("t.csv", "t.csv", "-o", "out.csv"), 3, "the fix is no JSON"),
    ],
)
def test_what_is_refused(files: dict[str, str], arguments: tuple[str, ...], code: int, says: str, place: Path) -> None:
    write(place, files)
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    done = run("calibrate", "apply", *arguments)
    assert (done.code, done.out) == (code, ""), done.err
    assert says in done.err
    assert "\nhint: " in done.err
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


def test_a_form_is_said_where_the_fix_was_fitted_to_another(place: Path) -> None:
    write(place, {"t.csv": SHARES})
    applied("several.json", "t.csv", "out.csv", "--input", "probs")
    found = np.loadtxt(place / "out.csv", delimiter=",", skiprows=1)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-12)


def test_a_file_that_changes_while_it_is_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet(place / "t.parquet", two())
    from celoss_cli.calibration.rescorer import Rescorer

    original = Rescorer.__call__

    def changing(*arguments: Any) -> Any:
        os.utime("t.parquet", ns=(1, 1))
        return original(*arguments)

    monkeypatch.setattr(Rescorer, "__call__", changing)
    done = run("calibrate", "apply", "two.json", "t.parquet", "-o", "out.parquet")
    assert (done.code, done.err.split("\n")[0]) == (3, "error: t.parquet: changed while it was being read")
    assert not (place / "out.parquet").exists()
