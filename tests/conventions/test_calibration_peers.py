"""The table of docs/explanation/diagnosis.md against the libraries that it names (``nox -s peers``)."""

from __future__ import annotations

from importlib import metadata

import pytest

from calibration_cases import CASES, Case, agrees, boosted, rows_of_the_page, uncertainty

ROWS = rows_of_the_page()

INSTALLED = {
    "scikit-learn": "sklearn.frozen",
    "netcal": "netcal.metrics",
    "uncertainty-calibration": "calibration",
    "model-diagnostics": "model_diagnostics.scoring",
    "cleanlab": "cleanlab.filter",
    "torchmetrics": "torchmetrics.functional.classification",
    "probmetrics": "probmetrics.calibrators",
    "statsmodels": "statsmodels.api",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=[" ".join(case[:3]) for case in CASES])
def test_calibration(case: Case) -> None:
    (row,) = (row for row in ROWS if (row.library.rpartition(" ")[0], row.asked, row.file) == case[:3])
    version = row.library.rpartition(" ")[2]
    pytest.importorskip(INSTALLED[case.distribution])
    found = metadata.version(case.distribution)
    if found != version:
        pytest.skip(f"the page speaks of {row.library}, and {found} is installed")
    assert agrees(row.theirs, case.theirs()), case.theirs()


@pytest.mark.filterwarnings("ignore")
def test_calibration_with_chance_removed_by_chance() -> None:
    pytest.importorskip(INSTALLED["uncertainty-calibration"])
    assert len(boosted()[0]) == 569
    found = {uncertainty("get_calibration_error", columns=1, p=1) for _ in range(5)}
    assert len(found) > 1, "it draws numbers, and has no seed"
    assert all(0.019 < value < 0.0225 for value in found)
