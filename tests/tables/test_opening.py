"""Which reader a file gets: by its first bytes, whatever it is called."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path

import pyarrow as pa
import pytest

from celoss_cli import UnreadableFile, UsageError
from celoss_cli.options.table import options_of
from celoss_cli.request import ReadOptions
from celoss_cli.tables.forms.known import FORMS
from celoss_cli.tables.opening import FORMATS, open_table
from running import run, write

CSV = "y,p_a,p_b\na,.7,.3\nb,.4,.6\n"
TABLE = pa.table({"y": ["a", "b"], "p_a": [0.7, 0.4], "p_b": [0.3, 0.6]})


@pytest.mark.parametrize("name", ["f.csv", "f.parquet", "f.txt", "f", "f.json"])
def test_the_name_does_not_matter(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"text": CSV, "zipped": gzip.compress(CSV.encode(), mtime=0), "parquet": TABLE})
    for kind, form in (("text", "csv"), ("zipped", "csv.gz"), ("parquet", "parquet")):
        path = tmp_path / name
        path.write_bytes((tmp_path / kind).read_bytes())
        assert open_table(str(path), ReadOptions()).format == form


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"PK\x03\x04", "zip archive"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"SQLite format 3\0", "SQLite"),
        (b"\x80\x04\x95", "pickle"),
        (b"FEA1\0\0", "Feather"),
        (b"BZh9", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0", "Excel"),
        (b"7z\xbc\xaf", "7-Zip"),
        (b"Obj\x01", "Avro"),
        (b"MATLAB 5.0 MAT-file", "MATLAB"),
        (b"]q\0(G", "pickle"),
        (b'\x04"M\x18\x64\x40', "LZ4"),
        (b"\xff\x06\0\0sNaPpY", "Snappy"),
        (b"\x1f\x9d\x90", "compress"),
        (b"\x89PNG\r\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"GGUF\3", "model"),
        (b"\1\2\3\4\5\6\7\7DUCK", "DuckDB"),
        (b'\x18\0\0\0\0\0\0\0\xa3\x7fK"\t\0', "TensorBoard"),
        (b"a.csv" + b"\0" * 252 + b"ustar", "tar archive"),
        (b"\x84\xa5p_cat\xcb?\xd1\xcd\xe40\x95\x0bz", "MessagePack"),
        (b"\xdc\x00\x0c\x84\xa5p_cat\xcb?\xd1", "MessagePack"),
        (b"\x08\x0e:7\n\x10\n\x01x\x12\x01y", "protocol buffer"),
        (b"\0\0\x0e\x02\0\0\0\x0c\0\0\0\x03", "IDX"),
        (b"\0\0\0\0\x0c\0\0\0\x03\0\0\0\0\0\0\0\x07\0\0\0logits\0", "MATLAB"),
        (b"CDF\x01\0\0\0\0\0\0\0\n", "NetCDF"),
        (b"(dp0\nVp\np1\n(lp2\n", "pickle"),
        (gzip.compress(b"\x80\x05\x95\x0c", mtime=0), "pickle"),
        (zlib.compress(b"\x80\x05\x95\x0c" * 9), "pickle"),
        (b"0" * 40 + b"ASCII SPSS PORT FILE", "portable file of SPSS"),
        (gzip.compress(b"a.csv" + b"\0" * 252 + b"ustar" + b"\0" * 250, mtime=0), "tar archive"),
    ],
)
def test_what_is_not_read_is_called_by_its_name(start: bytes, name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": start + b"\0" * 100})
    with pytest.raises(UnreadableFile, match=f"is .*{name}.*, which celoss does not read"):
        open_table(str(tmp_path / "f.csv"), ReadOptions())


def test_a_given_form_is_not_doubted(tmp_path: Path) -> None:
    write(tmp_path, {"f": CSV})
    assert open_table(str(tmp_path / "f"), ReadOptions(file_format="csv")).format == "csv"
    with pytest.raises(UnreadableFile, match="not a readable Parquet file"):
        open_table(str(tmp_path / "f"), ReadOptions(file_format="parquet"))
    with pytest.raises(UsageError, match="--file-format xls is not known"):
        open_table(str(tmp_path / "f"), ReadOptions(file_format="xls"))


def test_the_help_names_every_form() -> None:
    assert FORMATS[10:] == tuple(FORMS)  # those before are text
    option = options_of("eval")["file_format"]
    assert re.findall(r"\w+", option.help.replace(" or ", " ")) == list(FORMATS)


def test_directories_and_globs(tmp_path: Path) -> None:
    parts = {f"part-{i}.csv": f"y,p_a,p_b\na,.{i}5,.{9 - i}5\n" for i in range(1, 9)}
    write(tmp_path, {**parts, "_SUCCESS": "", ".part.crc": "x"})
    for path in (tmp_path, tmp_path / "part-*.csv", tmp_path / "part-?.csv"):
        assert run("eval", path, "-q") == run("eval", tmp_path, "-q")
    assert run("eval", tmp_path / "part-3*", "-q").mean == run("eval", tmp_path / "part-3.csv", "-q").mean


def test_a_file_whose_name_looks_like_a_glob(tmp_path: Path) -> None:
    write(tmp_path, {"f[1].csv": CSV, "f1.csv": "y,p_a,p_b\na,.1,.9\n"})
    assert open_table(str(tmp_path / "f[1].csv"), ReadOptions()).path.endswith("f[1].csv")


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "no.csv", "no such file"), (tmp_path / "*.csv", "no file matches")):
        with pytest.raises(UnreadableFile, match=message) as found:
            open_table(str(path), ReadOptions())
        assert found.value.hint
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFile, match="no data file in it"):
        open_table(str(tmp_path / "empty"), ReadOptions())
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(UnreadableFile):
        open_table(str(tmp_path / "loop"), ReadOptions())
