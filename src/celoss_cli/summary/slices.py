"""The slices of a result: from the sums of each slice to its mean and what goes with it."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from celoss_cli.conventions.convention import Convention
from celoss_cli.labels.slices import shown_as, too_many_slices
from celoss_cli.layout.slice_columns import SliceBy
from celoss_cli.request import Denominator
from celoss_cli.results.evaluation import SliceResult
from celoss_cli.spelling import number
from celoss_cli.state.exact_sum import UNIT_BITS
from celoss_cli.state.slices import SliceState, SliceSums
from celoss_cli.summary.weighted_mean import Moments, Weighted, standard_error


class SliceBasis(NamedTuple):
    """What all slices of a result are summarised by: the sums of the whole, and the convention.

    A row has ``terms`` losses (L if multilabel); ``independent`` are rows that are no places of one array index;
    ``judged`` are those whose answers are right or wrong.
    """

    whole: Weighted
    how: Convention
    terms: int
    independent: bool
    judged: bool


def summarise_slices(state: SliceState, by: Sequence[SliceBy], path: str, basis: SliceBasis) -> tuple[SliceResult, ...]:
    """Return the slices, column by column, in the order of their values; rows without a value last.

    ``path`` is that of the predictions, which an error names. Raises DataError for a column that makes more slices
    than there may be.
    """
    results: list[SliceResult] = []
    for column, slices in zip(by, state.columns, strict=True):
        if slices is None:
            raise too_many_slices(column, path)
        shown = shown_as(column, slices)
        for value in sorted(slices, key=functools.partial(place_of, column)):
            results.append(_result(column.column, shown[value], slices[value], basis))  # noqa: PERF401  plainer
    return tuple(results)


def _result(column: str, value: str | None, sums: SliceSums, basis: SliceBasis) -> SliceResult:
    how, whole, nats = basis.how, basis.whole, Fraction(basis.how.base.nats)
    loss, weight = _exact(sums.loss), _exact(sums.weight)
    denominator = weight if how.denominator is Denominator.WEIGHTS else Fraction(sums.scored * basis.terms)
    mean: float | None = None
    error = share = None
    if sums.infinite:
        mean = math.inf
    elif weight:
        mean = float(loss / denominator / nats)
        moments = Moments(loss, _exact(sums.squares), _exact(sums.cross), _exact(sums.weight_squares))
        units = sums.scored - (sums.idle if how.denominator is Denominator.WEIGHTS else 0)
        error = standard_error(units, moments, denominator, how.denominator) if basis.independent else None
        share = float(loss / whole.loss) if whole.loss and not whole.infinite else None
    answers = _exact(sums.sampled) * basis.terms
    return SliceResult(
        column=column,
        value=value,
        rows=sums.rows,
        scored=sums.scored,
        weight=float(weight),
        mean_loss=mean,
        standard_error=None if error is None else error / how.base.nats,
        loss_share=share,
        infinite=sums.infinite,
        accuracy=float(_exact(sums.correct) / answers) if basis.judged and answers else None,
    )


def _exact(units: int) -> Fraction:
    return Fraction(units, 1 << UNIT_BITS)


def place_of(by: SliceBy, value: str | None) -> tuple[int, float, str]:
    """Return what slices of one column are ordered by: bins as they rise, numbers as numbers, text as text."""
    if value is None:
        return 3, 0.0, ""
    if by.edges:
        return 0, by.bins.index(value), value
    known = number(value)
    return (2, 0.0, value) if known is None or math.isnan(known) else (1, known, value)
