"""The rows below the names in Orange's files: of which type each column is, and what it is for."""

from __future__ import annotations

from collections.abc import Sequence

_NUMBERS = frozenset({"continuous", "c"})

_TYPES = _NUMBERS | {"discrete", "d", "string", "s", "time", "t", "basket", ""}

_ROLES = frozenset({"class", "c", "meta", "m", "weight", "w", "ignore", "i", ""})

_CLASS = frozenset({"class", "c"})  # the role of the truth

ROWS = 2
"""How many rows stand below the names."""


def roles_of(rows: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """Return what each column is for, if the first rows of a table are the names, types and roles of Orange.

    The type of a column of classes may be a list of them, with blanks between: ``setosa versicolor``. Behind a role
    there may be attributes, ``key=value``.
    """
    if len(rows) <= ROWS or not len(rows[0]) == len(rows[1]) == len(rows[2]):
        return None
    types = [cell.strip().lower() for cell in rows[1]]
    if not _NUMBERS & set(types) or not all(kind in _TYPES or " " in kind for kind in types):
        return None
    words = [[word for word in cell.lower().split() if "=" not in word] for cell in rows[2]]
    if any(len(of_cell) > 1 for of_cell in words):
        return None
    roles = tuple(of_cell[0] if of_cell else "" for of_cell in words)
    return roles if any(roles) and set(roles) <= _ROLES else None


def truth_among(names: Sequence[str], roles: Sequence[str] | None) -> str | None:
    """Return the name of the one column whose role is that of the truth, ``None`` without any or with several."""
    truth = [name for name, role in zip(names, roles or (), strict=False) if role in _CLASS]
    return truth[0] if len(truth) == 1 else None
