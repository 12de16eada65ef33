"""Hashes of ids: the same for the same id wherever it stands, others for others, and spread over all numbers."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.tables.id_prints import MISSING, id_filter, id_prints

texts = st.lists(st.text(max_size=30) | st.none(), max_size=20)


@given(texts, st.integers(0, 20), st.booleans(), st.booleans())
def test_a_text_has_one_hash_wherever_it_stands(cells: list[str | None], start: int, wide: bool, coded: bool) -> None:
    kind = pa.large_string() if wide else pa.string()
    array = pa.array(cells, kind)
    array = array.dictionary_encode() if coded else array
    found = id_prints(array.slice(start))
    assert found is not None
    alone = [id_prints(pa.array([cell], kind)) for cell in cells[start:]]
    assert found.tolist() == [int(one[0]) for one in alone if one is not None]
    assert [value == MISSING for value in found.tolist()] == [not cell for cell in cells[start:]]


@pytest.mark.parametrize(
    "ids",
    [
        [f"u{i}" for i in range(20_000)],
        [f"{i:08d}" for i in range(20_000)],
        [f"train/{i:06d}/image.png" for i in range(20_000)],
        [f"{i:06d}-aaaa-bbbb-cccc-dddddddddddd" for i in range(20_000)],
        ["ä" * (i % 9) + str(i) for i in range(20_000)],
        list(range(20_000)),
        [i * 10**9 for i in range(20_000)],
        [float(i) for i in range(20_000)],
        [datetime.datetime(2020, 1, 1) + datetime.timedelta(hours=i) for i in range(20_000)],
    ],
)
def test_different_ids_have_different_hashes_that_are_spread(ids: list[object]) -> None:
    found = id_prints(pa.array(ids))
    assert found is not None
    assert np.unique(found).size == 20_000
    for rows in (20_000, 2_000_000):  # of so many, these are the first
        looked_at = id_filter([str(name) for name in ids[:1000]], rows, rows // 20, texts=isinstance(ids[0], str))
        hits, prints = looked_at.hits(pa.array(ids))
        assert 150 <= hits.size <= 1600
        assert prints.tolist() == found[hits].tolist()


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_all_rows_of_an_id_are_looked_at_or_none_is(start: int, end: int) -> None:
    ids = [None if i % 97 == 0 else f"case_{i % 1000:04d}.png" for i in range(5000)]
    looked_at = id_filter(ids[:1000], 100_000, 4000, texts=True)
    assert looked_at.ending is not None
    whole, _ = looked_at.hits(pa.array(ids))
    part, _ = looked_at.hits(pa.array(ids).slice(start, end))
    assert (part + start).tolist() == [row for row in whole.tolist() if start <= row < start + end]
    chosen = {ids[row] for row in whole}
    assert 5 < len(chosen) < 100
    assert whole.tolist() == [row for row, name in enumerate(ids) if name in chosen]


def test_lists_and_truth_values_are_no_ids() -> None:
    assert id_prints(pa.array([[1], [2]])) is None
    assert id_prints(pa.array([True, False])) is None
