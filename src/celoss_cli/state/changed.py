"""The N rows whose loss fell most and the N whose loss rose most, ties to the smaller row number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.state.exact_sum import Codes, Floats


class RowChange(NamedTuple):
    """One row of two models: its number, its class code, both (weighted) losses and the difference, in nats."""

    row: int
    label: int
    baseline: float
    candidate: float
    change: float

    @property
    def rank(self) -> tuple[float, int]:
        """What the rows are ordered by: largest change first, then file order."""
        return (-abs(self.change), self.row)


class ChangedState(NamedTuple):
    """At most ``size`` rows each way, the largest change first. ``merge`` is associative and commutative."""

    size: int
    improved: tuple[RowChange, ...] = ()
    worsened: tuple[RowChange, ...] = ()

    def merge(self, other: ChangedState) -> ChangedState:
        """Return the most changed of both, which must be disjoint sets of rows."""
        return ChangedState(
            self.size, self._most(self.improved, other.improved), self._most(self.worsened, other.worsened)
        )

    def has_room_for(self, rise: float, fall: float) -> bool:
        """Whether a later row whose loss rose, or fell, by so much would be among those held."""
        sides = ((self.worsened, rise), (self.improved, fall))
        return any(
            change > (abs(held[-1].change) if len(held) == self.size else 0.0) for held, change in sides if self.size
        )

    def _most(self, a: tuple[RowChange, ...], b: tuple[RowChange, ...]) -> tuple[RowChange, ...]:
        return tuple(sorted((*a, *b), key=lambda row: row.rank)[: self.size]) if a and b else a or b


def most_changed(size: int, rows: Codes, codes: Codes, a: Floats, b: Floats, change: Floats) -> ChangedState:
    """Return the most changed of some rows: numbers ``rows``, class ``codes``, losses ``a`` and ``b`` and ``change``.

    All (n,), the row numbers rising; ``change`` is b − a, and may be infinite.
    """

    def described(places: Codes) -> tuple[RowChange, ...]:
        return tuple(
            RowChange(int(rows[p]), int(codes[p]), float(a[p]), float(b[p]), float(change[p])) for p in places.tolist()
        )

    if size == 0 or not change.shape[0]:
        return ChangedState(size)
    return ChangedState(size, described(_first(-change, size)), described(_first(change, size)))


def _first(values: Floats, size: int) -> Codes:
    """Return the places of the ``size`` largest positive values, largest first, ties in order."""
    places = np.flatnonzero(values > 0.0)
    if places.shape[0] > size:
        some = values[places]
        bar = np.partition(some, some.shape[0] - size)[some.shape[0] - size]
        above, on = places[some > bar], places[some == bar]
        places = np.sort(np.concatenate([above, on[: size - above.shape[0]]]))
    order: Codes = places[np.argsort(-values[places], kind="stable")]
    return order
