"""The comparison of two models whose rows were held against each other, put together for the reader."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from celoss_cli._version import __version__
from celoss_cli.comparison.changed_rows import changed_rows
from celoss_cli.comparison.difference import (
    Blind,
    DifferenceBasis,
    PairedMeans,
    Units,
    interval_of,
    means_of,
    p_value_of,
)
from celoss_cli.comparison.model import Model
from celoss_cli.comparison.notices import comparison_notices
from celoss_cli.comparison.options import Comparing
from celoss_cli.comparison.paired_rows import HeldRows
from celoss_cli.comparison.percentiles import percentiles_of
from celoss_cli.comparison.row_order import RowOrder
from celoss_cli.comparison.words import Finding, in_words
from celoss_cli.gate.regression import outcome_of, passes
from celoss_cli.labels.slices import too_many_slices
from celoss_cli.pipeline.expected import saw_no_error
from celoss_cli.pipeline.matching import found_by
from celoss_cli.pipeline.notices import slices_weighted
from celoss_cli.request import Denominator, OnInconclusive, TargetKind
from celoss_cli.results.clusters import Clusters
from celoss_cli.results.comparison import (
    Bootstrap,
    Change,
    ClassDifference,
    ComparedInputs,
    ComparedSpecs,
    Comparison,
    ComparisonOutcome,
    ComparisonVerdict,
    Difference,
    RowCounts,
    SliceDifference,
)
from celoss_cli.results.evaluation import Check
from celoss_cli.state.paired import PairedState
from celoss_cli.state.slices import MOST_SLICES
from celoss_cli.statistics.power import units_needed
from celoss_cli.summary.slices import place_of
from celoss_cli.summary.weighted_mean import Moments, ThirdMoments

_PERCENT = 0.01

_FEWEST_FOR_A_PERCENT = 100


class HeldMeans(NamedTuple):
    """The means of two models, what they are taken over, and the interval of the bootstrap if there was one."""

    basis: DifferenceBasis
    means: PairedMeans
    bootstrap: Bootstrap | None = None


def held_means(baseline: Model, held: HeldRows, models: Sequence[Model]) -> HeldMeans:
    """Return the means of rows of the two ``models`` that were held against each other, in the baseline's order."""
    state, plan = held.state, baseline.plan
    if state is None:
        raise ValueError("no rows were held against each other")
    how = plan.convention
    terms = len(plan.classes.names) if plan.targets is TargetKind.MULTILABEL else 1
    basis = DifferenceBasis(
        how.denominator, terms, how.base.nats, found_by(baseline.settled.request, baseline.settled.class_weight)
    )
    clusters = None
    if held.clusters is not None:
        thirds = ThirdMoments(*(sums.total() for sums in held.clusters.thirds()))
        clusters = Units(held.clusters.counted()[0].shape[0], Moments(*held.clusters.sums()), thirds)
    means = means_of(state, range(len(state.rows)), basis, clusters)
    if means is None:
        raise ValueError("no row has a weight")
    if not means.within_rounding and all(saw_no_error(model.settled) for model in models):
        means = means._replace(blind=Blind.NO_ERRORS)
    return HeldMeans(basis, means)


def assemble_comparison(
    baseline: Model, candidate: Model, rows: RowOrder, held: HeldRows, asked: Comparing, found: HeldMeans
) -> Comparison:
    """Return the comparison of two models whose rows came to ``found``."""
    basis, means, bootstrap = found
    state = held.state
    if state is None:
        raise ValueError("no rows were held against each other")
    counts = _counts(state, held, rows)
    difference = _difference(means, asked, baseline.plan.convention.base.unit, bootstrap)
    of_slices = slices_weighted(baseline.settled) if held.slices else None
    return Comparison(
        celoss_version=__version__,
        inputs=ComparedInputs(
            baseline.evaluation.inputs.predictions,
            candidate.evaluation.inputs.predictions,
            baseline.evaluation.inputs.labels,
        ),
        spec=ComparedSpecs(baseline.evaluation.spec, candidate.evaluation.spec),
        pairing=rows.how,
        clusters=None if held.clusters is None else Clusters(baseline.job.request.cluster, means.units),
        baseline=baseline.evaluation.loss,
        candidate=candidate.evaluation.loss,
        difference=difference,
        rows=counts,
        per_class=_classes(baseline, candidate, held, state, basis),
        slices=_slices(baseline, held, basis),
        change=_change(baseline, held, state, asked.top),
        warnings=(
            *(() if of_slices is None else (of_slices,)),
            *comparison_notices(
                baseline.evaluation, candidate.evaluation, state, counts, means, clustered=held.clusters is not None
            ),
        ),
        verdict=_verdict(means, difference, counts, state, asked),
    )


def _difference(means: PairedMeans, asked: Comparing, unit: str, bootstrap: Bootstrap | None) -> Difference:
    finite = math.isfinite(means.difference)
    interval = interval_of(means, asked.confidence) if bootstrap is None else bootstrap.interval
    return Difference(
        mean=means.difference,
        relative=means.difference / means.baseline if finite and means.baseline else None,
        standard_error=means.error,
        ci95=interval_of(means, 0.95),
        p_value=p_value_of(means),
        degrees_of_freedom=None if means.error is None else means.units - 1,
        confidence=asked.confidence,
        interval=interval,
        bootstrap=bootstrap,
        unit=unit,
    )


