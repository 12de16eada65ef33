"""Files whose rows are told apart by several columns together, none of them called an id."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hints.cases import PB, PERM, TRUE2, B, N, text
from running import run, write

PATIENT, VISIT = np.arange(N) // 4, np.arange(N) % 4
LONG = 40


def files(order: np.ndarray, patient: str = "patient", times: int = 1) -> dict[str, str]:
    people = np.concatenate([PATIENT + 100 * i for i in range(times)])
    visits, labels, p = (np.tile(one, times) for one in (VISIT, B, PB))
    return {
        "p.csv": text(f"{patient},visit,prob", people, visits, p),
        "y.csv": text(f"{patient},visit,y", people[order], visits[order], labels[order]),
    }


def test_rows_in_the_same_order_pair_as_they_stand(tmp_path: Path) -> None:
    for times in (1, LONG):
        write(tmp_path, files(np.arange(times * N), times=times))
        assert run("eval", tmp_path / "p.csv", tmp_path / "y.csv", "-q", "--strict").mean == pytest.approx(TRUE2)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_another_order_below_the_first_rows_is_refused_with_the_key(form: str, tmp_path: Path) -> None:
    order = np.concatenate([np.arange(1500), np.arange(1500, LONG * N)[::-1]])
    write(tmp_path, files(order, times=LONG))
    if form == "parquet":
        import pyarrow.csv
        import pyarrow.parquet as pq

        for name in ("p", "y"):
            pq.write_table(pyarrow.csv.read_csv(tmp_path / f"{name}.csv"), tmp_path / f"{name}.{form}")
    found = run("eval", tmp_path / f"p.{form}", tmp_path / f"y.{form}", "-q")
    assert found.code == 3
    assert "row 1500" in found.err
    assert "--id patient,visit" in found.err
    paired = run("eval", tmp_path / f"p.{form}", tmp_path / f"y.{form}", "-q", "--id", "patient,visit")
    assert paired.mean == pytest.approx(TRUE2)


def test_a_key_of_one_id_and_another_column(tmp_path: Path) -> None:
    write(tmp_path, files(PERM, "patient_id"))
    found = run("eval", tmp_path / "p.csv", tmp_path / "y.csv", "-q")
    assert found.code == 3
    assert "these columns do so together: --id patient_id,visit" in found.err


def test_an_id_that_no_other_column_completes(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": text("patient,prob", PATIENT, PB), "y.csv": text("patient,y", PATIENT[::-1], B[::-1])})
    found = run("eval", tmp_path / "p.csv", tmp_path / "y.csv", "-q", "--id", "patient")
    assert found.code == 3
    assert "number their rows alike in both" in found.err
