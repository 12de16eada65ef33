"""The groups of rows that are not independent of each other, as results tell of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clusters:
    """The groups of rows that are not independent of each other."""

    column: str | None
    """A cluster is a value of this column; null: an index of the first axis of an array."""

    count: int
