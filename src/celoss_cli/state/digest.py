"""What names some rows, whatever a model says of them: mergeable, and the same however the rows were cut up.

Of rows without ids it is a polynomial of their labels, H = Σ hᵢ rⁱ mod p, which depends on the order; of rows with ids
a sum over them of a hash of id and label, which does not. Two polynomials of 36 bits, or two sums of 64: two different
sets of rows agree in both once in 2^72. It tells honest files apart, and is no proof against forgery.
"""

from __future__ import annotations

import functools
import hashlib
import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.compiled import CORE, as_buffer
from celoss_cli.tuples import NamedTuple

PRIMES = (68_719_476_731, 68_719_476_719)  # below 2^36: 2^16 of them add up to less than 2^52

_BASES = (34_359_738_421, 25_769_803_799)

BLOCK = 1 << 16
"""Rows whose powers are added up at once: every sum is exact as a double."""

_HALF = np.uint64(18)

_FEW = 64  # labels: whole numbers of Python are quicker for these

Words = npt.NDArray[np.uint64]


class DigestState(NamedTuple):
    """The digest of some rows in succession.

    ``merge`` is associative, and an empty state changes nothing. The multisets of ids also commute.
    """

    rows: int = 0
    """How many rows there are."""

    sequence: tuple[int, ...] = (0,) * len(PRIMES)
    """The polynomials of the labels, of rows without ids."""

    multiset: tuple[int, ...] = (0, 0)
    """The sums over ids and labels."""

    by_id: bool = False
    """Whether the rows have ids."""

    def merge(self, other: DigestState) -> DigestState:
        """Return the digest of these rows and then those of ``other``."""
        lanes = zip(self.sequence, other.sequence, PRIMES, _BASES, strict=True)
        return DigestState(
            self.rows + other.rows,
            tuple((mine + theirs * pow(base, self.rows, prime)) % prime for mine, theirs, prime, base in lanes),
            tuple((mine + theirs) % 2**64 for mine, theirs in zip(self.multiset, other.multiset, strict=True)),
            self.by_id or other.by_id,
        )

    @property
    def text(self) -> str:
        """What documents hold: what it is of, and 32 hexadecimal digits."""
        numbers = (self.rows, *self.sequence, *self.multiset)
        told = hashlib.blake2b(" ".join(map(str, numbers)).encode(), digest_size=16).hexdigest()
        return f"{'ids' if self.by_id else 'labels'}:{told}"


def of_labels(codes: npt.NDArray[np.signedinteger[Any]], hashes: Words) -> DigestState:
    """Return the digest of rows without ids.

    ``codes`` (n,) are places in ``hashes`` (m, 2), the hashes of the labels by ``label_hash``.
    """
    state = DigestState()
    for start in range(0, codes.shape[0], BLOCK):
        block = codes[start : start + BLOCK]
        found = _added(block, hashes.shape[0])
        sums = tuple(_weighed(found[lane], hashes[:, lane], prime) for lane, prime in enumerate(PRIMES))
        state = state.merge(DigestState(block.shape[0], sums))
    return state


def _added(codes: npt.NDArray[np.signedinteger[Any]], size: int) -> Words:
    """Return the sums (2, size) of the powers of each base, by the ``codes`` (n,) of their places."""
    powers = _powers(max(_FEW, 1 << (codes.shape[0] - 1).bit_length()))
    if CORE is not None:
        sums = np.zeros((len(PRIMES), size))
        CORE.add_powers(as_buffer(codes, np.int32), powers, sums)
    else:
        sums = np.array([np.bincount(codes, weights=lane[: codes.shape[0]], minlength=size) for lane in powers])
    return sums.astype(np.uint64)


def of_ids(prints: tuple[Words, Words], codes: npt.NDArray[np.signedinteger[Any]], hashes: Words) -> DigestState:
    """Return the digest of rows with ids, of which ``prints`` are two hashes (n,); the others as in ``of_labels``."""
    sums = []
    for lane, one in enumerate(prints):
        mixed = (one ^ hashes[codes, lane]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
        mixed *= np.uint64(0xD6E8FEB86659FD93)
        mixed ^= mixed >> np.uint64(32)
        sums.append(int(mixed.sum(dtype=np.uint64)))
    return DigestState(int(codes.shape[0]), multiset=tuple(sums), by_id=True)


def label_hash(label: bytes) -> tuple[int, int]:
    """Return the hashes of a label, each below its prime."""
    whole = hashlib.blake2b(label, digest_size=16).digest()
    return int.from_bytes(whole[:8], "little") % PRIMES[0], int.from_bytes(whole[8:], "little") % PRIMES[1]


@functools.cache
def _powers(size: int) -> npt.NDArray[np.float64]:
    """Return the first powers of each base (2, size), each exact as a double; ``size`` is a power of 2."""
    powers = np.ones((len(PRIMES), size), dtype=np.uint64)
    for lane, base, prime in zip(powers, _BASES, PRIMES, strict=True):
        known = 1
        while known < size:
            lane[known : 2 * known] = _times(lane[:known], np.uint64(pow(base, known, prime)), prime)
            known *= 2
    return powers.astype(np.float64)


def _weighed(sums: Words, hashes: Words, prime: int) -> int:
    """Return Σ sums · hashes mod ``prime``."""
    if sums.shape[0] <= _FEW:
        return int(sum(map(operator.mul, sums.tolist(), hashes.tolist())) % prime)
    return int(_times(sums % np.uint64(prime), hashes, prime).sum(dtype=np.uint64)) % prime


def _times(x: Words, y: Words | np.uint64, prime: int) -> Words:
    """Return x · y mod ``prime`` of words below it, in halves of 18 bits so that no product leaves 64."""
    p = np.uint64(prime)
    high = (x * (y >> _HALF) % p << _HALF) % p
    low = x * (y & np.uint64((1 << 18) - 1)) % p
    found: Words = (high + low) % p
    return found
