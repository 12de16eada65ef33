"""Broken files of every form: code 3 with one line and a hint, whatever the library that reads it raises.

Files are cut at many places, single bits of them are turned over, and the form's first bytes stand before noise. The
bits are drawn from a fixed seed. What is still whole may be scored.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layouts.examples import HERE
from running import Run, run
from tables.forms.test_tables import WRITERS

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.05, 0.15, 0.8]])
Y = np.array([0, 1, 2, 1])

Write = Callable[[Path], object]


def table() -> pa.Table:
    return pa.table({"y": Y, **{f"p_{c}": P[:, c] for c in range(3)}})


def stream(path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table().schema) as made:
        made.write_table(table())


def feather(path: Path) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table().schema) as made:
        made.write_table(table())


def npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, probs=P, labels=Y)


def npy(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.column_stack([Y, P]))


def sparse(path: Path) -> None:
    matrices = pytest.importorskip("scipy.sparse")
    with path.open("wb") as file:
        matrices.save_npz(file, matrices.csr_matrix(P))


def hdf5(path: Path) -> None:
    with pytest.importorskip("h5py").File(path, "w") as file:
        file.create_dataset("probs", data=P, chunks=(2, 2), compression="gzip")
        file["labels"] = Y


def safetensors(path: Path) -> None:
    pytest.importorskip("safetensors.numpy").save_file({"probs": P, "labels": Y}, path)


def text(content: str) -> Write:
    return lambda path: path.write_text(content, encoding="utf-8")


def example(name: str, file: str) -> Write:
    return lambda path: path.write_bytes((HERE / name / file).read_bytes())


TENSORS = {"outputs": [{"name": "p", "shape": [4, 3], "datatype": "FP32", "data": P.ravel().tolist()}]}
BATCHES = [
    {"patient": f"p{i}", "labels": [0, 1, 1, 0][: 3 + i], "scores": [0.1, 0.2, 0.3, 0.4][: 3 + i]} for i in (0, 1)
]

FORMS: dict[str, Write] = {
    **{write.__name__: write for write in WRITERS},
    "parquet": lambda path: pq.write_table(table(), path),
    **{write.__name__: write for write in (stream, feather, npz, npy, sparse, hdf5, safetensors)},
    "Vowpal Wabbit": example("vw_ldf", "predictions.txt"),
    "fastText": example("fasttext", "predictions.txt"),
    "Orange": example("orange", "predictions.tab"),
    "tensors": text(json.dumps(TENSORS)),
    "batches": text("".join(json.dumps(one) + "\n" for one in BATCHES)),
    "Weka": text("=== Predictions on test data ===\n\n inst# actual predicted error distribution\n"
                 " 1 1:a 1:a *0.7,0.3\n 2 2:b 2:b 0.4,*0.6\n"),
}  # fmt: skip


def is_said(done: Run) -> bool:
    """Whether a run scored, or ended in one line of an error and one of a hint."""
    lines = done.err.splitlines()
    return done.code == 0 or (
        done.code == 3 and len(lines) == 2 and lines[0].startswith("error: ") and lines[1].startswith("hint: ")
    )


@pytest.mark.parametrize("name", FORMS)
def test_broken_files(name: str, tmp_path: Path) -> None:
    FORMS[name](tmp_path / "f")
    whole = (tmp_path / "f").read_bytes()
    drawn = np.random.default_rng(sum(name.encode()))
    broken = [whole[:size] for size in {1, 8, 33, 64, len(whole) // 3, len(whole) // 2, len(whole) - 9} if size > 0]
    broken += [whole[:16] + drawn.bytes(300), b"\0" * 8 + whole]
    for _ in range(16):
        flipped = bytearray(whole)
        for place in drawn.integers(0, len(whole), drawn.integers(1, 4)):
            flipped[place] ^= 1 << int(drawn.integers(0, 8))
        broken.append(bytes(flipped))
    for content in broken:
        (tmp_path / "f").write_bytes(content)
        done = run("eval", tmp_path / "f", "-q")
        assert is_said(done), (content, done)


def test_packed_data_of_r_that_is_damaged(tmp_path: Path) -> None:
    """What zlib says of it is an error of no Python class that gzip speaks of."""
    (tmp_path / "f.rds").write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\x05\x11\x12\x13" * 20)
    assert run("eval", tmp_path / "f.rds").code == 3


def test_a_damaged_chunk_is_found_as_it_is_read(tmp_path: Path) -> None:
    library = pytest.importorskip("h5py")
    with library.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("probs", data=np.tile(P, (900, 1)), chunks=(1800, 3), compression="gzip")
        file["labels"] = np.tile(Y, 900)
        start = file["probs"].id.get_chunk_info(1).byte_offset
    content = bytearray((tmp_path / "f.h5").read_bytes())
    content[start + 4 : start + 40] = bytes(36)
    (tmp_path / "f.h5").write_bytes(content)
    done = run("eval", tmp_path / "f.h5")
    assert (done.code, "not a readable HDF5 file" in done.err) == (3, True), done.err


def test_label_vectors_of_different_lengths(tmp_path: Path) -> None:
    rows = [{"rcores": [0.1, 0.2, 0.3], "labels": [0, 1, 1]}, {"scores": [0.1, 0.2, 0.3, 0.4], "labels": [0, 1, 1, 0]}]
    (tmp_path / "f.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("eval", tmp_path / "f.jsonl")
    assert (done.code, "row 1 (line 2), column 'labels': the vector has 4 elements" in done.err) == (3, True), done.err


def test_spss_that_says_it_has_more_rows_than_its_bytes_can_hold(tmp_path: Path) -> None:
    pytest.importorskip("pyreadstat")
    data = bytearray((Path(__file__).parents[2] / "fuzz" / "sound" / "rows.sav").read_bytes())
    data[80:84] = (3000).to_bytes(4, "little")
    (tmp_path / "f.sav").write_bytes(data)
    found = run("eval", tmp_path / "f.sav")
    assert (found.code, "3,000 rows, which its bytes cannot hold" in found.err) == (3, True), found.err
    data[80:84] = (-1).to_bytes(4, "little", signed=True)  # not known when it was written
    (tmp_path / "f.sav").write_bytes(data)
    assert run("eval", tmp_path / "f.sav", "-q").code == 0
