"""How Sphinx makes a site of these pages: ``python -m sphinx -W --keep-going -b html docs build/docs``.

The pages are plain Markdown that reads well on a forge, too. The contents, which only a site needs, are made from the
lists of index.md. Files outside of docs/ can be linked (they become downloads), directories and Markdown pages cannot.
"""

from __future__ import annotations

import importlib.metadata
import re
from typing import Any

project = "celoss"
author = "the celoss authors"
version = release = importlib.metadata.version("celoss-cli")

extensions = ["myst_parser"]
myst_heading_anchors = 4
nitpicky = True
html_theme = "furo"
html_title = f"celoss {release}"
html_copy_source = False


def with_contents(_app: Any, name: str, source: list[str]) -> None:
    """Give the start page the contents that Sphinx needs: a tree for each of its lists."""
    if name != "index":
        return
    for title, body in re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", source[0], re.MULTILINE):
        pages = re.findall(r"^- \[[^]]+\]\(([^()\s]+)\.md\)", body, re.MULTILINE)
        tree = "\n".join(["```{toctree}", ":hidden:", f":caption: {title}", "", *pages, "```"])
        source[0] += f"\n{tree}\n"


def setup(app: Any) -> None:
    """Register what is above."""
    app.connect("source-read", with_contents)
