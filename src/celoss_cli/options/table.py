"""The table of options, one row an option: two where two commands say something else of it.

The rows stand in the order of the help. What a row is made into: the parameters of the command line
(``cli/parameters.py``), the keys of a configuration (``cli/config/``), the keywords and docstrings of the Python API
(``api/signature.py``). Another option is another row here, and the field that it fills.
"""

from __future__ import annotations

from celoss_cli.options.engines import OF_ENGINES
from celoss_cli.options.option import Argument, Option, Panel, Takes
from celoss_cli.options.sequences import OF_SEQUENCES
from celoss_cli.request import (
    Average,
    Base,
    Denominator,
    InputKind,
    InvalidRows,
    OnInconclusive,
    Task,
    UnknownClass,
    Unmatched,
)

FIT, APPLY = ("calibrate-fit",), ("calibrate-apply",)

EVERY = ("eval", "state", "inspect", "compare", "explain", "diagnose", *FIT)
"""The commands that read rows with their labels."""

FILES = (*EVERY, *APPLY)

SCORING = ("eval", "compare")

SHOWING = (*SCORING, "merge")

REPORTED = (*SHOWING, "diagnose")

RENORMALIZING = (*SCORING, "state", "diagnose", *FIT)

EVAL, COMPARE, EXPLAIN, DIAGNOSE = ("eval",), ("compare",), ("explain",), ("diagnose",)

BATCH, HISTORY = ("batch",), ("history",)

STATE, MERGE = ("state",), ("merge",)

GATED = (*EVAL, *MERGE)
"""The commands that end in an evaluation."""

LOSSES = (*SCORING, *STATE)

CONFIGURED = (*FILES, *MERGE, *HISTORY)


_LIKE = {"batch": "eval"}
"""A command that has every option of another one, where it has no row of its own for it."""

_PREDICTIONS = Argument(
    "predictions",
    "PREDICTIONS",
    "CSV, JSON, Parquet, Arrow or NumPy file; directory or quoted glob of parts; - for standard input.",
)

_LABELS = Argument(
    "labels", "[LABELS]", "A second file with the labels; else they are a column of the first.", needed=False
)

ARGUMENTS = {
    "eval": (_PREDICTIONS, _LABELS),
    "state": (_PREDICTIONS, _LABELS),
    "merge": (Argument("states", "STATE...", "What celoss state wrote, each part once.", several=True),),
    "inspect": (_PREDICTIONS, _LABELS),
    "compare": (
        Argument("baseline", "BASELINE", "The predictions to compare with: any input of eval."),
        Argument("first", "[CANDIDATE]", "The predictions to judge, for the same rows.", needed=False),
        Argument("labels", "[LABELS]", "A file with the labels of both; else each has them as a column.", needed=False),
    ),
    "explain": (_PREDICTIONS, _LABELS),
    "diagnose": (_PREDICTIONS, _LABELS),
    "batch": (
        Argument(
            "files",
            "[FILES]",
            "What to score: files, quoted globs, directories of the parts of one table.",
            needed=False,
            several=True,
        ),
    ),
    "history": (Argument("history", "HISTORY", "The file that celoss eval and batch appended their runs to."),),
    "calibrate-fit": (
        Argument("validation", "VALIDATION", "Predictions of rows that neither trained nor will judge the model."),
        _LABELS,
    ),
    "calibrate-apply": (
        Argument("calibration", "FIX", "What celoss calibrate fit wrote."),
        Argument("predictions", "PREDICTIONS", "CSV, Parquet, Arrow or NumPy file with the scores that it is for."),
    ),
}
"""What each command takes by place."""

# fmt: off
_COMPARED = (
    Option("candidate", Takes.FILES, Panel.COMPARED, COMPARE, "One more candidate: all are ranked (repeat).", "FILE",
           python=False),
    Option("model", Takes.MODELS, Panel.COMPARED, COMPARE,
           "In place of files: models that are columns of BASELINE, the first the baseline (repeat).", "NAME=COLUMNS"),
)

