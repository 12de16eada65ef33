"""A comparison in every form that standard output can hold."""

from __future__ import annotations

from typing import TextIO, assert_never

from celoss_cli.render.show import Form
from celoss_cli.render.text import Charset
from celoss_cli.results.comparison import Comparison


def render(comparison: Comparison, form: Form, *, encoding: str = "utf-8") -> str:
    """Return ``comparison`` in ``form``, ending in a newline and encodable in ``encoding``."""
    match form:
        case Form.TABLE:
            from celoss_cli.render.comparison import table as comparison_table

            return comparison_table.render(comparison, encoding=encoding)
        case Form.JSON:
            from celoss_cli.render.forms import json

            return json.dump(comparison.to_dict(), encoding=encoding)
        case Form.CSV:
            from celoss_cli.render.comparison import csv as comparison_csv

            return _encodable(comparison_csv.render(comparison), encoding)
        case Form.MARKDOWN:
            from celoss_cli.render.comparison import page as comparison_page
            from celoss_cli.render.forms import markdown

            return _encodable(markdown.render(comparison_page.outline_of(comparison)), encoding)
        case Form.QUIET:
            by_path = {row.path: row.difference.mean for row in comparison.leaderboard if row.difference is not None}
            means = [by_path[one.path] for one in comparison.candidates] if by_path else [comparison.difference.mean]
            return "".join(f"{mean:.17g}\n" for mean in means)
        case _:
            assert_never(form)


def show(comparison: Comparison, form: Form, stream: TextIO) -> None:
    """Write ``comparison`` in ``form`` to ``stream``, as that stream can show it."""
    from celoss_cli.render.terminal import surface_of, write_to

    surface = surface_of(stream)
    if form is Form.TABLE:
        from celoss_cli.render.comparison import table as comparison_table

        text = comparison_table.render(comparison, width=surface.width, color=surface.color, encoding=surface.encoding)
    else:
        text = render(comparison, form, encoding=surface.encoding)
        if form is Form.CSV and surface.width is not None:  # cells hold what the file holds; a terminal must not
            text = "\n".join(Charset(surface.encoding).escaped(line) for line in text.split("\n"))
    write_to(stream, text)


def _encodable(text: str, encoding: str) -> str:
    return text.encode(encoding, "backslashreplace").decode(encoding)
