"""The verdict: an evaluation held against the limits the user asked for, judged on unrounded values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from celoss_cli.errors import DataError, Where
from celoss_cli.gate.limits import Limit, Limits, column_of
from celoss_cli.request import Margin
from celoss_cli.results.evaluation import Check, Evaluation, Skipped, SliceResult, Verdict

if TYPE_CHECKING:
    from celoss_cli.gate.baseline import Baseline


class JudgedValue(NamedTuple):
    """What a limit is held against: the value, ``None`` where the evaluation has none, and of which class or slice."""

    value: float | None
    subject: str | None = None


class LimitRule(NamedTuple):
    """One kind of limit: the field of ``Limits``, what it is about, and what of an evaluation it is held against.

    ``lowest`` says that values below the limit fail, not those above it. ``details`` are needed where the value comes
    from more than the mean and the counts.
    """

    name: str
    quantity: str
    read: Callable[[Evaluation, Limit, Limits], JudgedValue]
    lowest: bool = False
    details: bool = True

    @property
    def option(self) -> str:
        """The option that asks for it."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def beyond(self) -> str:
        """The word for a value on the wrong side of the limit."""
        return "below" if self.lowest else "above"

    def met(self, value: float, limit: float) -> bool:
        """Whether a value meets the limit. Equal values do."""
        return value >= limit if self.lowest else value <= limit


def _at(*path: str) -> Callable[[Evaluation, Limit, Limits], JudgedValue]:
    """Return what reads the value at a path of attributes; there is none where the path ends early."""

    def read(evaluation: Evaluation, limit: Limit, limits: Limits) -> JudgedValue:  # noqa: ARG001  every rule is read alike
        value: Any = evaluation
        for name in path:
            value = None if value is None else getattr(value, name)
        return JudgedValue(value)

    return read


def _upper_bound(evaluation: Evaluation, limit: Limit, limits: Limits) -> JudgedValue:  # noqa: ARG001  as above
    interval = evaluation.loss.ci95
    return JudgedValue(None if interval is None else interval[1])


def _regression(evaluation: Evaluation, limit: Limit, limits: Limits) -> JudgedValue:  # noqa: ARG001  as above
    """Return the difference from the baseline; where that is of other rows, the upper end of its interval."""
    baseline = evaluation.baseline
    if baseline is None or baseline.same_rows is not False:
        return JudgedValue(None if baseline is None else baseline.difference)
    return JudgedValue(None if baseline.ci95 is None else baseline.ci95[1])


def _class_loss(evaluation: Evaluation, limit: Limit, limits: Limits) -> JudgedValue:  # noqa: ARG001  as above
    """Return the loss of the class named, or of the worst one: classes without rows have none, and are passed over."""
    if limit.subject is None:
        return _worst((result.mean_loss, result.class_) for result in evaluation.per_class)
    for result in evaluation.per_class:
        if result.class_ == limit.subject:
            return JudgedValue(result.mean_loss, result.class_)
    names = [result.class_ for result in evaluation.per_class]
    raise DataError(
        f"--max-class-loss: there is no class {limit.subject!r}; the classes are {_listed(names)}",
        code="limit_unknown_class",
        where=Where(evaluation.inputs.predictions.path),
        hint="name=X limits one class, X the worst",
    )


def _slice_loss(evaluation: Evaluation, limit: Limit, limits: Limits) -> JudgedValue:
    """Return the loss of the slice named, or of the worst one, of a column or of all.

    A slice that has rows, none of which could be scored, is the worst: nothing is known about it. Slices whose rows
    weigh nothing are passed over, as are those with few rows if ``slice_min_rows`` says so.
    """
    columns = list(dict.fromkeys(part.column for part in evaluation.slices))
    if limit.subject is None or limit.subject in columns:
        candidates = [part for part in _of_column(evaluation.slices, limit.subject) if not _too_small(part, limits)]
        lost = next((part for part in candidates if not part.scored), None)
        if lost is not None:
            return JudgedValue(None, lost.name)
        return _worst((part.mean_loss, part.name) for part in candidates)
    for part in evaluation.slices:
        if part.name == limit.subject:
            return JudgedValue(part.mean_loss, part.name)
    column = column_of(limit.subject, columns)
    names = [part.name for part in _of_column(evaluation.slices, column)]
    raise DataError(
        f"--max-slice-loss: no row to be scored is of the slice {limit.subject!r}; there are {_listed(names)}",
        code="limit_unknown_slice",
        where=Where(evaluation.inputs.predictions.path, column=column),
        hint="COLUMN=VALUE=X limits one slice, X the worst",
    )


