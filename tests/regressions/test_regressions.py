"""Every file with which a fuzzer found a fault, as small as it is: scored or refused in one line, by every command.

A file that is found goes here under the name of what is odd about it. None crashes or hangs software other than celoss.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.seeds import LABELS
from running import run

FILES = sorted(
    path for path in Path(__file__).parent.iterdir() if path.suffix not in (".py", ".pyc") and path.is_file()
)


@pytest.mark.parametrize("command", ["eval", "inspect", "explain", "diagnose"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("labels", [False, True], ids=["alone", "labels"])
def test_it_is_scored_or_refused(path: Path, command: str, labels: bool, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(LABELS)
    done = run(command, path, *([tmp_path / "labels.csv"] if labels else []))
    assert done.code in (0, 3), done.err
    if done.code == 3:
        assert not done.out or command == "inspect"  # which shows what it has seen
        assert [line.partition(":")[0] for line in done.err.splitlines()] in (["error", "hint"], ["error"])
