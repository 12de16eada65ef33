"""What tools write and celoss does not read is named, with what reads it; and what only looks so is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from celoss_cli import evaluate
from celoss_cli.errors import DataError
from running import write

P = np.array([[0.7, 0.3], [0.2, 0.8], [0.6, 0.4]])

Y = np.array([0, 1, 1])

MEAN = -float(np.log([0.7, 0.8, 0.4]).mean())


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("0 0:0.7 1:0.3\n1 0:0.2 1:0.8\n", "LIBSVM", "load_svmlight_file"),
        (
            "@relation r\n@attribute p numeric\n@attribute y {a,b}\n@data\n{0 .7, 1 b}\n{0 .2}\n",
            "sparse rows",
            "Sparse",
        ),
        ("<table border=1>\n<tr><td>0.7</td></tr></table>\n", "HTML", "read_html"),
        ("<?xml version='1.0'?>\n<data><row><p>0.7</p></row></data>\n", "XML", "read_xml"),
    ],
)
def test_text_that_is_no_table(text: str, what: str, hint: str, tmp_path: Path) -> None:
    write(tmp_path, {"f": text})
    with pytest.raises(DataError, match=what) as found:
        evaluate(tmp_path / "f")
    assert hint in (found.value.hint or "")


@pytest.mark.parametrize("name", ["zarr.json", ".zgroup"])
def test_a_zarr_store(name: str, tmp_path: Path) -> None:
    write(tmp_path, {f"s.zarr/{name}": "{}"})
    with pytest.raises(DataError, match="is a Zarr store") as found:
        evaluate(tmp_path / "s.zarr")
    assert "zarr.open" in (found.value.hint or "")


@pytest.mark.parametrize("text", ["x^2,p,y\n1,.7,1\n", "0" * 30 + ",p,y\n1,.7,1\n", "CDF,p,y\n1,.7,1\n"])
def test_text_that_begins_like_one_of_these_is_text(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": text})
    assert evaluate(tmp_path / "f.csv", pred="p", label="y").loss.mean == pytest.approx(-np.log(0.7))


def test_latin_text_that_begins_like_messagepack_is_text(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes("Übung,p,y\n1,.7,1\n".encode("latin-1"))
    found = evaluate(tmp_path / "f.csv", pred="p", label="y", encoding="latin-1")
    assert found.loss.mean == pytest.approx(-np.log(0.7))


def test_records_in_npy_are_columns(tmp_path: Path) -> None:
    rows = np.array([(*p, y) for p, y in zip(P, Y, strict=True)], dtype=[("p_0", "f8"), ("p_1", "f8"), ("label", "i4")])
    np.save(tmp_path / "r.npy", rows)
    assert evaluate(tmp_path / "r.npy").loss.mean == pytest.approx(MEAN, rel=1e-15)


def test_float8_of_ml_dtypes_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", logits=P.astype("f4"), labels=Y)
    data = (tmp_path / "f.npz").read_bytes()
    (tmp_path / "f.npz").write_bytes(data.replace(b"'<f4'", b"'<f1'"))
    with pytest.raises(DataError, match=r"float8|NumPy file"):
        evaluate(tmp_path / "f.npz")


def test_dimensions_of_netcdf_are_no_arrays(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "f.nc", "w") as file:
        file["probs"], file["labels"] = P, Y
        for name, size in (("n", 3), ("c", 2), ("other", 7)):
            file[name] = np.zeros(size, dtype=">f4")
            file[name].attrs["CLASS"] = np.bytes_("DIMENSION_SCALE")
            file[name].attrs["NAME"] = np.bytes_(f"This is a netCDF dimension but not a netCDF variable. {size:10}")
    assert evaluate(tmp_path / "f.nc").loss.mean == pytest.approx(MEAN, rel=1e-15)