_SCORED = (
    Option("labels", Takes.FILE, Panel.SCORED, BATCH, "One file with the labels of all; else they are a column.",
           "FILE", python=False),
    Option("manifest", Takes.FILE, Panel.SCORED, BATCH,
           "What to score, one evaluation a row: predictions, labels, name, any option of eval as a column.", "FILE"),
    Option("by", Takes.COLUMN, Panel.SCORED, BATCH, "One evaluation for each value of this column.", "COLUMN"),
    Option("model", Takes.MODELS, Panel.SCORED, BATCH,
           "Several models in one file: the columns of each (repeat).", "NAME=COLUMNS"),
    Option("fail_fast", Takes.SWITCH, Panel.SCORED, BATCH, "Stop at the first that cannot be scored.", default=False),
)

_DATA = (
    Option("label", Takes.NAMES, Panel.DATA, EVERY,
           "The column of true labels; several for one-hot or soft labels.", "COLUMNS"),
    Option("pred", Takes.NAMES, Panel.DATA, APPLY,
           "The prediction column(s), in the order of those that it was fitted on.", "COLUMNS"),
    Option("pred", Takes.NAMES, Panel.DATA, EVERY, "The prediction column(s): repeat, a,b,c or 'prob_*'.", "COLUMNS"),
    Option("id", Takes.KEYS, Panel.DATA, EVERY,
           "Pair predictions and labels by this key; several columns make one together.", "COLUMNS"),
    Option("class_column", Takes.COLUMN, Panel.DATA, EVERY,
           "Of a file with a row for each item and class: the column of classes.", "COLUMN"),
    Option("value_column", Takes.COLUMN, Panel.DATA, EVERY, "Of such a file: the column of their scores.", "COLUMN"),
    Option("unmatched", Takes.CHOICE, Panel.DATA, EVERY, "Rows whose id is in one file only.",
           default=Unmatched.ERROR, choices=Unmatched),
    Option("unknown_class", Takes.CHOICE, Panel.DATA, EVERY, "Rows whose label names no class.",
           default=UnknownClass.ERROR, choices=UnknownClass),
    Option("task", Takes.CHOICE, Panel.DATA, EVERY, "The kind of task.", default="auto", choices=Task),
    Option("input", Takes.CHOICE, Panel.DATA, APPLY, "What the prediction columns hold, if not what it was fitted on.",
           default="auto", choices=InputKind),
    Option("input", Takes.CHOICE, Panel.DATA, FIT, "What the prediction columns hold.",
           default="auto", choices=InputKind),
    *OF_SEQUENCES,
    Option("classes", Takes.NAMES, Panel.DATA, EVERY, "The class of each prediction column, in order.", "A,B,C"),
    Option("positive", Takes.SPELLED, Panel.DATA, EVERY, "The class a single column speaks of.", "CLASS"),
    Option("where", Takes.CONDITIONS, Panel.DATA, EVERY,
           "Score only these rows (repeat: all must hold).", "COLUMN=VALUE"),
    Option("invalid", Takes.CHOICE, Panel.DATA, EVERY, "Rows with NaN scores or without a label.",
           default=InvalidRows.ERROR, choices=InvalidRows),
    Option("strict", Takes.SWITCH, Panel.DATA, EVERY, "Refuse what would be guessed.", default=False),
    Option("allow", Takes.NAMES, Panel.DATA, EVERY,
           "With --strict: let this warning pass (repeat). fitted_rows: let --calibration be scored on its own rows.",
           "CODE"),
)

