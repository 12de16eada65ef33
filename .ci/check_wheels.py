"""Fail unless every wheel of a directory has the compiled kernels inside: without a compiler a build succeeds, too."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path


def without_core(directory: Path) -> list[str]:
    """Return the names of the wheels that hold no extension. Raises ValueError where there is no wheel."""
    wheels = sorted(directory.glob("*.whl"))
    if not wheels:
        raise ValueError(f"there is no wheel in {directory}")
    return [wheel.name for wheel in wheels if not _has_core(wheel)]


def _has_core(wheel: Path) -> bool:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    return any(name.startswith("celoss_cli/kernels/core.") and name.endswith((".so", ".pyd")) for name in names)


if __name__ == "__main__":
    if missing := without_core(Path(sys.argv[1])):
        sys.exit(f"no compiled kernels in {', '.join(missing)}")
