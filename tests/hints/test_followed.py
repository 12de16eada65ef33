"""Every hint is followed, literally, on the file that provoked it: it ends in the right number or in a better hint."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from celoss_cli.cli import boundary
from hints.cases import CASES
from hints.following import Known, ends_well
from running import run, write


@pytest.mark.parametrize("name", CASES)
def test_a_hint_ends_in_the_right_number_or_in_a_better_hint(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    write(tmp_path, case.files)
    assert not ends_well(tmp_path, shlex.split(case.command), Known(case.right, case.values, case.untrue))


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.code])
def test_the_file_provokes_what_it_is_meant_to(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[str] = []
    monkeypatch.setattr(boundary, "_told", lambda error: codes.append(error.code) or error.exit_code)
    case = CASES[name]
    write(tmp_path, case.files)
    words = shlex.split(case.command)
    run("eval", *(str(tmp_path / word) if word in case.files else word for word in words), "-q")
    assert codes == [case.code]
