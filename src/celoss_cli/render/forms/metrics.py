"""The numbers alone: as OpenMetrics text, and as one flat JSON object.

OpenMetrics is for GitLab's metrics reports and whatever scrapes Prometheus files. The form is OpenMetrics 1.0:
metadata first, the families one after the other, ``# EOF`` at the end. Readers of the older Prometheus text take it
too: to them ``# UNIT`` and ``# EOF`` are comments.

The flat JSON is for DVC, MLflow and the like, which take numbers alone. One that is not finite is left out, and
``not_finite`` says how many were: as ``Infinity`` it would be no JSON.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping

from celoss_cli.errors import CelossError, DataError
from celoss_cli.render.forms.findings import Findings, Measure, Origin
from celoss_cli.render.forms.json import dump
from celoss_cli.render.text import Charset

_CHARSET = Charset()


def render(findings: Findings) -> str:
    """Return one gauge a number, with the gate's verdict and each check's as 1 or 0.

    Every series is labelled with the file and the tags, so that no two of a directory of such files are the same.
    """
    return render_all([findings])


def render_error(origin: Origin) -> str:
    """Return what says that nothing was scored, and so that no limit was met."""
    return render_all([(DataError("", code="none"), origin)])


def render_all(suites: Iterable[Findings | tuple[CelossError, Origin]]) -> str:
    """Return the gauges of several results, and of those that could not be scored, family by family."""
    families: dict[str, list[Measure]] = {}
    for one in suites:
        measures: Iterable[Measure] = _NOTHING_SCORED
        origin = one.origin if isinstance(one, Findings) else one[1]
        if isinstance(one, Findings):
            measures = (*one.measures, *_verdict(one))
        of = labels_of(origin)
        for measure in measures:
            families.setdefault(_family(measure), []).append(measure._replace(labels=(*of, *measure.labels)))
    return _text(families)


_NOTHING_SCORED = (
    Measure("scored", 0, "Whether anything was scored: 0, the run met an error"),
    Measure("gate_passed", 0, "Whether every limit is met: 1 or 0"),
)

_TAKEN = frozenset(
    {"name", "file", "baseline", "candidate", "class", "slice", "check", "of", "model", "repeat", "fix", "command"}
)

_LABEL = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*")


def labels_of(origin: Origin) -> tuple[tuple[str, str], ...]:
    """Return what tells the series of one result from those of others: the name, the file, the tags.

    A tag whose key is no name of a label, or one of ours, is called ``tag_`` and what can stay of its key.
    """
    files = ("baseline", "candidate") if origin.command == "compare" else ("file",)
    shown = [*([("name", origin.name)] if origin.name else []), *zip(files, origin.files, strict=False)]
    # The loss of diagnose is, of the same file, that of eval; a batch that did not end is of no one evaluation.
    if origin.command == "diagnose" or (origin.command == "batch" and not origin.name):
        shown.append(("command", origin.command))
    taken = {*_TAKEN}
    for key, value in origin.tags:
        label = key
        if not _LABEL.fullmatch(key) or key in taken:
            label = "tag_" + re.sub("[^A-Za-z0-9_]", "_", key)
        while label in taken:
            label += "_"
        taken.add(label)
        shown.append((label, value))
    return tuple(shown)


def _text(families: Mapping[str, Iterable[Measure]]) -> str:
    lines = [line for name, measures in families.items() for line in _lines(name, measures)]
    return "\n".join([*lines, "# EOF", ""])


def _verdict(findings: Findings) -> Iterator[Measure]:
    if findings.passed is not None:
        yield Measure("gate_passed", int(findings.passed), "Whether every limit is met: 1 or 0")
    for check in findings.checks:
        labels = (("check", check.name), *([("of", check.subject)] if check.subject is not None else []))
        yield Measure("check_passed", int(check.passed), "Whether a limit is met: 1 or 0", labels=labels)


def _family(measure: Measure) -> str:
    return "_".join(["celoss", measure.name, *([measure.unit] if measure.unit else [])])


def _lines(name: str, measures: Iterable[Measure]) -> Iterator[str]:
    first = next(iter(measures))
    yield f"# TYPE {name} gauge"
    if first.unit:
        yield f"# UNIT {name} {first.unit}"
    yield f"# HELP {name} {first.meaning}"
    seen: dict[str, int] = {}
    for measure in measures:
        yield f"{name}{_labels(measure.labels, seen)} {_number(measure.value)}"


def _labels(labels: Iterable[tuple[str, str]], seen: dict[str, int]) -> str:
    """Return the labels in braces. Two names that are shown alike are told apart: a label set stands only once."""
    shown = ",".join(f'{name}="{_value(value)}"' for name, value in labels)
    seen[shown] = seen.get(shown, 0) + 1
    if seen[shown] > 1:
        shown += f',repeat="{seen[shown]}"'
    return f"{{{shown}}}" if shown else ""


def _value(value: str) -> str:
    # GitLab cuts every line at a number sign, and then finds the quotes unbalanced and refuses the whole file.
    shown = _CHARSET.escaped(value).replace("#", "\\x23")
    return shown.replace("\\", "\\\\").replace('"', '\\"')


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)


def flat_numbers_of_all(suites: Iterable[Findings | tuple[CelossError, Origin]]) -> dict[str, float]:
    """Return the finite numbers of several results, each after the key of its result and a slash."""
    told = [(one.origin, flat_numbers(one)) if isinstance(one, Findings) else (one[1], _FLAT_ERROR) for one in suites]
    keys = keys_of(origin.name for origin, _ in told if origin.name)
    return {
        f"{keys[origin.name]}/{name}" if origin.name else name: value
        for origin, found in told
        for name, value in found.items()
    }


_NO_KEY = re.compile(r"[^\w.\- /]")

_MOST_KEY = 200
"""Characters: MLflow takes 250, and the name of a number comes after it."""


def keys_of(names: Iterable[str]) -> dict[str, str]:
    """Return for each name the key of its numbers, which every tracker takes, and no two alike.

    MLflow is the strictest: letters, digits, ``_.- `` and a relative path that leads nowhere else. A name that is such
    a path is its own key; in others ``_`` stands for what is not taken, and behind what would be a key already.
    """
    plain = {name: _key(name) for name in names}
    keys: dict[str, str] = {}
    for name, key in sorted(plain.items(), key=lambda one: one[0] != one[1]):
        while key in keys.values():
            key += "_"
        keys[name] = key
    return keys


def _key(name: str) -> str:
    parts = [part for part in _NO_KEY.sub("_", name).split("/") if part not in ("", ".")]
    return "/".join("__" if part == ".." else part for part in parts)[-_MOST_KEY:].lstrip("/") or "_"


def flat_numbers(findings: Findings) -> dict[str, float]:
    """Return the finite numbers that are of the whole file, how many are not, and the gate's verdict as 1 or 0."""
    values = {measure.name: measure.value for measure in findings.measures if not measure.labels}
    finite = {name: value for name, value in values.items() if math.isfinite(value)}
    if len(finite) < len(values):
        finite["not_finite"] = len(values) - len(finite)
    if findings.passed is not None:
        finite["gate_passed"] = int(findings.passed)
    return finite


def flat_error() -> str:
    """Return what says that nothing was scored, and so that no limit was met, as one flat JSON object."""
    return dump(_FLAT_ERROR)


_FLAT_ERROR: dict[str, float] = {"scored": 0, "gate_passed": 0}
