"""The check of a release's wheels: each has the compiled kernels inside, or the release stops."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parents[2] / ".ci" / "check_wheels.py"


def wheel(place: Path, name: str, *files: str) -> None:
    with zipfile.ZipFile(place / name, "w") as archive:
        for file in ("celoss_cli/__init__.py", *files):
            archive.writestr(file, "")


def check(place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run((sys.executable, str(CHECK), str(place)), capture_output=True, text=True, check=False)


@pytest.mark.parametrize("core", ["core.abi3.so", "core.pyd"])
def test_a_wheel_with_kernels_passes(tmp_path: Path, core: str) -> None:
    wheel(tmp_path, "celoss_cli-1-cp311-abi3-any.whl", f"celoss_cli/kernels/{core}")
    assert check(tmp_path).returncode == 0


def test_a_wheel_without_is_named(tmp_path: Path) -> None:
    wheel(tmp_path, "with.whl", "celoss_cli/kernels/core.abi3.so")
    wheel(tmp_path, "without.whl", "celoss_cli/kernels/c/core.c")
    found = check(tmp_path)
    assert found.returncode == 1
    assert found.stderr == "no compiled kernels in without.whl\n"


def test_no_wheel_at_all_is_an_error(tmp_path: Path) -> None:
    assert "there is no wheel" in check(tmp_path).stderr
