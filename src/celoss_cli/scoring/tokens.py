"""The tokens of sequences: which count, what each costs, and what they say of what the file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.kernels.compiled import CORE
from celoss_cli.kernels.functions import sum_over_lists
from celoss_cli.kernels.outcome import Floats
from celoss_cli.kernels.truth import losses_from_logarithms_of_truth, losses_from_probabilities_of_truth
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.request import Detail, InputForm, InvalidRows
from celoss_cli.scoring.beside_tokens import marks_of, skipped_of, token_weights
from celoss_cli.scoring.chunk import BatchOfRows, Mask
from celoss_cli.scoring.judged import weighted_losses
from celoss_cli.scoring.ordinary_lists import add_lists, usual_range
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.token_evidence import evidence_of_lists, evidence_of_tokens
from celoss_cli.state.exact_sum import MAX_BLOCK, Accumulator, ExactSums
from celoss_cli.state.sequences import SequenceCounts, TokenEvidence

if TYPE_CHECKING:
    from celoss_cli.tables.arrow.lists import Ragged, RaggedNames

_GROUP = 1 << 16  # tokens looked at together: what is made of them stays in the cache


class TokensOf(NamedTuple):
    """What the tokens of n rows came to, all (n,)."""

    loss: Floats
    """Σ −ln p of the tokens that count, in nats; inf where one is."""
    weighted: Floats
    """The same times the weight of the row."""
    tokens: Floats
    """How many tokens count; with a weight for each, the sum of these."""
    peak: Floats | None
    """The largest loss of a token, if it is wanted."""
    marks: Mask | None
    """Which tokens, (m,), their label leaves out."""
    names: RaggedNames | None
    """The list beside the scores."""
    scores: Ragged
    """The scores as they are written."""


class _Group(NamedTuple):
    """The tokens of some rows on end, m of them, and where those of each row begin."""

    loss: Floats
    scored: Mask | None
    starts: npt.NDArray[np.int64]


class TokenScorer:
    """Scores tokens batch by batch. Not thread-safe: one per partition."""

    def __init__(self, plan: Plan, columns: SequenceColumns) -> None:
        self._plan, self._columns = plan, columns
        self._plain = Accumulator(1)
        self._weighs = plan.layout.weight is not None or columns.weight is not None
        self._halves = Accumulator(2)
        self._wants_halves = plan.detail is Detail.CONVENTIONS and columns.lists
        self._limits = plan.convention.limits
        self.counts = SequenceCounts()
        self._evidence = TokenEvidence()
        self._total: Accumulator | None = None

    def add(
        self, rows: BatchOfRows, scores: Ragged, chosen: Mask, weights: Floats | None, total: Accumulator | None
    ) -> TokensOf:
        """Score the tokens of a batch; ``total`` takes each one's weighted loss. Raises InvalidScores."""
        columns, offsets = self._columns, scores.offsets
        self._total = total
        marks, names = marks_of(self._plan, columns, rows, scores)
        each = token_weights(self._plan, columns, rows, scores)
        skip = skipped_of(self._plan, self._columns, rows)
        n = chosen.shape[0]
        loss, weighted, tokens = np.zeros(n), np.zeros(n), np.zeros(n)
        peak = np.zeros(n) if self._plan.per_sample else None
        found = TokensOf(loss, weighted, tokens, peak, marks, names, scores)
        simple = marks is None and each is None and skip is None and bool(chosen.all())
        simple = simple and self._limits is None and columns.form is not InputForm.PROBS and not self._wants_halves
        fused = simple and CORE is not None and peak is None and not self._weighs
        place = self._add_ordinary(scores, 0, found) if fused else 0
        while place < n:
            end = max(place + 1, int(np.searchsorted(offsets, offsets[place] + _GROUP, side="right")) - 1)
            part = slice(place, min(end, n))
            values = scores.values[offsets[part.start] : offsets[part.stop]]
            group = self._ordinary(values, offsets, part) if simple else None
            if group is None:
                group = self._any(rows, scores, part, chosen, marks, skip)
            self._add_group(group, part, offsets, found, weights, each)
            place = self._add_ordinary(scores, part.stop, found) if fused else part.stop
        if columns.lists:
            self._evidence = self._evidence.merge(evidence_of_lists(scores, chosen))
        return found

    def losses_of(self, found: TokensOf, row: int, skip: int) -> tuple[Floats, Mask]:
        """Return the loss of each token of one row of the batch just added, and which of them count."""
        start, stop = int(found.scores.offsets[row]), int(found.scores.offsets[row + 1])
        loss = self._limited(self._losses(found.scores.values[start:stop].astype(np.float64)))
        counts = ~np.isnan(loss)
        counts[:skip] = False
        if found.marks is not None:
            counts &= ~found.marks[start:stop]
        return loss, counts

    def skip_of(self, rows: BatchOfRows, row: int) -> int:
        """Return how many tokens of a row are left out at its start."""
        skip = skipped_of(self._plan, self._columns, rows)
        return 0 if skip is None else int(skip[row])

    def refuse_missing(self, row: int) -> None:
        """Raise InvalidScores for a row without a list."""
        raise InvalidScores(
            "there is no value",
            code="missing_truth",
            where=self._where(row),
            hint="--invalid drop leaves such rows out, counted",
        )

    def plain(self) -> ExactSums:
        """Return the sum of the finite losses, unweighted."""
        if self._weighs or self._total is None:
            return self._plain.finish()
        return self._total.finish()

    def second_half(self) -> ExactSums:
        """Return the loss of the second half of the tokens of each list, and how many they are."""
        return self._halves.finish()

    def evidence(self) -> TokenEvidence:
        """Return what the tokens say."""
        return self._evidence

    def _add_ordinary(self, scores: Ragged, start: int, found: TokensOf) -> int:
        """Score and add up lists from one on, as long as they are ordinary. Return where they end."""
        total = self._plain if self._total is None else self._total
        end, lead, low, high = add_lists(self._columns.form, scores, start, found.loss, total)
        part = slice(start, end)
        found.weighted[part] = found.loss[part]
        found.tokens[part] = np.diff(scores.offsets[start : end + 1]) - lead
        first, seen = int(np.count_nonzero(lead)), self._evidence
        tokens = int(scores.offsets[end] - scores.offsets[start]) - first
        self.counts = self.counts.plus(SequenceCounts(tokens=tokens, first=first))
        self._evidence = seen._replace(low=min(seen.low, low), high=max(seen.high, high))
        return end

    def _ordinary(self, values: Any, offsets: npt.NDArray[np.int64], part: slice) -> _Group | None:
        """Return the losses of tokens that all count and are log-probabilities of the usual size; else ``None``."""
        if not values.size:
            return None
        low, high = float(values.min()) + 0.0, float(values.max()) + 0.0
        form = self._columns.form
        least, most = usual_range(form)
        if not (low >= least and high <= most):
            return None
        seen = self._evidence
        self._evidence = seen._replace(low=min(seen.low, low), high=max(seen.high, high))
        loss = losses_from_logarithms_of_truth(values.astype(np.float64, copy=False), form.nats)
        return _Group(loss, None, offsets[part] - offsets[part.start])

    def _any(
        self,
        rows: BatchOfRows,
        scores: Ragged,
        part: slice,
        chosen: Mask,
        marks: Mask | None,
        skip: npt.NDArray[np.int64] | None,
    ) -> _Group:
        """Return the losses of tokens of any kind, and which of them count. Raises InvalidScores."""
        offsets = scores.offsets
        first, last = int(offsets[part.start]), int(offsets[part.stop])
        starts, lengths = offsets[part] - first, np.diff(offsets[part.start : part.stop + 1])
        values = scores.values[first:last].astype(np.float64)
        row_of = np.repeat(np.arange(part.start, part.stop), lengths)
        position = np.arange(last - first) - np.repeat(starts, lengths)
        places = row_of + rows.start
        skipped = None if skip is None else position < skip[row_of]
        masked = None if marks is None else marks[first:last]
        counts = self._counting(values, places, position, chosen[row_of], skipped, masked)
        loss = self._losses(values)
        form = self._columns.form
        self._evidence = self._evidence.merge(evidence_of_tokens(form, values, loss, counts, places, position))
        if form is InputForm.PROBS:
            loss = np.nan_to_num(loss, nan=0.0, posinf=np.inf)  # of what is no probability: an error when all are seen
        limited = self._limited(loss)
        if limited is not loss:
            changed = counts & (limited != loss)
            self.counts = self.counts.plus(SequenceCounts(clipped=int(np.count_nonzero(changed))))
        if self._wants_halves:
            self._add_half(limited, counts & (position >= np.repeat(lengths // 2, lengths)) & np.isfinite(limited))
        return _Group(limited, counts, starts)

    def _counting(
        self,
        values: Floats,
        places: npt.NDArray[np.int64],
        position: npt.NDArray[np.int64],
        chosen: Mask,
        skipped: Mask | None,
        masked: Mask | None,
    ) -> Mask:
        """Return which tokens (m,) count: those of rows that are ``chosen``, but for what is left out or has no value.

        ``places`` are the rows of the tokens, ``position`` their places in those. Counts what is left out, and why.
        Raises InvalidScores for a token without a value that needs one.
        """
        counts = chosen.copy()
        skipped = np.zeros_like(counts) if skipped is None else counts & skipped
        counts &= ~skipped
        masked = np.zeros_like(counts) if masked is None else counts & masked
        counts &= ~masked
        null = counts & np.isnan(values)
        lead = null & (position == 0) if self._columns.lists else np.zeros_like(null)
        other = null & ~lead
        if other.any() and self._plan.invalid is not InvalidRows.DROP:
            at = int(np.argmax(other))
            raise self._null(int(places[at]), int(position[at]), values[: at + 1])
        counts &= ~null
        self.counts = self.counts.plus(
            SequenceCounts(
                masked=int(np.count_nonzero(masked)),
                skipped=int(np.count_nonzero(skipped)),
                first=int(np.count_nonzero(lead)),
                dropped=int(np.count_nonzero(other)),
            )
        )
        return counts

    def _add_half(self, loss: Floats, late: Mask) -> None:
        """Add up the losses (m,) of tokens in the second half of their list, which ``late`` (m,) says."""
        for start in range(0, late.shape[0], MAX_BLOCK):
            block = slice(start, start + MAX_BLOCK)
            some = loss[block][late[block]]
            zeros = np.zeros(some.shape[0], dtype=np.intp)
            self._halves.add(some, zeros)
            self._halves.add(np.ones(some.shape[0]), zeros + 1)

    def _add_group(
        self,
        group: _Group,
        part: slice,
        offsets: npt.NDArray[np.int64],
        found: TokensOf,
        weights: Floats | None,
        token_weights: Floats | None,
    ) -> None:
        lengths = np.diff(offsets[part.start : part.stop + 1])
        filled = lengths > 0
        loss, scored = group.loss, group.scored
        if scored is not None:
            loss = np.where(scored, loss, 0.0)
        own = None if token_weights is None else token_weights[offsets[part.start] : offsets[part.stop]]
        if own is not None:
            own = own if scored is None else np.where(scored, own, 0.0)
            loss = weighted_losses(own, loss)
        starts = group.starts[filled]
        if not starts.size:
            return
        rows = np.flatnonzero(filled) + part.start
        places = offsets[part.start : part.stop + 1] - offsets[part.start]
        found.loss[part] = sum_over_lists(loss, places)
        if own is not None:
            found.tokens[part] = sum_over_lists(own, places)
        elif scored is None:
            found.tokens[rows] = lengths[filled]
        else:
            found.tokens[rows] = np.add.reduceat(scored, starts, dtype=np.int64)
        if found.peak is not None:
            found.peak[rows] = np.maximum.reduceat(loss if scored is None else np.where(scored, loss, -np.inf), starts)
        count = loss.shape[0] if scored is None else int(np.count_nonzero(scored))
        infinite = 0
        each_weight = None if weights is None else np.repeat(weights[part], lengths)
        if scored is not None and bool(np.isinf(loss).any()):
            lost = np.isinf(loss)
            infinite = int(np.count_nonzero(lost if each_weight is None else lost & (each_weight > 0.0)))
            loss = np.where(lost, 0.0, loss)
        self.counts = self.counts.plus(SequenceCounts(tokens=count, infinite=infinite))
        sums = found.loss[part]
        if weights is None:
            found.weighted[part] = sums
        else:
            share = weights[part]
            found.weighted[part] = weighted_losses(share, sums)
        self._sum_up(loss, each_weight)

    def _sum_up(self, loss: Floats, weights: Floats | None) -> None:
        for start in range(0, loss.shape[0], MAX_BLOCK):
            block = loss[start : start + MAX_BLOCK]
            if self._total is not None:
                self._total.add(block if weights is None else block * weights[start : start + MAX_BLOCK])
            if self._weighs or self._total is None:
                self._plain.add(block)

    def _losses(self, values: Floats) -> Floats:
        form = self._columns.form
        if form is InputForm.PROBS:
            with np.errstate(all="ignore"):
                return losses_from_probabilities_of_truth(values)
        return losses_from_logarithms_of_truth(values, form.nats)

    def _limited(self, loss: Floats) -> Floats:
        return loss if self._limits is None else np.clip(loss, *self._limits)

    def _null(self, row: int, position: int, values: Floats) -> InvalidScores:
        """Return the error of a token without a value where a value is needed."""
        run = bool(np.isnan(values[values.shape[0] - 1 - position :]).all()) and position > 0
        if run:
            text = f"the first {position + 1} tokens or more have no value, and only the first is predicted by nothing"
            hint = (
                "a server leaves out what its cache held: score without a prompt cache; --invalid drop scores the "
                "others, --skip N leaves out a context"
            )
        elif position == 0 and not self._columns.lists:
            text, hint = "there is no value", "--invalid drop leaves such rows out, counted"
        else:
            text = f"token {position} has no value"
            hint = "--invalid drop scores the others, counted; --label with --ignore-index leaves out marked tokens"
        return InvalidScores(
            text, code="null_tokens" if self._columns.lists else "missing_truth", where=self._where(row), hint=hint
        )

    def _where(self, row: int) -> Where:
        return Where(self._plan.counted_in, row=row, column=self._columns.truth)
