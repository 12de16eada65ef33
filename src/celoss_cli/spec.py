"""What the user said (``Request``) and what was decided about the data, with the reason for each (``Spec``)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from celoss_cli.request import InputKind, Task


class How(StrEnum):
    """Where a decision came from."""

    GIVEN = "given"
    DETECTED = "detected"


class Decision(NamedTuple):
    """One thing that was decided: what, the value chosen, whether it was given or detected, and on what evidence.

    ``flag`` is the option that would settle it otherwise. ``guess`` marks a decision that the data suggest but
    do not prove: ``--strict`` refuses those.
    """

    what: str
    value: str
    how: How
    evidence: str
    flag: str | None = None
    guess: bool = False


class Columns(NamedTuple):
    """Which columns play which part. ``label`` is a tuple where labels have a number for every class, ``id`` where
    several columns make the key."""

    predictions: tuple[str, ...]
    label: str | tuple[str, ...]
    id: str | tuple[str, ...] | None = None
    sample_weight: str | None = None


class Spec(NamedTuple):
    """The resolved reading of the data: exactly what ``spec`` shows in the JSON.

    ``classes`` has the name of each class in code order; for a single binary column that is (negative, positive).
    """

    task: Task
    input: InputKind
    classes: tuple[str, ...]
    positive: str | None
    columns: Columns
    decisions: tuple[Decision, ...]
