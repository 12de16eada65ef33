"""The same combinations as ``test_torch_walk``, against values of torch kept in ``golden/torch.json``.

They run where torch is absent. ``CELOSS_RENEW_GOLDEN=1 pytest tests/parity/test_golden.py`` writes them anew, and
needs torch for it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from torch_cases import Case, Numbers, cases, scored_by_celoss, scored_by_torch

GOLDEN = Path(__file__).parent / "golden" / "torch.json"
CASES = {case.name: case for case in cases()}


def kept(case: Case, numbers: Numbers) -> dict[str, Any]:
    """Return what is kept of torch's numbers: gradients where rows are samples, as places only repeat them."""
    values = {"mean": numbers.mean, "sum": numbers.sum, "rows": numbers.rows.tolist()}
    return values if case.places else {**values, "gradients": numbers.gradients.tolist()}


def renew() -> None:
    lines = (f"  {json.dumps(name)}: {json.dumps(kept(case, scored_by_torch(case)))}" for name, case in CASES.items())
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if os.environ.get("CELOSS_RENEW_GOLDEN"):
    renew()

EXPECTED = json.loads(GOLDEN.read_text())


def test_every_case_has_its_values() -> None:
    assert list(EXPECTED) == list(CASES)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_golden(case: Case, tmp_path: Path) -> None:
    found, expected = scored_by_celoss(case, tmp_path), EXPECTED[case.name]
    assert found.mean == pytest.approx(expected["mean"], rel=1e-12, abs=0.0)
    assert found.sum == pytest.approx(expected["sum"], rel=1e-12, abs=0.0)
    np.testing.assert_allclose(found.rows, expected["rows"], rtol=1e-12, atol=1e-15)
    if "gradients" in expected:
        np.testing.assert_allclose(found.gradients, expected["gradients"], rtol=1e-12, atol=2e-15)