_LOSS = (
    Option("method", Takes.CHOICE, Panel.LOSS, FIT,
           "What is fitted. Default: a logistic of two classes, one temperature of more.",
           default="auto", choices=("temperature", "logistic")),
    Option("calibration", Takes.CALIBRATION, Panel.LOSS, ("eval", "diagnose"),
           "Score the probabilities that this fix makes: what celoss calibrate fit wrote.", "FIX"),
    Option("calibration", Takes.CALIBRATION, Panel.LOSS, COMPARE,
           "Score the probabilities that this fix makes of the candidates: what celoss calibrate fit wrote.", "FIX"),
    Option("sample_weight", Takes.VALUES, Panel.LOSS, EVERY, "Weigh rows by this column.", "COLUMN"),
    Option("count", Takes.VALUES, Panel.LOSS, EVERY,
           "A row stands for as many rows as this column says.", "COLUMN"),
    Option("class_weight", Takes.CLASS_WEIGHTS, Panel.LOSS, ("eval", "state", "inspect", "compare", "explain"),
           "balanced, 1,2,3 (class order), name=2,other=1, or a CSV or JSON file.", "WEIGHTS"),
    Option("ignore_index", Takes.SPELLED, Panel.LOSS, EVERY, "Leave rows with this label out.", "LABEL"),
    Option("pos_weight", Takes.POS_WEIGHTS, Panel.LOSS, LOSSES,
           "Times the loss of positives: one number, or one per label (binary, multilabel).", "NUMBERS"),
    Option("label_smoothing", Takes.NUMBER, Panel.LOSS, LOSSES, "Spread this much of each target evenly.", "EPS",
           default=0.0),
    Option("average", Takes.CHOICE, Panel.LOSS, LOSSES, "micro: every row counts; macro: every class the same.",
           default=Average.MICRO, choices=Average),
    Option("denominator", Takes.CHOICE, Panel.LOSS, LOSSES, "Divide by the sum of weights (default) or by the rows.",
           choices=Denominator),
    Option("clip", Takes.NUMBER, Panel.LOSS, LOSSES, "Limit probabilities to eps .. 1 - eps.", "EPS"),
    Option("renormalize", Takes.SWITCH, Panel.LOSS, RENORMALIZING, "Divide each row of probabilities by its sum.",
           default=False),
    Option("base", Takes.CHOICE, Panel.LOSS, LOSSES,
           "Of the result, never of the input: nats (default), bits, hartleys.", choices=Base),
    Option("compat", Takes.TEXT, Panel.LOSS, LOSSES,
           "Compute it as sklearn, torch, keras, xgboost, lightgbm, catboost, kaggle, spark, … does.", "NAME"),
)

_CHANCE = (
    Option("confidence", Takes.NUMBER, Panel.CHANCE, COMPARE, "Of the interval.", "P", default=0.95),
    Option("cluster", Takes.VALUES, Panel.CHANCE, (*SCORING, "diagnose"),
           "Rows with the same value are not independent.", "COLUMN"),
    Option("bootstrap", Takes.WHOLE, Panel.CHANCE, COMPARE, "Take the interval from N samples of the rows.", "N"),
    Option("seed", Takes.WHOLE, Panel.CHANCE, COMPARE, "Of the bootstrap.", "N", shown_default="0"),
)

