"""The first class marked, and how many are, as argmax and sum find them."""

from __future__ import annotations

import numpy as np
import pytest

from celoss_cli.kernels.classes import first_of, how_many


@pytest.mark.parametrize("classes", [1, 2, 10, 255, 256, 700])
@pytest.mark.parametrize("share", [0.0, 0.003, 0.3, 1.0])
def test_blocks_of_truth_values(classes: int, share: float) -> None:
    marked = np.random.default_rng(classes).random((classes, 50)) < share
    assert first_of(marked).tolist() == marked.argmax(axis=0).tolist()
    assert how_many(marked).tolist() == marked.sum(axis=0).tolist()
