"""Which rows were scored, as a digest: from their labels and ids alone, never from a score."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.pairing.fingerprints import fingerprints
from celoss_cli.pairing.ids import Key
from celoss_cli.scoring.chunk import Mask
from celoss_cli.spelling import exact_number
from celoss_cli.state.digest import DigestState, Words, label_hash, of_ids, of_labels
from celoss_cli.tables.batch import Batch, Categories
from celoss_cli.tables.id_prints import id_texts

_SHORT = 19  # digits: what Python makes of them at once

_SEEDS = (0x243F6A8885A308D3, 0x13198A2E03707344)  # digits of π


class RowDigest:
    """Takes the rows of a partition, batch by batch. Not thread-safe: one per partition."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = tuple(ids)
        self._state = DigestState()
        self._codes: Codes = np.empty(0, dtype=np.intp)
        self._hashed: Words = np.empty((0, 2), dtype=np.uint64)
        self._prints: tuple[Words, ...] = ()

    def take(self, batch: Batch, labels: Categories, targets: Floats | None) -> None:
        """Take the labels of the next batch, or their ``targets`` (C, n), and its ids, of which rows will be added."""
        if targets is None:
            codes: Codes = labels.codes
            hashes = _hashes_of(labels.values)
        else:
            codes, hashes = _of_targets(targets)
        if codes.size and int(codes.min()) < 0:
            codes = np.where(codes < 0, hashes.shape[0] - 1, codes)  # a missing label is the last
        self._codes, self._hashed = codes, hashes
        if self._ids:
            key: Key = [id_texts(batch, name) for name in self._ids]
            self._prints = tuple(fingerprints(key, seed) for seed in _SEEDS)

    def take_sequences(self, batch: Batch, columns: SequenceColumns) -> None:
        """Take sequences, which have no label: by their text, else by how many tokens they have."""
        if columns.text is not None:
            self.take(batch, batch.categories(columns.text), None)
        elif columns.lists:
            from celoss_cli.tables.arrow.lists import ragged_numbers

            lengths = np.diff(ragged_numbers(batch, columns.truth, "", 0).offsets)
            values, codes = np.unique(lengths, return_inverse=True)
            self.take(batch, Categories(codes.astype(np.int32), tuple(map(str, values.tolist()))), None)
        else:
            self.take(batch, Categories(np.zeros(batch.rows, dtype=np.int32), ("",)), None)

    def add(self, places: Codes | None, chosen: Mask | None) -> None:
        """Add rows of the batch: those at ``places`` (n,), each as often as it stands there, or all, if ``chosen``."""
        codes, prints = self._codes, self._prints
        for selected in (places, chosen):
            if selected is not None:
                codes, prints = codes[selected], tuple(one[selected] for one in prints)
        if prints:
            first, second = prints
            found = of_ids((first, second), codes, self._hashed)
        else:
            found = of_labels(codes, self._hashed)
        self._state = self._state.merge(found)

    def finish(self) -> DigestState:
        """Return the digest of the rows."""
        return self._state


@functools.lru_cache(maxsize=4)  # most batches have the labels of the one before
def _hashes_of(values: tuple[str, ...]) -> Words:
    """Return the hashes (m + 1, 2) of labels, those of a missing one at the end."""
    return np.array([_hash_of(value) for value in (*values, None)], dtype=np.uint64)


@functools.lru_cache(maxsize=1 << 14)
def _hash_of(label: str | None) -> tuple[int, int]:
    return label_hash(b"\0" if label is None else _spelled(label))


def _spelled(label: str) -> bytes:
    """Return a label as it is hashed: a whole number by its value, so that 1 is 1.0."""
    if len(label) < _SHORT and label.isascii() and label.isdigit():
        return str(int(label)).encode()
    value = exact_number(label)
    if value is not None and value == int(value):
        return str(int(value)).encode()
    return label.strip().encode("utf-8", "surrogatepass")


def _of_targets(targets: Floats) -> tuple[Codes, Words]:
    """Return the different columns of targets (C, n) as codes (n,), and their hashes (m, 2)."""
    rows = np.ascontiguousarray((targets + 0.0).T)  # −0 is 0
    values, codes = np.unique(rows, axis=0, return_inverse=True)
    hashes = [label_hash(value.tobytes()) for value in values]
    return codes.reshape(-1), np.array(hashes, dtype=np.uint64).reshape(-1, 2)