_SHOWN = (
    Option("name", Takes.NAMES, Panel.SHOWN, HISTORY, "Only the runs of this name (repeat).", "NAME"),
    Option("tag", Takes.TAGS, Panel.SHOWN, HISTORY, "Only runs tagged so (repeat: all hold).", "KEY=VALUE", other=True),
    Option("format", Takes.CHOICE, Panel.SHOWN, HISTORY, "What is printed; csv has a line a run.", default="table",
           choices=("table", "json", "csv", "markdown", "html"), python=False),
    Option("quiet", Takes.SWITCH, Panel.SHOWN, HISTORY, "Print the mean of the last run alone, 17 digits; one a name.",
           default=False, spelling="-q", python=False),
    Option("report", Takes.FILES, Panel.SHOWN, HISTORY,
           "Also write it: .json .md .html .csv, .xml (JUnit), .prom (OpenMetrics), .metrics.json (repeat).", "FILE",
           python=False, writes=True),
    Option("plots", Takes.FILE, Panel.SHOWN, HISTORY, "Write the pictures of the HTML page to DIR, as SVG.", "DIR",
           python=False, writes=True),
    Option("sort", Takes.CHOICE, Panel.SHOWN, BATCH, "The order of the evaluations; without it as given.",
           choices=("loss", "name", "accuracy", "rows")),
    Option("format", Takes.CHOICE, Panel.SHOWN, BATCH, "What is printed; csv and jsonl have a line an evaluation.",
           default="table", choices=("table", "json", "jsonl", "csv", "markdown"), python=False),
    Option("quiet", Takes.SWITCH, Panel.SHOWN, BATCH, "Print name, tab, mean alone, 17 digits; one a line.",
           default=False, spelling="-q", python=False),
    Option("per_sample", Takes.FILE, Panel.SHOWN, BATCH, "Write every row's loss to DIR, a .csv for each.", "DIR",
           writes=True),
    Option("expect", Takes.EXPECTED, Panel.SHOWN, EXPLAIN,
           "The number another tool gives: what reproduces it?", "X"),
    Option("format", Takes.CHOICE, Panel.SHOWN, SHOWING, "What is printed; csv is the per-class table.",
           default="table", choices=("table", "json", "csv", "markdown"), python=False),
    Option("format", Takes.CHOICE, Panel.SHOWN, DIAGNOSE, "What is printed; csv is the table of fixes.",
           default="table", choices=("table", "json", "csv", "markdown"), python=False),
    Option("format", Takes.CHOICE, Panel.SHOWN, ("inspect", "explain"), "What is printed.",
           default="table", choices=("table", "json"), python=False),
    Option("format", Takes.CHOICE, Panel.SHOWN, FIT, "What is printed.",
           default="table", choices=("table", "json"), python=False),
    Option("output", Takes.FILE, Panel.SHOWN, FIT, "Write the fix to this .json.", "FILE", spelling="-o",
           writes=True),
    Option("output", Takes.FILE, Panel.SHOWN, APPLY, "Write the file with the new scores here.", "FILE",
           spelling="-o", writes=True),
    Option("output", Takes.FILE, Panel.SHOWN, STATE, "Write the state here.", "FILE", spelling="-o", writes=True),
    Option("output", Takes.FILE, Panel.SHOWN, MERGE,
           "Write the state of these parts here, to be merged with others; nothing is printed.", "FILE", spelling="-o",
           writes=True),
    Option("plan", Takes.FILE, Panel.SHOWN, STATE,
           "The reading that every part follows: what celoss inspect --format json prints for all of them.", "FILE"),
    Option("part", Takes.TEXT, Panel.SHOWN, STATE, "Which part it is, from 1/N to N/N: the order of the rows.", "K/N"),
    Option("into", Takes.CHOICE, Panel.SHOWN, APPLY, "What is written. Default: what the columns hold.",
           default="auto", choices=InputKind),
    Option("quiet", Takes.SWITCH, Panel.SHOWN, GATED, "Print the mean alone, 17 digits.",
           default=False, spelling="-q", python=False),
    Option("quiet", Takes.SWITCH, Panel.SHOWN, COMPARE, "Print the mean difference alone, 17 digits; one a line.",
           default=False, spelling="-q", python=False),
    Option("quiet", Takes.SWITCH, Panel.SHOWN, DIAGNOSE,
           "Print what recalibration would save alone, 17 digits: what the gate limits.",
           default=False, spelling="-q", python=False),
    Option("worth", Takes.MARGIN, Panel.SHOWN, DIAGNOSE,
           "Nothing is to be gained by a fix that surely saves less than X, or P% of the loss.", "X|P%",
           shown_default="1%"),
    Option("top", Takes.WHOLE, Panel.SHOWN, DIAGNOSE, "How many rows that contradict their label to show.", "N",
           default=5),
    Option("top", Takes.WHOLE, Panel.SHOWN, (*EVAL, *STATE), "How many of the worst rows to show.", "N", default=5),
    Option("top", Takes.WHOLE, Panel.SHOWN, COMPARE, "How many of the rows that changed most to show.", "N", default=5),
    Option("slice", Takes.SLICES, Panel.SHOWN, LOSSES,
           "Also score each value of this column, or each bin: age=18,65 (repeat).", "COLUMN[=EDGES]"),
    Option("per_sample", Takes.FILE, Panel.SHOWN, EVAL, "Write every row's loss to a .csv or .parquet.", "FILE",
           writes=True),
    Option("gradients", Takes.SWITCH, Panel.SHOWN, EVAL,
           "With --per-sample: each row's gradient by its logits, and EL2N.", default=False),
    Option("report", Takes.FILES, Panel.SHOWN, REPORTED,
           "Also write the result: .json .md .html .csv, .xml (JUnit), .prom (OpenMetrics), .metrics.json (repeat).",
           "FILE", python=False, writes=True),
    Option("tag", Takes.TAGS, Panel.SHOWN, REPORTED, "Note this about the run, in every report (repeat).", "KEY=VALUE"),
    Option("history", Takes.FILE, Panel.SHOWN, EVAL, "Append this run to a .jsonl, for celoss history.", "FILE",
           python=False, writes=True),
    Option("plots", Takes.FILE, Panel.SHOWN, REPORTED, "Write the pictures of the HTML page to DIR, as SVG.", "DIR",
           python=False, writes=True),
    Option("threads", Takes.WHOLE, Panel.SHOWN, EVERY,
           "How many work at a time. Default: all cores. Never changes a digit.", "N"),
    *OF_ENGINES,
    Option("debug", Takes.SWITCH, Panel.SHOWN, CONFIGURED, "Show the traceback of a bug.", default=False, python=False),
)

