"""The keywords of the Python API with their types, for type checkers: made from the table of options.

To renew it after a change of the table: CELOSS_RENEW_KEYWORDS=1 pytest tests/api/test_keywords.py
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict


class SharedKeywords(TypedDict, total=False):
    """What every function takes that reads rows with their labels."""

    label: str | Iterable[Any] | None
    pred: str | Iterable[Any] | None
    id: str | Iterable[Any] | None
    class_column: str | None
    value_column: str | None
    unmatched: str
    unknown_class: str
    task: str | None
    input: str | None
    classes: str | Iterable[Any] | None
    positive: Any
    where: Mapping[str, Any] | str | Iterable[str] | None
    invalid: str
    strict: bool
    allow: str | Iterable[Any] | None
    sample_weight: Any
    count: Any
    ignore_index: Any
    threads: int | None
    delimiter: str | None
    decimal: str | None
    encoding: str | None
    header: bool | None
    labels_header: bool | None
    table: str | None
    split: str | None
    file_format: str | None


class EvalKeywords(SharedKeywords, total=False):
    """What ``evaluate`` takes."""

    truth: Any
    per: str | None
    text: Any
    skip: int | str | None
    calibration: Any
    class_weight: str | os.PathLike[str] | Mapping[Any, float] | Sequence[float] | None
    pos_weight: str | float | Sequence[float] | None
    label_smoothing: float
    average: str
    denominator: str | None
    clip: float | None
    renormalize: bool
    base: str | int | None
    compat: str | None
    cluster: Any
    top: int
    slice: str | Iterable[Any] | None
    per_sample: str | os.PathLike[str] | None
    gradients: bool
    tag: Mapping[str, Any] | str | Iterable[str] | None
    engine: str | None
    scheduler: str | None
    max_loss: float | None
    max_class_loss: float | str | Mapping[str, float] | Iterable[float | str] | None
    max_slice_loss: float | str | Mapping[str, float] | Iterable[float | str] | None
    slice_min_rows: int | None
    min_skill: float | None
    min_accuracy: float | None
    max_brier: float | None
    max_ece: float | None
    max_upper_bound: float | None
    max_infinite: int | None
    min_rows: int | None
    baseline: str | os.PathLike[str] | None
    max_regression: float | str | None
    save_baseline: str | os.PathLike[str] | None


class BatchKeywords(SharedKeywords, total=False):
    """What ``evaluate_many`` takes."""

    manifest: str | os.PathLike[str] | None
    by: str | None
    model: Mapping[str, Any] | str | Iterable[str] | None
    fail_fast: bool
    truth: Any
    per: str | None
    text: Any
    skip: int | str | None
    calibration: Any
    class_weight: str | os.PathLike[str] | Mapping[Any, float] | Sequence[float] | None
    pos_weight: str | float | Sequence[float] | None
    label_smoothing: float
    average: str
    denominator: str | None
    clip: float | None
    renormalize: bool
    base: str | int | None
    compat: str | None
    cluster: Any
    sort: str | None
    per_sample: str | os.PathLike[str] | None
    top: int
    slice: str | Iterable[Any] | None
    gradients: bool
    tag: Mapping[str, Any] | str | Iterable[str] | None
    engine: str | None
    scheduler: str | None
    baseline: str | os.PathLike[str] | None
    save_baseline: str | os.PathLike[str] | None
    max_loss: float | None
    max_class_loss: float | str | Mapping[str, float] | Iterable[float | str] | None
    max_slice_loss: float | str | Mapping[str, float] | Iterable[float | str] | None
    slice_min_rows: int | None
    min_skill: float | None
    min_accuracy: float | None
    max_brier: float | None
    max_ece: float | None
    max_upper_bound: float | None
    max_infinite: int | None
    min_rows: int | None
    max_regression: float | str | None


class InspectKeywords(SharedKeywords, total=False):
    """What ``inspect`` takes."""

    truth: Any
    per: str | None
    text: Any
    skip: int | str | None
    class_weight: str | os.PathLike[str] | Mapping[Any, float] | Sequence[float] | None
    engine: str | None
    scheduler: str | None


class CompareKeywords(SharedKeywords, total=False):
    """What ``compare`` takes."""

    model: Mapping[str, Any] | str | Iterable[str] | None
    truth: Any
    per: str | None
    text: Any
    skip: int | str | None
    calibration: Any
    class_weight: str | os.PathLike[str] | Mapping[Any, float] | Sequence[float] | None
    pos_weight: str | float | Sequence[float] | None
    label_smoothing: float
    average: str
    denominator: str | None
    clip: float | None
    renormalize: bool
    base: str | int | None
    compat: str | None
    confidence: float
    cluster: Any
    bootstrap: int | None
    seed: int | None
    top: int
    slice: str | Iterable[Any] | None
    tag: Mapping[str, Any] | str | Iterable[str] | None
    engine: str | None
    scheduler: str | None
    max_regression: float | str | None
    inconclusive: str | None


class ExplainKeywords(SharedKeywords, total=False):
    """What ``explain`` takes."""

    truth: Any
    per: str | None
    text: Any
    skip: int | str | None
    class_weight: str | os.PathLike[str] | Mapping[Any, float] | Sequence[float] | None
    expect: str | float | None
    engine: str | None
    scheduler: str | None


class DiagnoseKeywords(SharedKeywords, total=False):
    """What ``diagnose`` takes."""

    calibration: Any
    renormalize: bool
    cluster: Any
    worth: float | str | None
    top: int
    tag: Mapping[str, Any] | str | Iterable[str] | None
    engine: str | None
    scheduler: str | None
    max_miscalibration: float | str | None


class HistoryKeywords(TypedDict, total=False):
    """What ``read_history`` takes."""

    name: str | Iterable[Any] | None
    tag: Mapping[str, Any] | str | Iterable[str] | None
    max_regression: float | str | None
    against: str | None
    last: int | None


class FitCalibrationKeywords(SharedKeywords, total=False):
    """What ``fit_calibration`` takes."""

    method: str | None
    renormalize: bool
    output: str | os.PathLike[str] | None


class ApplyCalibrationKeywords(TypedDict, total=False):
    """What ``apply_calibration`` takes."""

    pred: str | Iterable[Any] | None
    input: str | None
    output: str | os.PathLike[str] | None
    into: str | None
    delimiter: str | None
    decimal: str | None
    encoding: str | None
    header: bool | None
    table: str | None
    split: str | None
    file_format: str | None


class StateKeywords(SharedKeywords, total=False):
    """What ``score_part`` takes."""

    truth: Any
    per: str | None
    text: Any
    skip: int | str | None
    class_weight: str | os.PathLike[str] | Mapping[Any, float] | Sequence[float] | None
    pos_weight: str | float | Sequence[float] | None
    label_smoothing: float
    average: str
    denominator: str | None
    clip: float | None
    renormalize: bool
    base: str | int | None
    compat: str | None
    output: str | os.PathLike[str] | None
    plan: str | os.PathLike[str] | None
    part: str | None
    top: int
    slice: str | Iterable[Any] | None


class MergeKeywords(TypedDict, total=False):
    """What ``merge`` takes."""

    output: str | os.PathLike[str] | None
    tag: Mapping[str, Any] | str | Iterable[str] | None
    max_loss: float | None
    max_class_loss: float | str | Mapping[str, float] | Iterable[float | str] | None
    max_slice_loss: float | str | Mapping[str, float] | Iterable[float | str] | None
    slice_min_rows: int | None
    min_skill: float | None
    min_accuracy: float | None
    max_brier: float | None
    max_ece: float | None
    max_upper_bound: float | None
    max_infinite: int | None
    min_rows: int | None
    baseline: str | os.PathLike[str] | None
    max_regression: float | str | None
    save_baseline: str | os.PathLike[str] | None
