"""The gallery of pages is what its script writes, and its pictures are there and small."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

import page_gallery

LARGEST = 100_000  # bytes


def test_the_page_is_what_the_script_writes() -> None:
    assert page_gallery.PAGE.read_text(encoding="utf-8") == page_gallery.generated(), "python docs/page_gallery.py"


def test_every_picture_is_there_and_no_other() -> None:
    page = page_gallery.PAGE.read_text(encoding="utf-8")
    named = {Path(path).name for path in re.findall(r"\]\((pictures/pages/[\w.-]+)\)", page)}
    assert named == {path.name for path in page_gallery.PICTURES.iterdir()}
    assert len(named) == 2 * len(page_gallery.PAGES)
    for path in page_gallery.PICTURES.iterdir():
        data = path.read_bytes()
        assert data.startswith(b"\x89PNG")
        assert struct.unpack(">II", data[16:24]) == (page_gallery.WIDTH, page_gallery.HEIGHT)
        assert len(data) < LARGEST


@pytest.mark.parametrize("name", page_gallery.PAGES)
def test_the_page_that_is_shown_can_be_written(name: str, tmp_path: Path) -> None:
    page = page_gallery.write_page(name, tmp_path).read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