_GATE = (
    Option("baseline", Takes.FILE, Panel.GATE, BATCH,
           "Compare with earlier reports: those that --save-baseline wrote to DIR, or one for all.", "DIR"),
    Option("save_baseline", Takes.FILE, Panel.GATE, BATCH,
           "Write each result that meets its limits as a baseline to DIR.", "DIR", writes=True),
    Option("max_loss", Takes.NUMBER, Panel.GATE, GATED, "… if the mean is above X.", "X"),
    Option("max_class_loss", Takes.LIMITS, Panel.GATE, GATED,
           "… if the worst class, or this one, is above X (repeat).", "[CLASS=]X"),
    Option("max_slice_loss", Takes.LIMITS, Panel.GATE, GATED,
           "… if the worst slice, of a column, or this one is above X.", "[COL[=VALUE]=]X"),
    Option("slice_min_rows", Takes.WHOLE, Panel.GATE, GATED,
           "Do not judge slices with fewer rows as the worst.", "N"),
    Option("min_skill", Takes.NUMBER, Panel.GATE, GATED,
           "… if the skill against the class frequencies is below X.", "X"),
    Option("min_accuracy", Takes.NUMBER, Panel.GATE, GATED, "… if the accuracy, a share, is below X.", "X"),
    Option("max_brier", Takes.NUMBER, Panel.GATE, GATED, "… if the Brier score is above X.", "X"),
    Option("max_ece", Takes.NUMBER, Panel.GATE, GATED, "… if the calibration error (ECE) is above X.", "X"),
    Option("max_upper_bound", Takes.NUMBER, Panel.GATE, GATED,
           "… if the upper end of the 95% interval is above X.", "X"),
    Option("max_infinite", Takes.WHOLE, Panel.GATE, GATED, "… if more rows than N have an infinite loss.", "N"),
    Option("min_rows", Takes.WHOLE, Panel.GATE, GATED, "… if fewer rows than N were scored.", "N"),
    Option("baseline", Takes.FILE, Panel.GATE, GATED, "Compare with an earlier report, a .json.", "FILE"),
    Option("max_regression", Takes.MARGIN, Panel.GATE, GATED,
           "… if the mean is more than X, or P% of the baseline, above it.", "X|P%"),
    Option("save_baseline", Takes.FILE, Panel.GATE, GATED,
           "Write this result as a baseline, unless the gate fails.", "FILE", writes=True),
    Option("max_regression", Takes.MARGIN, Panel.MARGIN, HISTORY,
           "Exit with code 1 if the last run is more than X, or P%, above the reference.", "X|P%"),
    Option("against", Takes.CHOICE, Panel.MARGIN, HISTORY,
           "The reference: the last accepted run before, the best, or the median of the last.",
           choices=("last", "best", "median"), shown_default="last"),
    Option("last", Takes.WHOLE, Panel.MARGIN, HISTORY, "With --against median: of so many runs.", "N",
           shown_default="5"),
    Option("max_miscalibration", Takes.MARGIN, Panel.MARGIN, DIAGNOSE,
           "Exit with code 1 if recalibration would save more than X, or P% of the loss.", "X|P%"),
    Option("max_regression", Takes.MARGIN, Panel.MARGIN, COMPARE,
           "Exit with code 1 unless the interval ends at most at M, or 2% of the baseline.", "M"),
    Option("inconclusive", Takes.CHOICE, Panel.MARGIN, COMPARE, "An interval that holds M is this.",
           choices=OnInconclusive, shown_default="fail"),
)

