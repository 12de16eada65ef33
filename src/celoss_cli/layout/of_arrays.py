"""Arrays without names, a vector of scores and a whole number as the label of each row: their shapes say who is who."""

from __future__ import annotations

from celoss_cli.layout.roles import Layout
from celoss_cli.request import Request, Unmatched
from celoss_cli.spec import Decision, How
from celoss_cli.tables.source import Kind, Table

_OF_COLUMNS = (
    "label", "pred", "id", "sample_weight", "count", "class_column", "value_column", "where", "slice", "cluster"
)  # fmt: skip

_PAIRING = Decision("pairing", "by row position", How.DETECTED, "no id-like column in both files", "--id")


def layout_of_arrays(predictions: Table, labels: Table | None, request: Request) -> Layout | None:
    """Return what ``find_layout`` would, without a look at any name; ``None`` where more than shapes has a say.

    A loop over small arrays spends its time on such looks.
    """
    if labels is None or not predictions.format == labels.format == "memory" or predictions.named or labels.named:
        return None
    asked = request.unmatched is not Unmatched.ERROR or any(getattr(request, name) for name in _OF_COLUMNS)
    if asked or len(predictions.columns) != 1 or len(labels.columns) != 1:
        return None
    scores, label = predictions.columns[0], labels.columns[0]
    if (
        scores.kind is not Kind.VECTOR
        or not scores.width
        or scores.width < 2
        or labels.head().integers(label.name) is None
    ):
        return None
    only, shape = "the only column that is not an id or a weight", f"the array itself, {scores.width} numbers a row"
    return Layout(
        scores=(scores,),
        label=label.name,
        pair_ids=(),
        ids=(),
        weight=None,
        weight_beside_label=False,
        where_beside_label=(),
        targets=(),
        decisions=(
            _PAIRING,
            Decision("label", label.name, How.DETECTED, only, "--label"),
            Decision("predictions", scores.name, How.DETECTED, shape, "--pred"),
        ),
    )
