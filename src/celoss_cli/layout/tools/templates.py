"""Column names as templates: ``Probability:Class={class}`` finds the class in each name that a tool built that way."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

_FIELD = re.compile(r"\{(\w+)\}")


@functools.cache
def parts_of(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the literal texts of a template and the fields between them: always one text more than fields."""
    pieces = _FIELD.split(template)
    return tuple(pieces[::2]), tuple(pieces[1::2])


def fields_of(template: str, name: str) -> dict[str, str] | None:
    """Return what stands in the fields of a template for this name, or ``None`` if the name is not built so.

    A field holds at least one character, but for ``{suffix}``, and ``{number}`` only digits, with or without a minus. A
    name that could be cut in several ways is none of the tool's; where a suffix ends it, the first cut is taken.
    """
    texts, fields = parts_of(template)
    if not fields:
        return {} if name == template else None
    if not (name.startswith(texts[0]) and name.endswith(texts[-1])):
        return None
    inner = name[len(texts[0]) : len(name) - len(texts[-1])]
    if len(inner) < len(fields) - ("suffix" in fields):
        return None
    values: list[str] = []
    for text in texts[1:-1]:
        before, cut, inner = inner.partition(text)
        if not cut or (text in inner and fields[-1] != "suffix"):
            return None
        values.append(before)
    values.append(inner)
    found = dict(zip(fields, values, strict=True))
    digits = found.get("number", "0").removeprefix("-")
    filled_in = all(value or field == "suffix" for field, value in found.items())
    return found if filled_in and digits.isascii() and digits.isdigit() else None


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return the template with some of its fields filled in."""
    return _FIELD.sub(lambda field: values.get(field[1], field[0]), template)


class Names:
    """The names of a table's columns, in order: that none begins or ends as a template does is seen at a glance."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = dict.fromkeys(names)
        self._text = "\n".join(["", *self._names, ""])

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def may_match(self, begins: str, ends: str) -> bool:
        """Whether a name may begin and another end so."""
        return f"\n{begins}" in self._text and f"{ends}\n" in self._text


def matching(template: str, names: Collection[str]) -> list[tuple[str, dict[str, str]]]:
    """Return the names that are built by a template, each with its fields, in the order given."""
    if "{" not in template:
        return [(template, {})] if template in names else []
    begins, ends = parts_of(template)[0][0], parts_of(template)[0][-1]
    if isinstance(names, Names) and not names.may_match(begins, ends):
        return []
    likely = [name for name in names if name.startswith(begins) and name.endswith(ends)]
    return [(name, found) for name in likely if (found := fields_of(template, name)) is not None]