_READING = (
    Option("delimiter", Takes.TEXT, Panel.READING, FILES, "Between columns: , ; | or tab.", "CHAR"),
    Option("decimal", Takes.TEXT, Panel.READING, FILES, "The decimal mark: . or ,", "CHAR"),
    Option("encoding", Takes.TEXT, Panel.READING, FILES, "Such as utf-8, utf-16, latin-1.", "NAME"),
    Option("header", Takes.SWITCH, Panel.READING, FILES, "Whether the first row names columns.",
           spelling="--header/--no-header"),
    Option("labels_header", Takes.SWITCH, Panel.READING, EVERY, "The same, of LABELS alone.",
           spelling="--labels-header/--labels-no-header"),
    Option("table", Takes.TEXT, Panel.READING, FILES, "Of a file of several: this sheet, data set or object.", "NAME"),
    Option("split", Takes.TEXT, Panel.READING, FILES, "Of several splits in one file: this one, such as test.", "NAME"),
    Option("file_format", Takes.TEXT, Panel.READING, FILES,
           "csv, jsonl, json, arff, weka, vw, fairseq, kenlm, srilm, marian, parquet, arrow, npy, npz, sparse, orc, "
           "safetensors, torch, hdf5, excel, inspect, stata, spss, sas or r.", "NAME"),
)

_CONFIG = (
    Option("config", Takes.FILE, Panel.CONFIG, CONFIGURED, "Instead of celoss.toml or pyproject.toml.", "FILE",
           python=False),
    Option("no_config", Takes.SWITCH, Panel.CONFIG, CONFIGURED, "Read no configuration file.", default=False,
           python=False),
    Option("profile", Takes.TEXT, Panel.CONFIG, CONFIGURED, "What the file says under profiles.NAME, too.", "NAME",
           python=False),
    Option("show_config", Takes.SWITCH, Panel.CONFIG, CONFIGURED, "Show each option's value and its source, and end.",
           default=False, python=False),
)
# fmt: on

OPTIONS: tuple[Option, ...] = (
    *(*_SCORED, *_COMPARED, *_DATA, *_LOSS, *_CHANCE),
    *(*_SHOWN, *_GATE, *_READING, *_CONFIG),
)


def options_of(command: str) -> dict[str, Option]:
    """Return the options of a command by name, in the order of its help."""
    own = {option.name: option for option in OPTIONS if command in option.commands}
    if command not in _LIKE:
        return own
    every = (option for option in OPTIONS if command in option.commands or _LIKE[command] in option.commands)
    return {option.name: own.get(option.name, option) for option in every}
