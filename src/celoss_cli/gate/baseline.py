"""The baseline: an earlier report that a loss is held against, if the two mean the same thing."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from celoss_cli.errors import MisalignedData, UnreadableFile, Where
from celoss_cli.results.document import ABOVE_COUNTS, NOT_FINITE, Notice, plain_value
from celoss_cli.results.evaluation import SCHEMA, SCHEMA_VERSION, BaselineUsed, Evaluation
from celoss_cli.results.stored import read_stored

if TYPE_CHECKING:
    from celoss_cli.statistics.independent import IndependentDifference

T = TypeVar("T")

_SHOWN = 8  # names in a message


class Baseline(NamedTuple):
    """An earlier ``celoss.evaluation`` document, as far as a comparison needs it."""

    path: str
    mean: float
    task: str | None
    """``None`` where rows are sequences, of which only the truth's own score is known."""
    classes: tuple[str, ...]
    rows: int
    scored: int
    convention: Mapping[str, Any]
    per_class: Mapping[str, int]
    unit: str = "nats"
    standard_error: float | None = None
    units: int = 0
    """How many independent rows were scored, or clusters of them."""

    digest: str | None = None
    """Which rows it is of; ``None`` in reports of before there was one."""


def read_baseline(path: str) -> Baseline:
    """Return the report that an earlier run wrote to ``path``.

    Raises
    ------
    DataError
        The file is missing, or holds no ``celoss.evaluation`` of this major version that names its convention.
    """
    missing = "leave --baseline out and pass --save-baseline FILE, which writes one"
    document = read_stored(path, "the baseline", "baseline_unreadable", missing=missing, otherwise=_AGAIN)
    _check_schema(document, path)
    counts = _held(document, "counts", dict, "an object", path)
    loss = _held(document, "loss", dict, "an object", path)
    spec = _held(document, "spec", dict, "an object", path)
    unit = _held(loss, "unit", str, "a string", path, "loss.")
    clusters, digest = document.get("clusters"), document.get("digest")
    scored = _held(counts, "scored", int, "a whole number", path, "counts.")
    results = document.get("per_class", [])
    convention = _held(document, "convention", dict, "an object", path)
    units = scored
    if convention.get("denominator") == "weights" and "weightless" in counts:
        units -= _held(counts, "weightless", int, "a whole number", path, "counts.")
    return Baseline(
        path,
        _mean(loss, path),
        None if spec.get("task", "") is None else _held(spec, "task", str, "a string", path, "spec."),
        tuple(str(name) for name in _held(spec, "classes", list, "an array", path, "spec.")),
        _held(counts, "rows", int, "a whole number", path, "counts."),
        scored,
        convention,
        dict(_class_count(result, path) for result in (results if isinstance(results, list) else [results])),
        unit,
        _standard_error(loss, path),
        _held(clusters, "count", int, "a whole number", path, "clusters.") if isinstance(clusters, dict) else units,
        digest if isinstance(digest, str) else None,
    )


def of_evaluation(evaluation: Evaluation) -> Baseline:
    """Return an evaluation as a baseline holds it, with the path of its predictions."""
    loss, spec, counts = evaluation.loss, evaluation.spec, evaluation.counts
    idle = counts.weightless if loss.denominator.kind == "weights" else 0
    return Baseline(
        evaluation.inputs.predictions.path,
        loss.mean,
        None if spec.task is None else spec.task.value,
        spec.classes,
        counts.rows,
        counts.scored,
        plain_value(evaluation.convention),
        {result.class_: result.count for result in evaluation.per_class},
        loss.unit,
        loss.standard_error,
        counts.scored - idle if evaluation.clusters is None else evaluation.clusters.count,
        evaluation.digest,
    )


def same_rows(one: Baseline, other: Baseline) -> bool | None:
    """Whether two results are of the same rows, ``None`` where one of them does not say."""
    return None if one.digest is None or other.digest is None else one.digest == other.digest


def beside(evaluation: Evaluation, baseline: Baseline) -> Evaluation:
    """Return the evaluation with its difference from the baseline.

    Raises
    ------
    MisalignedData
        The two do not mean the same thing; the message says everything in which they differ.
    """
    mine = of_evaluation(evaluation)
    same = same_rows(mine, baseline)
    differences = differences_of(mine, baseline)
    if differences:
        raise MisalignedData(
            f"the baseline cannot be compared with: {'; '.join(differences)}",
            code="baseline_mismatch",
            where=Where(baseline.path),
            hint="score both with the same options and rows; or leave --baseline out and pass --save-baseline FILE, "
            "which writes it anew",
        )
    mean = evaluation.loss.mean
    used = BaselineUsed(baseline.path, baseline.mean, mean - baseline.mean, same)
    if same is False:
        found = independent_difference(baseline, mine)
        if found is not None:
            used = used._replace(standard_error=found.standard_error, df=found.df, ci95=found.interval)
        notices = [_other_rows(mine, baseline)]
    else:
        notices = _notices(mine, baseline)
    return evaluation._replace(baseline=used, warnings=(*evaluation.warnings, *notices))


def independent_difference(one: Baseline, other: Baseline, confidence: float = 0.95) -> IndependentDifference | None:
    """Return the mean of ``other`` − that of ``one``, for results of independent rows; ``None`` where it is unknown."""
    if one.standard_error is None or other.standard_error is None:
        return None
    from celoss_cli.statistics.independent import difference_of_means

    errors = (one.standard_error, other.standard_error)
    return difference_of_means((one.mean, other.mean), errors, (one.units, other.units), confidence)


