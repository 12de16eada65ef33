"""Every page in a browser, on a phone and on a screen, light, dark and printed: nothing sticks out, is cut or is pale.

Needs Playwright and its Chromium (``nox -s pages``), or another one that the variable CELOSS_BROWSER names. What is
looked at is in look.js.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import celoss_cli
import page_gallery
from docs.pages import ROOT
from hostile_results import hostile_results

pytest.importorskip("playwright", reason="needs Playwright: nox -s pages")

GOLDEN = ROOT / "tests" / "render" / "golden"
SCRIPT = (Path(__file__).parent / "look.js").read_text(encoding="utf-8").partition("() =>")
LOOK = SCRIPT[1] + SCRIPT[2]
WIDTHS = (390, 1200)
PAPER = 700  # an A4 page between its margins


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages are written."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture
def running() -> Iterator[Any]:
    """A browser."""
    try:
        with page_gallery.browser() as found:
            yield found
    except Exception as error:
        if "Executable doesn't exist" in str(error):
            pytest.skip("needs a browser: playwright install chromium, or CELOSS_BROWSER")
        raise


def shown(running: Any, path: Path, width: int, **looks: Any) -> Any:
    """Open a page in a window of that width."""
    page = running.new_page(viewport={"width": width, "height": 900}, color_scheme=looks.get("scheme", "light"))
    if looks.get("printed"):
        page.emulate_media(media="print")
    page.goto(path.as_uri())
    return page


HOSTILE = ("evaluation", "comparison", "leaderboard", "diagnosis", "batch", "history")


@pytest.fixture(scope="module")
def hostile(place: Path) -> Path:
    """A directory with pages in which every name is markup, a formula or very long."""
    directory = place / "hostile"
    directory.mkdir()
    for name, result in hostile_results(directory).items():
        celoss_cli.write_report(result, directory / f"{name}.html")
    return directory


PAGES = [*page_gallery.PAGES, *(path.name for path in sorted(GOLDEN.glob("*.html")))]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_wherever_it_is(name: str, place: Path, running: Any) -> None:
    check(GOLDEN / name if name.endswith(".html") else page_gallery.write_page(name, place), running)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_of_odd_names_can_be_read(name: str, hostile: Path, running: Any) -> None:
    check(hostile / f"{name}.html", running)


def check(path: Path, running: Any) -> None:
    """Look at a page at every width, light, dark and printed."""
    wrong = {}
    for width in WIDTHS:
        for scheme in page_gallery.SCHEMES:
            page = shown(running, path, width, scheme=scheme)
            wrong[f"{width}, {scheme}"] = page.evaluate(LOOK)
            page.close()
    page = shown(running, path, PAPER, printed=True)
    wrong["printed"] = page.evaluate(LOOK)
    page.close()
    assert not {how: found for how, found in wrong.items() if found}


def test_the_look_finds_what_is_wrong(running: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<meta name=viewport content='width=device-width'>"
        "<p style='color:#999'>pale words</p><div style='width:900px'>wide words</div>"
        "<div style='overflow:auto;width:50px;white-space:nowrap'>to be scrolled</div>"
        "<svg width=100 height=40><text x=80 y=20>sticks out</text><text x=0 y=20>below</text>"
        "<text x=4 y=20>above</text></svg>",
        encoding="utf-8",
    )
    page = shown(running, bad, 390)
    found = "\n".join(page.evaluate(LOOK))
    for said in ("contrast", "the page is", "to be scrolled", "sticks out of its picture", "on each other"):
        assert said in found
