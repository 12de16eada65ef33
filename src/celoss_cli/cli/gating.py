"""The gate of a command: its limits and its baseline, read before the work and applied after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from celoss_cli.cli.messages import say
from celoss_cli.gate.limits import Limits
from celoss_cli.gate.verdict import judged, needs_details
from celoss_cli.options.option import among
from celoss_cli.results.evaluation import Check, Evaluation

if TYPE_CHECKING:
    from celoss_cli.gate.baseline import Baseline


class Gating:
    """What an evaluation is held against.

    Raises
    ------
    UsageError
        The options make no sense, or not with each other.
    """

    def __init__(self, given: Mapping[str, Any], slices: tuple[str, ...]) -> None:
        """``given`` has the options of the gate by name, ``slices`` what the rows are sliced by."""
        self._limits = Limits(**among([field.name for field in fields(Limits)], given))
        self._path: str | None = given.get("baseline")
        self._baseline: Baseline | None = None
        self._save_to: str | None = given.get("save_baseline")
        columns: list[str] = []
        if slices:
            from celoss_cli.layout.slice_columns import read_slices

            columns = [by.column for by in read_slices(slices)]
        self._limits.check_asked(columns, baseline=self._path is not None)

    @property
    def needs_details(self) -> bool:
        """Whether it takes more than the mean: limits on other numbers, or a document to be written."""
        return needs_details(self._limits) or self.stores

    @property
    def stores(self) -> bool:
        """Whether the result is kept as a baseline, or held against one: then it has to say which rows it is of."""
        return self._save_to is not None or self._path is not None

    def open(self) -> None:
        """Read the baseline, if there is one. Raises DataError."""
        if self._path is not None:
            from celoss_cli.gate.baseline import read_baseline

            self._baseline = read_baseline(self._path)

    def judged(self, evaluation: Evaluation) -> Evaluation:
        """Return the evaluation with its verdict. Raises DataError for what cannot be judged."""
        return judged(evaluation, self._limits, self._baseline)

    def save(self, evaluation: Evaluation) -> None:
        """Write the next baseline, if one is wanted and the gate passed. Raises OutputError."""
        if self._save_to is None:
            return
        from celoss_cli.render.files import save_baseline

        refused = save_baseline(self._save_to, evaluation)
        if refused is not None:
            say(f"{self._save_to}: the baseline was not saved: {refused}")


def failure(check: Check, evaluation: Evaluation) -> str:
    """Return one line about a check that failed, naming the option, the value and what chance alone makes of it."""
    from celoss_cli.render.evaluation.checks import beside_chance

    option = f"--{check.name.replace('_', '-')}"
    of = "" if check.subject is None else f" of {check.subject}"
    return f"{option} {check.limit!r}, and the value{of} is {check.value!r}{beside_chance(check, evaluation)}"
