"""Scores of rows with two outcomes, as counts: every distinct score while there are few, cells of equal width above.

From these counts follow the calibration curve, the fits of slope, intercept and temperature, and the folds of a
cross-fit: rows with the same score and outcome cannot be told apart.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.compiled import CORE, as_buffer
from celoss_cli.state.exact_sum import MAX_BLOCK, UNIT_BITS, Accumulator, Codes, ExactSums, Floats
from celoss_cli.state.runs import first_of_runs, runs_of_equal

Counts = npt.NDArray[np.int64]

Waiting = tuple[tuple[Floats, npt.NDArray[np.int8]], ...]
"""Blocks of scores (n,) and outcomes (n,)."""

MOST_DISTINCT = 1 << 17
"""Up to so many distinct scores all are kept."""

CELLS = 1 << 14
"""Above, so many cells of equal width divide the scores from −32 to 32."""

_BOUND = 32.0

_PER_UNIT = CELLS / (2.0 * _BOUND)  # 256 cells a unit: centres are multiples of 2^-9

_GRID = -40  # residuals are kept in units of 2^-40: at most 2^31 of them a row

_PLACE_BITS = 20

_ODD = np.uint64(0x9E3779B97F4A7C15)

_HELD = 1 << 18  # rows that wait to be counted: if no two of them agree, they go into cells right away


class ScorePoints(NamedTuple):
    """The scores of all rows as m points in rising order."""

    z: Floats
    """(m,) log odds; −inf and inf where the probability is 0 or 1. In a cell the mean of its rows."""
    counts: Counts
    """(m, 2) rows with outcome 0 and 1."""
    of_outcome: Floats
    """(m, 2) the mean score of the rows with outcome 0 and 1; ``z`` where there are none."""


class ScoreState:
    """Rows by score (log odds, in nats) and outcome. A value: the arrays are never written to.

    Exact form: ``values`` (m,) are the distinct scores in rising order, ``counts`` (m, 2) the rows with outcome 0 and
    1. Cell form: ``values`` is ``None``; ``counts`` (2 + CELLS, 2) has −inf first and inf last, ``residuals``
    (CELLS, 2) are Σ (z − centre) in units of 2^-40, and ``beyond`` has Σ |z| − 32 of the finite scores outside
    [−32, 32), which count in the outermost cells: below with outcome 0 and 1, then above.

    The form depends on the set of distinct scores alone, and merging adds integers: the same bits for any cut and any
    order. ``ScoreState()`` is the identity.

    Some rows may still wait to be counted, until they are many or it is asked what all come to: then they are sorted
    once, and not in each part that a file was cut into.
    """

    __slots__ = ("_waiting", "beyond", "counts", "residuals", "values")

    def __init__(
        self,
        values: Floats | None = None,
        counts: Counts | None = None,
        residuals: Counts | None = None,
        beyond: ExactSums | None = None,
        waiting: Waiting = (),
    ) -> None:
        self.residuals = residuals
        self.beyond = ExactSums.zeros(4) if beyond is None else beyond
        self.counts: Counts = np.empty((0, 2), dtype=np.int64) if counts is None else counts
        self.values: Floats | None = np.empty(0) if values is None and residuals is None else values
        self._waiting = waiting

    @classmethod
    def of(cls, z: Floats, outcome: Codes) -> ScoreState:
        """Return the state of rows with scores ``z`` (n,), none of them NaN, and ``outcome`` (n,) 0 or 1."""
        keys = z + 0.0  # −0 is 0
        if _surely_more(keys, MOST_DISTINCT):
            return _in_cells(z, outcome)
        keys.sort()
        first = first_of_runs(keys)
        starts = np.flatnonzero(first)
        if starts.shape[0] > MOST_DISTINCT:
            return _in_cells(z, outcome)
        values, rows = keys[starts], np.diff(np.append(starts, keys.shape[0]))
        ones = np.diff(np.append(0, np.sort(z[outcome == 1]).searchsorted(values, side="right")))
        return cls(values, np.stack([rows - ones, ones], axis=1))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.counts.sum()) + sum(int(z.shape[0]) for z, _ in self._waiting)

    def merge(self, other: ScoreState) -> ScoreState:
        """Return the scores of both sets of rows."""
        waiting = (*self._waiting, *other._waiting)
        if waiting:
            return self._counted().merge(other._counted())._with(waiting)
        if self.values is not None and other.values is not None:
            if not (self.values.size and other.values.size):
                return self if self.values.size else other
            return _fitting(
                *_folded(np.concatenate([self.values, other.values]), np.concatenate([self.counts, other.counts]))
            )
        mine, theirs = self._in_cells(), other._in_cells()
        if mine.residuals is None or theirs.residuals is None:
            raise AssertionError("both are in cells")
        return ScoreState(
            None,
            mine.counts + theirs.counts,
            mine.residuals + theirs.residuals,
            mine.beyond.merge(theirs.beyond),
        )

    def points(self) -> ScorePoints:
        """Return the scores as points, those without rows left out."""
        if self._waiting:
            return self._settled().points()
        if self.values is not None:
            return ScorePoints(self.values, self.counts, np.stack([self.values, self.values], axis=1))
        if self.residuals is None:
            raise AssertionError("the form is exact or in cells")
        centres = (np.arange(CELLS) + 0.5) / _PER_UNIT - _BOUND
        sums = np.ldexp(self.residuals.astype(np.float64), _GRID)
        beyond = [self.beyond.units[place] / (1 << UNIT_BITS) for place in range(4)]
        sums[0] -= beyond[:2]
        sums[-1] += beyond[2:]
        counts = self.counts[1:-1]
        rows = counts.sum(axis=1)
        held = np.flatnonzero(rows)
        z = centres[held] + sums[held].sum(axis=1) / rows[held]
        of_outcome = np.where(
            counts[held] > 0, centres[held, None] + sums[held] / np.maximum(counts[held], 1), z[:, None]
        )
        z = np.concatenate([[-np.inf], z, [np.inf]])
        of_outcome = np.concatenate([[[-np.inf] * 2], of_outcome, [[np.inf] * 2]])
        counts = np.concatenate([self.counts[:1], counts[held], self.counts[-1:]])
        some = counts.any(axis=1)
        return ScorePoints(z[some], counts[some], of_outcome[some])

    def _counted(self) -> ScoreState:
        """Return the state of the rows that are counted."""
        return ScoreState(self.values, self.counts, self.residuals, self.beyond) if self._waiting else self

    def _with(self, waiting: Waiting) -> ScoreState:
        """Return the state with more rows, which wait unless they are many, or others are in cells already."""
        if self.values is not None and sum(z.shape[0] for z, _ in waiting) < _HELD:
            return ScoreState(self.values, self.counts, self.residuals, self.beyond, waiting)
        z, outcome = (np.concatenate(parts) for parts in zip(*waiting, strict=True))
        return self.merge(_in_cells(z, outcome) if self.values is None else ScoreState.of(z, outcome))

    def _settled(self) -> ScoreState:
        """Return the state with all rows counted."""
        if not self._waiting:
            return self
        z, outcome = (np.concatenate(parts) for parts in zip(*self._waiting, strict=True))
        return self._counted().merge(ScoreState.of(z, outcome))

    def _in_cells(self) -> ScoreState:
        if self.values is None:
            return self
        state = _Cells()
        for outcome in (0, 1):
            state.add(self.values, np.full(self.values.shape, outcome), self.counts[:, outcome])
        return state.finish()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScoreState):
            return NotImplemented
        mine, theirs = self._settled(), other._settled()
        return mine.beyond == theirs.beyond and all(
            _same(getattr(mine, name), getattr(theirs, name)) for name in ("values", "counts", "residuals")
        )

    __hash__ = None  # type: ignore[assignment]  # equal by content, and arrays have no hash


class ScoreAccumulator:
    """Takes blocks of scores and leaves a ``ScoreState``. Not thread-safe: one per partition."""

    def __init__(self) -> None:
        self._state = ScoreState()
        self._cells: _Cells | None = None
        self._held: list[tuple[Floats, npt.NDArray[np.int8]]] = []
        self._size = 0

    def add(self, z: Floats, outcome: Codes) -> None:
        """Add rows with scores ``z`` (n,), none of them NaN, and ``outcome`` (n,) 0 or 1; n ≤ 2^15."""
        if self._cells is not None:
            self._cells.add(z, outcome, None)
            return
        self._held.append((z.copy(), outcome.astype(np.int8)))
        self._size += z.shape[0]
        if self._size >= _HELD:
            self._state = self._taken()
            if self._state.values is None:
                self._cells = _Cells()

    def finish(self) -> ScoreState:
        """Return the state of all rows added so far."""
        self._state = self._taken()
        return self._state if self._cells is None else self._state.merge(self._cells.finish())

    def _taken(self) -> ScoreState:
        held, self._held, self._size = tuple(self._held), [], 0
        return self._state.merge(ScoreState(waiting=held)) if held else self._state


class _Cells:
    """Rows added up in cells."""

    def __init__(self) -> None:
        self._counts = np.zeros((CELLS + 2) * 2, dtype=np.int64)
        self._residuals = np.zeros(CELLS * 2, dtype=np.int64)
        self._beyond = Accumulator(4, grid=_GRID)

    def add(self, z: Floats, outcome: Codes, times: Counts | None) -> None:
        """Add rows with scores ``z`` (n,) and ``outcome`` (n,), each once or ``times`` (n,)."""
        if (
            CORE is not None
            and times is None
            and CORE.count_scores(
                as_buffer(z, np.float64),
                as_buffer(outcome, np.int64),
                _BOUND,
                _PER_UNIT,
                self._counts[2:-2],
                self._residuals,
            )
        ):
            return
        inside = np.clip(z, -_BOUND, np.nextafter(_BOUND, 0.0))
        if not np.array_equal(inside, z):
            z, outcome, inside, times = self._add_beyond(z, outcome, inside, times)
        places = np.floor(inside * _PER_UNIT)
        rest = inside - (places + 0.5) / _PER_UNIT
        cells = places.astype(np.int64)
        cells += CELLS // 2
        cells *= 2
        cells += outcome
        np.rint(np.ldexp(rest, -_GRID, out=rest), out=rest)
        counted = np.bincount(cells, times, minlength=2 * CELLS).astype(np.int64)
        self._counts[2:-2] += counted
        if times is None:
            # 2^15 rows of at most 2^31 units add up below 2^53: exact in any order
            self._residuals += np.bincount(cells, rest, minlength=2 * CELLS).astype(np.int64)
        else:
            np.add.at(self._residuals, cells, rest.astype(np.int64) * times)

    def finish(self) -> ScoreState:
        return ScoreState(
            None, self._counts.reshape(-1, 2).copy(), self._residuals.reshape(-1, 2).copy(), self._beyond.finish()
        )

    def _add_beyond(self, z: Floats, outcome: Codes, inside: Floats, times: Counts | None) -> Any:
        """Add what cells do not tell of scores outside [−32, 32); return the finite ones."""
        for value, places in ((-np.inf, slice(0, 2)), (np.inf, slice(-2, None))):
            at = z == value
            if at.any():
                counted = np.bincount(outcome[at], None if times is None else times[at], minlength=2)
                self._counts[places] += counted.astype(np.int64)
        far = np.flatnonzero((z != inside) & np.isfinite(z))
        if far.size:
            excess, groups = np.abs(z[far] - inside[far]), (z[far] > 0.0) * 2 + outcome[far]
            if times is not None:
                excess, groups = np.repeat(excess, times[far]), np.repeat(groups, times[far])
            for start in range(0, excess.shape[0], MAX_BLOCK):
                self._beyond.add(excess[start : start + MAX_BLOCK], groups[start : start + MAX_BLOCK])
        finite = np.isfinite(z)
        return z[finite], outcome[finite], inside[finite], None if times is None else times[finite]


def _in_cells(z: Floats, outcome: Codes) -> ScoreState:
    """Return rows with scores ``z`` (n,) and ``outcome`` (n,) in cells, however few they are."""
    cells = _Cells()
    for start in range(0, z.shape[0], MAX_BLOCK):
        cells.add(z[start : start + MAX_BLOCK], outcome[start : start + MAX_BLOCK], None)
    return cells.finish()


def _surely_more(keys: Floats, most: int) -> bool:
    """Whether ``keys`` (n,) have more than so many different values, where that shows without sorting them.

    Each value marks one place among 2^20; different places are of different values.
    """
    if keys.shape[0] <= most:
        return False
    marked = np.zeros(1 << _PLACE_BITS, dtype=bool)
    marked[(keys.view(np.uint64) * _ODD) >> np.uint64(64 - _PLACE_BITS)] = True
    return int(np.count_nonzero(marked)) > most


def _folded(keys: Floats, counts: Counts) -> tuple[Floats, Counts]:
    """Return keys in rising order, each once, with the counts of all its rows."""
    order, starts = runs_of_equal(keys)
    return keys[order][starts], np.add.reduceat(counts[order], starts, axis=0)


def _fitting(values: Floats, counts: Counts) -> ScoreState:
    state = ScoreState(values, counts)
    return state if values.shape[0] <= MOST_DISTINCT else state._in_cells()


def _same(mine: Any, theirs: Any) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return bool(np.array_equal(mine, theirs))
