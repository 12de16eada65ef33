"""The environment in which every test runs: no CI system reads what is printed, whoever runs the tests."""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


# How long a machine takes says nothing about the code: no deadlines, and slow generation is no failure.
settings.register_profile("celoss", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("celoss")
# For `nox -s properties`. It is random in CI systems too, where hypothesis draws the same examples in every run.
settings.register_profile("thorough", settings.get_profile("celoss"), max_examples=1000, derandomize=False)

# Under nohup this signal is ignored, and so it would be in every program that a test starts.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
