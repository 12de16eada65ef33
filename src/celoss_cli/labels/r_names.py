"""Column names as R makes them of labels: ``1st`` becomes ``X1st``, ``not ok`` ``not.ok``, ``-1`` ``X.1``.

``data.frame(check.names = TRUE)``, its default, and ``predict`` of many packages write class columns so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from celoss_cli.spelling import around_labels, number, without_affixes

_RESERVED = frozenset(
    {"if", "else", "repeat", "while", "function", "for", "next", "break", "in", "TRUE", "FALSE", "NULL", "Inf", "NaN",
     "NA", "NA_integer_", "NA_real_", "NA_character_", "NA_complex_"}
)  # fmt: skip


def make_name(label: str) -> str:
    """Return what R's ``make.names`` makes of a text (R: help("make.names"))."""
    name = dotted(label)
    if not re.match(r"[^\W\d_]|\.(?!\d)", name):
        name = f"X{name}"
    return f"{name}." if name in _RESERVED else name


def dotted(label: str) -> str:
    """Return a text with dots for what may not stand in a name: how it ends up behind a prefix (``prob.1st``)."""
    return re.sub(r"[^\w.]", ".", label)


def classes_of_r(columns: Sequence[str], labels: Sequence[str]) -> tuple[str, ...] | None:
    """Return the class of each column if R made its name of a label, whatever all of them share besides.

    ``None`` where it did not, where two labels would have one name, and where a label would look like a number that it
    is not: ``X1.5`` is what 1.5 becomes as well as 1-5.
    """
    if any(number(label) is None and number(dotted(label)) is not None for label in labels):
        return None
    ways: tuple[Callable[[str], str], ...] = (make_name, dotted)
    for way in ways:
        made = {way(label): label for label in labels}
        if not labels or len(made) < len(labels) or set(made) == set(labels):
            continue
        for cores in (columns, around_labels(columns, list(made)), without_affixes(columns)):
            if cores is not None and set(made) <= set(cores) and len(set(cores)) == len(cores):
                return tuple(made.get(core, core) for core in cores)
    return None
