"""What the pages, examples and pictures pin or show, and what the changelog has last, is the version of _version.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from celoss_cli import __version__

ROOT = Path(__file__).resolve().parents[2]
ENDINGS = {"", ".ipynb", ".json", ".md", ".py", ".svg", ".yml"}

NUMBER = r"(\d+\.\d+\.\d+\w*)"
SHOWN = re.compile(
    rf"celoss@v{NUMBER}"  # the action
    rf"|rev: v{NUMBER}"  # the hook of pre-commit
    rf"|celoss-cli(?:\[[\w,-]+\])?=={NUMBER}"  # pip
    rf"|^celoss {NUMBER}$"  # the first line of a report
    rf"|>celoss</text><text[^>]*>&#160;{NUMBER}<",  # the same in a picture
    re.MULTILINE,
)


def shown(text: str) -> list[str]:
    return [number for found in SHOWN.finditer(text) for number in found.groups() if number]


def pages() -> dict[str, list[str]]:
    """The versions of celoss that each page, example and picture shows, of those that show one."""
    places = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "action.yml"]
    places += [path for name in ("docs", "examples") for path in sorted((ROOT / name).rglob("*")) if path.is_file()]
    texts = {path: path.read_text(encoding="utf-8") for path in places if path.suffix in ENDINGS}
    return {path.relative_to(ROOT).as_posix(): found for path, text in texts.items() if (found := shown(text))}


PAGES = pages()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_this_version(page: str) -> None:
    assert set(PAGES[page]) == {__version__}, "step 4 of RELEASING.md"


@pytest.mark.parametrize(
    "page",
    ["README.md", "docs/how-to/ci.md", "docs/pictures/report-dark.svg", "docs/tutorial.md", "examples/ci/github.yml"],
)
def test_the_pages_that_show_one_are_found(page: str) -> None:
    assert page in PAGES


def test_the_changelog_ends_with_this_version_below_what_is_not_released() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[([^]]+)\](.*)$", text, re.MULTILINE)
    assert [name for name, _ in headings][:2] == ["Unreleased", __version__]
    assert all(re.fullmatch(r" - \d{4}-\d{2}-\d{2}", date) for _, date in headings[1:-1]), "each has its date"


def test_the_changelog_keeps_to_its_form() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    assert {line for line in lines if line.startswith("### ")} <= {
        *("### Added", "### Changed", "### Deprecated", "### Removed", "### Fixed", "### Security", "### Results"),
    }
    assert not [number for number, line in enumerate(lines, 1) if len(line) > 140]
