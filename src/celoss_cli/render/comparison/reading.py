"""A comparison in words and figures, the same for every renderer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from celoss_cli.render import numbers
from celoss_cli.render.text import apart, called
from celoss_cli.results.comparison import ClassDifference, Comparison, Difference, SliceDifference, Standing, ToBest
from celoss_cli.results.evaluation import Check

Group = ClassDifference | SliceDifference


def signed_column(values: Sequence[float], like: float) -> list[str]:
    """Return differences with their signs and one number of decimals, those that ``like`` needs."""
    sizes = numbers.column([abs(value) for value in values], like=like)
    return [f"{numbers.sign(value)}{size}" for value, size in zip(values, sizes, strict=True)]


def difference(comparison: Comparison) -> str:
    """Return the mean difference with its standard error."""
    found = comparison.difference
    error = "" if found.standard_error is None else f"  ± {numbers.significant(found.standard_error, 3)}"
    return f"{numbers.signed(found.mean)} {found.unit}{error}"


def change(comparison: Comparison) -> str:
    """Return both means, the candidate's first, and by how much it is better or worse."""
    found = comparison.difference
    now, before = numbers.significant(comparison.candidate.mean), numbers.significant(comparison.baseline.mean)
    return f"{now} instead of {before} {found.unit}{numbers.better_or_worse(found.mean)}"


def best(comparison: Comparison) -> str | None:
    """Return which model of several has the smallest mean; ``None`` where there are two, or none is the smallest."""
    board = comparison.leaderboard
    if not board or not math.isfinite(board[0].mean):
        return None
    names = apart([called(row.path) for row in board])
    return f"{numbers.significant(board[0].mean)} {comparison.difference.unit}, the best of {len(board)}: {names[0]}"


def spread(comparison: Comparison) -> list[str]:
    """Return the interval and the p-value, a line for each way there was to make one."""
    found = comparison.difference
    if found.interval is None or found.standard_error is None:
        return ["no interval"]
    confidence = f"{100 * found.confidence:.6g}%"
    lines = []
    if found.bootstrap is not None:
        how = f"bootstrap, {numbers.count(found.bootstrap.replicates)} samples, seed {found.bootstrap.seed}"
        between = numbers.signed_interval(*found.bootstrap.interval, found.standard_error)
        lines.append(f"{confidence} interval {between} ({how})")
        by_t, confidence = found.ci95, "95%"
    else:
        by_t = found.interval
    if by_t is not None:
        p = "" if found.p_value is None else f", p = {numbers.significant(found.p_value, 3) if found.p_value else '0'}"
        degrees = f"t with {numbers.count(found.degrees_of_freedom or 0)} degrees of freedom"
        lines.append(f"{confidence} interval {numbers.signed_interval(*by_t, found.standard_error)}{p} ({degrees})")
    return lines


def means(comparison: Comparison) -> list[str]:
    """Return both means, and the difference as a share of the baseline's."""
    parts = [
        f"baseline {numbers.significant(comparison.baseline.mean)}",
        f"candidate {numbers.significant(comparison.candidate.mean)}",
    ]
    relative = comparison.difference.relative
    if relative is not None:
        parts.append(f"{numbers.signed(100 * relative, 3)}%")
    return parts


def gates(comparison: Comparison) -> list[tuple[Check, str]]:
    """Return each check, and the limit with what was held against it."""
    return [(check, _gate(comparison, check)) for check in comparison.verdict.checks]


def _gate(comparison: Comparison, check: Check) -> str:
    relative = comparison.verdict.relative_margin
    limit = numbers.exactly(check.limit)
    of = "" if check.subject is None else f"{check.subject}: "
    if relative is not None:
        limit = f"{numbers.exactly(100 * relative)}% of the baseline, {numbers.significant(check.limit)}"
    if math.isnan(check.value):
        return f"{of}--max-regression {limit}: there is no interval to hold against it"
    digits = numbers.digits_beside(check.value, check.limit)
    return f"{of}--max-regression {limit}: the interval ends at {numbers.signed(check.value, digits)}"


def verdict_about(comparison: Comparison, check: Check) -> str:
    """Return the verdict in words about the candidate that a check is of."""
    texts = {row.path: row.text for row in comparison.leaderboard}
    return (None if check.subject is None else texts.get(check.subject)) or comparison.verdict.text


def failures(comparison: Comparison) -> list[str]:
    """Return a sentence for each candidate that fails the gate."""
    return [
        f"{'' if check.subject is None else f'{check.subject}: '}{verdict_about(comparison, check)}"
        for check in comparison.verdict.checks
        if not check.passed
    ]


