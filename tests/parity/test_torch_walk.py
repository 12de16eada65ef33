"""Every loss of torch with every argument it has, walked: mean, sum, rows and gradients in float64, 1e-12 relative."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from torch_cases import Case, cases, losses_by_celoss, scored_by_celoss, scored_by_torch

torch = pytest.importorskip("torch")

CASES = {case.name: case for case in cases()}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_combination(case: Case, tmp_path: Path) -> None:
    found, expected = scored_by_celoss(case, tmp_path), scored_by_torch(case)
    assert found.mean == pytest.approx(expected.mean, rel=1e-12, abs=0.0)
    assert found.sum == pytest.approx(expected.sum, rel=1e-12, abs=0.0)
    np.testing.assert_allclose(found.rows, expected.rows, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found.gradients, expected.gradients, rtol=1e-12, atol=2e-15)
    np.testing.assert_allclose(found.el2n, expected.el2n, rtol=1e-12, atol=0.0)
    mean, rows = losses_by_celoss(case, tmp_path)
    assert mean == pytest.approx(expected.mean, rel=1e-12, abs=0.0)
    np.testing.assert_allclose(rows, expected.rows, rtol=1e-12, atol=1e-15)


def test_the_walk_misses_nothing() -> None:
    """Each argument that a loss of torch has is given in some case (``size_average`` and ``reduce`` are the old names
    of ``reduction``, which every case takes in all three forms)."""
    import inspect

    given: dict[str, set[str]] = {}
    for case in CASES.values():
        given.setdefault(case.loss, set()).update(name for name, value in case.torch.items() if value)
        if case.sample_weights is not None and case.loss.startswith("BCE"):
            given[case.loss].add("weight")
    for name, arguments in given.items():
        known = set(inspect.signature(getattr(torch.nn, name)).parameters) - {"size_average", "reduce", "reduction"}
        assert arguments == known, name
