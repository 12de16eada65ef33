"""Hashes of ids: the same for the same id wherever it stands, others for others, and spread over all numbers."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.tables import id_prints as id_prints_module
from celoss_cli.tables.id_prints import MISSING, Ending, IdFilter, id_filter, id_prints
from celoss_cli.tables.text.plain_batch import Texts

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


def _word(two: bytes) -> int:
    return int.from_bytes(two, "little")


def columns_of_ids() -> dict[str, Any]:
    random = np.random.default_rng(8)
    texts = [f"row{number:07d}.png" for number in random.permutation(70_000)]
    some = [None if place % 9 == 0 else text for place, text in enumerate(texts)]
    mixed = [text[: place % 15] for place, text in enumerate(texts)]  # some are shorter than what is looked for
    numbers = random.permutation(70_000) * 7_919 - 10**9
    ends = np.cumsum([0, *map(len, texts)]).astype(np.int32)
    return {
        "strings": pa.array(texts), "large strings": pa.array(texts, pa.large_string()),
        "a slice": pa.array(texts).slice(5, 60_000),
        "nulls": pa.array(some), "short ones": pa.array(mixed), "none": pa.array([], pa.string()),
        "plain texts": Texts(ends, np.frombuffer("".join(texts).encode(), dtype=np.uint8)),
        "int64": pa.array(numbers), "uint64": pa.array(numbers.astype(np.uint64)),
        "doubles": pa.array(numbers.astype(np.float64)),
        "sliced numbers": pa.array(numbers).slice(3, 9_999), "plain numbers": numbers,
        "plain doubles": numbers.astype(np.float64),
        "int32": pa.array(np.arange(70_000, dtype=np.int32)), "numbers and nulls": pa.array([None, *numbers.tolist()]),
        "a step": np.repeat(numbers, 2)[::2],
    }  # fmt: skip


@pytest.mark.skipif(id_prints_module.CORE is None, reason="the kernels of this installation are not compiled")
@pytest.mark.parametrize("name", columns_of_ids())
@pytest.mark.parametrize("ending", [None, Ending(6, _word(b"12")), Ending(2, _word(b"ng"))])
@pytest.mark.parametrize("largest", [0, 2**57, 2**63, 2**64 - 1])
def test_the_core_finds_the_rows_that_numpy_finds(
    name: str, ending: Ending | None, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    column = columns_of_ids()[name]
    rows, prints = IdFilter(largest, ending).hits(column)
    monkeypatch.setattr(id_prints_module, "CORE", None)
    wanted, their_prints = IdFilter(largest, ending).hits(column)
    assert rows.tolist() == wanted.tolist()
    assert prints.tolist() == their_prints.tolist()
    assert rows.dtype == wanted.dtype
