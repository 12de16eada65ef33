"""Options that no file could make sense of, refused before anything is read; and guesses, under ``--strict``."""

from __future__ import annotations

from pathlib import Path

from celoss_cli.errors import AmbiguousData, UsageError, Where
from celoss_cli.kernels.compiled import KERNELS
from celoss_cli.pipeline.job import Job
from celoss_cli.request import Average, Detail, EngineKind, Request, TargetKind, UnknownClass
from celoss_cli.spec import Decision
from celoss_cli.spelling import in_order


def check_options(request: Request) -> None:
    """Refuse options that no file could make sense of."""
    if KERNELS.problem:
        raise UsageError(
            KERNELS.problem, code="unknown_kernels", hint="leave the variable out: what is fastest here is chosen"
        )
    _check_paths(request)
    _check_loss(request)
    _check_single_rows(request)
    if request.truth is not None:
        from celoss_cli.pipeline.truth_options import check_truth

        check_truth(request)
    if request.slice:
        from celoss_cli.layout.slice_columns import read_slices

        read_slices(request.slice)
    if request.unknown_class is UnknownClass.INF:
        _check_infinite(request)
    if request.compat is not None:
        from celoss_cli.conventions.libraries import preset

        preset(request.compat)
    check_threads(request.threads)
    if request.engine is not None or request.scheduler is not None:
        from celoss_cli.pipeline.clustered import check_engine

        check_engine(request)
    if request.top < 0:
        raise UsageError(f"--top {request.top} is negative", code="top_range", hint="--top 0 shows none")
    _check_classes(request)
    if request.per_sample is not None:
        _check_per_sample(request, request.per_sample)


def _check_paths(request: Request) -> None:
    for name, value in (("PREDICTIONS", request.predictions), ("LABELS", request.labels)):
        if isinstance(value, str) and not value:
            raise UsageError(
                f"{name} is empty", code="empty_path", hint="name a file; is a variable of the shell not set?"
            )


def _check_loss(request: Request) -> None:
    """Refuse what cannot be meant by the loss."""
    if request.clip is not None and not 0.0 < request.clip < 0.5:
        raise UsageError(
            f"--clip {request.clip:g} is not between 0 and 0.5",
            code="clip_range",
            hint="it limits probabilities to [eps, 1 - eps]: 1e-15 is a usual choice",
        )
    if not 0.0 <= request.label_smoothing <= 1.0:
        raise UsageError(
            f"--label-smoothing {request.label_smoothing:g} is not between 0 and 1",
            code="smoothing_range",
            hint="0.1 is a usual choice",
        )
    if request.average is Average.MACRO and request.class_weight is not None:
        raise UsageError(
            "--average macro and --class-weight both say how much each class counts",
            code="macro_and_class_weight",
            hint="leave one out",
        )


def _check_single_rows(request: Request) -> None:
    """Refuse what is asked of single rows where there are none."""
    if request.gradients and request.per_sample is None and not request.per_row:
        raise UsageError(
            "--gradients adds columns to the per-sample file, and there is none",
            code="gradients_without_file",
            hint="name one: --per-sample FILE.parquet",
        )
    if request.count is not None and (request.per_sample is not None or request.per_row):
        what = "per_row has one number for" if request.per_sample is None else "--per-sample has one line for"
        raise UsageError(
            f"{what} each row, and --count says that a row stands for several",
            code="count_per_sample",
            hint="leave --count out: the loss of a row is the same without it",
        )


def _check_classes(request: Request) -> None:
    if len(set(request.classes)) < len(request.classes):
        raise UsageError(
            f"--classes names a class twice: {in_order(request.classes)}",
            code="classes_twice",
            hint="name one class for each prediction column, in their order",
        )
    if request.classes and request.positive is not None and request.positive not in request.classes:
        raise UsageError(
            f"--positive {request.positive!r} is not one of --classes {in_order(request.classes)}",
            code="positive_unknown",
            hint="name one of them",
        )


