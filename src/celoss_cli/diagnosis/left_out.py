"""Why a part of a diagnosis is not there, said once for each reason."""

from __future__ import annotations

from enum import StrEnum

from celoss_cli.results.diagnosis import LeftOut


class Reason(StrEnum):
    """Why these rows do not have a part."""

    WEIGHTS = "weights"
    SOFT_LABELS = "soft_labels"
    MULTILABEL = "multilabel"
    ONE_CLASS = "one_class"
    SEPARATION = "separation"
    TOO_FEW_ROWS = "too_few_rows"
    TOO_MANY_CLASSES = "too_many_classes"
    SEVERAL_CLASSES = "several_classes"
    REVERSED = "reversed"
    CONSTANT_SCORES = "constant_scores"
    UNINFORMATIVE = "uninformative"
    SHIFTED = "shifted"
    WRONG_WAY = "wrong_way"
    NO_FIT = "no_fit"
    CLUSTERS = "clusters"
    TOO_FEW_CLUSTERS = "too_few_clusters"


_MESSAGES = {
    Reason.WEIGHTS: "rows have weights, and this rests on counts of rows",
    Reason.SOFT_LABELS: "labels have a number for every class, and this needs one true class a row",
    Reason.MULTILABEL: "several labels may hold at once, and this needs one true class a row",
    Reason.ONE_CLASS: "only one outcome occurs: there is nothing to tell apart",
    Reason.SEPARATION: "the classes do not overlap: no value is the best",
    Reason.SEVERAL_CLASSES: "this is defined for two classes",
    Reason.REVERSED: "the scores say the opposite of what happens: labels or their sign may be swapped",
    Reason.CONSTANT_SCORES: "the scores do not differ enough to tell",
    Reason.UNINFORMATIVE: "the scores do not tell the classes apart: no temperature mends that",
    Reason.WRONG_WAY: "the scores are reversed, or too high or too low as a whole: no temperature mends that",
    Reason.SHIFTED: "the scores are too high or too low as a whole: no temperature mends that",
    Reason.NO_FIT: "the scores lie so far apart that no fit settles",
    Reason.CLUSTERS: "rows belong together, and this rests on single rows",
    Reason.TOO_FEW_CLUSTERS: "one cluster does not tell how far clusters vary",
}

TOO_LARGE = "beside a loss above 1e+12 no digit is left of what a fix leaves: divide the scores by a power of ten first"
"""Of a fit that is found, and says nothing."""

HANGS_ON_FEW = "the scores lie so far apart that a shift moves the loss of one or two rows, and would hang on those"
"""A shift alone keeps the scores as far apart as they are: no scale helps, as it does a slope."""


def without(part: str, reason: Reason, message: str | None = None) -> LeftOut:
    """Return that a part is left out; ``message`` says more than the reason does."""
    return LeftOut(part, reason.value, message or _MESSAGES[reason])


def too_few(part: str, rows: int) -> LeftOut:
    """Return that a part is left out for want of rows."""
    return LeftOut(part, Reason.TOO_FEW_ROWS.value, f"{rows:,} {'row is' if rows == 1 else 'rows are'} too few for it")
