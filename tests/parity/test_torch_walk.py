"""Every loss of torch with every argument it has, walked: mean, sum, rows and gradients in float64, 1e-12 relative."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from torch_cases import Case, cases, scored_by_celoss, scored_by_torch

torch = pytest.importorskip("torch")

CASES = {case.name: case for case in cases()}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_combination(case: Case, tmp_path: Path) -> None:
    found, expected = scored_by_celoss(case, tmp_path), scored_by_torch(case)
    assert found.mean == pytest.approx(expected.mean, rel=1e-12, abs=0.0)
    assert found.sum == pytest.approx(expected.sum, rel=1e-12, abs=0.0)
    np.testing.assert_allclose(found.rows, expected.rows, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found.gradients, expected.gradients, rtol=1e-12, atol=2e-15)
