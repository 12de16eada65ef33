"""Stretches: whatever their size, read from a pickled table they are the rows of the table, in order."""

from __future__ import annotations

import itertools
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli.request import ReadOptions
from celoss_cli.tables.arrow import parquet
from celoss_cli.tables.elsewhere import TableElsewhere
from celoss_cli.tables.opening import open_table
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.stretches import Stretch, stretches, uncounted
from celoss_cli.tables.text import csv
from celoss_cli.tables.views.shards import batches_of
from running import write

NEEDS = {"p": Need.NUMBER}


def cut(table: Table, elsewhere: TableElsewhere, least: int) -> list[Stretch]:
    counted = (elsewhere.rows_of(whole).counted(least) for whole in uncounted(table))
    return list(stretches(table, least, counted))


def numbers(batches: Any) -> list[float]:
    return np.concatenate([batch.numbers("p") for batch in batches]).tolist()


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Table]:
    """Three files of each form, in ranges of a few rows; the text begins with a mark, and its cells hold line ends.

    The five row groups of a Parquet file are three partitions.
    """
    monkeypatch.setattr(csv.open_csv, "__kwdefaults__", {"compression": None, "range_size": 200})
    monkeypatch.setattr(parquet, "_ROWS_TOGETHER", 140)
    p = np.random.default_rng(0).random(900)
    for k in range(3):
        values = p[300 * k : 300 * (k + 1)]
        rows = pa.table({"note": ["x"] * 300, "p": values})
        (tmp_path / "parquet").mkdir(exist_ok=True)
        pq.write_table(rows, tmp_path / "parquet" / f"{k}.parquet", row_group_size=70)
        lines = [f'"a\n{i}",{v!r}' if i % 7 == 0 else f"b,{v!r}" for i, v in enumerate(values.tolist())]
        write(tmp_path, {f"csv/{k}.csv": b"\xef\xbb\xbf" * (k == 1) + "\n".join(["note,p", *lines]).encode()})
    return {form: open_table(str(tmp_path / form), ReadOptions()) for form in ("parquet", "csv")}


@pytest.mark.parametrize("least", [1, 1_000, 3_000, 1 << 30])
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_all_rows_in_order(form: str, least: int, tables: dict[str, Table]) -> None:
    table = tables[form]
    elsewhere: TableElsewhere = pickle.loads(pickle.dumps(TableElsewhere(table, ReadOptions())))
    found = cut(table, elsewhere, least)
    assert (len(found) == 3) == (least == 1 << 30)
    opened = [elsewhere.rows_of(stretch) for stretch in found]
    batches = itertools.chain.from_iterable(one.batches(NEEDS) for one in opened)
    assert numbers(batches) == numbers(batches_of(table, NEEDS))
    assert sum(stretch.rows or 0 for stretch in found) == 900
    assert sum(stretch.size for stretch in found) == table.size


def test_what_travels_is_small_whatever_the_rows(tables: dict[str, Table]) -> None:
    table = tables["parquet"]
    table.head()  # which is kept, and stays here
    assert len(pickle.dumps(TableElsewhere(table, ReadOptions()))) < 2_000
    assert len(pickle.dumps(Stretch(0, 0, 4, 1 << 20, 1 << 20))) < 200
