"""What README.md has besides commands that are run (see ``pages``): its form, and what a reader looks for in it.

Its first two fenced blocks are ```` ```bash ````, of one line each: the first makes a virtual environment and does the
main job, the second makes one and runs the tests, so it ends in ``pytest -q``. ``.ci/run`` runs both as they stand.
Between ``<!-- exit-codes -->`` and ``<!-- /exit-codes -->`` stands a table whose first column holds the exit codes,
several of them separated by `` / ``. Its codes are those of ``celoss_cli.errors.ExitCode``, each once.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from celoss_cli.errors import ExitCode
from docs.pages import README, ROOT, between, fenced_blocks

TEXT = README.read_text(encoding="utf-8")
EXIT_CODES = (README, ROOT / "docs" / "reference" / "exit-codes.md")


def test_first_two_blocks_are_the_main_job_and_the_tests() -> None:
    main_job, tests = list(fenced_blocks(TEXT))[:2]
    for block in (main_job, tests):
        assert block.language == "bash"
        assert len(block.lines) == 1, "one line to paste"
        assert block.lines[0].startswith("python3 -m venv .venv && ")
    assert "celoss eval" in main_job.lines[0]
    assert tests.lines[0].endswith("pytest -q")


def test_the_main_job_is_shown_with_its_output() -> None:
    main_job = next(fenced_blocks(TEXT))
    job = main_job.lines[0].rpartition(" && ")[2].removeprefix(".venv/bin/")
    shown = [block for block in fenced_blocks(TEXT) if block.language == "console" and block.lines[0] == f"$ {job}"]
    assert len(shown) == 1, f"what `{job}` prints is shown once"


def test_it_is_read_in_one_go() -> None:
    assert 150 <= len(TEXT.splitlines()) <= 250


@pytest.mark.parametrize("page", EXIT_CODES, ids=lambda page: page.name)
def test_exit_codes_are_the_programs(page: Path) -> None:
    table = between(page.read_text(encoding="utf-8"), "exit-codes")
    cells = re.findall(r"^\|\s*([\d\s/`*]+?)\s*\|", table, re.MULTILINE)
    codes = [int(code) for cell in cells for code in re.findall(r"\d+", cell)]
    assert sorted(codes) == sorted(ExitCode)


def test_both_tables_of_exit_codes_say_the_same() -> None:
    tables = {between(page.read_text(encoding="utf-8"), "exit-codes") for page in EXIT_CODES}
    assert len(tables) == 1
