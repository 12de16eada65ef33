"""README.md and every page under docs/ are run: what they show is what the program prints. See ``pages`` for how."""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
import yaml

from docs.pages import (
    PAGES,
    README,
    RENEW,
    ROOT,
    Block,
    Step,
    fenced_blocks,
    link_checkout,
    portable,
    renewed,
    run,
    run_script,
    script,
    session,
)

if RENEW:
    for page in PAGES:
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")

# Read once, because pytest needs the blocks as parameters.
BLOCKS = [
    (page.relative_to(ROOT).as_posix(), block)
    for page in PAGES
    for block in fenced_blocks(page.read_text(encoding="utf-8"))
]
RUN_ELSEWHERE = {
    README.name,
    "docs/how-to/many-files.md",
    "docs/how-to/many-machines.md",
    "docs/how-to/dask.md",
    "docs/how-to/trackers.md",
}
PARSERS = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}


def of(*languages: str) -> pytest.MarkDecorator:
    """The blocks in these languages, each a test of its own."""
    found = [(page, block) for page, block in BLOCKS if block.language in languages]
    assert found, f"no page has a block in {languages}"
    return pytest.mark.parametrize(("page", "block"), found, ids=[f"{page}:{block.line}" for page, block in found])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A scratch directory that looks like the repository root, so that commands may write."""
    link_checkout(tmp_path)
    return tmp_path


def test_console_script_is_installed() -> None:
    script = shutil.which("celoss", path=sysconfig.get_path("scripts"))
    assert script is not None, f"no celoss beside {sys.executable}: pip install -e '.[test]'"


@of("console")
def test_commands_print_what_is_shown(page: str, block: Block, checkout: Path) -> None:
    for step in session(block):
        printed = run(step.command, checkout)
        assert portable(printed) == portable(step.shown), f"{page}, block at line {block.line}: $ {step.command}"


@of("python")
def test_scripts_print_what_is_shown(page: str, block: Block, checkout: Path) -> None:
    source, shown = script(block)
    assert shown, f"{page}, block at line {block.line}: a script that shows nothing proves nothing"
    assert portable(run_script(source, checkout)) == portable(shown)


@of(*PARSERS)
def test_data_parse(page: str, block: Block) -> None:
    assert PARSERS[block.language]("\n".join(block.lines)), f"{page}, block at line {block.line}"


def test_every_block_is_of_a_known_kind() -> None:
    kinds = {"console", "python", "text", "sh", *PARSERS}
    unknown = [
        f"{page}:{block.line}: {block.language}"
        for page, block in BLOCKS
        if block.language not in kinds and not (block.language in ("bash", "py") and page in RUN_ELSEWHERE)
    ]
    assert not unknown


def test_a_session_is_read_as_documented() -> None:
    text = "a\n```console\n$ one \\\n    --two\nout  \n\nmore\n$ three\n```\n````text\n```\n````\n"
    console, fence = fenced_blocks(text)
    steps = list(session(console))
    assert steps == [Step("one \\\n    --two", "out\n\nmore"), Step("three", "")]
    assert [line for step in steps for line in step.lines] == [line.rstrip() for line in console.lines]
    assert fence == Block("text", 10, ("```",))


def test_a_script_is_read_as_documented() -> None:
    assert script(Block("python", 1, ("print(1)", "", "print(2)", "# > 1", "# >", "# > 2"))) == (
        "print(1)\n\nprint(2)",
        "1\n\n2",
    )


def test_renewal_replaces_outputs_and_nothing_else() -> None:
    parts = ("# a\n```console\n$ echo 1\n", "old\n\n", "$ echo 2; \\\n  echo 3\n", "```\nb\n```bash\nfalse\n```\n")
    text = f"{''.join(parts)}```python\nprint(4)\n```\n"
    new = f"{parts[0]}1\n{parts[2]}2\n3\n{parts[3]}```python\nprint(4)\n# > 4\n```\n"
    assert renewed(text) == new
    assert renewed(new) == new
