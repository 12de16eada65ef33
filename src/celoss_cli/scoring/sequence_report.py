"""What the report says of single sequences: the worst with their worst tokens, slices, and each for its own file."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.functions import exp
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.request import Per
from celoss_cli.scoring.chunk import BatchOfRows
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.exact_sum import MAX_BLOCK, Accumulator, ExactSums
from celoss_cli.state.sequences import MOST_KEPT, WorstSequence, WorstSequences, WorstToken
from celoss_cli.state.worst import WorstAccumulator

if TYPE_CHECKING:
    from celoss_cli.scoring.tokens import TokenScorer, TokensOf
    from celoss_cli.state.slices import ColumnAccumulator, SliceState

_WORST_TOKENS = 3

_MEANS = 4

_LARGEST = np.finfo(float).max


class SequencesScored(NamedTuple):
    """The sequences of one batch, beside what each cost: all arrays (n,)."""

    mean: Floats
    """The loss per unit."""
    loss: Floats
    """What the row adds to the sum, weighted."""
    weight: Floats
    """What it counts."""
    share: Floats
    """The weight that was given."""
    units: Floats
    """Its units."""
    filled: npt.NDArray[np.bool_]
    """Whether it has any, and a token that counts."""
    chosen: npt.NDArray[np.bool_]
    """Whether it was to be scored."""


class SequenceReport:
    """Takes what the sequences of each batch came to. Not thread-safe: one per partition."""

    def __init__(self, plan: Plan, columns: SequenceColumns, tokens: TokenScorer) -> None:
        self._plan, self._columns, self._tokens = plan, columns, tokens
        self._worst = WorstAccumulator(plan.top if plan.full else 0)
        self._means = Accumulator(_MEANS)
        self._detailed = plan.full or plan.conventions or plan.paired
        self._losses: list[Floats] | None = []
        self._kept = 0
        self._slices: list[ColumnAccumulator] = []
        if plan.slices:
            from celoss_cli.state.slices import ColumnAccumulator

            self._slices = [ColumnAccumulator() for _ in plan.slices]

    def add(self, rows: BatchOfRows, found: TokensOf, scored: SequencesScored) -> None:
        """Add the sequences of a batch."""
        if self._detailed:
            self._add_means(found, scored)
            self._add_worst(rows, found, scored)
        self._add_slices(rows, scored)
        if rows.kept is not None:
            self._keep(rows, found, scored)
        if rows.results is not None:
            _fill(rows.results, found, scored)

    def means(self) -> ExactSums:
        """Return Σ w·l, Σ w, Σ w·exp(l) and Σ w·D of the sequences with a finite loss."""
        return self._means.finish()

    def losses(self) -> Floats | None:
        """Return the loss per unit of each sequence, as far as there are not too many."""
        if self._losses is None or not self._detailed:
            return None
        return np.concatenate(self._losses) if self._losses else np.zeros(0)

    def worst(self) -> WorstSequences:
        """Return the worst sequences."""
        size, rows = self._worst.finish()
        found: tuple[Any, ...] = rows
        return WorstSequences(size, found)

    def slices(self) -> SliceState | None:
        """Return the slices, if any are wanted."""
        if not self._slices:
            return None
        from celoss_cli.state.slices import SliceState

        return SliceState(tuple(column.finish() for column in self._slices))

    def _add_means(self, found: TokensOf, scored: SequencesScored) -> None:
        some = np.flatnonzero(scored.filled & np.isfinite(found.loss))
        mean, share = scored.mean[some], scored.share[some]
        with np.errstate(over="ignore"):
            perplexity = np.minimum(exp(mean), _LARGEST)
            sums = np.concatenate([share * mean, share, share * perplexity, share * found.loss[some]])
        np.minimum(sums, _LARGEST, out=sums)  # beyond the largest number there is no sum
        places = np.repeat(np.arange(_MEANS), some.shape[0])
        for start in range(0, sums.shape[0], MAX_BLOCK):
            self._means.add(sums[start : start + MAX_BLOCK], places[start : start + MAX_BLOCK])
        if self._losses is not None:
            mine = scored.mean[scored.filled & (scored.share > 0.0)]
            self._kept += mine.shape[0]
            if self._kept > MOST_KEPT:
                self._losses = None
            else:
                self._losses.append(mine)

    def _add_worst(self, rows: BatchOfRows, found: TokensOf, scored: SequencesScored) -> None:
        loss = np.where(scored.filled & (scored.share > 0.0), scored.mean, -np.inf)
        if not loss.size:
            return

        def describe(places: list[int]) -> list[Any]:
            return [self._described(rows, found, scored, place) for place in places if loss[place] != -np.inf]

        self._worst.add(loss, float(loss.max()), describe)

    def _described(self, rows: BatchOfRows, found: TokensOf, scored: SequencesScored, place: int) -> WorstSequence:
        losses, counts = self._tokens.losses_of(found, place, self._tokens.skip_of(rows, place))
        positions = np.flatnonzero(counts)
        ordered = positions[np.argsort(-losses[positions], kind="stable")]
        names = found.names
        start = 0 if names is None else int(names.offsets[place])
        tokens = tuple(
            WorstToken(
                int(position),
                None if names is None else _text(names.names.values, int(names.names.codes[start + position])),
                float(losses[position]),
            )
            for position in ordered[:_WORST_TOKENS].tolist()
        )
        peak = float(losses[ordered[0]]) if ordered.size else 0.0
        return WorstSequence(
            row=rows.start + place,
            loss=float(scored.mean[place]),
            total=float(found.loss[place]),
            units=float(scored.units[place]),
            p_min=float(exp(-peak)),
            id=self._id(rows, place),
            tokens=tokens if self._columns.lists else (),
        )

    def _id(self, rows: BatchOfRows, place: int) -> str | None:
        parts = [rows.batch.text_at(name, place) for name in self._plan.layout.ids]
        return "|".join(part or "" for part in parts) if len(parts) > 1 else next(iter(parts), None)

    def _add_slices(self, rows: BatchOfRows, scored: SequencesScored) -> None:
        if not self._slices:
            return
        from celoss_cli.state.slices import SlicedRows

        places = np.flatnonzero(scored.filled)
        for column, slices in zip(self._slices, rows.slices, strict=True):
            column.begin(slices.codes, slices.values, scored.chosen)
            for start in range(0, places.shape[0], MAX_BLOCK):
                some = places[start : start + MAX_BLOCK]
                column.add(some, SlicedRows(scored.loss[some], scored.weight[some], scored.share[some], None))

    def _keep(self, rows: BatchOfRows, found: TokensOf, scored: SequencesScored) -> None:
        kept = rows.kept
        if kept is None or kept.weight is None:
            raise ValueError("sequences are kept with their weight")
        kept.loss[:] = np.where(scored.filled, scored.loss, np.nan)
        kept.weight[:] = np.where(scored.filled, scored.weight, 1.0)
        kept.truth[:] = self._digests(rows, found)

    def _digests(self, rows: BatchOfRows, found: TokensOf) -> npt.NDArray[np.int64]:
        """Return a number for what was scored in each row: its text, else its tokens; 0 where neither is there."""
        columns, names = self._columns, found.names
        if columns.text is not None:
            from celoss_cli.tables.arrow.lists import texts_of

            return np.array([_digest((text or "",)) for text in texts_of(rows.batch, columns.text)], dtype=np.int64)
        if names is None or columns.unit != Per.TOKEN:
            return np.zeros(rows.batch.rows, dtype=np.int64)
        digests = []
        for place in range(rows.batch.rows):
            start, stop = int(names.offsets[place]), int(names.offsets[place + 1])
            digests.append(
                _digest(_text(names.names.values, code) or "" for code in names.names.codes[start:stop].tolist())
            )
        return np.array(digests, dtype=np.int64)


def _digest(parts: Iterable[str]) -> int:
    """Return a number for some texts; that others have the same one has a chance of 2^-62 or so."""
    low, high = 0, 0x9E3779B9
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") + b"\xff"
        low, high = zlib.crc32(data, low), zlib.adler32(data, high) ^ zlib.crc32(data[::-1], high)
    return (high << 31) ^ low


def _text(values: tuple[str, ...], code: int) -> str | None:
    return None if code < 0 else values[code]


def _fill(results: Any, found: TokensOf, scored: SequencesScored) -> None:
    """Note what each sequence came to, for its own file; NaN for those that are not scored."""
    known = scored.filled
    results.units[:] = np.where(scored.chosen, scored.units, np.nan)
    results.total[:] = np.where(scored.chosen, found.loss, np.nan)
    results.loss[:] = np.where(known, scored.mean, np.nan)
    results.weight[:] = scored.share
    if found.peak is not None:
        results.p_min[:] = np.where(known, exp(-np.where(known, found.peak, 0.0)), np.nan)
