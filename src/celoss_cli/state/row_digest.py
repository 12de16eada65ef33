"""Which rows these are, whatever was predicted for them: a digest of their labels in order, or of ids and labels.

With ids it is that of the multiset of (id, label), so that order and shards change nothing; without, that of the
sequence of labels. Scores take no part. It tells honest files apart, and is no proof against forgery.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Codes

_BITS = 64

_MASK = (1 << _BITS) - 1

_FACTORS = (0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)  # odd: each power of one is another, for 2^62 rows

_BLOCK = 1 << 14

Words = npt.NDArray[np.uint64]


class RowDigest(NamedTuple):
    """The digest of n rows. ``merge`` is associative, and commutative where rows have ids.

    ``words`` has two sums modulo 2^64: Σ h(idᵢ, labelᵢ), or Σ h(labelᵢ) rⁱ where rows have none, each with its own h
    and r.
    """

    rows: int
    by_id: bool
    words: tuple[int, int]

    def merge(self, other: RowDigest) -> RowDigest:
        """Return the digest of these rows and of those of ``other`` after them."""
        moved = [
            word if self.by_id else word * pow(factor, self.rows, 1 << _BITS)
            for word, factor in zip(other.words, _FACTORS, strict=True)
        ]
        first, second = ((one + word) & _MASK for one, word in zip(self.words, moved, strict=True))
        return RowDigest(self.rows + other.rows, self.by_id, (first, second))

    @property
    def text(self) -> str:
        """What documents hold: what it is of, and 32 hexadecimal digits."""
        data = "".join(f"{word:016x}" for word in (self.rows, *self.words))
        return f"{'ids' if self.by_id else 'labels'}:{hashlib.blake2b(data.encode(), digest_size=16).hexdigest()}"


class DigestAccumulator:
    """Takes rows in file order and leaves a ``RowDigest``. Not thread-safe: one per partition."""

    def __init__(self, classes: Sequence[str], *, by_id: bool) -> None:
        """``classes`` are the names behind the codes (C,)."""
        self._names = tuple(classes)
        words = [_words(name.encode()) for name in classes]
        self._labels: Words = np.array(words, dtype=np.uint64).T  # (2, C)
        self._powers: Words = np.array([_powers(factor) for factor in _FACTORS])
        self._digest = RowDigest(0, by_id, (0, 0))

    def add(self, codes: Codes) -> None:
        """Add rows without ids, of class ``codes`` (n,)."""
        for start in range(0, codes.shape[0], _BLOCK):
            part = codes[start : start + _BLOCK]
            hashes = self._labels[:, part]
            sums = (hashes * self._powers[:, : part.shape[0]]).sum(axis=1, dtype=np.uint64).tolist()
            self._digest = self._digest.merge(RowDigest(int(part.shape[0]), by_id=False, words=(sums[0], sums[1])))

    def add_with_ids(self, codes: Codes, ids: Sequence[str | None]) -> None:
        """Add rows with ids (n,)."""
        first = second = 0
        for code, name in zip(codes.tolist(), ids, strict=True):
            one, other = _words(f"{name}\0{self._names[code]}".encode())
            first, second = first + one, second + other
        self._digest = self._digest.merge(RowDigest(len(ids), by_id=True, words=(first & _MASK, second & _MASK)))

    def finish(self) -> RowDigest:
        """Return the digest of all rows added so far."""
        return self._digest


def _words(data: bytes) -> tuple[int, int]:
    digest = hashlib.blake2b(data, digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def _powers(factor: int) -> Any:
    """Return r⁰, r¹, … of one block, modulo 2^64: NumPy's unsigned integers wrap."""
    powers = np.full(_BLOCK, factor, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)
