"""Write docs/gallery.md: what the HTML reports look like, light and dark, as a browser shows them.

    pip install playwright && playwright install chromium
    python docs/page_gallery.py

The variable CELOSS_BROWSER names another Chromium. tests/browser looks at the same pages more closely.
"""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "gallery.md"
PICTURES = ROOT / "docs" / "pictures" / "pages"
SCHEMES = ("light", "dark")
WIDTH, HEIGHT = 760, 1100
COLOURS = 96  # of a picture: text and a few inks need no more


class Page(NamedTuple):
    """A kind of page: what it shows, and the command that writes it."""

    title: str
    command: str
    before: tuple[str, ...] = ()
    """The commands that make what it reads, if that is not among the sample data."""


PAGES = {
    "evaluation": Page("An evaluation", "eval sample_data/cancer_weighted.csv --slice weight=1.5,2.5"),
    "gate": Page("A gate that fails", "eval sample_data/wine_probs.csv --max-loss 0.05 --min-accuracy 0.9"),
    "infinite": Page("An infinite loss", "eval sample_data/wine_knn.csv"),
    "diagnosis": Page("A diagnosis of two classes", "diagnose sample_data/cancer_boosted.csv"),
    "classes": Page("A diagnosis of ten classes", "diagnose sample_data/digits_logits.parquet"),
    "comparison": Page(
        "Two models", "compare sample_data/cancer_probs.csv sample_data/cancer_boosted.csv --slice y_true"
    ),
    "leaderboard": Page(
        "Several models",
        "compare sample_data/cancer_probs.csv sample_data/cancer_boosted.csv --candidate sample_data/cancer_logits.csv",
    ),
    "batch": Page(
        "Many files in one run",
        "batch sample_data/cancer_*.csv sample_data/wine_knn.csv sample_data/iris_logits.csv --max-loss 0.1",
    ),
    "history": Page(
        "A history",
        "history night/history.jsonl --max-regression 2% --against median",
        ("python examples/simulated_night.py --models 3 --out night",),
    ),
    "reports": Page(
        "Two reports of other rows",
        "compare last.json this.json --max-regression 2%",
        (
            "celoss eval sample_data/cancer_probs.csv --report last.json",
            "celoss eval sample_data/cancer_imbalanced.csv --report this.json",
        ),
    ),
    "tokens": Page("Tokens of sequences", "eval sample_data/sequences_words.jsonl --slice topic"),
    "error": Page("Nothing that can be scored", "eval sample_data/iris_logits.csv"),
}


def write_page(name: str, directory: Path) -> Path:
    """Write the page of that name into a directory, and return its path."""
    for link in ("sample_data", "examples"):
        if not (directory / link).exists():
            (directory / link).symlink_to(ROOT / link)
    path = directory / f"{name}.html"
    done = None
    for command in (*PAGES[name].before, f"celoss {PAGES[name].command} --report {path.name}"):
        program, *words = shlex.split(command)
        start = [sys.executable, *(["-m", "celoss_cli"] if program == "celoss" else [])]
        done = subprocess.run([*start, *words], cwd=directory, capture_output=True, text=True, check=False)
    if done is None or not path.exists():
        raise RuntimeError(PAGES[name].command if done is None else done.stderr)
    return path


@contextmanager
def browser() -> Iterator[Any]:
    """Give a Chromium without a window: Playwright's, or the one that CELOSS_BROWSER names."""
    from playwright.sync_api import sync_playwright

    own = os.environ.get("CELOSS_BROWSER")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", *(["--headless=shell"] if own else [])]
        running = playwright.chromium.launch(executable_path=own, args=arguments)
        try:
            yield running
        finally:
            running.close()


def picture_of(running: Any, path: Path, scheme: str) -> bytes:
    """Return the beginning of a page as a PNG."""
    from PIL import Image

    page = running.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
    page.goto(path.as_uri())
    image = Image.open(io.BytesIO(page.screenshot()))
    page.close()
    small = io.BytesIO()
    image.convert("RGB").quantize(COLOURS).save(small, "PNG", optimize=True)
    return small.getvalue()


def generated() -> str:
    """Return the text of the gallery."""
    lines = [
        "# What the pages look like",
        "",
        "The beginning of each kind of HTML report, `--report FILE.html`, light or dark as the reader's system is. A",
        "page is one file that loads nothing. It fits a phone, and prints. Pictures have their numbers behind them.",
        "[Reports](reference/reports.md) says what is in each. Made by `python docs/page_gallery.py`.",
        "",
    ]
    for name, (title, command, before) in PAGES.items():
        shown = [f"![{title}, {scheme}](pictures/pages/{name}-{scheme}.png)" for scheme in SCHEMES]
        lines += [f"## {title}", "", "```sh", *before, f"celoss {command} --report page.html", "```", ""]
        lines += ["| light | dark |", "|---|---|", f"| {' | '.join(shown)} |", ""]
    return "\n".join(lines)


def main() -> None:
    """Write the gallery and its pictures."""
    import tempfile

    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, browser() as running:
        for name in PAGES:
            path = write_page(name, Path(directory))
            for scheme in SCHEMES:
                (PICTURES / f"{name}-{scheme}.png").write_bytes(picture_of(running, path, scheme))
    PAGE.write_text(generated(), encoding="utf-8")


if __name__ == "__main__":
    main()
