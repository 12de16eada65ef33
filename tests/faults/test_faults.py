"""A few runs that something goes wrong with; ``python tests/faults/run.py --runs 500`` makes as many as one likes."""

from __future__ import annotations

import sys

import pytest

if sys.platform == "win32":
    pytest.skip("needs the signals of POSIX", allow_module_level=True)

from faults.run import run


def test_nothing_stale_and_nothing_half_is_left() -> None:
    codes, wrong = run(40, seed=1)
    assert wrong == []
    assert sum(codes.values()) == 40
    assert len(codes) > 2
