"""The digest of rows: laws of its merge, and a definition in plain Python that it has to agree with."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.state import digest as module
from celoss_cli.state.digest import _BASES, BLOCK, PRIMES, DigestState, label_hash, of_ids, of_labels

LABELS = [str(number).encode() for number in range(5)]
HASHES = np.array([label_hash(label) for label in LABELS], dtype=np.uint64)
PRINTS = (np.arange(1, 5000, dtype=np.uint64) * np.uint64(11400714819323198485),) * 2


def plainly(codes: list[int]) -> tuple[int, ...]:
    """The polynomials by their definition."""
    return tuple(
        sum(label_hash(LABELS[code])[lane] * pow(_BASES[lane], place, prime) for place, code in enumerate(codes))
        % prime
        for lane, prime in enumerate(PRIMES)
    )


def digest(codes: list[int]) -> DigestState:
    return of_labels(np.array(codes, dtype=np.int32), HASHES)


@given(st.lists(st.integers(0, 4), max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_any_cut_gives_the_definition(codes: list[int], cuts: list[int]) -> None:
    places = sorted({0, len(codes), *(cut for cut in cuts if cut <= len(codes))})
    whole = DigestState()
    for start, stop in pairwise(places):
        whole = whole.merge(digest(codes[start:stop]))
    assert whole == DigestState(len(codes), plainly(codes))


@given(*(st.lists(st.integers(0, 4), max_size=9),) * 3)
def test_the_laws(a: list[int], b: list[int], c: list[int]) -> None:
    x, y, z = digest(a), digest(b), digest(c)
    assert x.merge(y).merge(z) == x.merge(y.merge(z)) == digest(a + b + c)
    assert DigestState().merge(x) == x == x.merge(DigestState())


def test_long_blocks_are_exact() -> None:
    codes = np.random.default_rng(1).integers(0, 5, 2 * BLOCK + 77).tolist()
    assert digest(codes).sequence == plainly(codes)
    two = [code % 2 for code in codes]
    assert of_labels(np.array(two), HASHES[:3]).sequence == plainly(two), "the shorter way for two classes"


@given(st.permutations(range(30)))
def test_ids_are_a_multiset(order: list[int]) -> None:
    codes = np.arange(30) % 5
    some = tuple(one[:30] for one in PRINTS)
    first, second = some
    rows = np.array(order)
    moved = of_ids((first[rows], second[rows]), codes[rows], HASHES)
    assert moved == of_ids((first, second), codes, HASHES)
    half = of_ids((first[:9], second[:9]), codes[:9], HASHES)
    rest = of_ids((first[9:], second[9:]), codes[9:], HASHES)
    assert half.merge(rest) == rest.merge(half) == moved
    swapped = codes.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    assert of_ids((first, second), swapped, HASHES) != moved, "the same ids and labels, paired otherwise"


def test_order_and_repetition_count() -> None:
    assert digest([0, 1]).text != digest([1, 0]).text
    assert digest([0]).text != digest([0, 0]).text
    twice = np.zeros(2, dtype=np.intp)
    assert (
        of_ids((PRINTS[0][twice], PRINTS[1][twice]), twice, HASHES).text
        != of_ids((PRINTS[0][:1], PRINTS[1][:1]), twice[:1], HASHES).text
    ), "an id that stands there twice is not one that does not"


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_the_core_adds_powers_up_as_numpy_does(classes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.random.default_rng(2).integers(0, classes, BLOCK + 999).astype(np.int32)
    compiled = of_labels(codes, HASHES)
    monkeypatch.setattr(module, "CORE", None)
    assert of_labels(codes, HASHES) == compiled
