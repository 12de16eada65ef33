"""examples/simulated_night.py: a planted regression is found in its week, and quiet models stay quiet."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "simulated_night.py"


def test_the_planted_regression_is_found_in_its_week(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--models", "25", "--weeks", "24", "--rows", "400", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert re.search(r"^model-017: worse since week 17, ", done.stdout, re.M), done.stdout
    assert "planted: model-017, worse since week 17" in done.stdout
    quiet = re.search(r"changes called in (\d+) of 24 quiet histories", done.stdout)
    assert quiet is not None
    assert int(quiet[1]) <= 1, "5 % of 24"
    assert (tmp_path / "history.html").read_text().count("<svg") == 25
