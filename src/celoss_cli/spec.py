"""What the user said (``Request``) and what was decided about the data, with the reason for each (``Spec``)."""

from __future__ import annotations

from enum import StrEnum

from celoss_cli.request import InputForm, Task
from celoss_cli.tuples import NamedTuple


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
    several columns make the key. ``truth`` is the column of the truth's own score, and then there are no predictions
    and ``label`` is a list beside it, if there is one; ``text`` is what was scored."""

    predictions: tuple[str, ...]
    label: str | tuple[str, ...] | None
    id: str | tuple[str, ...] | None = None
    sample_weight: str | None = None
    truth: str | None = None
    text: str | None = None


class Spec(NamedTuple):
    """The resolved reading of the data: exactly what ``spec`` shows in the JSON.

    ``classes`` has the name of each class in code order; for a single binary column that is (negative, positive). Where
    the file has only what the truth got there are none, and ``task`` is ``None``.
    """

    task: Task | None
    input: InputForm
    classes: tuple[str, ...]
    positive: str | None
    columns: Columns
    decisions: tuple[Decision, ...]

    @property
    def reading(self) -> str:
        """What the task is and what the scores are, in words."""
        return f"{'sequences' if self.task is None else self.task.value}, {self.input.noun}"
