"""The environment in which every test runs: whoever runs the tests, and whichever ran before, it is the same."""

from __future__ import annotations

import signal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module", autouse=True)
def _generators(request: pytest.FixtureRequest) -> list[tuple[np.random.Generator, Any]]:
    """The generators of random numbers that a module shares among its tests, as they are before the first of them."""
    shared = [value for value in vars(request.module).values() if isinstance(value, np.random.Generator)]
    return [(generator, generator.bit_generator.state) for generator in shared]


@pytest.fixture(autouse=True)
def _same_draws(_generators: list[tuple[np.random.Generator, Any]]) -> None:
    for generator, state in _generators:
        generator.bit_generator.state = state


# How long a machine takes says nothing about the code: no deadlines, and slow generation is no failure.
settings.register_profile("celoss", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("celoss")
# For `nox -s properties`. It is random in CI systems too, where hypothesis draws the same examples in every run.
settings.register_profile("thorough", settings.get_profile("celoss"), max_examples=1000, derandomize=False)

# Under nohup this signal is ignored, and so it would be in every program that a test starts.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
