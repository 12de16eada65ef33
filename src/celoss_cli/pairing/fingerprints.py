"""A 64-bit fingerprint for every id: what the join sorts by. Equal ids have equal ones; the reverse is checked."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from celoss_cli.pairing.ids import BLOCK, Key, Numbers, Words, count

_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)  # odd: multiplying loses nothing

_HALF = np.uint64(32)


class Fingerprint(Protocol):
    """What makes the fingerprints (n,) uint64 of the ids of n rows; other ``seed``, other fingerprints."""

    def __call__(self, key: Key, seed: int) -> Words: ...


def fingerprints(key: Key, seed: int) -> Words:
    """Return the fingerprints (n,) of ids: a one-to-one map for one column of numbers, else a hash.

    Words are mixed in by multiplication and a shifted exclusive or, each of which can be undone: so two texts of one
    word never share a fingerprint, and the bits of every word reach the highest ones, which choose the bucket.
    """
    rows = count(key[0])
    prints = np.full(rows, np.uint64(seed), dtype=np.uint64)
    for start in range(0, rows, BLOCK):
        part = slice(start, min(start + BLOCK, rows))
        block = prints[part]
        for column in key:
            if isinstance(column, Numbers):
                _mix(block, column.values[part].view(np.uint64))
                continue
            _mix(block, column.lengths(part).view(np.uint64))
            for positions, word in column.words(part):
                if positions.size == block.size:
                    _mix(block, word)
                else:
                    some = block[positions]
                    _mix(some, word)
                    block[positions] = some
    return prints


def is_exact(key: Key) -> bool:
    """Whether equal fingerprints mean equal ids."""
    return len(key) == 1 and isinstance(key[0], Numbers)


def _mix(prints: Words, words: Words) -> None:
    """Mix a word into each fingerprint, in place."""
    prints ^= words
    prints *= _FIRST
    prints ^= prints >> _HALF
    prints *= _SECOND
    prints ^= prints >> _HALF
