"""The outcome of a batch for other programs: the findings of each evaluation, and those of all together."""

from __future__ import annotations

from collections.abc import Iterator

from celoss_cli.errors import DataError
from celoss_cli.render.evaluation.findings import findings_of as findings_of_one
from celoss_cli.render.forms.findings import CheckInWords, Findings, Measure, Origin, shown_safely
from celoss_cli.render.text import Charset
from celoss_cli.results.batch import Batch, Failure, Item

_CHARSET = Charset()


def suites_of(batch: Batch) -> Iterator[Findings | tuple[DataError, Origin]]:
    """Yield the findings of each evaluation, or its error and what it is from."""
    for item in batch.evaluations:
        if item.evaluation is not None:
            found = findings_of_one(item.evaluation)
            yield found._replace(origin=_origin(batch, item))
        elif item.error is not None:
            yield _error(item.error), _origin(batch, item)


def findings_of(batch: Batch) -> Findings:
    """Return the outcome of all together: every check that was made, under the name of its evaluation."""
    checks: list[CheckInWords] = []
    for item in batch.evaluations:
        name = _CHARSET.name(item.name)
        if item.evaluation is not None:
            for check in findings_of_one(item.evaluation).checks:
                of = name if check.subject is None else f"{name}: {check.subject}"
                checks.append(check._replace(subject=of, text=f"{name}: {check.text}"))
        if item.error is not None:
            told = str(item.error)
            text = _CHARSET.prose(told if told.startswith(f"{item.name}: ") else f"{name}: {told}")
            checks.append(CheckInWords("scored", name, False, text))
    counts = batch.counts
    return Findings(
        origin=Origin("batch", batch.celoss_version, (), tags=batch.tags),
        passed=None if batch.verdict is None else batch.verdict.passed,
        checks=tuple(checks),
        measures=(
            Measure("evaluations", counts.evaluations, "Evaluations asked for"),
            Measure("evaluations_scored", counts.scored, "Evaluations that could be scored"),
            Measure("evaluations_failed", counts.failed, "Evaluations that miss a limit"),
            Measure("evaluations_in_error", counts.errors, "Evaluations that could not be scored"),
        ),
        facts=(),
        warnings=shown_safely(batch.warnings),
    )


def _origin(batch: Batch, item: Item) -> Origin:
    files = tuple(path for path in (item.predictions, item.labels) if path is not None)
    return Origin("batch", batch.celoss_version, files, item.name, item.tags)


def _error(failure: Failure) -> DataError:
    return DataError(failure.message, code=failure.code, where=failure.where, hint=failure.hint)
