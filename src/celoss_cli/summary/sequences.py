"""From the sums of sequences to numbers: the mean per unit, the same in other units, and the sequences one by one."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from celoss_cli.conventions.convention import Convention
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.results.evaluation import Counts, Loss
from celoss_cli.results.sequences import BitsPer, Sequences, WorstSequence, WorstToken
from celoss_cli.state.sequences import UNITS, SequenceState
from celoss_cli.summary.weighted_mean import Weighted


def with_units(loss: Loss, state: SequenceState, sums: Weighted, columns: SequenceColumns, *, full: bool) -> Loss:
    """Return the loss block with the unit of its mean, and the same loss in bits per each unit that is known."""
    per = loss._replace(per=columns.per, units=float(sums.weight), sequences=state.counts.sequences)
    if not full:
        return per
    total = state.means.fraction(3) if columns.macro else sums.loss
    bits = Fraction(math.log(2.0))
    known = {unit: state.units.fraction(place) for place, unit in enumerate(UNITS) if unit in BitsPer._fields}
    if state.counts.untold:  # what is lost with their texts cannot be counted
        known |= dict.fromkeys(("byte", "char", "word"), Fraction(0))
    known["sequence"] = state.means.fraction(1)
    if state.counts.infinite:
        return per._replace(bits_per=BitsPer(**{unit: math.inf if count else None for unit, count in known.items()}))
    return per._replace(
        bits_per=BitsPer(**{unit: float(total / bits / count) if count else None for unit, count in known.items()})
    )


def with_tokens(counts: Counts, state: SequenceState, columns: SequenceColumns) -> Counts:
    """Return the counts with those of tokens."""
    seen = state.counts
    if not columns.lists:
        return counts._replace(
            tokens=seen.tokens if columns.per == "token" else None, infinite=seen.infinite, empty=seen.empty
        )
    return counts._replace(
        infinite=seen.infinite,
        tokens=seen.tokens,
        masked=seen.masked,
        skipped=seen.skipped,
        first_without_probability=seen.first,
        without_probability=seen.dropped,
        empty=seen.empty,
    )


def summarise_sequences(state: SequenceState, how: Convention) -> Sequences:
    """Return what the sequences are one by one, in the unit asked for."""
    nats, counts = how.base.nats, state.counts
    weight = state.means.fraction(1)
    mean = None if counts.infinite or not weight else float(state.means.fraction(0) / weight / Fraction(nats))
    losses = state.losses
    median = None if losses is None or not losses.size else float(np.median(losses)) / nats
    worst: tuple[Any, ...] = state.worst.rows
    tokens, size = state.units.fraction(0), state.units.fraction(1) if not counts.untold else 0
    return Sequences(
        mean=mean,
        median=median,
        uncounted_first=counts.uncounted,
        tokens_per_byte=float(tokens / size) if size and tokens else None,
        worst=tuple(
            WorstSequence(
                row=row.row,
                id=row.id,
                loss=row.loss / nats,
                sum=row.total / nats,
                units=row.units,
                p_min=row.p_min,
                tokens=tuple(WorstToken(token.position, token.text, token.loss / nats) for token in row.tokens),
            )
            for row in worst
        ),
    )
