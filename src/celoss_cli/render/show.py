"""Any report in any form, to a stream."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, TextIO, assert_never

from celoss_cli.render.text import Charset

if TYPE_CHECKING:
    from celoss_cli.results.evaluation import Evaluation


class Form(StrEnum):
    """What standard output holds: the values of ``--format``, and ``quiet`` for ``-q``."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    QUIET = "quiet"


def render(evaluation: Evaluation, form: Form, *, encoding: str = "utf-8") -> str:
    """Return ``evaluation`` in ``form``, ending in a newline and encodable in ``encoding``.

    The table is the one for a file or a pipe: no colour, as wide as its content.
    """
    match form:
        case Form.TABLE:
            from celoss_cli.render.evaluation import table

            return table.render(evaluation, encoding=encoding)
        case Form.JSON:
            from celoss_cli.render.forms import json

            return json.render(evaluation, encoding=encoding)
        case Form.CSV:
            from celoss_cli.render.evaluation import csv

            return _encodable(csv.render(evaluation), encoding)
        case Form.MARKDOWN:
            from celoss_cli.render.evaluation import page as evaluation_page
            from celoss_cli.render.forms import markdown

            page = evaluation_page.outline_of(evaluation, evaluation_page.COMMENT)
            return _encodable(markdown.render(page), encoding)
        case Form.QUIET:
            from celoss_cli.render.evaluation import quiet

            return quiet.render(evaluation)
        case _:
            assert_never(form)


def loading(form: Form) -> Iterator[None]:
    """Load what ``form`` needs, a few milliseconds at a time: for when there is nothing else to do."""
    if form is Form.TABLE:
        for module in ("rich.text", "rich.console", "rich.table", "celoss_cli.render.evaluation.table"):
            import_module(module)
            yield


def show(evaluation: Evaluation, form: Form, stream: TextIO) -> None:
    """Write ``evaluation`` in ``form`` to ``stream``, as that stream can show it."""
    from celoss_cli.render.terminal import surface_of, write_to

    surface = surface_of(stream)
    if form is Form.TABLE:
        from celoss_cli.render.evaluation import table

        text = table.render(evaluation, width=surface.width, color=surface.color, encoding=surface.encoding)
    else:
        text = render(evaluation, form, encoding=surface.encoding)
        if form is Form.CSV and surface.width is not None:  # cells hold what the file holds; a terminal must not
            text = "\n".join(Charset(surface.encoding).escaped(line) for line in text.split("\n"))
    write_to(stream, text)


def _encodable(text: str, encoding: str) -> str:
    return text.encode(encoding, "backslashreplace").decode(encoding)
