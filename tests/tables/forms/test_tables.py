"""Files of tables, written by the programs whose forms they are or by libraries that write them: the same numbers."""

from __future__ import annotations

import builtins
import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from celoss_cli import DataError, UnreadableFile, evaluate
from celoss_cli.tables.forms.known import FORMS
from running import run

P = [0.9, 0.25, 0.5, 0.625, 0.125, 0.75]
Y = ["yes", "no", "yes", "no", "no", "yes"]
MEAN = float(-np.mean([np.log(p if y == "yes" else 1 - p) for p, y in zip(P, Y, strict=True)]))
FRAME = pd.DataFrame({"id": [f"{n:03}" for n in range(6)], "y_true": Y, "prob_yes": P})
OTHER = pd.DataFrame({"note": ["made by hand"]})


def orc(path: Path) -> None:
    from pyarrow import orc

    orc.write_table(pa.Table.from_pandas(FRAME), path)


def xlsx(path: Path) -> None:
    pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    FRAME.to_excel(path, engine="openpyxl", index=False)


def ods(path: Path) -> None:
    pytest.importorskip("odf")
    pytest.importorskip("python_calamine")
    FRAME.to_excel(path, engine="odf", index=False)


def stata(path: Path) -> None:
    FRAME.astype({"y_true": "category"}).to_stata(path, write_index=False)


def stata_114(path: Path) -> None:
    FRAME.to_stata(path, write_index=False, version=114)


def spss(path: Path) -> None:
    library = pytest.importorskip("pyreadstat")
    codes = FRAME.assign(y_true=[int(y == "yes") for y in Y])
    library.write_sav(codes, path, variable_value_labels={"y_true": {0: "no", 1: "yes"}})


def xport(path: Path) -> None:
    pytest.importorskip("pyreadstat").write_xport(FRAME, path, file_format_version=5)


def sas7bdat(path: Path) -> None:
    """A data set of SAS as ReadStat writes it, the C library in pyreadstat, which has no function for it in Python."""
    found = pytest.importorskip("pyreadstat._readstat_writer").__file__
    library = ctypes.CDLL(found)
    pieces: list[bytes] = []

    @ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.POINTER(ctypes.c_char), ctypes.c_size_t, ctypes.c_void_p)
    def keep(data: Any, size: int, _: object) -> int:
        pieces.append(data[:size])
        return size

    for name in ("writer_init", "add_variable"):
        getattr(library, f"readstat_{name}").restype = ctypes.c_void_p
    writer = ctypes.c_void_p(library.readstat_writer_init())
    assert library.readstat_set_data_writer(writer, keep) == 0
    columns = [
        ctypes.c_void_p(library.readstat_add_variable(writer, name.encode(), kind, ctypes.c_size_t(width)))
        for name, kind, width in (("id", 0, 3), ("y_true", 0, 3), ("prob_yes", 5, 0))  # of text, or doubles
    ]
    assert library.readstat_begin_writing_sas7bdat(writer, None, ctypes.c_long(len(FRAME))) == 0
    for row in FRAME.itertuples(index=False):
        assert library.readstat_begin_row(writer) == 0
        for column, text in zip(columns, (row.id, row.y_true), strict=False):
            assert library.readstat_insert_string_value(writer, column, str(text).encode()) == 0
        assert library.readstat_insert_double_value(writer, columns[2], ctypes.c_double(row.prob_yes)) == 0
        assert library.readstat_end_row(writer) == 0
    assert library.readstat_end_writing(writer) == 0
    library.readstat_writer_free(writer)
    path.write_bytes(b"".join(pieces))


def rds(path: Path) -> None:
    pytest.importorskip("pyreadr").write_rds(path, FRAME, compress="gzip")


def rds_plain(path: Path) -> None:
    pytest.importorskip("pyreadr").write_rds(path, FRAME)


def rda(path: Path) -> None:
    pytest.importorskip("pyreadr").write_rdata(path, FRAME, df_name="scores")


WRITERS = [orc, xlsx, ods, stata, stata_114, spss, xport, sas7bdat, rds, rds_plain, rda]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("name", ["f.csv", "f"])
def test_a_table_is_known_by_its_bytes(write: Callable[[Path], None], name: str, tmp_path: Path) -> None:
    write(tmp_path / name)
    found = evaluate(tmp_path / name)
    assert found.loss.mean == pytest.approx(MEAN, rel=1e-12)
    assert found.inputs.predictions.rows == 6
    assert found.inputs.predictions.format in FORMS


@pytest.mark.parametrize("write", WRITERS)
def test_labels_that_pair_by_id(write: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path / "p")
    FRAME[["id", "y_true"]].iloc[::-1].to_csv(tmp_path / "y.csv", index=False)
    assert evaluate(tmp_path / "p", tmp_path / "y.csv", id="id", pred="prob_yes").loss.mean == pytest.approx(MEAN)


@pytest.mark.parametrize("write", WRITERS)
def test_truncated_files(write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "f"
    write(path)
    whole = path.read_bytes()
    for size in (64, len(whole) // 3, len(whole) * 2 // 3):
        path.write_bytes(whole[:size])
        done = run("eval", path, "-q")
        assert done.code == 3, done.err
        assert "hint: " in done.err


def test_a_sheet_is_named_where_there_are_several(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    with pd.ExcelWriter(tmp_path / "f.xlsx", engine="openpyxl") as book:
        OTHER.to_excel(book, sheet_name="about", index=False)
        FRAME.to_excel(book, sheet_name="scores", index=False)
        pd.DataFrame().to_excel(book, sheet_name="empty", index=False)
    assert evaluate(tmp_path / "f.xlsx", table="scores").loss.mean == pytest.approx(MEAN, rel=1e-12)
    with pytest.raises(UnreadableFile, match="holds several sheets: 'about', 'scores'"):
        evaluate(tmp_path / "f.xlsx")
    with pytest.raises(
        DataError, match="there is no 'score' in it; the sheets are 'about', 'scores', 'empty'"
    ) as found:
        evaluate(tmp_path / "f.xlsx", table="score")
    assert found.value.exit_code == 3
    assert "table" in str(found.value.hint)


def test_parts_of_orc(tmp_path: Path) -> None:
    from pyarrow import orc

    table = pa.table({"y_true": Y * 5000, "p": [[1 - p, p] for p in P] * 5000})
    orc.write_table(table, tmp_path / "f.orc", stripe_size=1 << 16)
    assert orc.ORCFile(tmp_path / "f.orc").nstripes > 1
    found = evaluate(tmp_path / "f.orc", classes="no,yes", threads=2)
    assert (found.counts.rows, found.loss.mean) == (30000, pytest.approx(MEAN, rel=1e-12))


@pytest.mark.parametrize(
    ("write", "library", "extra"),
    [(xlsx, "python_calamine", "excel"), (spss, "pyreadstat", "spss"), (rds, "pyreadr", "r")],
)
def test_a_library_that_is_missing_is_named(
    write: Callable[[Path], None], library: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "f")
    real = builtins.__import__

    def refused(name: str, *rest: Any) -> Any:
        if name == library:
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refused)
    with pytest.raises(UnreadableFile, match="is not installed") as found:
        evaluate(tmp_path / "f")
    assert f"pip install 'celoss-cli[{extra}]'" in str(found.value.hint)


def test_every_extra_is_declared() -> None:
    import tomllib

    root = Path(__file__).resolve().parents[3]
    declared = tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {form.extra for form in FORMS.values()} - {None} <= set(declared)
