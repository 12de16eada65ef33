"""What stands beside the tokens of sequences: marks that leave some out, weights, how many to skip at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.labels.classes import is_ignored
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.scoring.chunk import BatchOfRows, Mask
from celoss_cli.scoring.plan import Plan

if TYPE_CHECKING:
    from celoss_cli.tables.arrow.lists import Ragged, RaggedNames


def marks_of(
    plan: Plan, columns: SequenceColumns, rows: BatchOfRows, scores: Ragged
) -> tuple[Mask | None, RaggedNames | None]:
    """Return which tokens (m,) their label leaves out, and the labels. Raises InvalidScores where they do not fit."""
    if columns.parallel is None:
        return None, None
    from celoss_cli.tables.arrow.lists import ragged_names

    names = ragged_names(rows.batch, columns.parallel)
    differ = (names.offsets[1:] - names.offsets[:-1] != scores.lengths) & scores.present
    if differ.any():
        if not columns.parallel_given:
            return None, None
        row = int(np.argmax(differ))
        count = int(names.offsets[row + 1] - names.offsets[row])
        raise InvalidScores(
            f"the list has {count} elements, and {columns.truth!r} has {int(scores.lengths[row])}",
            code="lengths_differ",
            where=Where(plan.counted_in, row=rows.start + row, column=columns.parallel),
            hint="both lists have one element a token: a list of generated tokens beside scores of the prompt, or "
            "a prompt that was not scored, is so",
        )
    ignore = plan.ignore
    if ignore is None:
        return None, names
    table = np.array([*(is_ignored(name.strip(), ignore) for name in names.names.values), False])
    return table[names.names.codes], names


def token_weights(plan: Plan, columns: SequenceColumns, rows: BatchOfRows, scores: Ragged) -> Floats | None:
    """Return the weight of each token, (m,), if they have one. Raises InvalidScores where they do not fit."""
    if columns.weight is None:
        return None
    from celoss_cli.tables.arrow.lists import ragged_numbers

    found = ragged_numbers(rows.batch, columns.weight, plan.counted_in, rows.start)
    values = found.values.astype(np.float64)
    differ = found.lengths != scores.lengths
    bad = ~((values >= 0.0) & np.isfinite(values))
    if differ.any() or bad.any():
        row = (
            int(np.argmax(differ)) if differ.any() else int(np.searchsorted(found.offsets, np.argmax(bad), "right")) - 1
        )
        raise InvalidScores(
            "its list of weights has another length, or a weight that is no finite number from 0 up",
            code="lengths_differ" if differ.any() else "bad_weight",
            where=Where(plan.counted_in, row=rows.start + row, column=columns.weight),
            hint="a list of weights has one for each token",
        )
    return values


def skipped_of(plan: Plan, columns: SequenceColumns, rows: BatchOfRows) -> npt.NDArray[np.int64] | None:
    """Return how many tokens are left out at the start of each list, (n,), if any are. Raises InvalidScores."""
    if columns.skip_column is None:
        return np.full(rows.batch.rows, columns.skip, dtype=np.int64) if columns.skip else None
    lengths = rows.batch.numbers(columns.skip_column).astype(np.float64)
    bad = ~((lengths >= 0.0) & (lengths == np.floor(lengths)))
    if bad.any():
        row = int(np.argmax(bad))
        raise InvalidScores(
            f"{lengths[row]:g} is no number of tokens to leave out",
            code="bad_count",
            where=Where(plan.counted_in, row=rows.start + row, column=columns.skip_column),
            hint="--skip takes a whole number, or a column with one a row",
        )
    return np.minimum(lengths, 1 << 40).astype(np.int64)
