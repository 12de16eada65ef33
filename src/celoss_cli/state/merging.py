"""Two states of one kind added up field by field."""

from __future__ import annotations

import operator
from typing import Any, TypeVar

S = TypeVar("S", bound=tuple[Any, ...])


def merged(a: S, b: S) -> S:
    """Return the state of both sets of rows, where every field of it is a sum.

    Numbers are added, tuples entry by entry, and a field with a ``merge`` of its own is merged by that. A field that is
    ``None`` in either was not gathered, and stays out.
    """
    state: S = type(a)(*map(_both, a, b))
    return state


def _both(x: Any, y: Any) -> Any:
    if x is None or y is None:
        return None
    if isinstance(x, int | float):
        return x + y
    if hasattr(x, "merge"):
        return x.merge(y)
    if x and isinstance(x[0], int) and len(x) == len(y):
        return tuple(map(operator.add, x, y))
    return tuple(_both(one, other) for one, other in zip(x, y, strict=True))