def pairing(comparison: Comparison) -> str:
    """Return how the rows found each other."""
    found = comparison.pairing
    how = f"by id {', '.join(repr(name) for name in found.columns)}" if found.by == "id" else "by row position"
    text = f"{numbers.count(comparison.rows.paired)} rows paired {how} ({found.evidence})"
    clusters = comparison.clusters
    if clusters is None:
        return text
    of = "of an array index each" if clusters.column is None else f"by {clusters.column!r}"
    return f"{text}, in {numbers.count(clusters.count)} clusters {of}"


def rows(comparison: Comparison) -> list[str]:
    """Return how many rows were won, lost and tied, and how the change is spread over them."""
    counts, share = comparison.rows, comparison.change.top_percent_share
    total = counts.won + counts.lost + counts.tied
    parts = [
        f"{word} {numbers.count(count)} ({numbers.percent(count / total, 2)})"
        for word, count in (("won", counts.won), ("lost", counts.lost), ("tied", counts.tied))
    ]
    lines = [f"{' · '.join(parts)}: the candidate's loss is smaller, larger, the same"]
    if share is not None:
        lines.append(f"the 1% of rows that changed most carry {numbers.percent(share, 2)} of the change")
    if counts.infinite_baseline or counts.infinite_candidate:
        lines.append(
            f"infinite losses: baseline {numbers.count(counts.infinite_baseline)}, "
            f"candidate {numbers.count(counts.infinite_candidate)}"
        )
    return lines


def by_size(group: Group) -> float:
    """Return what puts the largest differences first."""
    return -abs(group.difference or 0.0)


def groups(rows: Sequence[Group]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the titles and figures of a table of classes or slices; columns that say nothing are left out."""
    size = max(
        (abs(v) for r in rows for v in (r.baseline, r.candidate) if v is not None and math.isfinite(v)), default=1
    )
    table: dict[str, list[str]] = {"rows": [numbers.count(row.count) for row in rows]}
    table["baseline"] = numbers.column([row.baseline for row in rows], like=size)
    table["candidate"] = numbers.column([row.candidate for row in rows], like=size)
    table["difference"] = ["–" if row.difference is None else numbers.signed(row.difference, 3) for row in rows]
    if any(row.standard_error is not None for row in rows):
        table["±"] = ["–" if r.standard_error is None else numbers.significant(r.standard_error, 2) for r in rows]
    if any(row.won is not None for row in rows):
        for name in ("won", "lost", "tied"):
            table[name] = [numbers.count(getattr(row, name) or 0) for row in rows]
    return list(table), list(zip(*table.values(), strict=True))


BOARD_TITLES = ("rank", "model", "mean", "difference", "±", "to best", "±", "p (Holm)", "")


def board_lines(comparison: Comparison) -> list[tuple[str, ...]]:
    """Return the cells of a line a model, as ``BOARD_TITLES``; the second is the path as it is in the file system."""
    board = comparison.leaderboard
    finite = [abs(row.mean) for row in board if math.isfinite(row.mean)]
    means = numbers.column([row.mean for row in board], like=max(finite, default=1.0))
    return [
        (
            numbers.count(row.rank),
            called(row.path),
            mean,
            *_change(row.difference),
            *_change(row.to_best),
            "–" if row.to_best is None or row.to_best.p_adjusted is None else _p(row.to_best.p_adjusted),
            " · ".join(_remarks(row)),
        )
        for row, mean in zip(board, means, strict=True)
    ]


def board_sentence(comparison: Comparison) -> str:
    """Return how many models cannot be told from the best."""
    count = sum(row.indistinguishable for row in comparison.leaderboard) - 1
    if count < 0:
        return "every mean is infinite: no model is the best"
    confidence = f"{100 * comparison.difference.confidence:.6g}%"
    models = "1 other model" if count == 1 else f"{count} other models"
    told = f"{models} cannot be told from the best" if count else "every other model is told from the best"
    return f"{told}, at {confidence} (paired t-tests on the rows of all models, Holm-adjusted)"


def _change(found: Difference | ToBest | None) -> tuple[str, str]:
    if found is None:
        return "–", "–"
    error = found.standard_error
    return numbers.signed(found.mean, 3), "–" if error is None else numbers.significant(error, 2)


def _p(value: float) -> str:
    return numbers.significant(value, 3) if value else "0"


def _remarks(row: Standing) -> list[str]:
    remarks = []
    if row.difference is None:
        remarks.append("baseline")
    if math.isinf(row.mean):
        remarks.append("infinite losses")
    elif row.to_best is None:
        remarks.append("best")
    elif row.indistinguishable:
        remarks.append("indistinguishable from the best")
    if row.passed is not None:
        remarks.append("PASS" if row.passed else "FAIL")
    return remarks