def _check_per_sample(request: Request, path: str) -> None:
    from celoss_cli.outputs.files import check_new_directory, check_writable
    from celoss_cli.outputs.per_sample import check_suffix

    in_parts = request.engine is EngineKind.DASK
    if Path(path).suffix or not in_parts:
        check_suffix(path)
    if in_parts:
        check_new_directory(path)
    else:
        check_writable(path, [one for one in (request.predictions, request.labels) if isinstance(one, str)])


def check_threads(threads: int | None) -> None:
    """Refuse a number of threads that is none."""
    if threads is not None and threads < 1:
        raise UsageError(f"--threads {threads} is less than 1", code="threads_range", hint="1 works in no pool")


def _check_infinite(request: Request) -> None:
    """Refuse options under which a class that no score speaks of has no loss."""
    others = {
        "--label-smoothing": request.label_smoothing > 0.0,
        "--pos-weight": request.pos_weight is not None,
        "--gradients": request.gradients,
        "--compat": request.compat not in (None, "exact"),
        "celoss explain": request.detail is Detail.CONVENTIONS,
    }
    for name, given in others.items():
        if given:
            raise UsageError(
                f"--unknown-class inf is not defined with {name}: no score speaks of such a class",
                code="unknown_class_inf",
                hint="--unknown-class drop leaves such rows out, counted",
            )


def refuse_guesses(request: Request, decisions: tuple[Decision, ...]) -> None:
    """Under ``--strict``, raise for the first decision that the data suggest but do not prove, and is not allowed."""
    guesses = [decision for decision in decisions if decision.guess and code_of_guess(decision) not in request.allow]
    if guesses and request.strict:
        first = guesses[0]
        settle = f"settle it with {first.flag}, or " if first.flag else ""
        others = f" (and {len(guesses) - 1} more guesses)" if len(guesses) > 1 else ""
        raise AmbiguousData(
            f"--strict: {first.what} {first.value!r} is a guess: {first.evidence}{others}",
            code="strict",
            where=Where(str(request.predictions) if isinstance(request.predictions, str) else "predictions"),
            hint=f"{settle}--allow {code_of_guess(first)} accepts it",
        )


def code_of_guess(decision: Decision) -> str:
    """Return the name under which a guess is allowed: the code of its warning, where it has one."""
    return _WARNED_OF.get(decision.what, f"guessed_{decision.what.replace(' ', '_')}")


_WARNED_OF = {"label": "guessed_column", "predictions": "guessed_column", "classes": "classes_by_position"}


def check_targets(job: Job, targets: TargetKind) -> None:
    """Refuse options that make no sense for the kind of labels there are."""
    request = job.request
    labels = targets is TargetKind.MULTILABEL
    if job.pos_weight and not (labels or job.single):
        raise UsageError(
            "--pos-weight needs a positive class: one prediction column, or multilabel",
            code="pos_weight_multiclass",
            hint="with a column for each class, --class-weight does it",
        )
    if len(job.pos_weight) > 1 and len(job.pos_weight) != (job.width if labels else 1):
        raise UsageError(
            f"--pos-weight has {len(job.pos_weight)} numbers for {job.width if labels else 1}",
            code="pos_weight_length",
            hint="one number, or one for each label",
        )
    if request.label_smoothing and labels:
        raise UsageError(
            "--label-smoothing is not defined for multilabel",
            code="smoothing_multilabel",
            hint="leave it out: each label is a question of its own",
        )
    if request.ignore_index is not None and (job.layout.targets or labels):
        raise UsageError(
            "--ignore-index names a label, but the labels have a number for every class",
            code="ignore_index_soft",
            hint="--where leaves rows out by another column",
        )
    if labels and request.class_weight == "balanced":
        raise UsageError(
            "--class-weight balanced needs one true class a row, and these are several labels",
            code="balanced_multilabel",
            hint="give a weight for each label",
        )
