"""The options of the commands that score: their names, help texts and panels, declared once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from celoss_cli.errors import UsageError
from celoss_cli.request import Average, Base, Denominator, InputKind, InvalidRows, Task, UnknownClass, Unmatched

_DATA = "What the data are (detected where left out)"

_LOSS = "How the loss is computed"

_READ = "How text files are read (sniffed where left out)"

_SHOW = "What is shown and written"

_GATE = "Gate: exit code 1 …"

_CONFIG = "Where options come from"


class TaskChoice(StrEnum):
    """Values of ``--task``."""

    AUTO = "auto"
    BINARY = "binary"
    MULTICLASS = "multiclass"
    MULTILABEL = "multilabel"


class InputChoice(StrEnum):
    """Values of ``--input``."""

    AUTO = "auto"
    PROBS = "probs"
    LOGITS = "logits"
    LOGPROBS = "logprobs"


class ExplainFormat(StrEnum):
    """Values of ``--format`` for ``celoss explain``."""

    TABLE = "table"
    JSON = "json"


class FormatChoice(StrEnum):
    """Values of ``--format``."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


Predictions = Annotated[
    str,
    typer.Argument(
        metavar="PREDICTIONS",
        help="CSV, JSON, Parquet, Arrow or NumPy file; directory or quoted glob of parts; - for standard input.",
    ),
]

Labels = Annotated[
    str | None,
    typer.Argument(metavar="[LABELS]", help="A second file with the labels; else they are a column of the first."),
]

Label = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        metavar="COLUMNS",
        help="The column of true labels; several for one-hot or soft labels.",
        rich_help_panel=_DATA,
    ),
]

Pred = Annotated[
    list[str] | None,
    typer.Option(
        "--pred", metavar="COLUMNS", help="The prediction column(s): repeat, a,b,c or 'prob_*'.", rich_help_panel=_DATA
    ),
]

Id = Annotated[
    list[str] | None,
    typer.Option(
        "--id",
        metavar="COLUMNS",
        help="Pair predictions and labels by this key; several columns make one together.",
        rich_help_panel=_DATA,
    ),
]

UnmatchedOption = Annotated[
    Unmatched,
    typer.Option("--unmatched", help="Rows whose id is in one file only.", rich_help_panel=_DATA),
]

UnknownClassOption = Annotated[
    UnknownClass,
    typer.Option("--unknown-class", help="Rows whose label names no class.", rich_help_panel=_DATA),
]

TaskOption = Annotated[TaskChoice, typer.Option("--task", help="The kind of task.", rich_help_panel=_DATA)]

InputOption = Annotated[
    InputChoice, typer.Option("--input", help="What the prediction columns hold.", rich_help_panel=_DATA)
]

Classes = Annotated[
    list[str] | None,
    typer.Option(
        "--classes", metavar="A,B,C", help="The class of each prediction column, in order.", rich_help_panel=_DATA
    ),
]

Positive = Annotated[
    str | None,
    typer.Option("--positive", metavar="CLASS", help="The class a single column speaks of.", rich_help_panel=_DATA),
]

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where", metavar="COLUMN=VALUE", help="Score only these rows (repeat: all must hold).", rich_help_panel=_DATA
    ),
]

Invalid = Annotated[
    InvalidRows,
    typer.Option("--invalid", help="Rows with NaN scores or without a label.", rich_help_panel=_DATA),
]

Strict = Annotated[bool, typer.Option("--strict", help="Refuse what would be guessed.", rich_help_panel=_DATA)]

Slice = Annotated[
    list[str] | None,
    typer.Option(
        "--slice",
        metavar="COLUMN[=EDGES]",
        help="Also score each value of this column, or each bin: age=18,65 (repeat).",
        rich_help_panel=_SHOW,
    ),
]

SampleWeight = Annotated[
    str | None,
    typer.Option("--sample-weight", metavar="COLUMN", help="Weigh rows by this column.", rich_help_panel=_LOSS),
]

ClassWeight = Annotated[
    str | None,
    typer.Option(
        "--class-weight",
        metavar="WEIGHTS",
        help="balanced, 1,2,3 (class order), name=2,other=1, or a CSV or JSON file.",
        rich_help_panel=_LOSS,
    ),
]

PosWeight = Annotated[
    str | None,
    typer.Option(
        "--pos-weight",
        metavar="NUMBERS",
        help="Times the loss of positives: one number, or one per label (binary, multilabel).",
        rich_help_panel=_LOSS,
    ),
]

