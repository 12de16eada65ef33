"""The laws of the digest of rows: how they were cut changes nothing; another label, order or id does."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.state.row_digest import DigestAccumulator, RowDigest

CLASSES = ("cat", "dog", "owl")
CODES = st.lists(st.integers(0, 2), max_size=60)


def digest(codes: list[int], classes: tuple[str, ...] = CLASSES) -> RowDigest:
    accumulator = DigestAccumulator(classes, by_id=False)
    accumulator.add(np.array(codes, dtype=np.intp))
    return accumulator.finish()


def by_id(codes: list[int], ids: list[str]) -> RowDigest:
    accumulator = DigestAccumulator(CLASSES, by_id=True)
    accumulator.add_with_ids(np.array(codes, dtype=np.intp), ids)
    return accumulator.finish()


@given(CODES, CODES, CODES)
def test_however_rows_are_cut(a: list[int], b: list[int], c: list[int]) -> None:
    whole = digest(a + b + c)
    assert digest(a).merge(digest(b)).merge(digest(c)) == whole
    assert digest(a).merge(digest(b).merge(digest(c))) == whole


@given(CODES, CODES)
def test_the_sequence_counts(a: list[int], b: list[int]) -> None:
    assert (digest(a).text == digest(b).text) == (a == b)


def test_longer_than_one_block() -> None:
    codes = np.random.default_rng(0).integers(0, 3, 50_000).tolist()
    parts = digest(codes[:20_001]).merge(digest(codes[20_001:]))
    assert parts == digest(codes)
    codes[40_000] = (codes[40_000] + 1) % 3
    assert parts.text != digest(codes).text


@given(st.lists(st.tuples(st.integers(0, 2), st.text(max_size=5)), max_size=20), st.randoms(use_true_random=False))
def test_with_ids_order_does_not_count_and_everything_else_does(rows: list[tuple[int, str]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (by_id([c for c, _ in r], [i for _, i in r]) for r in (rows, shuffled))
    assert one == other
    if rows:
        changed = [((rows[0][0] + 1) % 3, rows[0][1]), *rows[1:]]
        assert by_id([c for c, _ in changed], [i for _, i in changed]).text != one.text
        longer = [(rows[0][0], rows[0][1] + "x"), *rows[1:]]
        assert by_id([c for c, _ in longer], [i for _, i in longer]).text != one.text


def test_it_is_that_of_names_not_of_codes() -> None:
    assert digest([0, 1, 2, 1]).text == digest([2, 1, 0, 1], CLASSES[::-1]).text
    assert digest([0, 1]).text != by_id([0, 1], ["", ""]).text


def test_the_text_is_what_files_hold() -> None:
    """Files of earlier versions have to be known again: these do not change."""
    assert digest([0, 1, 2]).text == "labels:b431d22985225ea0814233be445d5236"
    assert by_id([0, 1], ["a", "b"]).text == "ids:c7effa07be212744cbef0d5013ae2e93"
