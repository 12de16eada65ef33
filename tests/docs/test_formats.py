"""docs/reference/formats.md has a line for each form of ``FORMS``: what reads such a file says it.

The table between ``<!-- forms -->`` and ``<!-- /forms -->`` is made from the readers. To renew it, and to test it::

    CELOSS_RENEW_FORMATS=1 pytest tests/docs/test_formats.py
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from celoss_cli.tables.forms.known import FORMS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "formats.md"
BLOCK = re.compile(r"(<!-- forms -->\n).*?(<!-- /forms -->)", re.DOTALL)


def table() -> str:
    lines = ["| `--file-format` | files | written by | needs |", "|---|---|---|---|"]
    for name, form in FORMS.items():
        suffixes = " ".join(f"`{suffix}`" for suffix in form.suffixes.split())
        needs = "" if form.extra is None else f"`celoss-cli[{form.extra}]`"
        lines.append(f"| `{name}` | {suffixes} | {form.written_by} | {needs} |")
    return "\n".join(lines) + "\n"


def test_the_page_has_every_form() -> None:
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("CELOSS_RENEW_FORMATS"):
        page = BLOCK.sub(lambda found: found[1] + table() + found[2], page)
        PAGE.write_text(page, encoding="utf-8")
    found = BLOCK.search(page)
    assert found is not None
    assert found[0] == found[1] + table() + found[2]
