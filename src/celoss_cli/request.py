"""What the user said, unresolved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from celoss_cli.tuples import NamedTuple


class Task(StrEnum):
    """The kind of classification: one yes/no question, one of C classes, or L independent yes/no questions."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    MULTILABEL = "multilabel"


class TargetKind(StrEnum):
    """What a label says: which class it is, how probable each class is, or which of L labels hold.

    ``TRUTH`` is none of these: the file has no distribution, but what the truth itself got, one number or a list.
    """

    INDEX = "index"
    SOFT = "soft"
    MULTILABEL = "multilabel"
    TRUTH = "truth"


class InputKind(StrEnum):
    """What the score columns hold."""

    PROBS = "probs"
    LOGITS = "logits"
    LOGPROBS = "logprobs"

    @property
    def noun(self) -> str:
        return {"probs": "probabilities", "logits": "logits", "logprobs": "log-probabilities"}[self.value]


class InputForm(StrEnum):
    """What ``--input`` takes: a kind of scores, and for logarithms of probabilities in which form they are written."""

    PROBS = "probs"
    LOGITS = "logits"
    LOGPROBS = "logprobs"
    LOG2PROBS = "log2probs"
    LOG10PROBS = "log10probs"
    NLL = "nll"

    @property
    def kind(self) -> InputKind:
        """What the scores are, once logarithms are natural ones."""
        return InputKind(self.value) if self.value in tuple(InputKind) else InputKind.LOGPROBS

    @property
    def nats(self) -> float:
        """What a logarithm is to be multiplied by to make it ln p."""
        return {"log2probs": math.log(2.0), "log10probs": math.log(10.0), "nll": -1.0}.get(self.value, 1.0)

    @property
    def natural(self) -> bool:
        """Whether values are as scoring takes them."""
        return self.nats == 1.0

    @property
    def noun(self) -> str:
        """What the values are, in words."""
        return {
            "log2probs": "base-2 logarithms of probabilities",
            "log10probs": "base-10 logarithms of probabilities",
            "nll": "negative log-probabilities",
        }.get(self.value) or self.kind.noun


class Per(StrEnum):
    """What the loss of a sequence is counted by, where no column says it."""

    TOKEN = "token"
    BYTE = "byte"
    CHAR = "char"
    WORD = "word"
    SEQUENCE = "sequence"


class Denominator(StrEnum):
    """What the sum of weighted losses is divided by: the sum of weights, or the number of scored rows."""

    WEIGHTS = "weights"
    COUNT = "count"


class Base(StrEnum):
    """The base of the logarithm, and with it the unit of the loss."""

    E = "e"
    TWO = "2"
    TEN = "10"

    @property
    def unit(self) -> str:
        return {"e": "nats", "2": "bits", "10": "hartleys"}[self.value]

    @property
    def nats(self) -> float:
        """How many nats one unit is: ln 2 for bits."""
        return {"e": 1.0, "2": math.log(2.0), "10": math.log(10.0)}[self.value]


class InvalidRows(StrEnum):
    """What to do with rows that have NaN scores or no label."""

    ERROR = "error"
    DROP = "drop"


class Unmatched(StrEnum):
    """What to do with ids that only one of two files has."""

    ERROR = "error"
    DROP = "drop"


class UnknownClass(StrEnum):
    """What to do with rows whose label names no class: refuse, an infinite loss each, or leave out."""

    ERROR = "error"
    INF = "inf"
    DROP = "drop"


class Average(StrEnum):
    """How rows make the mean: each counts by its weight, or each class counts the same."""

    MICRO = "micro"
    MACRO = "macro"


class EngineKind(StrEnum):
    """Where rows are scored: in threads of this process, or on a Dask cluster."""

    THREADS = "threads"
    DASK = "dask"


class OnInconclusive(StrEnum):
    """What becomes of the gate where the interval leaves it open."""

    PASS = "pass"
    FAIL = "fail"


