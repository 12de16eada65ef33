"""What labels say when they are numbers for every class: one-hot, soft, or several at once; and the looking at them."""

from __future__ import annotations

from celoss_cli.errors import AmbiguousData, InvalidLabels
from celoss_cli.layout.location import Locator
from celoss_cli.request import TargetKind, Task
from celoss_cli.state.target_evidence import TargetEvidence


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
            hint="correct it: such a label is a share, and counts are to be divided by their sum; if these are none, "
            "name the labels with --label",
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
