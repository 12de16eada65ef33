"""XML and HTML as text: what is not markup already is escaped, whoever puts the pieces together."""

from __future__ import annotations

import re
from collections.abc import Iterable

from celoss_cli.render.text import Charset

_CHARSET = Charset()

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})

_NAME = re.compile(r"[a-z][A-Za-z0-9-]*")


class Markup(str):
    """Text that is markup: safe to put into a document as it stands."""

    __slots__ = ()


def text(content: str) -> Markup:
    """Return ``content`` so that a reader of XML or HTML reads it back, line by line.

    Characters that neither can hold (controls, halves of surrogate pairs, noncharacters) are shown as escapes.
    """
    if isinstance(content, Markup):
        return content
    return Markup("\n".join(_CHARSET.escaped(line) for line in content.split("\n")).translate(_ENTITIES))


def element(tag: str, *content: str, **attributes: str) -> Markup:
    """Return an element. ``class_`` and the like are written without their underscore."""
    opening = "".join([tag, *(f' {_attribute(name)}="{_value(value)}"' for name, value in attributes.items())])
    return Markup(f"<{opening}>{''.join(text(part) for part in content)}</{tag}>")


def lines(parts: Iterable[str]) -> Markup:
    """Return ``parts`` one below the other."""
    return Markup("\n".join(text(part) for part in parts))


def _attribute(name: str) -> str:
    shown = name.rstrip("_").replace("_", "-")
    if not _NAME.fullmatch(shown):
        raise ValueError(f"{name!r} is no name of an attribute")
    return shown


def _value(value: str) -> str:
    return text(value).replace("\n", "&#10;")  # a parser would make a space of it
