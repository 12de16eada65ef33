"""What labels say when they are numbers for every class: one-hot, soft, or several at once; and the looking at them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from celoss_cli.classes import number, same
from celoss_cli.errors import AmbiguousData, InvalidLabels
from celoss_cli.evidence import Sighting
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.location import Locator
from celoss_cli.spec import TargetKind, Task

TOLERANCE = 1e-6
"""How far from 1 the sum of a soft label may be: float32 softmax outputs and six printed digits are."""


class TargetEvidence(NamedTuple):
    """What the label numbers of the rows looked at say. ``merge`` is associative; identity ``TargetEvidence()``.

    ``outside`` is the first number that is no probability, ``uneven`` the first row that does not sum to 1 (with its
    sum); ``fractional`` whether some number is neither 0 nor 1.
    """

    rows: int = 0
    outside: Sighting | None = None
    uneven: Sighting | None = None
    fractional: bool = False

    def merge(self, other: TargetEvidence) -> TargetEvidence:
        """Return the evidence of both sets of rows."""
        return TargetEvidence(
            self.rows + other.rows,
            _earlier(self.outside, other.outside),
            _earlier(self.uneven, other.uneven),
            self.fractional or other.fractional,
        )

    def shifted(self, rows: int) -> TargetEvidence:
        """Return the same evidence for rows that start ``rows`` further down the file."""
        return self._replace(outside=_moved(self.outside, rows), uneven=_moved(self.uneven, rows))


def observe(targets: Floats, rows: Codes | int) -> TargetEvidence:
    """Look at label numbers (C, n); ``rows`` numbers their rows, or the first of them. NaN (missing) is passed over."""
    known = ~np.isnan(targets).any(axis=0)
    outside = known & ((targets < 0.0) | (targets > 1.0)).any(axis=0)
    sums = targets.sum(axis=0)
    uneven = known & (np.abs(sums - 1.0) > TOLERANCE) & (targets.shape[0] > 1)
    fractional = bool(((targets != 0.0) & (targets != 1.0) & known).any())
    return TargetEvidence(
        int(known.sum()), _first(outside, rows, targets), _first(uneven, rows, sums[None, :]), fractional
    )


def _first(bad: Any, rows: Codes | int, values: Floats) -> Sighting | None:
    where = np.flatnonzero(bad)
    if not where.size:
        return None
    position = int(where[0])
    cells = values[:, position]
    column = int(((cells < 0.0) | (cells > 1.0)).argmax())
    row = rows + position if isinstance(rows, int) else int(rows[position])
    return Sighting(int(where.size), row, column, float(cells[column]))


def _earlier(a: Sighting | None, b: Sighting | None) -> Sighting | None:
    if a is None or b is None:
        return b if a is None else a
    return a.merge(b)


def _moved(seen: Sighting | None, rows: int) -> Sighting | None:
    return None if seen is None else seen._replace(row=seen.row + rows)


def are_shares(labels: Iterable[str]) -> bool:
    """Whether labels are numbers from 0 to 1, and so can be the probability of the positive class: 0.5 for a draw."""
    values = [number(label) for label in labels]
    return bool(values) and all(value is not None and 0.0 <= value <= 1.0 for value in values)


def is_ignored(label: str, ignore: str | None) -> bool:
    """Whether a label is the one of ``--ignore-index``: the same text, or the same number."""
    return ignore is not None and same(label, ignore)


def _column(columns: tuple[str, ...], place: int | None) -> str:
    """Return what messages call the label column of number ``place``, which can be an element of a vector."""
    return columns[place or 0] if len(columns) > 1 or not place else f"{columns[0]}[{place}]"


def judge_targets(
    seen: TargetEvidence, task: Task | None, columns: tuple[str, ...], at: Locator, *, single: bool
) -> TargetKind:
    """Return what the labels are, from all rows: one-hot labels are INDEX. Raises for what they cannot be.

    ``columns`` are the label columns; ``single`` if there is one number a row, about the positive class.
    """
    if seen.outside is not None:
        raise InvalidLabels(
            f"{seen.outside.value:g} is not a probability; a label for every class is between 0 and 1",
            code="label_outside",
            where=at.labels._replace(column=_column(columns, seen.outside.column)).where(seen.outside.row, None),
            hint="name the label columns with --label",
        )
    if single:
        return TargetKind.SOFT if seen.fractional else TargetKind.INDEX
    if task is Task.MULTILABEL:
        return TargetKind.MULTILABEL
    if seen.uneven is None:
        return TargetKind.SOFT if seen.fractional else TargetKind.INDEX
    if not seen.fractional and task is None:
        return TargetKind.MULTILABEL
    raise AmbiguousData(
        f"the labels {', '.join(columns[:4])}{' …' if len(columns) > 4 else ''} sum to {seen.uneven.value:g}, not to 1"
        f" ({seen.uneven.count:,} of {seen.rows:,} rows so)",
        code="soft_labels_sum",
        where=at.labels.where(seen.uneven.row, None),
        hint="soft labels are a distribution over the classes; pass --task multilabel if each label stands alone",
    )
