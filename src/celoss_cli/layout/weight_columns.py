"""Columns of weights or counts, in either file: those that were asked for, and those that look like it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from celoss_cli.errors import InvalidWeights, Where
from celoss_cli.layout.cells import could_be_numbers, has, head_is_all, is_key, require, whole_numbers
from celoss_cli.layout.names import WEIGHTS, plain
from celoss_cli.request import Request
from celoss_cli.results.document import Notice
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import option
from celoss_cli.tables.source import Column, Kind, Table

COUNTS = (
    "n", "count", "counts", "cnt", "freq", "freqs", "frequency", "frequencies", "fweight", "fweights", "n_obs", "nobs",
    "n_rows", "num_rows", "row_count", "n_samples", "num_samples", "multiplicity", "repetitions", "occurrences",
)  # fmt: skip

# What stands before ``_weight``, ``_wt`` or ``_wgt`` where a row is weighed: not so in ``birth_weight``.
_OF_ROWS = (
    "case", "sample", "sampling", "obs", "observation", "row", "instance", "record", "example", "unit", "importance",
    "survey", "design", "person", "household", "analysis", "final", "calibrated", "propensity", "prob", "probability",
    "inverse_probability", "inv_prob", "iptw", "ipw", "ipcw", "freq", "frequency", "score", "validation", "test",
    "eval", "evaluation", "train", "training", "balance", "balancing", "loss", "poststratification", "post_strat",
    "replicate", "rep", "pop", "population", "trial", "time", "event", "label", "item", "task",
)  # fmt: skip

_WEIGHT_WORDS = ("weight", "weights", "wt", "wts", "wgt", "wgts")


def is_weight(name: str) -> bool:
    """Whether a column of this name weighs the rows."""
    called = plain(name)
    whose, _, word = called.rpartition("_")
    return called in WEIGHTS or (word in _WEIGHT_WORDS and whose in _OF_ROWS)


def weight_column(
    predictions: Table, labels: Table | None, request: Request, decisions: list[Decision]
) -> tuple[str | None, bool]:
    """Return the column of ``--sample-weight``, if it was given, and whether it is in the label file."""
    name = request.sample_weight
    if name is None:
        return None, False
    table, column, beside_label = _given(name, predictions, labels, "--sample-weight")
    if column.kind not in (Kind.NUMBER, Kind.BOOLEAN) and not could_be_numbers(table, column):
        raise InvalidWeights(
            f"holds no numbers ({column.dtype}), which weights are",
            code="weights_not_numbers",
            where=Where(table.path, column=name),
            hint="name the column of weights with --sample-weight",
        )
    decisions.append(Decision("sample_weight", name, How.GIVEN, "--sample-weight"))
    return name, beside_label


def count_column(
    predictions: Table, labels: Table | None, request: Request, decisions: list[Decision]
) -> tuple[str | None, bool]:
    """Return the column of ``--count``, if it was given, and whether it is in the label file."""
    name = request.count
    if name is None:
        return None, False
    table, column, beside_label = _given(name, predictions, labels, "--count")
    if column.kind is not Kind.NUMBER and not could_be_numbers(table, column):
        raise InvalidWeights(
            f"holds no numbers ({column.dtype}), which counts are",
            code="count_invalid",
            where=Where(table.path, column=name),
            hint="name the column that says how many rows each row stands for",
        )
    decisions.append(Decision("count", name, How.GIVEN, "--count"))
    return name, beside_label


def _given(name: str, predictions: Table, labels: Table | None, flag: str) -> tuple[Table, Column, bool]:
    """Return the file that has a column, the column, and whether that is the label file: the predictions come first."""
    beside_label = labels is not None and not has(predictions, name) and has(labels, name)
    table = labels if beside_label and labels is not None else predictions
    return table, require(table, name, flag), beside_label


def unused_weights(
    predictions: Table, labels: Table | None, request: Request, taken: Collection[str], parts: Collection[Column]
) -> list[Notice]:
    """Return a warning for each column of either file that may weigh its rows, or count them, and has no part.

    Counts are whole numbers under such a name in a file whose rows have no id: those of rows that were put together.
    """
    if request.sample_weight is not None:
        return []
    known = {*taken, *(column.name for column in parts), request.count or ""}
    tables = [predictions] if labels is None else [predictions, labels]
    return [notice for table in tables for notice in _unused(table, known, counted=request.count is not None)]


def _unused(table: Table, taken: Collection[str], *, counted: bool) -> list[Notice]:
    if not table.named:
        return []
    aggregated: bool | None = None
    notices = []
    for column in table.columns:
        if column.name in taken or column.kind is not Kind.NUMBER:
            continue
        if is_weight(column.name) and _may_weigh(table, column):
            notices.append(_notice(column, "sample weights", "--sample-weight"))
        elif not counted and plain(column.name) in COUNTS and _counts(table, column):
            if aggregated is None:
                aggregated = not any(is_key(table, other) for other in table.columns)
            if aggregated:
                notices.append(_notice(column, "the number of rows that each row stands for", "--count"))
    return notices


def _notice(column: Column, what: str, flag: str) -> Notice:
    return Notice(
        "unused_weights",
        f"column {column.name!r} looks like {what} and was not used: {option(flag, column.name)}",
    )


def _may_weigh(table: Table, column: Column) -> bool:
    """Whether the first cells can be weights: none is negative or infinite, and not all of the file are the same."""
    values = np.asarray(table.head().numbers(column.name), dtype=np.float64)
    present = values[~np.isnan(values)]
    if not present.size or not np.isfinite(present).all():
        return False
    if float(present.min()) == float(present.max()) and head_is_all(table):
        return False
    return float(present.min()) >= 0.0


def _counts(table: Table, column: Column) -> bool:
    """Whether the first cells can count rows: whole numbers from 0 on, some above 1, not running ones shuffled."""
    if not whole_numbers(table, column):
        return False
    values = np.asarray(table.head().numbers(column.name), dtype=np.float64)
    present = values[~np.isnan(values)]
    if not present.size or float(present.min()) < 0.0 or float(present.max()) <= 1.0:
        return False
    running = present.size > 2 and bool((np.diff(np.sort(present)) == 1.0).all())
    return not running
