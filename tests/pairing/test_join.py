"""The join against a dictionary: whatever the ids, and whatever fingerprints they share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.pairing.fingerprints import Fingerprint, fingerprints
from celoss_cli.pairing.ids import (
    BLOCK,
    Column,
    Key,
    Numbers,
    Texts,
    Words,
    all_same,
    continues,
    count,
    first_rows,
    joined,
    strictly_increasing,
)
from celoss_cli.pairing.join import join, repeated

Id = int | str | None


def numbers(ids: Sequence[int | None]) -> Numbers:
    missing = np.array([value is None for value in ids], dtype=bool)
    return Numbers(np.array([value or 0 for value in ids], dtype=np.int64), missing if missing.any() else None)


def texts(ids: Sequence[str | None]) -> Texts:
    data = [(value or "").encode() for value in ids]
    offsets = np.cumsum([0, *(len(text) for text in data)], dtype=np.int64)
    missing = np.array([value is None for value in ids], dtype=bool)
    padded = np.frombuffer(b"".join(data) + bytes(8), dtype=np.uint8)
    return Texts(offsets, padded, missing if missing.any() else None)


def key(rows: Sequence[tuple[Id, ...]]) -> Key:
    """Return rows of ids (of one kind each) as columns."""
    columns: list[Column] = []
    for column in zip(*rows, strict=True):
        whole = all(isinstance(value, int | None) for value in column)
        columns.append(numbers(column) if whole else texts(column))  # type: ignore[arg-type]
    return columns


def by_dictionary(
    mine: Sequence[tuple[Id, ...]], theirs: Sequence[tuple[Id, ...]]
) -> tuple[list[int], list[int], list[int]]:
    """Return the pairs and the repeated rows of each side, one by one."""
    places: dict[tuple[Id, ...], int] = {}
    repeats: tuple[list[int], list[int]] = ([], [])
    for side, rows in enumerate((theirs, mine)):
        seen: set[tuple[Id, ...]] = set()
        for row, value in enumerate(rows):
            if None in value:
                continue
            if value in seen:
                repeats[side].append(row)
            elif side == 0:
                places[value] = row
            seen.add(value)
    return [places.get(value, -1) if None not in value else -1 for value in mine], repeats[1], repeats[0]


def check(mine: Sequence[tuple[Id, ...]], theirs: Sequence[tuple[Id, ...]], how: Fingerprint = fingerprints) -> None:
    found = join(key(mine), key(theirs), how)
    order, again, again_there = by_dictionary(mine, theirs)
    assert found.repeated.tolist() == again
    assert found.repeated_there.tolist() == again_there
    assert repeated(key(mine), how).tolist() == again
    if not again_there:  # of repeated ids any may be the partner: they are refused
        assert found.order.tolist() == order


def weak(bits: int, seeds: int) -> Fingerprint:
    """Return fingerprints of which only so many bits differ, for the first seeds: collisions without end."""

    def fingerprint(key: Key, seed: int) -> Words:
        prints = fingerprints(key, seed)
        return prints >> np.uint64(64 - bits) if seed < seeds else prints

    return fingerprint


short_texts = st.text(max_size=20) | st.sampled_from(["a", "aa", "a\0", "12345678", "123456789", "x" * 40, "x" * 41])
wholes = st.integers(-5, 5) | st.integers(-(2**63), 2**63 - 1)
columns = st.sampled_from([(wholes,), (short_texts,), (wholes, short_texts), (short_texts, wholes, wholes)])


@st.composite
def two_sides(draw: st.DrawFn) -> tuple[list[tuple[Id, ...]], list[tuple[Id, ...]]]:
    kinds = draw(columns)
    row = st.tuples(*(kind | st.none() if draw(st.booleans()) else kind for kind in kinds))
    pool = draw(st.lists(row, min_size=1, max_size=12))
    mine, theirs = (draw(st.lists(st.sampled_from(pool) | row, min_size=1, max_size=20)) for _ in range(2))
    for i, kind in enumerate(kinds):  # a column is of one kind on both sides: never all None on one of them
        if kind is short_texts:
            mine.append(tuple("end" if j == i else value for j, value in enumerate(mine[0])))
            theirs.append(tuple("end" if j == i else value for j, value in enumerate(theirs[0])))
    return mine, theirs


@given(two_sides())
def test_as_a_dictionary_would(sides: tuple[list[tuple[Id, ...]], list[tuple[Id, ...]]]) -> None:
    check(*sides)


@pytest.mark.parametrize("bits", [1, 2, 4])
@given(sides=two_sides())
def test_shared_fingerprints_pair_nothing_that_differs(
    bits: int, sides: tuple[list[tuple[Id, ...]], list[tuple[Id, ...]]]
) -> None:
    if len(sides[0][0]) > 1 or isinstance(sides[0][-1][0], str):  # fingerprints of numbers are one-to-one by contract
        check(*sides, weak(bits, seeds=3))


def test_many_rows_of_every_kind() -> None:
    rng = np.random.default_rng(0)
    n = 3 * BLOCK + 17
    mine, theirs = rng.permutation(2 * n)[:n], rng.permutation(2 * n)[:n]
    place = np.full(2 * n, -1)
    place[theirs] = np.arange(n)
    kinds = (
        lambda ids: [numbers(ids)],
        lambda ids: [texts([f"image/{i:07}.jpg" for i in ids])],
        lambda ids: [numbers(ids // 10), texts([f"{i % 10}" for i in ids])],
    )
    for kind in kinds:
        assert (join(kind(mine.tolist() if kind is not kinds[2] else mine),
                     kind(theirs.tolist() if kind is not kinds[2] else theirs)).order == place[mine]).all()  # fmt: skip


def test_texts_that_differ_in_one_byte_anywhere() -> None:
    base = "0123456789abcdefghijklm"
    ids = [base, *(base[:i] + "X" + base[i + 1 :] for i in range(len(base))), *(base[:i] for i in range(1, len(base)))]
    prints = fingerprints([texts(ids)], 0)
    assert len(set(prints.tolist())) == len(ids)
    order = list(range(len(ids)))[::-1]
    assert join([texts(ids)], [texts([ids[i] for i in order])]).order.tolist() == order


# Columns


@given(st.lists(st.lists(short_texts, max_size=5), min_size=1, max_size=5))
def test_parts_are_joined(parts: list[list[str]]) -> None:
    every = [text for part in parts for text in part]
    whole = joined([texts(part) for part in parts])
    assert isinstance(whole, Texts)
    assert [whole.text(row) for row in range(count(whole))] == every
    row = 0
    for part in parts:
        assert continues(whole, row, texts(part))
        row += len(part)
    for row in range(len(every)):
        assert continues(whole, row, texts(every[row:]))
        assert continues(first_rows(whole, row), 0, texts(every[:row]))
        assert not continues(whole, row, texts([*every[row:], "more"]))
        assert not continues(whole, row, texts([every[row] + "x"]))


@given(st.lists(short_texts, min_size=1), st.data())
def test_rows_are_compared_byte_by_byte(ids: list[str], data: st.DataObject) -> None:
    others = data.draw(st.lists(st.sampled_from(ids) | short_texts, min_size=len(ids), max_size=len(ids)))
    rows = np.arange(len(ids))
    assert all_same(texts(ids), rows, texts(others), rows) is (ids == others)
    assert all_same(texts(ids), rows[::-1], texts(ids[::-1]), slice(None))


@given(st.lists(short_texts))
def test_increasing_texts_are_all_different(ids: list[str]) -> None:
    ordered = sorted(ids, key=str.encode)
    if strictly_increasing(texts(ordered)):
        assert len(set(ids)) == len(ids)
    if strictly_increasing(texts(ids)):
        assert ids == ordered


def test_increasing_across_blocks() -> None:
    ids = [f"{i:08}" for i in range(BLOCK + 5)]
    assert strictly_increasing(texts(ids))
    assert strictly_increasing(numbers(list(range(9))))
    assert not strictly_increasing(numbers([1, 1]))
    for at in (1, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 4):
        assert not strictly_increasing(texts([*ids[:at], ids[at - 1], *ids[at:]]))
