"""celoss compare of two reports: the difference of two means of rows that are not the same."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

from celoss_cli._version import __version__
from celoss_cli.comparison.options import Comparing, check_comparing
from celoss_cli.errors import MisalignedData, UnreadableFile, Where
from celoss_cli.gate.baseline import Baseline, differences_of, independent_difference, read_baseline, same_rows
from celoss_cli.gate.regression import outcome_of, passes
from celoss_cli.request import OnInconclusive
from celoss_cli.results.comparison import ComparisonOutcome
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import Check
from celoss_cli.results.unpaired import Side, Unpaired, UnpairedDifference, UnpairedVerdict

_BEGINNING = 200  # characters: the schema stands first

_SCHEMA = re.compile(r'\s*\{\s*"schema":\s*"celoss\.')


def are_reports(paths: Sequence[str]) -> bool:
    """Whether files are to be compared as reports: documents of celoss, by their first characters.

    Raises UnreadableFile where one is such a document, and another is none, or is not there.
    """
    found = [path for path in paths if path.lower().endswith(".json") and _is_document(path)]
    other = next((path for path in paths if path not in found), None)
    if not found or other is None:
        return bool(found)
    if not Path(other).exists():
        raise UnreadableFile("there is no such file", code="no_such_file", where=Where(other), hint="check the path")
    raise UnreadableFile(
        f"is no report of celoss, and {found[0]} is one",
        code="no_report",
        where=Where(other),
        hint="compare two reports of celoss eval (.json), or two files of predictions",
    )


def _is_document(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return _SCHEMA.match(file.read(_BEGINNING).decode(errors="replace")) is not None
    except (OSError, ValueError):
        return False


def compare_reports(baseline: str, candidate: str, asked: Comparing, tags: Sequence[tuple[str, str]] = ()) -> Unpaired:
    """Return how the result in ``candidate`` does beside that in ``baseline``, as results of independent rows.

    Raises UsageError for options that make no sense, UnreadableFile for a report that cannot be read, MisalignedData
    for two that do not mean the same.
    """
    check_comparing(asked)
    one, other = _read(baseline), _read(candidate)
    same = same_rows(one, other)
    # Without digests the number of rows says nothing here: they may be any.
    told = [told for told in differences_of(other, one) if not told.startswith("rows")]
    if told:
        raise MisalignedData(
            f"cannot be compared with {baseline}: {'; '.join(told)}",
            code="reports_differ",
            where=Where(candidate),
            hint="score both with the same options",
        )
    found = independent_difference(one, other, asked.confidence)
    difference = UnpairedDifference(
        other.mean - one.mean,
        one.unit,
        None if found is None else found.standard_error,
        None if found is None else found.df,
        asked.confidence,
        None if found is None else found.interval,
        None if found is None else found.p_value,
    )
    sides = [Side(each.path, each.mean, each.standard_error, each.scored, each.digest) for each in (one, other)]
    verdict = _verdict(one, other, difference, asked)
    return Unpaired(__version__, sides[0], sides[1], difference, same, _notices(same), dict(tags), verdict)


def _read(path: str) -> Baseline:
    try:
        return read_baseline(path)
    except UnreadableFile as error:
        raise UnreadableFile(
            error.message.replace("the baseline", "the report", 1),
            code=error.code,
            where=error.where,
            hint="celoss eval PREDICTIONS --report FILE.json writes one",
        ) from None


def _verdict(one: Baseline, other: Baseline, difference: UnpairedDifference, asked: Comparing) -> UnpairedVerdict:
    infinite = not math.isfinite(difference.mean)
    margin = None if asked.max_regression is None else asked.max_regression.of(one.mean)
    outcome = outcome_of(difference.interval, margin, infinite=infinite)
    checks: tuple[Check, ...] = ()
    if margin is not None:
        inconclusive = asked.inconclusive or OnInconclusive.FAIL
        passed = passes(difference.interval, margin, infinite=infinite, inconclusive=inconclusive)
        value = math.nan if difference.interval is None else difference.interval[1]
        checks = (Check("max_regression", margin, value, passed),)
    passed_all = all(check.passed for check in checks) if checks else None
    text = _in_words(outcome, difference, margin) if not infinite else _not_finite(one.mean, other.mean)
    return UnpairedVerdict(outcome, text, margin, passed_all, checks)


def _not_finite(one: float, other: float) -> str:
    if math.isfinite(one) or math.isfinite(other):
        whose = "candidate" if math.isfinite(one) else "baseline"
        return f"no verdict: the mean of the {whose} is not finite"
    return (
        "no verdict: neither mean is finite, and there is no difference between them: score both with the same --clip"
    )


def _in_words(outcome: ComparisonOutcome, difference: UnpairedDifference, margin: float | None) -> str:
    interval = ""
    if difference.interval is not None:
        low, high = difference.interval
        interval = f"{100 * difference.confidence:g}% interval {low:+.6g} to {high:+.6g}"
    by = f"{abs(difference.mean):.6g} {difference.unit} ({interval})"
    allowed = "" if margin is None else f", and a rise of {margin:.6g} is allowed"
    if difference.interval is None:
        return "no verdict: a report has no standard error"
    if outcome is ComparisonOutcome.BETTER:
        return f"better: the mean loss falls by {by}"
    if outcome is ComparisonOutcome.WORSE:
        return f"worse: the mean loss rises by {by}{allowed}"
    if outcome is ComparisonOutcome.NO_WORSE:
        return f"no worse than the margin: the mean loss changes by {difference.mean:+.6g} ({interval}){allowed}"
    return f"not enough rows to tell: a difference of {difference.mean:+.6g} may be chance ({interval}){allowed}"


def _notices(same: bool | None) -> tuple[Notice, ...]:
    if same is False:
        return ()
    what = "both reports are of the same rows" if same else "a report does not say which rows it is of"
    text = f"{what}: celoss compare on the prediction files pairs the rows, and tells smaller differences from chance"
    return (Notice("not_paired", text),)
