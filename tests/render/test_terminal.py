"""What a stream can show, and what is shown there."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

import celoss_cli
from celoss_cli.render.show import Form
from celoss_cli.render.terminal import Surface, can_redraw, surface_of
from rendering import render, show


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "color"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_colour_on_a_terminal(environ: dict[str, str], color: bool) -> None:
    assert surface_of(_Terminal(), environ) == Surface(80, color, "utf-8")


def test_off_a_terminal_there_is_no_edge_and_no_colour() -> None:
    assert surface_of(io.StringIO(), {"COLUMNS": "40", "TERM": "xterm"}) == Surface(None, False, "utf-8")
    assert surface_of(io.StringIO(), {"FORCE_COLOR": "1"}).color


def test_columns_sets_the_width_of_a_terminal() -> None:
    assert surface_of(_Terminal(), {"COLUMNS": "132"}).width == 132
    assert surface_of(_Terminal(), {"COLUMNS": "wide"}).width == 80


def test_a_closed_stream_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()
    assert not can_redraw(stream, {})
    assert not can_redraw(_Terminal(), {"TERM": "dumb"})


@pytest.mark.parametrize("form", list(Form))
def test_show_writes_what_render_returns_to_a_pipe(build: Any, form: Form) -> None:
    for encoding in ("utf-8", "ascii"):
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding=encoding, newline="", write_through=True)
        show(build(), form, stream)
        assert raw.getvalue().decode(encoding) == render(build(), form, encoding=encoding)


def test_all_that_is_printed_goes_one_way() -> None:
    """Through ``write_to``, which knows who reads it."""
    sources = Path(celoss_cli.__file__).parent
    found = {path.name for path in sources.rglob("*.py") if re.search(r"\b(stream|stdout)\.write\(", path.read_text())}
    assert found == {"terminal.py"}
