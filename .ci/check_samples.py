"""Score every sample through an installed ``celoss`` and compare with scikit-learn's numbers.

Usage: ``python check_samples.py CELOSS SAMPLE_DATA``, with the console script and a copy of sample_data/.
Needs only the standard library. Prints one line for each case that fails and exits 1 when there is one.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

RELATIVE_TOLERANCE = 1e-9


class Failed(Exception):
    """One case went wrong; the text says how."""


def output(command: list[str], directory: Path) -> str:
    """Standard output of a command that must exit 0."""
    run = subprocess.run(command, cwd=directory, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if run.returncode != 0:
        raise Failed(f"exit code {run.returncode}: {run.stderr.strip()}")
    return run.stdout


def reject(constant: str) -> None:
    """Refuse NaN and Infinity, which Python's reader takes and JSON does not have."""
    raise Failed(f"{constant} is not JSON")


def check(celoss: str, directory: Path, entry: dict[str, Any]) -> None:
    """Compare ``-q`` with scikit-learn, and the JSON report with ``-q``."""
    files = [entry[side] for side in ("predictions", "labels") if entry[side] is not None]
    command = [celoss, "eval", *files, *entry["options"]]
    printed = output([*command, "-q"], directory)
    try:
        mean = float(printed)
    except ValueError:
        raise Failed(f"-q is not one number: {printed!r}") from None
    expected = float(entry["mean"])
    if not math.isclose(mean, expected, rel_tol=RELATIVE_TOLERANCE):
        raise Failed(f"celoss says {mean!r}, scikit-learn {expected!r}")
    report = json.loads(output([*command, "--format", "json"], directory), parse_constant=reject)
    if float(report["loss"]["mean"]) != mean:
        raise Failed(f"-q says {mean!r}, the JSON report {report['loss']['mean']!r}")
    if report["counts"]["rows"] != entry["rows"]:
        raise Failed(f"{report['counts']['rows']} rows, expected {entry['rows']}")


def main() -> int:
    """Check every case; 0 when there are cases and all agree."""
    celoss, directory = str(Path(sys.argv[1]).absolute()), Path(sys.argv[2])
    cases = json.loads((directory / "expected.json").read_text(encoding="utf-8"))
    agreed = 0
    for key, entry in cases.items():
        try:
            check(celoss, directory, entry)
        except (Failed, ValueError, LookupError) as error:
            print(f"celoss eval {key}: {type(error).__name__}: {error}")
        else:
            agreed += 1
    print(f"{agreed} of {len(cases)} sample cases agree with scikit-learn")
    return 0 if cases and agreed == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