def _of_column(slices: Iterable[SliceResult], column: str | None) -> list[SliceResult]:
    return [part for part in slices if column is None or part.column == column]


def _too_small(part: SliceResult, limits: Limits) -> bool:
    return part.scored < limits.slice_min_rows


def _worst(losses: Iterable[tuple[float | None, str]]) -> JudgedValue:
    """Return the largest loss there is, the first of equals; one that is not finite is as large as can be."""
    known = [(loss, name) for loss, name in losses if loss is not None]
    return JudgedValue(
        *max(known, key=lambda item: item[0] if math.isfinite(item[0]) else math.inf, default=(None, None))
    )


RULES: tuple[LimitRule, ...] = (
    LimitRule("max_loss", "mean loss", _at("loss", "mean"), details=False),
    LimitRule("max_upper_bound", "upper end of the 95% interval", _upper_bound),
    LimitRule("min_skill", "skill", _at("baselines", "skill_vs_prior"), lowest=True),
    LimitRule("max_brier", "Brier score", _at("metrics", "brier")),
    LimitRule("max_ece", "ECE", _at("metrics", "ece")),
    LimitRule("min_accuracy", "accuracy", _at("metrics", "accuracy"), lowest=True),
    LimitRule("max_infinite", "number of rows with infinite loss", _at("counts", "infinite"), details=False),
    LimitRule("min_rows", "number of rows scored", _at("counts", "scored"), lowest=True, details=False),
    LimitRule("max_class_loss", "mean loss", _class_loss),
    LimitRule("max_slice_loss", "mean loss", _slice_loss),
    LimitRule("max_regression", "difference from the baseline", _regression, details=False),
)


def needs_details(limits: Limits) -> bool:
    """Whether the limits need more of an evaluation than its mean."""
    return any(rule.details and getattr(limits, rule.name) not in (None, ()) for rule in RULES)


def judged(evaluation: Evaluation, limits: Limits, baseline: Baseline | None = None) -> Evaluation:
    """Return the evaluation with the verdict on it, and beside the baseline if there is one.

    Raises
    ------
    DataError
        The baseline cannot be compared with this evaluation, or a limit is for a class or slice that is not there.
    """
    if baseline is not None:
        from celoss_cli.gate.baseline import beside

        evaluation = beside(evaluation, baseline)
    return evaluation._replace(verdict=judge(evaluation, limits))


def judge(evaluation: Evaluation, limits: Limits) -> Verdict | None:
    """Return the verdict on ``evaluation``, or ``None`` when no limit was asked for.

    A value that is missing or not finite never passes, whatever the limit; neither does an evaluation in which
    no row was scored. A missing value stands in the check as NaN. Raises DataError as ``judged`` does.
    """
    checks = tuple(
        _check(rule, limit, rule.read(evaluation, limit, limits), evaluation)
        for rule in RULES
        for limit in _asked(rule, limits, evaluation)
    )
    if not checks:
        return None
    return Verdict(all(check.passed for check in checks), checks, _skipped(evaluation.slices, limits))


def _asked(rule: LimitRule, limits: Limits, evaluation: Evaluation) -> tuple[Limit, ...]:
    """Return the limits of one kind that were asked for, a margin as what it comes to beside the baseline."""
    given: float | Margin | tuple[Limit, ...] | None = getattr(limits, rule.name)
    if given is None:
        return ()
    if isinstance(given, Margin):
        return (Limit(math.nan if evaluation.baseline is None else given.of(evaluation.baseline.mean)),)
    return (Limit(given),) if isinstance(given, float | int) else given


def _check(rule: LimitRule, limit: Limit, found: JudgedValue, evaluation: Evaluation) -> Check:
    value = math.nan if found.value is None else found.value
    passed = evaluation.counts.scored > 0 and math.isfinite(value) and rule.met(value, limit.value)
    return Check(rule.name, limit.value, value, passed, found.subject, limit.subject)


def _skipped(slices: Sequence[SliceResult], limits: Limits) -> tuple[Skipped, ...]:
    """Return the slices that were too small to be judged as the worst, and are named by no limit of their own."""
    asked = [limit.subject for limit in limits.max_slice_loss]
    return tuple(
        Skipped("max_slice_loss", part.name, part.scored)
        for part in slices
        if _too_small(part, limits) and (None in asked or part.column in asked) and part.name not in asked
    )


def _listed(names: Sequence[str]) -> str:
    shown = [repr(name) for name in names[:8]]
    return ", ".join(shown) + (f", … ({len(names):,})" if len(names) > len(shown) else "")
