"""Files of arrays, written by the libraries whose forms they are: the same numbers as in memory."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from celoss_cli import DataError, UnreadableFile, evaluate
from celoss_cli.tables.arrays import table_of
from celoss_cli.tables.forms.made import MadeArray
from celoss_cli.tables.source import Need

RANDOM = np.random.default_rng(5)
Z = (RANDOM.integers(-12, 12, (40, 3)) / 4).astype("f4")  # exact in bfloat16
Y = RANDOM.integers(0, 3, 40)
MEAN = evaluate(Z, Y).loss.mean
SPLITS = {"val/logits": Z[:9], "val/labels": Y[:9], "test/logits": Z, "test/labels": Y}


def safetensors(path: Path, arrays: dict[str, Any]) -> None:
    pytest.importorskip("safetensors.numpy").save_file(arrays, path)


def hdf5(path: Path, arrays: dict[str, Any]) -> None:
    with pytest.importorskip("h5py").File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array


def hdf5_packed(path: Path, arrays: dict[str, Any]) -> None:
    with pytest.importorskip("h5py").File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array, chunks=True, compression="gzip")


def torch(path: Path, arrays: dict[str, Any]) -> None:
    library = pytest.importorskip("torch")
    library.save({name: library.tensor(array) for name, array in arrays.items()}, path)


WRITERS = [safetensors, hdf5, hdf5_packed, torch]


@pytest.mark.parametrize("write", WRITERS)
def test_scores_and_labels_in_one_file(write: Callable[[Path, dict[str, Any]], None], tmp_path: Path) -> None:
    path = tmp_path / "any.name"
    write(path, {"labels": Y, "logits": Z})
    assert evaluate(path, strict=True).loss.mean == pytest.approx(MEAN, rel=1e-14)


@pytest.mark.parametrize("write", WRITERS)
def test_one_of_several_splits(write: Callable[[Path, dict[str, Any]], None], tmp_path: Path) -> None:
    path = tmp_path / "f"
    write(path, SPLITS)
    assert evaluate(path, split="test").loss.mean == pytest.approx(MEAN, rel=1e-14)
    assert evaluate(path, pred="test/logits", label="test/labels").loss.mean == pytest.approx(MEAN, rel=1e-14)
    with pytest.raises(UnreadableFile, match="different first axes") as found:
        evaluate(path)
    assert "split=" in str(found.value.hint)


@pytest.mark.parametrize("write", WRITERS)
def test_places_on_the_last_axis(write: Callable[[Path, dict[str, Any]], None], tmp_path: Path) -> None:
    write(tmp_path / "f", {"logits": Z.reshape(8, 5, 3), "labels": Y.reshape(8, 5)})
    assert evaluate(tmp_path / "f").loss.mean == pytest.approx(MEAN, rel=1e-14)


@pytest.mark.parametrize("write", WRITERS)
def test_truncated_files(write: Callable[[Path, dict[str, Any]], None], tmp_path: Path) -> None:
    path = tmp_path / "f"
    write(path, {"labels": Y, "logits": Z})
    whole = path.read_bytes()
    for size in range(64, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:size])
        with pytest.raises(UnreadableFile) as found:
            evaluate(path)
        assert found.value.hint


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64", "float8_e4m3fn", "float8_e5m2"])
def test_types_of_safetensors(name: str, tmp_path: Path) -> None:
    library, writer = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch")
    tensor = library.tensor(Z).to(getattr(library, name))
    writer.save_file({"logits": tensor, "labels": library.tensor(Y)}, tmp_path / "f.safetensors")
    expected = evaluate(tensor, Y).loss.mean
    assert evaluate(tmp_path / "f.safetensors").loss.mean == pytest.approx(expected, rel=1e-14)


def test_every_code_of_float8() -> None:
    torch = pytest.importorskip("torch")
    from celoss_cli.tables.forms.made import float8_values

    codes = torch.arange(256, dtype=torch.uint8)
    for kind, exponent, infinite in ((torch.float8_e4m3fn, 4, False), (torch.float8_e5m2, 5, True)):
        theirs = codes.view(kind).float().numpy()
        np.testing.assert_array_equal(float8_values(exponent, infinite=infinite), theirs)


def test_one_tensor(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save(torch.tensor(Z).requires_grad_(), tmp_path / "p.pt")
    torch.save([torch.tensor(Z).bfloat16(), torch.tensor(Y)], tmp_path / "l.pt")
    torch.save({"epoch": 3, "out": {"logits": torch.tensor(Z)}, "y": {"labels": torch.tensor(Y)}}, tmp_path / "n.pt")
    torch.save(torch.tensor(Z), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    np.save(tmp_path / "y.npy", Y)
    for name in ("p.pt", "old.pt"):
        assert evaluate(tmp_path / name, tmp_path / "y.npy").loss.mean == pytest.approx(MEAN, rel=1e-14)
    assert evaluate(tmp_path / "n.pt").loss.mean == pytest.approx(MEAN, rel=1e-14)
    assert evaluate(tmp_path / "l.pt", pred="0", label="1").loss.mean == pytest.approx(MEAN, rel=1e-14)


def test_no_pickle_is_opened(tmp_path: Path) -> None:
    class Harmful:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    (tmp_path / "f.pkl").write_bytes(pickle.dumps(Harmful()))
    with pytest.raises(UnreadableFile, match="Python pickle"):
        evaluate(tmp_path / "f.pkl")
    torch = pytest.importorskip("torch")
    torch.save({"logits": torch.tensor(Z), "harm": Harmful()}, tmp_path / "f.pt")
    with pytest.raises(UnreadableFile, match="holds Python objects beside tensors"):
        evaluate(tmp_path / "f.pt")
    assert not (tmp_path / "ran").exists()


def test_sparse_scores(tmp_path: Path) -> None:
    proba = np.eye(40, 3, k=0) * 0.5 + 0.25
    proba[3:] = [0.5, 0.5, 0.0]
    for make in (scipy.sparse.csr_matrix, scipy.sparse.csc_matrix, scipy.sparse.coo_array):
        scipy.sparse.save_npz(tmp_path / "p.npz", make(proba))
        np.save(tmp_path / "y.npy", np.where(Y == 2, 0, Y))
        expected = evaluate(proba, np.where(Y == 2, 0, Y), renormalize=True).loss
        assert evaluate(tmp_path / "p.npz", tmp_path / "y.npy", renormalize=True).loss == expected


def test_a_wide_sparse_matrix_is_never_filled_whole(tmp_path: Path) -> None:
    scipy.sparse.save_npz(tmp_path / "p.npz", scipy.sparse.csr_matrix((1 << 20, 1 << 15), dtype="f4"))  # 128 GiB
    from celoss_cli.request import ReadOptions
    from celoss_cli.tables.opening import open_table

    table = open_table(str(tmp_path / "p.npz"), ReadOptions())
    assert (table.rows, table.head().rows) == (1 << 20, 1000)


def test_groups_of_hdf5(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "f.h5"
    hdf5(path, {**SPLITS, "names": np.array([b"a", b"b"])})
    assert evaluate(path, table="test").loss.mean == pytest.approx(MEAN, rel=1e-14)
    with pytest.raises(DataError, match="the groups and data sets are") as found:
        evaluate(path, table="train")
    assert "'test'" in found.value.message
    with h5py.File(path, "w") as file:
        file["logits"] = Z
        file.create_dataset("labels", data=[f"c{y}" for y in Y], dtype=h5py.string_dtype())
    assert evaluate(path, classes="c0,c1,c2").loss.mean == pytest.approx(MEAN, rel=1e-14)


def test_matlab_has_its_axes_the_other_way_round(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "f.mat", "w") as file:  # as MATLAB writes a 40 × 3 and a 40 × 1 array with -v7.3
        for name, array in (("logits", Z.T), ("labels", Y[None, :].astype("f8"))):
            file[name] = array
            file[name].attrs["MATLAB_class"] = np.bytes_("double")
    assert evaluate(tmp_path / "f.mat").loss.mean == pytest.approx(MEAN, rel=1e-14)


@pytest.mark.parametrize(
    "header",
    [
        b'{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,8]}}',
        b'{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,-8]}}',
        b'{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}',
        b'{"a":{"dtype":"F99","shape":[4],"data_offsets":[0,16]}}',
        b'{"a":{"shape":[4],"data_offsets":[0,16]}}',
        b'{"a":[1]}',
        b'{"a":',
        b"{}",
    ],
)
def test_headers_that_lie(header: bytes, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(len(header).to_bytes(8, "little") + header + bytes(16))
    with pytest.raises(UnreadableFile) as found:
        evaluate(tmp_path / "f")
    assert found.value.code in ("unreadable_safetensors", "no_rows")


def test_what_a_file_keeps_together_is_read_once() -> None:
    """Chunks of HDF5: each run of rows that is asked for begins where a chunk does, and no single row is asked for."""
    asked: list[slice] = []
    scores = np.random.default_rng(1).random((20_000, 300))

    def make(rows: slice) -> Any:
        asked.append(rows)
        return scores[rows]

    table = table_of("f.h5", "hdf5", {"p": MadeArray(scores.shape, scores.dtype, make, together=782)}, named=True)
    assert not asked
    read = [batch.rows for part in table.partitions() for batch in part.batches({"p": Need.NUMBER})]
    assert len(asked) == len(read) > 2
    assert all(rows.start % 782 == 0 for rows in asked)
    assert sum(rows.stop - rows.start for rows in asked) == len(scores)
