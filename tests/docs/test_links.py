"""Every relative link in the Markdown of the repository points to a file that is there, and to a heading in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *ROOT.glob("*/README.md")]
_CODE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1`*$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^()\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")


def links(page: Path) -> list[str]:
    """The targets of a page's links to files and headings, outside of code."""
    found = _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8")))
    targets = ["".join(either) for either in found]
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    text = re.sub(r"^(`{3,})[^\n]*\n.*?^\1`*$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(file), f"{page.name}: {target}"


def test_the_start_page_leads_to_every_page_once() -> None:
    start = ROOT / "docs" / "index.md"
    led_to = [(start.parent / target).resolve() for target in links(start)]
    pages = {page for page in start.parent.rglob("*.md") if page != start}
    assert pages <= set(led_to)
    # The contents beside each page of the site are made from these lists (docs/conf.py).
    listed = re.findall(r"^- \[[^]]+\]\(([^()\s]+\.md)\)", start.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted((start.parent / target).resolve() for target in listed) == sorted(pages)


def test_the_readme_leads_to_the_start_page() -> None:
    assert "docs/index.md" in links(ROOT / "README.md")