def _counts(state: PairedState, held: HeldRows, rows: RowOrder) -> RowCounts:
    return RowCounts(
        paired=sum(state.scored),
        won=sum(state.won),
        lost=sum(state.lost),
        tied=sum(state.tied),
        baseline_only=held.baseline_only,
        candidate_only=held.candidate_only + rows.unmatched_there,
        infinite_baseline=sum(state.infinite_baseline),
        infinite_candidate=sum(state.infinite_candidate),
    )


def _verdict(
    means: PairedMeans, difference: Difference, counts: RowCounts, state: PairedState, asked: Comparing
) -> ComparisonVerdict:
    infinite = bool(state.infinite)
    tied = not (counts.won or counts.lost) or means.within_rounding
    margin = None if asked.max_regression is None else asked.max_regression.of(means.baseline)
    blind = means.blind is not None and not tied
    outcome = outcome_of(difference.interval, margin, infinite=infinite, tied=tied, blind=blind)
    needed = _rows_needed(means, counts, margin, asked.confidence) if outcome is ComparisonOutcome.UNDECIDED else None
    passed: bool | None = None
    checks: tuple[Check, ...] = ()
    if margin is not None:
        inconclusive = asked.inconclusive or OnInconclusive.FAIL
        passed = passes(difference.interval, margin, infinite=infinite, blind=blind, inconclusive=inconclusive)
        high = math.nan if difference.interval is None else difference.interval[1]
        checks = (Check(name="max_regression", limit=margin, value=high, passed=passed),)
    text = in_words(Finding(outcome, difference, counts, margin, needed, means.blind))
    relative = (
        asked.max_regression.amount if asked.max_regression is not None and asked.max_regression.relative else None
    )
    return ComparisonVerdict(outcome, text, margin, relative, needed, passed, checks)


def _rows_needed(means: PairedMeans, counts: RowCounts, margin: float | None, confidence: float) -> int | None:
    """Return about how many rows would settle it: a margin where the models are equal, else a difference of that size.

    A margin of 0 is met by a better model alone: there must be a difference to go by.
    """
    effect = margin if margin else means.difference if margin is None else min(means.difference, 0.0)
    if means.error is None or means.blind is not None:
        return None
    needed = units_needed(means.units, means.error, effect, confidence)
    return None if needed is None else math.ceil(Fraction(needed * counts.paired, means.units))


def _classes(
    baseline: Model, candidate: Model, held: HeldRows, state: PairedState, basis: DifferenceBasis
) -> tuple[ClassDifference, ...]:
    if not held.pairs.grouped:
        return _own_classes(baseline, candidate)
    names = baseline.plan.classes.names
    if baseline.plan.mixes_weights:  # the loss of a row has the weights of all classes in it: no mean of its class's
        own = {row.class_: row for row in _own_classes(baseline, candidate)}
        results = [own[name] for name in names]
    else:
        results = [_paired_class(name, c, held, state, basis) for c, name in enumerate(names)]
    return tuple(
        replace(row, count=state.scored[c], won=state.won[c], lost=state.lost[c], tied=tied)
        for c, (row, tied) in enumerate(zip(results, state.tied, strict=True))
    )


def _paired_class(name: str, c: int, held: HeldRows, state: PairedState, basis: DifferenceBasis) -> ClassDifference:
    """Return the means of the pairs of a class, by their weights, without how many of them were won."""
    means = means_of(state, (c,), basis._replace(kind=Denominator.WEIGHTS))
    if means is None:
        return ClassDifference(name, 0, None, None, None, None, None, None, None)
    error = None if held.clusters is not None else means.error
    return ClassDifference(name, 0, means.baseline, means.candidate, means.difference, error, None, None, None)


def _own_classes(baseline: Model, candidate: Model) -> tuple[ClassDifference, ...]:
    """Return the classes with each model's own losses, as its evaluation has them; won and lost are said of pairs."""
    theirs = {row.class_: row for row in candidate.evaluation.per_class}
    results = []
    for row in baseline.evaluation.per_class:
        a, b = row.mean_loss, theirs[row.class_].mean_loss if row.class_ in theirs else None
        difference = None if a is None or b is None else b - a
        results.append(ClassDifference(row.class_, row.count, a, b, difference, None, None, None, None))
    return tuple(results)


def _slices(baseline: Model, held: HeldRows, basis: DifferenceBasis) -> tuple[SliceDifference, ...]:
    results: list[SliceDifference] = []
    for column, state in enumerate(held.slices):
        by = baseline.plan.layout.slices[column]
        named = [*baseline.spool.names(column), None]
        values = {value: group for group, value in enumerate(named) if state.scored[group]}
        if len(values) > MOST_SLICES:
            raise too_many_slices(by, baseline.path)
        for value in sorted(values, key=functools.partial(place_of, by)):
            group = values[value]
            means = means_of(state, (group,), basis)
            error = None if means is None or held.clusters is not None else means.error
            results.append(
                SliceDifference(
                    column=by.column,
                    value=value,
                    count=state.scored[group],
                    baseline=None if means is None else means.baseline,
                    candidate=None if means is None else means.candidate,
                    difference=None if means is None else means.difference,
                    standard_error=error,
                    won=state.won[group],
                    lost=state.lost[group],
                    tied=state.tied[group],
                )
            )
    return tuple(results)


def _change(baseline: Model, held: HeldRows, state: PairedState, top: int) -> Change:
    share = None
    if state.total >= _FEWEST_FOR_A_PERCENT and not state.infinite:
        share = state.spread.share_of_worst(_PERCENT)
    improved, worsened = changed_rows(baseline, held.pairs, state.most, top)
    percentiles = percentiles_of(state, baseline.plan.convention.base.nats)
    return Change(share, improved, worsened, percentiles)
