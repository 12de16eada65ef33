"""Arrays whose shapes say who is who get the layout that the general way finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from celoss_cli.api.calls import request_of_call
from celoss_cli.layout import find_layout
from celoss_cli.layout.of_arrays import layout_of_arrays
from celoss_cli.tables.inputs import opener_of

SCORES = np.array([[0.2, 0.5, 0.3], [0.1, 0.8, 0.1], [0.6, 0.2, 0.2], [0.3, 0.3, 0.4]])


def _opened(predictions: Any, labels: Any, options: dict[str, Any]) -> tuple[Any, Any, Any]:
    request, _ = request_of_call("eval", predictions, labels, options)
    opened = opener_of(request)
    return opened(request.predictions, "predictions"), opened(request.labels, "labels"), request


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16, np.int64])
@pytest.mark.parametrize("labels", [[0, 1, 2, 1], [1, 2, 3, 1], [7, 7, 7, 7]])
def test_it_is_what_the_general_way_finds(kind: Any, labels: list[int]) -> None:
    scores = SCORES if np.issubdtype(kind, np.floating) else np.rint(SCORES * 10)
    for whole in (np.int64, np.uint8):
        tables = _opened(scores.astype(kind), np.array(labels, dtype=whole), {})
        found = layout_of_arrays(*tables)
        assert found is not None
        assert found == find_layout(*tables, None)


@pytest.mark.parametrize(
    ("predictions", "labels", "options"),
    [
        (SCORES[:, 0], [0, 1, 1, 0], {}),
        (SCORES, np.eye(3)[[0, 1, 2, 1]], {}),
        (SCORES, ["a", "b", "c", "b"], {}),
        (SCORES, np.array([0.0, 1.0, 2.0, 1.0]), {}),
        (SCORES, [0, 1, 2, 1], {"id": "k"}),
        (SCORES, [0, 1, 2, 1], {"unmatched": "drop"}),
        (SCORES, [0, 1, 2, 1], {"where": {"split": "test"}}),
    ],
)
def test_what_needs_more_than_a_look_at_shapes_is_left(predictions: Any, labels: Any, options: dict[str, Any]) -> None:
    assert layout_of_arrays(*_opened(predictions, labels, options)) is None
