"""The outcome of a comparison for other programs: checks, numbers, warnings."""

from __future__ import annotations

from collections.abc import Iterator

from celoss_cli.render.comparison import reading
from celoss_cli.render.forms.findings import Findings, Measure, Origin, finding_of, shown_safely
from celoss_cli.render.text import Charset
from celoss_cli.results.comparison import Comparison

_CHARSET = Charset()


def findings_of(comparison: Comparison) -> Findings:
    """Return the outcome of ``comparison``, with all texts safe to show."""
    inputs, verdict = comparison.inputs, comparison.verdict
    sources = {"baseline": inputs.baseline, "candidate": inputs.candidate, "labels": inputs.labels}
    sources |= {f"candidate {number}": source for number, source in enumerate(inputs.others, start=2)}
    paths = {role: source.path for role, source in sources.items() if source is not None}
    return Findings(
        origin=Origin("compare", comparison.celoss_version, tuple(paths.values()), tags=tuple(comparison.tags.items())),
        passed=verdict.passed,
        checks=tuple(
            finding_of(check, check.subject, f"{reading.verdict_about(comparison, check)}; {text}")
            for check, text in reading.gates(comparison)
        ),
        measures=tuple(_measures(comparison)),
        facts=(
            ("difference", f"{reading.difference(comparison)} ({'; '.join(reading.spread(comparison))})"),
            ("means", " · ".join(reading.means(comparison))),
            ("paired", _CHARSET.prose(reading.pairing(comparison))),
            *((role, _CHARSET.name(path)) for role, path in paths.items()),
        ),
        warnings=shown_safely(comparison.warnings),
    )


def _measures(comparison: Comparison) -> Iterator[Measure]:
    found, rows, unit = comparison.difference, comparison.rows, comparison.difference.unit
    yield Measure("baseline_loss", comparison.baseline.mean, "Mean cross-entropy of the baseline", unit)
    yield Measure("candidate_loss", comparison.candidate.mean, "Mean cross-entropy of the candidate", unit)
    yield Measure("difference", found.mean, "Mean difference, candidate - baseline", unit)
    if found.standard_error is not None and found.p_value is not None:
        yield Measure("difference_standard_error", found.standard_error, "Standard error of the difference", unit)
        yield Measure("difference_p_value", found.p_value, "p-value of no difference")
    if found.interval is not None:
        yield Measure("difference_lower", found.interval[0], "Lower end of the interval of the difference", unit)
        yield Measure("difference_upper", found.interval[1], "Upper end of the interval of the difference", unit)
    for name in ("paired", "won", "lost", "tied"):
        yield Measure(f"rows_{name}", getattr(rows, name), f"Rows {name}")
    for part in comparison.per_class:
        if part.difference is not None:
            of_class = (("class", _CHARSET.escaped(part.class_)),)
            yield Measure("class_difference", part.difference, "Mean difference of a class", unit, of_class)
    for group in comparison.slices:
        if group.difference is not None:
            of_slice = (("slice", _CHARSET.escaped(group.name)),)
            yield Measure("slice_difference", group.difference, "Mean difference of a slice", unit, of_slice)
    for standing in comparison.leaderboard:
        of_model = (("model", _CHARSET.escaped(standing.path)),)
        yield Measure("model_rank", standing.rank, "Place on the leaderboard", labels=of_model)
        yield Measure("model_loss", standing.mean, "Mean cross-entropy over the rows of all models", unit, of_model)
        told = "Whether a model cannot be told from the best"
        yield Measure("model_indistinguishable", float(standing.indistinguishable), told, labels=of_model)
        if standing.difference is not None:
            change = standing.difference.mean
            yield Measure("model_difference", change, "Mean difference to the baseline", unit, of_model)
