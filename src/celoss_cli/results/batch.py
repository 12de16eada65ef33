"""Many evaluations of one run: a frozen tree named as in the JSON contract (``celoss.batch`` 1.x)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from celoss_cli.errors import DataError, Where
from celoss_cli.results.document import Notice, document_of, frame_of, plain_value
from celoss_cli.results.evaluation import Evaluation

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "celoss.batch"

SCHEMA_VERSION = "1.0"


class Failure(NamedTuple):
    """Why something could not be scored."""

    code: str
    message: str
    where: Where | None
    hint: str | None

    def __str__(self) -> str:
        """Return one line: where, and what was found."""
        return self.message if self.where is None else f"{self.where}: {self.message}"

    @classmethod
    def of(cls, error: DataError) -> Failure:
        """Return what an error says."""
        return cls(error.code, error.message, error.where, error.hint)


class Item(NamedTuple):
    """One of the evaluations: what it came to, or why it came to nothing."""

    name: str
    """What it is called from run to run."""

    predictions: str
    """The file, as it was given."""

    labels: str | None
    """The label file, if it is a second one."""

    evaluation: Evaluation | None = None
    error: Failure | None = None

    tags: tuple[tuple[str, str], ...] = ()
    """What the user noted about it, whatever became of it."""

    @property
    def passed(self) -> bool | None:
        """Whether every limit is met; ``None`` where there is none, or nothing to judge."""
        verdict = None if self.evaluation is None else self.evaluation.verdict
        return None if verdict is None else verdict.passed

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation's document with the name before it, or the error in its place."""
        if self.evaluation is not None:
            return {"name": self.name, **self.evaluation.to_dict()}
        inputs = {
            "predictions": {"path": self.predictions},
            "labels": None if self.labels is None else {"path": self.labels},
        }
        return {"name": self.name, "inputs": inputs, "tags": dict(self.tags), "error": plain_value(self.error)}


class BatchCounts(NamedTuple):
    """How many evaluations there are, and what became of them."""

    evaluations: int
    scored: int

    failed: int
    """Scored, and a limit is not met."""

    errors: int
    """Could not be scored."""

    not_tried: int
    """Left out, because one before could not be scored and ``--fail-fast`` was asked for."""


class BatchVerdict(NamedTuple):
    """What all the gates came to."""

    passed: bool
    """Whether everything was scored, and every limit is met."""

    failed: tuple[str, ...]
    """The names of those that miss a limit."""

    errors: tuple[str, ...]
    """The names of those that could not be scored."""


class BatchRow(NamedTuple):
    """An evaluation as a row of a table. Null is what it does not have."""

    name: str
    rows: int | None
    scored: int | None
    mean: float | None
    standard_error: float | None
    lower: float | None
    upper: float | None
    unit: str | None
    accuracy: float | None
    brier: float | None
    ece: float | None
    skill_vs_prior: float | None
    passed: bool | None
    error: str | None


class Batch(NamedTuple):
    """The whole result."""

    celoss_version: str
    counts: BatchCounts
    evaluations: tuple[Item, ...]
    """In the order given, or as ``--sort`` says; those that could not be scored are the last then."""

    warnings: tuple[Notice, ...]
    verdict: BatchVerdict | None
    """Null where nothing was asked for, and everything could be scored."""

    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python; non-finite numbers stay floats (``forms/json.py`` spells them)."""
        document = document_of(self, last="verdict")
        return {**document, "evaluations": [item.to_dict() for item in self.evaluations]}

    @property
    def scored(self) -> Iterator[tuple[str, Evaluation]]:
        """Those that could be scored, with their names."""
        return ((item.name, item.evaluation) for item in self.evaluations if item.evaluation is not None)

    @property
    def failures(self) -> Iterator[tuple[Item, Failure]]:
        """Those that could not be scored, and why."""
        return ((item, item.error) for item in self.evaluations if item.error is not None)

    @property
    def tags(self) -> tuple[tuple[str, str], ...]:
        """The tags that all evaluations have."""
        every = [dict(item.tags) for item in self.evaluations]
        first, *others = every or [{}]
        return tuple((key, value) for key, value in first.items() if all(one.get(key) == value for one in others))

    def table(self) -> list[BatchRow]:
        """Return one row an evaluation."""
        return [_row(item) for item in self.evaluations]

    def frame(self) -> pd.DataFrame:
        """Return the table as a DataFrame, one row an evaluation."""
        return frame_of(self.table(), BatchRow)


def batch_of(
    version: str, items: tuple[Item, ...], warnings: tuple[Notice, ...] = (), *, not_tried: int = 0, judged: bool
) -> Batch:
    """Return the result of a run; ``judged`` says whether any limit was asked for."""
    failed = tuple(item.name for item in items if item.passed is False)
    errors = tuple(item.name for item in items if item.error is not None)
    scored = len(items) - len(errors)
    counts = BatchCounts(len(items) + not_tried, scored, len(failed), len(errors), not_tried)
    verdict = BatchVerdict(not failed and not errors, failed, errors) if judged or errors else None
    return Batch(version, counts, items, warnings, verdict)


def _row(item: Item) -> BatchRow:
    found = item.evaluation
    if found is None:
        nothing: dict[str, Any] = dict.fromkeys(BatchRow._fields)
        return BatchRow(**{**nothing, "name": item.name, "error": str(item.error)})
    loss, metrics = found.loss, found.metrics
    low, high = (None, None) if loss.ci95 is None else loss.ci95
    return BatchRow(
        name=item.name,
        rows=found.counts.rows,
        scored=found.counts.scored,
        mean=loss.mean,
        standard_error=loss.standard_error,
        lower=low,
        upper=high,
        unit=loss.unit,
        accuracy=None if metrics is None else metrics.accuracy,
        brier=None if metrics is None else metrics.brier,
        ece=None if metrics is None else metrics.ece,
        skill_vs_prior=None if found.baselines is None else found.baselines.skill_vs_prior,
        passed=item.passed,
        error=None,
    )
