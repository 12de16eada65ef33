"""Evaluations into what people and machines read. Every renderer is a pure function from Evaluation to text.

Importing this package imports no renderer: each form is loaded when it is asked for, so that only the table and
the progress line ever load rich.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO, assert_never

from celoss_cli.render.form import Form

if TYPE_CHECKING:
    from celoss_cli.evaluation import Evaluation

__all__ = ["Form", "render", "show"]


def render(evaluation: Evaluation, form: Form, *, encoding: str = "utf-8") -> str:
    """Return ``evaluation`` in ``form``, ending in a newline and encodable in ``encoding``.

    The table is the one for a file or a pipe: no colour, as wide as its content.
    """
    match form:
        case Form.TABLE:
            from celoss_cli.render import table

            return table.render(evaluation, encoding=encoding)
        case Form.JSON:
            from celoss_cli.render import json

            return json.render(evaluation, encoding=encoding)
        case Form.CSV:
            from celoss_cli.render import csv

            return _encodable(csv.render(evaluation), encoding)
        case Form.MARKDOWN:
            from celoss_cli.render import markdown

            return _encodable(markdown.render(evaluation), encoding)
        case Form.QUIET:
            from celoss_cli.render import quiet

            return quiet.render(evaluation)
        case _:
            assert_never(form)


def show(evaluation: Evaluation, form: Form, stream: TextIO) -> None:
    """Write ``evaluation`` in ``form`` to ``stream``, as that stream can show it."""
    from celoss_cli.render.terminal import surface_of

    surface = surface_of(stream)
    if form is Form.TABLE:
        from celoss_cli.render import table

        text = table.render(evaluation, width=surface.width, color=surface.color, encoding=surface.encoding)
    else:
        text = render(evaluation, form, encoding=surface.encoding)
    stream.write(text)
    stream.flush()


def _encodable(text: str, encoding: str) -> str:
    return text.encode(encoding, "backslashreplace").decode(encoding)
