"""The file of a fix, read back: what is missing or wrong in it is named."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, TypeVar

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import InputKind, Task
from celoss_cli.results.calibration import (
    SCHEMA,
    SCHEMA_VERSION,
    CalibratedScores,
    Calibration,
    FittedOn,
    Promise,
)
from celoss_cli.results.document import NOT_FINITE, Notice
from celoss_cli.results.stored import read_stored

T = TypeVar("T")

_WRITTEN_BY = "celoss calibrate fit VALIDATION -o FIX.json writes one"

_ANEW = "celoss calibrate fit VALIDATION -o FIX.json writes it again"

_PARAMETERS = {"temperature": ("t",), "logistic": ("intercept", "slope")}


def read_calibration(given: Any) -> Calibration:
    """Return a fix, from its file if it is not one already.

    Raises UnreadableFile where the file is missing, or holds no ``celoss.calibration`` of this major version.
    """
    if isinstance(given, Calibration):
        return given
    document = read_stored(given, "the fix", "calibration_unreadable", missing=_WRITTEN_BY, otherwise=_ANEW)
    _check_schema(document, given)
    return _Document(document, given).calibration()


def _check_schema(document: Any, path: str) -> None:
    found = document.get("schema") if isinstance(document, dict) else None
    version = document.get("schema_version") if isinstance(document, dict) else None
    major = SCHEMA_VERSION.partition(".")[0]
    if found == SCHEMA and str(version).partition(".")[0] == major:
        return
    if found == SCHEMA:
        hint = "a later celoss wrote it: use that one, or fit it again with this one"
        what = f"is of {SCHEMA} {version}, and this celoss reads {major}.x"
    else:
        hint = _WRITTEN_BY
        what = f"is no {SCHEMA} document" if found is None else f"is of the schema {found}, not {SCHEMA}"
    raise UnreadableFile(f"the fix {what}", code="calibration_schema", where=Where(path), hint=hint)


class _Document:
    """The JSON of a fix, read key by key."""

    def __init__(self, document: Mapping[str, Any], path: str) -> None:
        self._document = document
        self._path = path

    def calibration(self) -> Calibration:
        """Return the fix. Raises UnreadableFile that names what is missing, or is none of what it should be."""
        document = self._document
        method = self._held(document, "method", str, "a string")
        if method not in _PARAMETERS:
            raise self._wrong(f"has the method {method!r}, and this celoss knows {', '.join(_PARAMETERS)}")
        scores = self._held(document, "scores", dict, "an object")
        fitted = self._held(document, "fitted_on", dict, "an object")
        promise = self._held(document, "promise", dict, "an object")
        classes, columns = self._names(scores, "classes"), self._names(scores, "columns")
        if len(classes) < 2 or (method == "logistic" and len(classes) != 2) or len(set(classes)) < len(classes):
            raise self._wrong(f"has {len(classes)} as the number of its classes, which a {method} is not for")
        if not columns or len(set(columns)) < len(columns):
            raise self._wrong("names no column, or one twice, as scores.columns")
        low, high = self._interval(promise)
        p_value = promise.get("p_value")
        return Calibration(
            celoss_version=self._held(document, "celoss_version", str, "a string"),
            method=method,
            parameters=self._parameters(method),
            scores=CalibratedScores(
                task=self._one_of(Task, scores, "task"),
                input=self._one_of(InputKind, scores, "input"),
                percent=bool(scores.get("percent", False)),
                classes=classes,
                columns=columns,
            ),
            fitted_on=FittedOn(
                self._held(fitted, "path", str, "a string", "fitted_on."),
                self._held(fitted, "rows", int, "a whole number", "fitted_on."),
                self._held(fitted, "digest", str, "a string", "fitted_on."),
            ),
            promise=Promise(
                loss=self._number(promise, "loss", "promise."),
                loss_after=self._number(promise, "loss_after", "promise."),
                gain=self._number(promise, "gain", "promise."),
                gain_ci95=(low, high),
                gain_in_sample=self._number(promise, "gain_in_sample", "promise."),
                p_value=None if p_value is None else self._number(promise, "p_value", "promise."),
                verdict=self._held(promise, "verdict", str, "a string", "promise."),
            ),
            warnings=tuple(
                Notice(str(one["code"]), str(one["message"]))
                for one in self._held({"warnings": [], **document}, "warnings", list, "an array")
                if isinstance(one, dict) and {"code", "message"} <= one.keys()
            ),
            schema_version=str(document["schema_version"]),
        )

    def _parameters(self, method: str) -> dict[str, float]:
        table = self._held(self._document, "parameters", dict, "an object")
        found = {name: self._number(table, name, "parameters.") for name in _PARAMETERS[method]}
        name = _PARAMETERS[method][-1]
        if not (found[name] > 0.0 and math.isfinite(1.0 / found[name]) and all(map(math.isfinite, found.values()))):
            raise self._wrong(f"has {found[name]:g} as parameters.{name}, and a number above 0 is needed")
        return found

    def _held(self, table: Mapping[str, Any], key: str, kind: type[T], wanted: str, within: str = "") -> T:
        if key not in table:
            raise self._wrong(f"has no {within}{key}")
        value = table[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self._wrong(f"has {json.dumps(value)[:40]} as {within}{key}, and {wanted} is needed")
        return value

    def _number(self, table: Mapping[str, Any], key: str, within: str) -> float:
        value: Any = self._held(table, key, object, "a number", within)
        if isinstance(value, str) and value in NOT_FINITE:
            return NOT_FINITE[value]
        if not isinstance(value, int | float) or abs(value) > 1e308:
            raise self._wrong(f"has {json.dumps(value)[:40]} as {within}{key}, and a number is needed")
        return float(value)

    def _interval(self, promise: Mapping[str, Any]) -> tuple[float, float]:
        ends = self._held(promise, "gain_ci95", list, "an array", "promise.")
        if len(ends) != 2:
            raise self._wrong("has no two numbers as promise.gain_ci95")
        low, high = (self._number({"gain_ci95": end}, "gain_ci95", "promise.") for end in ends)
        return low, high

    def _names(self, scores: Mapping[str, Any], key: str) -> tuple[str, ...]:
        return tuple(str(name) for name in self._held(scores, key, list, "an array", "scores."))

    def _one_of(self, kind: type[Any], table: Mapping[str, Any], key: str) -> Any:
        value = self._held(table, key, str, "a string", "scores.")
        try:
            return kind(value)
        except ValueError:
            raise self._wrong(f"has {value!r} as scores.{key}, which this celoss does not know") from None

    def _wrong(self, what: str) -> UnreadableFile:
        return UnreadableFile(f"the fix {what}", code="calibration_incomplete", where=Where(self._path), hint=_ANEW)
