"""Draw the report of the README as SVG, once for light pages and once for dark ones.

    python docs/make_pictures.py

The report is what ``celoss eval`` prints to a terminal with colours. The pictures load no font: the reader's monospace
one is used. tests/docs/test_generated.py reads the text back from the pictures and holds it against a run.
"""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from pathlib import Path

from rich.color import Color
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
DIRECTORY = ROOT / "docs" / "pictures"
COMMAND = "celoss eval sample_data/wine_logits.parquet"


def _theme(background: str, *colours: str) -> TerminalTheme:
    """Return a theme from hexadecimal colours: text, red, green, yellow, blue, magenta, cyan, grey."""
    rgb = [Color.parse(f"#{colour}").get_truecolor() for colour in (background, *colours)]
    return TerminalTheme(rgb[0], rgb[1], list(rgb[1:]))


LIGHT = _theme("ffffff", "1f2328", "cf222e", "116329", "825000", "0969da", "8250df", "006e7d", "6e7781")
DARK = _theme("0d1117", "e6edf3", "ff7b72", "3fb950", "d29922", "58a6ff", "bc8cff", "39c5cf", "8b949e")
THEMES = {"report-light.svg": LIGHT, "report-dark.svg": DARK}

FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
.{unique_id}-title {{ font-size: 18px; font-family: ui-monospace, Menlo, Consolas, monospace; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def report() -> str:
    """Return what the command prints, with the escapes that colour it."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "GITHUB_ACTIONS")}
    settings = {**kept, "FORCE_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    words = [sys.executable, "-m", "celoss_cli", *shlex.split(COMMAND)[1:]]
    done = subprocess.run(words, cwd=ROOT, env=settings, capture_output=True, check=True)
    return done.stdout.decode("utf-8").rstrip("\n")


def drawn(printed: str, theme: TerminalTheme) -> str:
    """Return a terminal that shows ``printed``, as SVG."""
    text = Text.from_ansi(printed)
    width = max(line.cell_len for line in text.split()) + 1
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
    console.print(text, highlight=False)
    svg = console.export_svg(title=COMMAND, theme=theme, code_format=FORMAT, unique_id="celoss")
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


if __name__ == "__main__":
    DIRECTORY.mkdir(exist_ok=True)
    printed = report()
    for name, theme in THEMES.items():
        (DIRECTORY / name).write_text(drawn(printed, theme), encoding="utf-8")
