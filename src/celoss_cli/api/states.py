"""States in Python: some of the rows scored, what they leave behind as a value, and the result of all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Self, Unpack

from celoss_cli.api.arguments import path_or_object, taken
from celoss_cli.api.calls import columns_sliced, request_of_call, silent
from celoss_cli.api.keywords import MergeKeywords, StateKeywords
from celoss_cli.api.signature import with_options
from celoss_cli.errors import UsageError
from celoss_cli.gate.limits import Limits
from celoss_cli.options.option import among
from celoss_cli.options.table import options_of

if TYPE_CHECKING:
    from celoss_cli.api.shown import Evaluation
    from celoss_cli.pipeline.part import State
    from celoss_cli.results import evaluation as results


class PartState:
    """What some of the rows leave behind: small, exact, and picklable. ``merge`` makes the result of all parts."""

    __slots__ = ("_state",)

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self._state.partial.rows

    @property
    def part(self) -> str | None:
        """Which part it is, as ``K/N``; ``None`` where that was not said."""
        return None if self._state.part is None else str(self._state.part)

    def __repr__(self) -> str:
        """Return how many rows it is of."""
        of = "" if self.part is None else f", part {self.part}"
        return f"<{type(self).__name__}: {self.rows:,} rows of {self._state.reading.predictions.path}{of}>"

    def dumps(self) -> str:
        """Return it as the text of its file: versioned JSON."""
        from celoss_cli.pipeline.state_file import dump_state

        return dump_state(self._state)

    @classmethod
    def loads(cls, text: str) -> Self:
        """Return the state that ``dumps`` made a text of. Raises UnreadableFile for another text."""
        from celoss_cli.pipeline.state_file import load_state

        return cls(load_state(text, "the state"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file, whole or not at all. Raises OutputError."""
        from celoss_cli.outputs.files import write_whole

        write_whole(os.fspath(path), self.dumps())


@with_options("state", StateKeywords)
def score_part(predictions: Any, labels: Any = None, **options: Unpack[StateKeywords]) -> PartState:
    """Score some of the rows and return what they leave behind, for ``merge``.

    Parameters
    ----------
    predictions, labels
        As for ``evaluate``: those of a part of the rows.
    **options

    Raises
    ------
    celoss_cli.errors.CelossError
        As ``evaluate``; ``AmbiguousData`` where the rows do not follow the plan.
    """
    from celoss_cli.pipeline.empty_part import score_any_part as score
    from celoss_cli.pipeline.part import part_of
    from celoss_cli.pipeline.state_file import read_plan
    from celoss_cli.tables.inputs import opener_of

    request, given = request_of_call("state", predictions, labels, options)
    output, plan = given.get("output"), given.get("plan")
    if output is not None:
        from celoss_cli.outputs.files import check_writable

        inputs = [path for path in (request.predictions, request.labels, plan) if isinstance(path, str)]
        check_writable(output, inputs)
    pinned = None if plan is None else read_plan(plan)
    state = PartState(score(request, opener_of(request), silent, pinned, part_of(given.get("part"))))
    if output is not None:
        state.save(output)
    return state


def state_of_call(predictions: Any, labels: Any, options: Mapping[str, Any]) -> PartState:
    """Return the state of a call of ``evaluate``. Raises UsageError for what merge is to be asked for."""
    known = options_of("state")
    other = next((name for name, value in options.items() if name not in known and value is not None), None)
    if other is not None:
        raise UsageError(
            f"{other} does not go with as_state: it is about all rows",
            code="state_option",
            hint=f"{'pass it to merge' if other in options_of('merge') else 'leave it out'}",
        )
    return score_part(predictions, labels, **{name: value for name, value in options.items() if name in known})


@with_options("merge", MergeKeywords)
def merge(states: Iterable[Any], **options: Unpack[MergeKeywords]) -> Evaluation:
    """Return the result of all parts: the same as that of ``evaluate`` on all rows, to the last digit.

    The rows are in the order of ``part`` where all states have it, else in that in which they are given.

    Parameters
    ----------
    states
        What ``score_part`` returned, or paths of files that ``celoss state`` wrote; each part once.
    **options

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that make no sense; ``DataError`` for states that are damaged or of another
        version, parts that are missing or there twice, and parts that were read in different ways.
    """
    from celoss_cli.api.shown import Evaluation
    from celoss_cli.gate.verdict import judged
    from celoss_cli.pipeline.states import evaluation_of, merged_state, told

    given = _taken(options)
    whole = merged_state(_each(states))
    if (output := given.get("output")) is not None:
        PartState(whole).save(output)
    limits = Limits(**among([field.name for field in fields(Limits)], given))
    earlier_path, next_path = given.get("baseline"), given.get("save_baseline")
    limits.check_asked(columns_sliced(whole.request.slice), baseline=earlier_path is not None)
    earlier = None
    if earlier_path is not None:
        from celoss_cli.gate.baseline import read_baseline

        earlier = read_baseline(earlier_path)

    def finish(evaluation: results.Evaluation) -> results.Evaluation:
        return judged(evaluation, limits, earlier)

    found = evaluation_of(told(whole, given.get("tag", ()), digest=True, short=False), finish)
    if next_path is not None:
        from celoss_cli.render.files import save_baseline

        save_baseline(next_path, found)
    return Evaluation.of(found)


def _taken(options: Mapping[str, Any]) -> dict[str, Any]:
    return taken(options_of("merge"), options)


def _each(states: Any) -> Iterable[tuple[str, State]]:
    from celoss_cli.pipeline.state_file import read_state

    if isinstance(states, str | os.PathLike | PartState) or not isinstance(states, Iterable):
        raise UsageError(
            "merge takes several states", code="unfit_argument", hint="pass a list of what score_part returned"
        )
    for number, one in enumerate(states):
        given = path_or_object(one)
        if isinstance(given, PartState):
            yield f"state {number}", given._state
        elif isinstance(given, str):
            yield given, read_state(given)
        else:
            raise UsageError(
                f"an object of type {type(one).__name__} is no state",
                code="unfit_argument",
                hint="pass what score_part returned, or paths of files",
            )
