"""A fix applied to every form that is written again: the loss is that of ``--calibration``, all else is as it was."""

from __future__ import annotations

import codecs
import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet as pq
import pytest
from scipy import special

import celoss_cli
from calibrated_files import csv, parquet, several, two
from running import run, write

CLASSES = ("--classes", "ash,elm,oak")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a fix of two classes, and one of three as columns and as vectors."""
    monkeypatch.chdir(tmp_path)
    celoss_cli.fit_calibration(pa.table(two(seed=11)), output="two.json")
    columns = several(seed=12)
    celoss_cli.fit_calibration(pa.table(columns), output="several.json")
    rows = pa.FixedSizeListArray.from_arrays(pa.array(logits(columns).reshape(-1)), 3)
    vectors = pa.table({"logits": rows, "y": columns["y"]})
    celoss_cli.fit_calibration(vectors, classes=["ash", "elm", "oak"], output="vectors.json")
    return tmp_path


def logits(columns: dict[str, Any]) -> np.ndarray[Any, Any]:
    return np.stack([values for name, values in columns.items() if name != "y"], axis=1)


def number(columns: dict[str, Any]) -> list[int]:
    """The labels as numbers of classes, for forms without texts."""
    names = sorted(set(columns["y"]))
    return [names.index(label) for label in columns["y"]]


def applied(fix: str, path: str, output: str, *options: object) -> None:
    done = run("calibrate", "apply", fix, path, "-o", output, *options)
    assert (done.code, done.out) == (0, ""), done.err


def same_loss(fix: str, path: str, output: str, *options: object) -> None:
    """The new file has the loss that the fix makes of the old one, and another one than that has."""
    expected = run("eval", path, "-q", "--calibration", fix, *options).mean
    assert run("eval", output, "-q", *options).mean == pytest.approx(expected, abs=2e-7)
    assert abs(expected - run("eval", path, "-q", *options).mean) > 0.01


# JSON


def fixed(p: float) -> float:
    """What the fix makes of a probability: to the last digit as of an array, and as scipy says it."""
    fix = json.loads(Path("two.json").read_text())["parameters"]
    found = float(celoss_cli.apply_calibration("two.json", np.array([p]))[0])
    assert found == pytest.approx(special.expit(fix["intercept"] + fix["slope"] * special.logit(p)), rel=1e-13)
    return found


LINES = """{"n": 1.50, "p_yes":0.9,"note":"say \\"no\\", \\u00e9", "more": {"p_yes": 2, "x": [1 , 2]}}

