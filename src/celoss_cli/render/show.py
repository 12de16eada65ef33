"""Any report in any form, to a stream. A form is loaded when it is asked for: only the table loads rich."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, TextIO, assert_never

from celoss_cli.render.terminal import Surface, surface_of, write_to

if TYPE_CHECKING:
    from celoss_cli.render.report import Report


class Form(StrEnum):
    """What standard output holds: the values of ``--format``, and ``quiet`` for ``-q``."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"
    QUIET = "quiet"


def show(report: Report, form: Form, stream: TextIO) -> None:
    """Write ``report`` in ``form`` to ``stream``, as that stream can show it."""
    write_to(stream, render(report, form, surface_of(stream)))


def render(report: Report, form: Form, surface: Surface = Surface()) -> str:  # noqa: B008  immutable
    """Return ``report`` in ``form``, ending in a newline and encodable as ``surface`` is."""
    match form:
        case Form.TABLE:
            return report.text(surface)
        case Form.JSON:
            from celoss_cli.render.forms import json

            return json.dump(report.document(), encoding=surface.encoding)
        case Form.CSV:
            table = report.table()
            if surface.width is not None:  # cells hold what the file holds; a terminal must not
                from celoss_cli.render.text import Charset

                table = "\n".join(Charset(surface.encoding).escaped(line) for line in table.split("\n"))
            return _encodable(table, surface.encoding)
        case Form.MARKDOWN:
            from celoss_cli.render.forms import markdown

            return _encodable(markdown.render(report.page(comment=True)), surface.encoding)
        case Form.HTML:
            from celoss_cli.render.forms import html

            return _encodable(html.render(report.page(comment=False)), surface.encoding)
        case Form.QUIET:
            return _encodable(report.bare(), surface.encoding)
        case Form.JSONL:
            return report.lines()
        case _:
            assert_never(form)


def loading(form: Form) -> Iterator[None]:
    """Load what ``form`` needs, a few milliseconds at a time: for when there is nothing else to do."""
    if form is Form.TABLE:
        for module in ("rich.text", "rich.console", "rich.table", "celoss_cli.render.evaluation.table"):
            import_module(module)
            yield


def _encodable(text: str, encoding: str) -> str:
    return text.encode(encoding, "backslashreplace").decode(encoding)