LabelSmoothing = Annotated[
    float,
    typer.Option(
        "--label-smoothing", metavar="EPS", help="Spread this much of each target evenly.", rich_help_panel=_LOSS
    ),
]

IgnoreIndex = Annotated[
    str | None,
    typer.Option("--ignore-index", metavar="LABEL", help="Leave rows with this label out.", rich_help_panel=_LOSS),
]

AverageOption = Annotated[
    Average,
    typer.Option("--average", help="micro: every row counts; macro: every class the same.", rich_help_panel=_LOSS),
]

DenominatorOption = Annotated[
    Denominator | None,
    typer.Option("--denominator", help="Divide by the sum of weights (default) or by the rows.", rich_help_panel=_LOSS),
]

Clip = Annotated[
    float | None,
    typer.Option("--clip", metavar="EPS", help="Limit probabilities to eps .. 1 - eps.", rich_help_panel=_LOSS),
]

Renormalize = Annotated[
    bool, typer.Option("--renormalize", help="Divide each row of probabilities by its sum.", rich_help_panel=_LOSS)
]

BaseOption = Annotated[
    Base | None, typer.Option("--base", help="Of the logarithm: nats (default), bits, hartleys.", rich_help_panel=_LOSS)
]

Compat = Annotated[
    str | None,
    typer.Option(
        "--compat",
        metavar="NAME",
        help="Compute it as sklearn, torch, keras, xgboost, lightgbm, catboost, kaggle, spark, … does.",
        rich_help_panel=_LOSS,
    ),
]

Expect = Annotated[
    str | None,
    typer.Option(
        "--expect", metavar="X", help="The number another tool gives: what reproduces it?", rich_help_panel=_SHOW
    ),
]

ExplainFormatOption = Annotated[ExplainFormat, typer.Option("--format", help="What is printed.", rich_help_panel=_SHOW)]

FormatOption = Annotated[
    FormatChoice, typer.Option("--format", help="What is printed; csv is the per-class table.", rich_help_panel=_SHOW)
]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the mean alone, 17 digits.", rich_help_panel=_SHOW)]

Top = Annotated[
    int, typer.Option("--top", metavar="N", help="How many of the worst rows to show.", rich_help_panel=_SHOW)
]

PerSample = Annotated[
    str | None,
    typer.Option(
        "--per-sample", metavar="FILE", help="Write every row's loss to a .csv or .parquet.", rich_help_panel=_SHOW
    ),
]

Gradients = Annotated[
    bool,
    typer.Option(
        "--gradients", help="With --per-sample: each row's gradient by its logits, and EL2N.", rich_help_panel=_SHOW
    ),
]

Report = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Also write the result: .json .md .html .csv, .xml (JUnit), .prom (OpenMetrics), .metrics.json (repeat).",
        rich_help_panel=_SHOW,
    ),
]

Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="N",
        help="How many work at a time. Default: all cores. Never changes a digit.",
        rich_help_panel=_SHOW,
    ),
]

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of a bug.", rich_help_panel=_SHOW)]

MaxLoss = Annotated[
    float | None,
    typer.Option("--max-loss", metavar="X", help="… if the mean is above X.", rich_help_panel=_GATE),
]

MaxClassLoss = Annotated[
    list[str] | None,
    typer.Option(
        "--max-class-loss",
        metavar="[CLASS=]X",
        help="… if the worst class, or this one, is above X (repeat).",
        rich_help_panel=_GATE,
    ),
]

MaxSliceLoss = Annotated[
    list[str] | None,
    typer.Option(
        "--max-slice-loss",
        metavar="[COL[=VALUE]=]X",
        help="… if the worst slice, of a column, or this one is above X.",
        rich_help_panel=_GATE,
    ),
]

SliceMinRows = Annotated[
    int | None,
    typer.Option(
        "--slice-min-rows", metavar="N", help="Do not judge slices with fewer rows as the worst.", rich_help_panel=_GATE
    ),
]

MinSkill = Annotated[
    float | None,
    typer.Option(
        "--min-skill",
        metavar="X",
        help="… if the skill against the class frequencies is below X.",
        rich_help_panel=_GATE,
    ),
]

MinAccuracy = Annotated[
    float | None,
    typer.Option("--min-accuracy", metavar="X", help="… if the accuracy, a share, is below X.", rich_help_panel=_GATE),
]

MaxBrier = Annotated[
    float | None,
    typer.Option("--max-brier", metavar="X", help="… if the Brier score is above X.", rich_help_panel=_GATE),
]