{ "p_yes" : 2.5e-1 , "n":12345678901234567890, "note":"{}","more":null}\r
{"note": "", "more": [], "n": 0, "p_yes": 0.5}"""


def changed(text: str) -> str:
    """The text with the three new numbers that the fix makes, found among the old ones by hand."""
    for old, p in (('"p_yes":0.9', 0.9), ('"p_yes" : 2.5e-1', 0.25), ('"p_yes": 0.5', 0.5)):
        assert text.count(old) == 1
        text = text.replace(old, f"{old.rpartition(old.split(':')[1].strip())[0]}{fixed(p)!r}")
    return text


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("form", ["plain", "marked", "utf-16", "gzip"])
def test_json_lines_stay_to_the_byte(form: str, end: str, place: Path) -> None:
    text = LINES + end
    name = "t.jsonl.gz" if form == "gzip" else "t.jsonl"
    encode = {
        "plain": str.encode,
        "marked": lambda text: codecs.BOM_UTF8 + text.encode(),
        "utf-16": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        "gzip": lambda text: gzip.compress(text.encode(), mtime=0),
    }[form]
    write(place, {name: encode(text)})
    applied("two.json", name, f"out{name[1:]}")
    found = Path(f"out{name[1:]}").read_bytes()
    assert (gzip.decompress(found) if form == "gzip" else found) == (
        changed(text).encode() if form == "gzip" else encode(changed(text))
    )


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_of_records(indent: int | None) -> None:
    columns = several(300, seed=6)
    records = [dict(zip(columns, row, strict=True)) for row in zip(*(list(v) for v in columns.values()), strict=True)]
    Path("t.json").write_text(json.dumps(records, indent=indent, default=float))
    applied("several.json", "t.json", "out.json")
    same_loss("several.json", "t.json", "out.json")
    assert [row["y"] for row in json.loads(Path("out.json").read_text())] == list(columns["y"])


def test_many_ranges_of_lines() -> None:
    p = np.random.default_rng(0).random(200_000)
    Path("t.jsonl").write_text("".join(f'{{"k":{k},"p_yes":{x!r}}}\n' for k, x in enumerate(p.tolist())))
    applied("two.json", "t.jsonl", "out.jsonl")
    found = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [row["k"] for row in found] == list(range(200_000))
    np.testing.assert_array_equal([row["p_yes"] for row in found], celoss_cli.apply_calibration("two.json", p))


def test_lists_in_lines_and_lines_that_are_lists() -> None:
    columns = several(300, seed=6)
    rows = logits(columns).tolist()
    with Path("t.jsonl").open("w") as file:
        for row, label in zip(rows, columns["y"], strict=True):
            file.write(json.dumps({"y": label, "logits": row}) + "\n")
    applied("vectors.json", "t.jsonl", "out.jsonl")
    same_loss("vectors.json", "t.jsonl", "out.jsonl", *CLASSES)
    Path("bare.jsonl").write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
    applied("vectors.json", "bare.jsonl", "bare_out.jsonl", "--pred", "values")
    made = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    text = Path("bare_out.jsonl").read_text()
    assert [json.loads(line) for line in text.splitlines()] == [row["logits"] for row in made]
    assert ", " not in text


# Arrays


def test_npz(place: Path) -> None:
    columns = several(1000, seed=6)
    np.savez_compressed("t.npz", other=np.arange(7), logits=logits(columns).astype(np.float32), y=columns["y"])
    applied("vectors.json", "t.npz", "out.npz")
    same_loss("vectors.json", "t.npz", "out.npz", *CLASSES, "--pred", "logits", "--label", "y")
    with np.load("out.npz") as new, np.load("t.npz") as old:
        assert new.files == old.files
        assert new["logits"].dtype == np.float32
        assert new["other"].tolist() == list(range(7))
        assert new["y"].tolist() == old["y"].tolist()
    kinds = [{info.compress_type for info in zipfile.ZipFile(place / name).infolist()} for name in ("t.npz", "out.npz")]
    assert kinds[0] == kinds[1] == {zipfile.ZIP_DEFLATED}


def test_an_array_for_each_class() -> None:
    columns = several(1000, seed=6)
    np.savez("t.npz", **columns)
    applied("several.json", "t.npz", "out.npz")
    same_loss("several.json", "t.npz", "out.npz")


def test_safetensors() -> None:
    library = pytest.importorskip("safetensors.numpy")
    columns = several(1000, seed=6)
    before, after = np.arange(11, dtype=np.int16), np.array(number(columns), dtype=np.int64)
    library.save_file(
        {"a": before, "logits": logits(columns).astype(np.float32), "y": after}, "t.safetensors", {"made": "by a test"}
    )
    applied("vectors.json", "t.safetensors", "out.safetensors")
    new = library.load_file("out.safetensors")
    t = json.loads(Path("vectors.json").read_text())["parameters"]["t"]
    np.testing.assert_allclose(new["logits"], logits(columns) / t, rtol=1e-6)
    assert (new["a"].tolist(), new["y"].tolist()) == (before.tolist(), after.tolist())
    assert Path("out.safetensors").stat().st_size == Path("t.safetensors").stat().st_size
    assert b"by a test" in Path("out.safetensors").read_bytes()


@pytest.mark.parametrize("chunked", [False, True])
def test_hdf5(chunked: bool) -> None:
    h5py = pytest.importorskip("h5py")
    columns = several(1000, seed=6)
    said: dict[str, Any] = {"chunks": (64, 3), "compression": "gzip"} if chunked else {}
    with h5py.File("t.h5", "w") as file:
        file.create_dataset("run/logits", data=logits(columns).astype(np.float32), **said).attrs["unit"] = "nats"
        file["run/y"] = np.array(number(columns))
    applied("vectors.json", "t.h5", "out.h5")
    with h5py.File("t.h5") as old, h5py.File("out.h5") as new:
        t = json.loads(Path("vectors.json").read_text())["parameters"]["t"]
        np.testing.assert_allclose(new["run/logits"][()], old["run/logits"][()] / t, rtol=1e-6)
        assert new["run/logits"].chunks == old["run/logits"].chunks
        assert new["run/logits"].compression == old["run/logits"].compression
        assert new["run/logits"].attrs["unit"] == "nats"
        assert new["run/y"][()].tolist() == old["run/y"][()].tolist()


def test_orc() -> None:
    columns = several(1000, seed=6)
    pyarrow.orc.write_table(pa.table({"key": np.arange(1000), **columns}), "t.orc", compression="zstd")
    applied("several.json", "t.orc", "out.orc")
    same_loss("several.json", "t.orc", "out.orc")
    old, new = pyarrow.orc.ORCFile("t.orc"), pyarrow.orc.ORCFile("out.orc")
    assert (new.schema, new.compression) == (old.schema, old.compression)
    assert new.read(["key", "y"]) == old.read(["key", "y"])


# Parts


def test_a_directory_of_parts(place: Path) -> None:
    parts = [several(100, seed=seed) for seed in range(3)]
    Path("d").mkdir()
    for number, columns in enumerate(parts):
        csv(place / "d" / f"part-{number}.csv", columns)
    header = Path("d/part-0.csv").read_text().split("\n")[0]
    write(place, {"d/part-3.csv": f"{header}\n", "d/_SUCCESS": ""})
    applied("several.json", "d", "out")
    assert sorted(path.name for path in Path("out").iterdir()) == [f"part-{number}.csv" for number in range(4)]
    same_loss("several.json", "d", "out")
    same_loss("several.json", "d/part-1.csv", "out/part-1.csv")
    applied("several.json", "d/part-[01].csv", "some/")
    assert [Path("some", name).read_bytes() for name in ("part-0.csv", "part-1.csv")] == [
        Path("out", name).read_bytes() for name in ("part-0.csv", "part-1.csv")
    ]


def test_hive_partitions(place: Path) -> None:
    for week in (1, 2):
        Path(f"d/week={week}").mkdir(parents=True)
        parquet(place / "d" / f"week={week}" / "part-0.parquet", several(100, seed=week))
    applied("several.json", "d", "out")
    assert sorted(str(path.relative_to("out")) for path in Path("out").rglob("*.parquet")) == [
        "week=1/part-0.parquet",
        "week=2/part-0.parquet",
    ]
    same_loss("several.json", "d", "out", "--where", "week=2")


def test_a_saved_data_set_stays_one(place: Path) -> None:
    Path("d").mkdir()
    for number in range(2):
        table = pa.table(several(100, seed=number))
        with pa.OSFile(f"d/data-{number}.arrow", "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    files = [{"filename": f"data-{number}.arrow"} for number in range(2)]
    write(place, {"d/state.json": json.dumps({"_data_files": files}), "d/dataset_info.json": "{}"})
    applied("several.json", "d", "out")
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(path.name for path in Path("d").iterdir())
    same_loss("several.json", "d", "out")


def test_a_bad_row_in_the_last_part_leaves_nothing(place: Path) -> None:
    write(place, {"d/a.csv": "p_yes\n.5\n.25\n", "d/b.csv": "p_yes\n.5\n1.5\n"})
    before = sorted(place.rglob("*"))
    done = run("calibrate", "apply", "two.json", "d", "-o", "out")
    assert done.code == 3
    assert "d/b.csv row 1 (line 3)" in done.err
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("beside", [{"meta": {"source": 0.5, "t": 2}}, {"length": [3]}, {"span": "[1, 2]"}])
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_cells_of_several_values_beside_the_scores_stay_as_they_are(beside: Any, form: str, place: Path) -> None:
    columns = two(seed=13)
    rows = [{"y": str(y), "p_yes": float(p), **beside} for y, p in zip(columns["y"], columns["p_yes"], strict=True)]
    if form == "jsonl":
        (place / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        pq.write_table(pa.Table.from_pylist(rows), place / "t.parquet")
    applied("two.json", f"t.{form}", f"out.{form}")
    same_loss("two.json", f"t.{form}", f"out.{form}", "--label", "y", "--pred", "p_yes")
    if form == "jsonl":
        after = [json.loads(line) for line in (place / "out.jsonl").read_text().splitlines()]
    else:
        after = pq.read_table(place / "out.parquet").to_pylist()
    assert [{**row, "p_yes": 0} for row in after] == [{**row, "p_yes": 0} for row in rows]


def test_one_line_of_numbers_in_json_lines_is_asked_about(place: Path) -> None:
    """As JSON it would be two rows with one score each, in silence."""
    (place / "t.jsonl").write_text("[0.2, 0.8]\n")
    done = run("calibrate", "apply", "two.json", "t.jsonl", "-o", "out.jsonl")
    assert (done.code, (place / "out.jsonl").exists()) == (3, False)
    assert "--file-format jsonl for the one row" in done.err
    applied("two.json", "t.jsonl", "out.jsonl", "--file-format", "jsonl")
    (row,) = map(json.loads, (place / "out.jsonl").read_text().splitlines())
    assert sum(row) == pytest.approx(1.0, abs=1e-12)
    applied("two.json", "t.jsonl", "out.jsonl", "--file-format", "json")
    assert len(json.loads((place / "out.jsonl").read_text())) == 2


# What is refused


def objects(place: Path) -> None:
    cells = [[{"label": "ash", "score": 0.5}, {"label": "elm", "score": 0.25}, {"label": "oak", "score": 0.25}]] * 20
    pq.write_table(pa.table({"logits": cells}), place / "objects.parquet")


@pytest.mark.parametrize(
    ("files", "arguments", "code", "says"),
    [
        ({"t.json": '{"p_yes": [0.5, 0.25]}'}, ("two.json", "t.json", "-o", "o.json"), 3, "in a shape of their own"),
        ({}, ("vectors.json", "objects.parquet", "-o", "o.parquet"), 3, "what can be written again is CSV, JSON Lines"),
        ({"t.md": "| p_yes |\n|---|\n| .5 |\n| .7 |\n"}, ("two.json", "t.md", "-o", "o.md"), 3, "form_not"),
        ({"d/a.csv": "p_yes\n.5\n"}, ("two.json", "d", "-o", "d/out"), 2, "inside of, the directory that is read"),
        ({"d/a.csv": "p_yes\n.5\n"}, ("two.json", "d", "-o", "d"), 2, "inside of, the directory that is read"),
        (
            {"d/a.csv": "p_yes\n.5\n", "o/x": ""},
            ("two.json", "d", "-o", "o"),
            2,
            "is there already, and a new directory is written",
        ),
        ({"d/a.csv": "p_yes\n.5\n"}, ("two.json", "d", "-o", "no/out"), 3, "its directory does not exist"),
        ({"d/_delta_log/0.json": "{}", "d/a.parquet": ""}, ("two.json", "d", "-o", "o"), 3, "is a Delta table"),
        ({}, ("two.json", "s3://bucket/t.csv", "-o", "o.csv"), 2, "not on this machine"),
        ({}, ("two.json", "*.none", "-o", "o"), 3, "no file matches"),
    ],
)
def test_what_is_refused(files: dict[str, Any], arguments: tuple[str, ...], code: int, says: str, place: Path) -> None:
    write(place, files)
    objects(place)
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    done = run("calibrate", "apply", *arguments)
    assert (done.code, done.out) == (code, ""), done.err
    assert says in done.err or says.startswith("form_"), done.err
    assert "\nhint: " in done.err
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


def test_scores_that_are_no_floats(place: Path) -> None:
    library = pytest.importorskip("safetensors.numpy")
    library.save_file({"logits": np.arange(30, dtype=np.int32).reshape(10, 3)}, place / "t.safetensors")
    done = run("calibrate", "apply", "vectors.json", "t.safetensors", "-o", "out.safetensors")
    assert done.code == 3
    assert "its scores 'logits' are int32, and new ones need floats" in done.err
    assert not Path("out.safetensors").exists()
