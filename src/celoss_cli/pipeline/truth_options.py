"""Options that have no meaning where the truth's own score is all there is, and those that have one only there."""

from __future__ import annotations

from celoss_cli.errors import UsageError
from celoss_cli.request import Detail, Request, UnknownClass
from celoss_cli.spelling import in_order, option

_NO_DISTRIBUTION = "the file has what the truth got, and no distribution that this would be said of"


def check_truth(request: Request) -> None:
    """Raise UsageError for options that speak of a distribution, where there is only the truth's own score."""
    given = {
        "--pred": bool(request.pred),
        "--classes": bool(request.classes),
        "--positive": request.positive is not None,
        "--task": request.task is not None,
        "--class-weight": request.class_weight is not None,
        "--pos-weight": request.pos_weight is not None,
        "--label-smoothing": bool(request.label_smoothing),
        "--renormalize": request.renormalize,
        "--compat": request.compat is not None,
        "--gradients": request.gradients,
        "--denominator": request.denominator is not None,
        "--count": request.count is not None,
        "--class-column": request.class_column is not None,
        "--value-column": request.value_column is not None,
        "--unknown-class": request.unknown_class is not UnknownClass.ERROR,
        "LABELS": request.labels is not None,
        "per_row": request.per_row,
        "--calibration": request.calibration is not None,
        "a diagnosis or calibration": request.detail is Detail.DIAGNOSIS,
    }
    named = [name for name, there in given.items() if there]
    if named:
        raise UsageError(
            f"{in_order(named)} beside the truth's own score: {_NO_DISTRIBUTION}",
            code="truth_options",
            hint="leave it out; --label names a list of marks or tokens beside the scores, --per the unit of the mean",
        )
    if request.ignore_index is not None and not request.label:
        raise UsageError(
            "--ignore-index names a label, and there is none",
            code="ignore_index_alone",
            hint="--label COLUMN names the list of ids, texts or marks of the tokens",
        )


def refuse_without_truth(request: Request) -> None:
    """Raise UsageError for options of sequences where the file was found to hold something else."""
    given = [option(f"--{name}", str(value)) for name in ("per", "text", "skip") if (value := getattr(request, name))]
    if given:
        raise UsageError(
            f"{given[0]} says how the truth's own scores are counted, and the file was not found to hold any",
            code="per_without_truth",
            hint="--truth COLUMN names them",
        )
