"""NumPy files that are damaged, or hold what is neither numbers nor names: refused in one line, and never run."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from celoss_cli import UnreadableFile
from celoss_cli.tables.forms.numpy_files import open_npy, open_npz
from running import run, write

SCORES = np.array([[0.7, 0.3], [0.4, 0.6], [0.2, 0.8]])


def npy_bytes(array: Any, *, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


def npz_bytes(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


class _Shout:
    """Would print, if anybody unpickled it."""

    def __reduce__(self) -> Any:
        return print, ("unpickled",)


WHOLE = npy_bytes(SCORES)
ARCHIVE = npz_bytes(probs=SCORES, labels=[0, 1, 1])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (WHOLE[:-1], "unreadable_array"),
        (WHOLE[:60], "unreadable_array"),
        (WHOLE[:8], "unreadable_array"),
        (WHOLE.replace(b"'<f8'", b"'<q8'"), "unreadable_array"),
        (WHOLE.replace(b"'descr'", b"'descr("), "unreadable_array"),
        (WHOLE.replace(b"(3, 2)", b"(9**9)"), "unreadable_array"),
        (WHOLE[:6] + b"\x09\x09" + WHOLE[8:], "unreadable_array"),
        (npy_bytes(np.array([_Shout(), 1], dtype=object), allow_pickle=True), "object_array"),
        (npy_bytes(np.array(0.5)), "no_rows"),
        (npy_bytes(np.empty((0, 3))), "no_rows"),
        (npy_bytes(SCORES.astype(np.complex128)), "array_kind"),
        (npy_bytes(np.array(["2020-01-01"], dtype="datetime64[D]")), "array_kind"),
        (npy_bytes(np.array([["a", "b"]])), "array_kind"),
    ],
)
def test_a_damaged_or_foreign_npy_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.npy": content, "l.csv": "y\n0\n1\n1\n"})
    with pytest.raises(UnreadableFile) as caught:
        open_npy(str(tmp_path / "f.npy"))
    assert caught.value.code == code
    done = run("eval", tmp_path / "f.npy", tmp_path / "l.csv", "--file-format", "npy")
    assert done.code == 3
    assert done.out == ""
    assert "Traceback" not in done.err


def stored(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (ARCHIVE[:-30], "unreadable_array"),
        (ARCHIVE[:40] + b"\xff" * 20 + ARCHIVE[60:], "unreadable_array"),
        (stored(probs=WHOLE[:70]), "unreadable_array"),
        (stored(probs=b"no array at all"), "array_kind"),
        (stored(probs=pickle.dumps(_Shout())), "array_kind"),
        (stored(probs=npy_bytes(np.array([_Shout()], dtype=object), allow_pickle=True)), "object_array"),
        (stored(), "no_rows"),
        (npz_bytes(probs=SCORES, labels=[0, 1]), "arrays_differ"),
        (npz_bytes(probs=np.zeros((2, 3, 4)), labels=np.zeros((2, 5), dtype=int)), "arrays_differ"),
    ],
)
def test_a_damaged_or_foreign_npz_is_refused(
    content: bytes, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"f.npz": content})
    with pytest.raises(UnreadableFile) as caught:
        open_npz(str(tmp_path / "f.npz"))
    assert caught.value.code == code
    assert capsys.readouterr().out == ""


def test_a_truncated_file_of_any_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.npz"
    for length in range(4, len(ARCHIVE), 7):
        path.write_bytes(ARCHIVE[:length])
        with pytest.raises(UnreadableFile):
            open_npz(str(path))


def test_names_as_bytes_and_long_doubles_are_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", probs=SCORES.astype(np.longdouble), labels=np.array([b"x", b"y", b"y"]))
    done = run("eval", tmp_path / "f.npz", "-q", "--classes", "x,y")
    assert done.mean == pytest.approx(-float(np.log([0.7, 0.6, 0.8]).mean()), rel=1e-14)


def test_one_label_a_sample_stands_for_all_its_places(tmp_path: Path) -> None:
    z = np.random.default_rng(0).normal(size=(3, 2, 4))  # three samples, two classes, four places
    y = np.array([0, 1, 1])
    np.savez(tmp_path / "one.npz", logits=z, labels=y)
    np.savez(tmp_path / "each.npz", logits=z, labels=np.repeat(y[:, None], 4, axis=1))
    one, each = (run("eval", tmp_path / name, "-q") for name in ("one.npz", "each.npz"))
    assert one.mean == each.mean


def test_a_structured_array_is_a_table(tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", np.array([(0.7, 1), (0.2, 0)], dtype=[("p", "f8"), ("y", "i8")]))
    done = run("eval", tmp_path / "f.npy", "-q")
    assert done.mean == pytest.approx(-float(np.log([0.7, 0.8]).mean()), rel=1e-14)