_AGAIN = "leave --baseline out and pass --save-baseline FILE, which writes it again"


def _check_schema(document: Any, path: str) -> None:
    found = document.get("schema") if isinstance(document, dict) else None
    version = document.get("schema_version") if isinstance(document, dict) else None
    major = SCHEMA_VERSION.partition(".")[0]
    if found == SCHEMA and str(version).partition(".")[0] == major and "convention" in document:
        return
    if found == SCHEMA and str(version).partition(".")[0] == major:
        what = f"is of {SCHEMA} {version}, which does not say by what convention the loss was computed"
    elif found is None:
        what = f"is no {SCHEMA} document"
    else:
        what = f"is of the schema {found} {version}, not {SCHEMA} {major}.x"
    raise UnreadableFile(f"the baseline {what}", code="baseline_schema", where=Where(path), hint=_AGAIN)


def _held(table: Mapping[str, Any], key: str, kind: type[T], wanted: str, path: str, within: str = "") -> T:
    """Return the value of a key; raise UnreadableFile that names the key where it is missing or of another type."""
    if key not in table:
        raise _incomplete(f"has no {within}{key}", path)
    value = table[key]
    is_count = isinstance(value, int) and 0 <= value < ABOVE_COUNTS
    if not isinstance(value, kind) or isinstance(value, bool) or (kind is int and not is_count):
        raise _incomplete(f"has {_shown(value)} as {within}{key}, and {wanted} is needed", path)
    return value


def _mean(loss: Mapping[str, Any], path: str) -> float:
    value = loss.get("mean")
    if isinstance(value, str) and value in NOT_FINITE:
        return NOT_FINITE[value]
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf:
        with suppress(OverflowError):  # an integer of hundreds of digits
            return float(value)
    if "mean" not in loss:
        raise _incomplete("has no loss.mean", path)
    raise _incomplete(f"has {_shown(value)} as loss.mean, and a number is needed", path)


def _standard_error(loss: Mapping[str, Any], path: str) -> float | None:
    """Return the standard error, ``None`` where there is none; raise UnreadableFile for what cannot be one."""
    value = loss.get("standard_error")
    if value is None or (isinstance(value, str) and value in NOT_FINITE):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and not value < 0:
        with suppress(OverflowError):
            return float(value)
    raise _incomplete(f"has {_shown(value)} as loss.standard_error, and a number from 0 up, or null, is needed", path)


def _class_count(result: Any, path: str) -> tuple[str, int]:
    if not isinstance(result, dict):
        raise _incomplete(f"has {_shown(result)} in per_class, and an object is needed", path)
    count = _held(result, "count", int, "a whole number", path, "per_class[].")
    if "class" not in result:
        raise _incomplete("has no per_class[].class", path)
    return str(result["class"]), count


def _incomplete(what: str, path: str) -> UnreadableFile:
    return UnreadableFile(f"the baseline {what}", code="baseline_incomplete", where=Where(path), hint=_AGAIN)


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def differences_of(mine: Baseline, other: Baseline) -> list[str]:
    """Return everything that keeps two losses from being compared, in words; ``other`` is there, and ``mine`` here.

    Of other rows, which their digests tell, there may be another number.
    """
    ours, theirs = ({"task": one.task, **_number_of_rows(one, mine, other), **one.convention} for one in (mine, other))
    return [
        *_class_differences(other.classes, mine.classes),
        *(
            f"{name} {_said(theirs.get(name))} there, {_said(ours.get(name))} here"
            for name in dict.fromkeys([*ours, *theirs])
            if theirs.get(name) != ours.get(name)
        ),
    ]


def _number_of_rows(one: Baseline, mine: Baseline, other: Baseline) -> dict[str, int]:
    return {} if same_rows(mine, other) is False else {"rows": one.rows, "rows scored": one.scored}


def _class_differences(theirs: Sequence[str], ours: Sequence[str]) -> list[str]:
    """Return how two lists of classes differ; their order means nothing for the loss."""
    gone, new = list((Counter(theirs) - Counter(ours)).elements()), list((Counter(ours) - Counter(theirs)).elements())
    if not gone and not new:
        return []
    parts = [f"{_listed(names)} only {place}" for names, place in ((gone, "there"), (new, "here")) if names]
    return [f"classes: {', '.join(parts)}"]


def _other_rows(mine: Baseline, baseline: Baseline) -> Notice:
    """Return the warning that the two are of other rows: what is judged then."""
    return Notice(
        "baseline_other_rows",
        f"the baseline {baseline.path} is of other rows ({baseline.scored:,} there, {mine.scored:,} here): the upper "
        "end of the interval of the difference is judged, as between independent rows",
    )


def _notices(mine: Baseline, baseline: Baseline) -> list[Notice]:
    """Return a warning where the labels are not the same: the same number of rows, and other rows."""
    ours = mine.per_class
    if not ours or not baseline.per_class or ours == baseline.per_class:
        return []
    name = next(name for name in ours if ours[name] != baseline.per_class.get(name))
    text = (
        f"the baseline {baseline.path} has other labels: {baseline.per_class.get(name, 0):,} rows of class {name!r}, "
        f"not {ours[name]:,}; part of the difference may be that of the data"
    )
    return [Notice("baseline_labels", text)]


def _listed(names: Sequence[str]) -> str:
    more = f", … ({len(names):,})" if len(names) > _SHOWN else ""
    return ", ".join(repr(name) for name in names[:_SHOWN]) + more


def _said(value: Any) -> str:
    if value is None or value in ([], ()):
        return "none"
    if isinstance(value, dict):
        return ", ".join(f"{name}={weight}" for name, weight in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