MaxEce = Annotated[
    float | None,
    typer.Option("--max-ece", metavar="X", help="… if the calibration error (ECE) is above X.", rich_help_panel=_GATE),
]

MaxUpperBound = Annotated[
    float | None,
    typer.Option(
        "--max-upper-bound",
        metavar="X",
        help="… if the upper end of the 95% interval is above X.",
        rich_help_panel=_GATE,
    ),
]

MaxInfinite = Annotated[
    int | None,
    typer.Option(
        "--max-infinite", metavar="N", help="… if more rows than N have an infinite loss.", rich_help_panel=_GATE
    ),
]

MinRows = Annotated[
    int | None,
    typer.Option("--min-rows", metavar="N", help="… if fewer rows than N were scored.", rich_help_panel=_GATE),
]

Baseline = Annotated[
    str | None,
    typer.Option("--baseline", metavar="FILE", help="Compare with an earlier report, a .json.", rich_help_panel=_GATE),
]

MaxRegression = Annotated[
    str | None,
    typer.Option(
        "--max-regression",
        metavar="X|P%",
        help="… if the mean is more than X, or P% of the baseline, above it.",
        rich_help_panel=_GATE,
    ),
]

SaveBaseline = Annotated[
    str | None,
    typer.Option(
        "--save-baseline",
        metavar="FILE",
        help="Write this result as a baseline, unless the gate fails.",
        rich_help_panel=_GATE,
    ),
]

Delimiter = Annotated[
    str | None,
    typer.Option("--delimiter", metavar="CHAR", help="Between columns: , ; | or tab.", rich_help_panel=_READ),
]

Decimal = Annotated[
    str | None, typer.Option("--decimal", metavar="CHAR", help="The decimal mark: . or ,", rich_help_panel=_READ)
]

Encoding = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="Such as utf-8, utf-16, latin-1.", rich_help_panel=_READ),
]

Header = Annotated[
    bool | None,
    typer.Option("--header/--no-header", help="Whether the first row names columns.", rich_help_panel=_READ),
]

FileFormat = Annotated[
    str | None,
    typer.Option(
        "--file-format", metavar="NAME", help="csv, jsonl, json, parquet, arrow, npy or npz.", rich_help_panel=_READ
    ),
]

Config = Annotated[
    str | None,
    typer.Option("--config", metavar="FILE", help="Instead of celoss.toml or pyproject.toml.", rich_help_panel=_CONFIG),
]

NoConfig = Annotated[bool, typer.Option("--no-config", help="Read no configuration file.", rich_help_panel=_CONFIG)]

Profile = Annotated[
    str | None,
    typer.Option(
        "--profile", metavar="NAME", help="What the file says under profiles.NAME, too.", rich_help_panel=_CONFIG
    ),
]

ShowConfig = Annotated[
    bool,
    typer.Option("--show-config", help="Show each option's value and its source, and end.", rich_help_panel=_CONFIG),
]


def chosen_task(choice: TaskChoice) -> Task | None:
    """Return the task asked for, ``None`` for auto."""
    return None if choice is TaskChoice.AUTO else Task(choice.value)


def chosen_input(choice: InputChoice) -> InputKind | None:
    """Return the kind of input asked for, ``None`` for auto."""
    return None if choice is InputChoice.AUTO else InputKind(choice.value)


def names_in(given: list[str] | None, option: str) -> tuple[str, ...]:
    """Return the names of a list option: one value splits on commas, repeated ones are taken as they are."""
    if not given:
        return ()
    names = given if len(given) > 1 else [part.strip() for part in given[0].split(",")]
    if not all(names):
        raise UsageError(
            f"{option} {','.join(given)!r} has an empty name", code="empty_name", hint=f"leave {option} out, or fill it"
        )
    return tuple(names)


def slices_in(given: list[str] | None) -> tuple[str, ...]:
    """Return what ``--slice`` asks for: one value without edges splits on commas, repeated ones do not."""
    if given is None or len(given) > 1 or "=" in given[0]:
        return tuple(given or ())
    return names_in(given, "--slice")


def conditions_in(given: list[str] | None) -> tuple[tuple[str, str], ...]:
    """Return the conditions that repeated ``--where`` options make. Raises UsageError for one without a value."""
    conditions = []
    for text in given or ():
        column, equals, value = text.rpartition("=")
        if not equals or not column:
            raise UsageError(f"--where {text!r} is not COLUMN=VALUE", code="where_form", hint="for example split=test")
        conditions.append((column, value))
    return tuple(conditions)