class Detail(StrEnum):
    """How much to compute: the mean and the evidence that it is right, the whole report, or every convention.

    ``PAIRED`` is the mean with its spread, and every row kept to be held against the same row of another model.
    ``DIAGNOSIS`` is the whole report, and what says why the loss is what it is. ``EXPECTED`` is the mean that the rows'
    own probabilities expect, whatever is true.
    """

    MEAN = "mean"
    FULL = "full"
    CONVENTIONS = "conventions"
    PAIRED = "paired"
    DIAGNOSIS = "diagnosis"
    EXPECTED = "expected"


class Margin(NamedTuple):
    """An amount in the unit of a loss, or a share of that loss."""

    amount: float
    relative: bool = False

    def of(self, loss: float) -> float:
        """Return the amount in the unit of the loss."""
        return self.amount * loss if self.relative else self.amount


class ReadOptions(NamedTuple):
    """How to read files where the sniffing is refused or wrong; ``None`` means sniff."""

    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    header: bool | None = None
    """Whether the first row names columns: of both files, or of the predictions where ``labels_header`` is given."""

    labels_header: bool | None = None
    file_format: str | None = None
    table: str | None = None
    """Which table of a file of several: a sheet, a data set, an object."""

    split: str | None = None
    """Which of several splits in one file or directory."""

    columns: tuple[str, ...] = ()
    """The columns that were named anywhere: with a dot they may be members of structs."""

    lists: tuple[str, ...] = ()
    """The columns whose cells may be lists of any length: they are handed out as they are."""

    of_labels: bool = False
    """Whether it is the label file: its header has flags of its own."""

    def header_flag(self, *, header: bool) -> str:
        """Return the flag that says of this file that it has a header, or none."""
        return f"--{'labels-' if self.of_labels else ''}{'' if header else 'no-'}header"


class Request(NamedTuple):
    """Everything the user said, unresolved. ``None`` and empty mean "detect" or "not asked for".

    ``predictions`` and ``labels`` are paths, or in-memory objects when the Python API is used. ``class_weight``
    is the text of the option, or a mapping or sequence from the Python API. ``calibration`` is a path, or a fix;
    ``digest`` asks which rows these are, ``per_row`` for what each of them came to, in memory. ``written`` is the form
    of ``--input`` where its numbers are not in the form that scoring takes: logarithms of another base or sign.
    ``client`` is that of a Dask cluster, in place of the address in ``scheduler``.
    """

    predictions: Any
    labels: Any = None
    label: tuple[str, ...] = ()
    pred: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    unmatched: Unmatched = Unmatched.ERROR
    unknown_class: UnknownClass = UnknownClass.ERROR
    sample_weight: str | None = None
    count: str | None = None  # type: ignore[assignment]  # tuple has a method of that name, which nobody needs here
    class_column: str | None = None
    value_column: str | None = None
    where: tuple[tuple[str, str], ...] = ()
    slice: tuple[str, ...] = ()
    cluster: str | None = None
    task: Task | None = None
    input: InputKind | None = None
    written: InputForm | None = None
    truth: str | None = None
    per: str | None = None
    text: str | None = None
    skip: str | None = None
    classes: tuple[str, ...] = ()
    positive: str | None = None
    strict: bool = False
    allow: tuple[str, ...] = ()
    class_weight: str | Mapping[Any, float] | Sequence[float] | None = None
    pos_weight: str | float | Sequence[float] | None = None
    label_smoothing: float = 0.0
    ignore_index: str | None = None
    gradients: bool = False
    average: Average = Average.MICRO
    clip: float | None = None
    renormalize: bool = False
    denominator: Denominator | None = None
    base: Base | None = None
    compat: str | None = None
    invalid: InvalidRows = InvalidRows.ERROR
    reading: ReadOptions = ReadOptions()
    calibration: Any = None
    digest: bool = False
    detail: Detail = Detail.FULL
    top: int = 5
    worth: Margin | None = None
    per_sample: str | None = None
    per_row: bool = False
    threads: int | None = None
    engine: EngineKind | None = None
    scheduler: str | None = None
    client: Any = None
    tag: tuple[tuple[str, str], ...] = ()

    @property
    def allows_any_sum(self) -> bool:
        """Whether rows of probabilities far from summing to 1 are to be scored all the same."""
        followed = self.compat is not None and self.compat != "exact"
        return self.renormalize or followed or self.detail is Detail.CONVENTIONS
