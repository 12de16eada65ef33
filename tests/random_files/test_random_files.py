"""Random files of one model's output: the loss, a refusal, or a warning; never another number in silence.

``python tests/random_files/run.py --files 100000`` goes through as many as one likes.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
FILES = 200


def module(name: str) -> ModuleType:
    """The script of that name beside this file."""
    sys.path.insert(0, str(HERE))
    try:
        found = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
        assert found is not None
        assert found.loader is not None
        loaded = importlib.util.module_from_spec(found)
        sys.modules[name] = loaded
        found.loader.exec_module(loaded)
        return loaded
    finally:
        sys.path.remove(str(HERE))


@pytest.fixture(scope="module")
def script() -> ModuleType:
    module("make")
    return module("run")


@pytest.mark.parametrize("first", range(0, FILES, 50))
def test_no_other_number_comes_out_in_silence(script: ModuleType, first: int) -> None:
    results = script.tried(range(first, first + 50))
    assert [one for one in results if one[2] in ("WRONG", "CRASH")] == []
    assert sum(outcome == "right" for _, mode, outcome, _ in results if mode == "plain") > 20


def test_what_is_refused_is_refused_under_strict(tmp_path: Path, script: ModuleType) -> None:
    refused = 0
    for seed in range(FILES, FILES + 60):
        (tmp_path / str(seed)).mkdir()
        made = sys.modules["make"].make(seed, tmp_path / str(seed))
        if script.outcome_of(made, strict=False)[0] == "refused":
            refused += 1
            assert script.outcome_of(made, strict=True)[0] == "refused"
    assert refused > 10


def test_a_seed_makes_one_file(tmp_path: Path, script: ModuleType) -> None:  # noqa: ARG001  it loads make
    make = sys.modules["make"].make
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        one = make(7, tmp_path / name)
        made.append((one.loss, one.story, [p.read_bytes() for p in one.paths if p.is_file()]))
    assert made[0] == made[1]
