"""What two models have to agree on before their rows are held against each other, and what is said if they do not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from celoss_cli.comparison.model import Model
from celoss_cli.comparison.paired_rows import Clash
from celoss_cli.comparison.row_order import Order
from celoss_cli.errors import AmbiguousData, InvalidLabels, InvalidWeights
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.request import TargetKind
from celoss_cli.spelling import in_order

_KINDS = {
    TargetKind.INDEX: "one class a row",
    TargetKind.SOFT: "a share of every class",
    TargetKind.MULTILABEL: "several labels a row",
    TargetKind.TRUTH: "the truth's own score",
}


def matching_codes(baseline: Model, candidate: Model) -> npt.NDArray[np.intp]:
    """Return the baseline's class code for each class of the candidate (C,), by name.

    Raises AmbiguousData where the classes, the kinds of label or the denominators of the two differ.
    """
    if baseline.plan.targets is not candidate.plan.targets:
        raise AmbiguousData(
            f"the labels were taken for {_KINDS[candidate.plan.targets]} here, "
            f"and for {_KINDS[baseline.plan.targets]} with {baseline.path}",
            code="targets_differ",
            where=candidate.job.at.labels.where(None, None),
            hint="say what they are: --task, --label",
        )
    mine, theirs = baseline.plan.classes, candidate.plan.classes
    codes = [mine.find(name) for name in theirs.names]
    if None in codes or len(set(codes)) < len(codes) or len(codes) != len(mine.names):
        raise AmbiguousData(
            f"the classes are {in_order(theirs.names)} here, and {in_order(mine.names)} in {baseline.path}",
            code="classes_differ",
            where=candidate.job.at.where(None, None),
            hint="if they are the same, name them in the order of the columns, which must be one: --classes",
        )
    ours, other = baseline.plan.convention, candidate.plan.convention
    here, there = candidate.plan.layout.sequences, baseline.plan.layout.sequences
    if here is not None and there is not None and here.per != there.per:
        raise AmbiguousData(
            f"the mean is per {here.per} here, and per {there.per} with {baseline.path}",
            code="units_differ",
            where=candidate.job.at.where(None, None),
            hint="say what it is to be for both: --per",
        )
    if ours.denominator is not other.denominator:
        raise AmbiguousData(
            f"--compat {candidate.job.request.compat} divides by {other.denominator} here, and by {ours.denominator} "
            f"with {baseline.path}, which has another number of prediction columns",
            code="denominators_differ",
            where=candidate.job.at.where(None, None),
            hint="say by what to divide with --denominator",
        )
    return np.array(codes, dtype=np.intp)


def contradiction(baseline: Model, candidate: Model, order: Order | None, clash: Clash) -> Exception:
    """Return the error of a row of which the two files say different things."""
    row = clash.row if order is None else int(order[clash.row])
    columns = candidate.plan.layout.sequences
    if columns is not None:
        return _of_sequences(baseline, candidate, columns, row, clash)
    if clash.what == "weight":
        return InvalidWeights(
            f"the weight is {clash.candidate!r} here, and {clash.baseline!r} in row {clash.row} of {baseline.path}",
            code="weights_differ",
            where=candidate.job.at.weights.where(row, None),
            hint="the same row has to count the same for both models",
        )
    if clash.what == "count":
        return InvalidWeights(
            f"the count is {clash.candidate:g} here, and {clash.baseline:g} in row {clash.row} of {baseline.path}",
            code="counts_differ",
            where=candidate.job.at.where(row, None),
            hint="the same row has to stand for as many rows in both files",
        )
    names = baseline.plan.classes.names
    if baseline.plan.targets is TargetKind.INDEX:
        found = f"the label is {names[int(clash.candidate)]!r} here, and {names[int(clash.baseline)]!r} in"
    else:
        found = "the label numbers are not those of"
    return InvalidLabels(
        f"{found} row {clash.row} of {baseline.path}",
        code="labels_differ",
        where=candidate.job.at.labels.where(row, None),
        hint="both models need the same rows in the same order: pair them with --id, or give the labels as a file of "
        "their own",
    )


def _of_sequences(baseline: Model, candidate: Model, columns: SequenceColumns, row: int, clash: Clash) -> Exception:
    """Return the error of a sequence that the two files do not agree on: its text, or how much there is of it."""
    where = candidate.job.at.where(row, None)
    if clash.what != "weight":
        return InvalidLabels(
            f"its {'tokens' if columns.text is None else 'text'} and that of row {clash.row} of {baseline.path} differ",
            code="texts_differ",
            where=where,
            hint="both models need the same texts in the same order: pair them with --id",
        )
    there = f"{clash.candidate:g} here, and {clash.baseline:g} in row {clash.row} of {baseline.path}"
    if columns.unit == "token":
        return InvalidWeights(
            f"the number of tokens is {there}: the tokenizers differ, or other tokens are left out",
            code="tokenizers_differ",
            where=where,
            hint="a mean per token compares models of one tokenizer: --per byte, with --text, compares any",
        )
    return InvalidWeights(
        f"it counts as {there}",
        code="units_differ",
        where=where,
        hint="the same sequence has to count the same for both models",
    )
