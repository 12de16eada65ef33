"""Runs over time: a line of a history (``celoss.run`` 1.x), and what all of them say (``celoss.history`` 1.x)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from celoss_cli.results.document import Notice, document_of, frame_of, plain_value
from celoss_cli.results.evaluation import Check, Evaluation, Verdict

if TYPE_CHECKING:
    import pandas as pd

RUN_SCHEMA = "celoss.run"

RUN_VERSION = "1.0"

SCHEMA = "celoss.history"

SCHEMA_VERSION = "1.0"


class Run(NamedTuple):
    """One run, as a history keeps it."""

    celoss_version: str

    time: str
    """When it was appended, in UTC, as ``2026-11-28T22:15:00Z``."""

    name: str
    """What it is called from run to run: in a batch its name there, otherwise the prediction file."""

    tags: dict[str, str]
    predictions: str
    labels: str | None
    digest: str | None
    """Names the rows."""

    task: str
    classes: tuple[str, ...]
    rows: int
    scored: int
    infinite: int
    unit: str
    mean: float
    standard_error: float | None
    ci95: tuple[float, float] | None
    accuracy: float | None
    brier: float | None
    ece: float | None
    skill_vs_prior: float | None
    convention: dict[str, Any]
    """What is meant by the loss."""

    passed: bool | None
    """Whether every limit was met; null where there was none."""

    failed: tuple[str, ...]
    """The limits that were not met."""

    weightless: int = 0
    """Scored, with a weight of 0."""

    schema: str = RUN_SCHEMA
    schema_version: str = RUN_VERSION

    @property
    def accepted(self) -> bool:
        """Whether its gate did not fail."""
        return self.passed is not False

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain Python."""
        return document_of(self)


def run_of(evaluation: Evaluation, name: str, time: str) -> Run:
    """Return an evaluation as a history keeps it."""
    loss, counts, metrics, verdict = evaluation.loss, evaluation.counts, evaluation.metrics, evaluation.verdict
    labels = evaluation.inputs.labels
    failed = () if verdict is None else tuple(check.name for check in verdict.checks if not check.passed)
    return Run(
        celoss_version=evaluation.celoss_version,
        time=time,
        name=name,
        tags=evaluation.tags,
        predictions=evaluation.inputs.predictions.path,
        labels=None if labels is None else labels.path,
        digest=evaluation.digest,
        task="sequences" if evaluation.spec.task is None else evaluation.spec.task.value,
        classes=evaluation.spec.classes,
        rows=counts.rows,
        scored=counts.scored,
        infinite=counts.infinite,
        unit=loss.unit,
        mean=loss.mean,
        standard_error=loss.standard_error,
        ci95=loss.ci95,
        accuracy=None if metrics is None else metrics.accuracy,
        brier=None if metrics is None else metrics.brier,
        ece=None if metrics is None else metrics.ece,
        skill_vs_prior=None if evaluation.baselines is None else evaluation.baselines.skill_vs_prior,
        convention=plain_value(evaluation.convention) or {},
        passed=None if verdict is None else verdict.passed,
        failed=tuple(dict.fromkeys(failed)),
        weightless=counts.weightless,
    )


class Change(NamedTuple):
    """A place where the level of the loss changed."""

    run: int
    """The first run of the new level, counted from 0 among the runs of the series."""

    time: str
    before: float
    """The mean of the runs since the last change."""

    after: float
    """The mean of the runs up to the next change."""

    p_value: float
    """The share of random orders of these runs that show such a change somewhere."""


class Beside(NamedTuple):
    """The last run beside another one, or beside what several come to."""

    of: str
    """``before``, ``best``, ``last`` (accepted) or ``median``."""

    run: int | None
    """Which run it is; null for a median."""

    mean: float

    difference: float
    """The mean of the last run − this one."""

    standard_error: float | None
    """Of the difference, were the rows independent; null for a median, and where one of them has none."""

    df: float | None
    """Welch's degrees of freedom."""

    ci95: tuple[float, float] | None

    same_rows: bool
    """Whether both are of the same rows, by their digests: the interval is then too wide."""


class Series(NamedTuple):
    """The runs of one name, in the order in which they were appended."""

    name: str
    runs: tuple[Run, ...]

    left_out: int
    """How many runs of that name cannot be compared with the last: another task, unit, convention or other classes."""

    changes: tuple[Change, ...]
    beside: tuple[Beside, ...]
    verdict: Verdict | None = None


class History(NamedTuple):
    """The whole result."""

    celoss_version: str
    path: str
    series: tuple[Series, ...]
    warnings: tuple[Notice, ...]

    verdict: Verdict | None = None
    """All checks together; null without ``--max-regression``."""

    against: str | None = None
    """What the last runs are held against there: ``last``, ``best`` or ``median``."""

    schema: str = SCHEMA
    schema_version: str = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document as plain Python; non-finite numbers stay floats (``forms/json.py`` spells them)."""
        return document_of(self, last="verdict")

    def frame(self) -> pd.DataFrame:
        """Return all runs as a DataFrame, one row a run."""
        return frame_of([run for series in self.series for run in series.runs], Run)


def verdict_of(checks: tuple[Check, ...]) -> Verdict | None:
    """Return the verdict of checks, ``None`` for none."""
    return Verdict(all(check.passed for check in checks), checks) if checks else None
