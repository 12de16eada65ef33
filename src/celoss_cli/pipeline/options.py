"""Options that no file could make sense of, refused before anything is read; and guesses, under ``--strict``."""

from __future__ import annotations

from celoss_cli.classes import in_order
from celoss_cli.errors import AmbiguousData, UsageError, Where
from celoss_cli.spec import Decision, Request


def check_options(request: Request) -> None:
    """Refuse options that no file could make sense of."""
    if request.clip is not None and not 0.0 < request.clip < 0.5:
        raise UsageError(
            f"--clip {request.clip:g} is not between 0 and 0.5",
            code="clip_range",
            hint="it limits probabilities to [eps, 1 - eps]: 1e-15 is a usual choice",
        )
    if request.threads is not None and request.threads < 1:
        raise UsageError(f"--threads {request.threads} is less than 1", code="threads_range", hint="1 works in no pool")
    if request.top < 0:
        raise UsageError(f"--top {request.top} is negative", code="top_range", hint="--top 0 shows none")
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
    if request.per_sample is not None:
        from celoss_cli.outputs import check_writable
        from celoss_cli.tables.per_sample import check_suffix

        check_suffix(request.per_sample)
        check_writable(
            request.per_sample, [path for path in (request.predictions, request.labels) if isinstance(path, str)]
        )


def refuse_guesses(request: Request, decisions: tuple[Decision, ...]) -> None:
    """Under ``--strict``, raise for the first decision that the data suggest but do not prove."""
    guesses = [decision for decision in decisions if decision.guess] if request.strict else []
    if guesses:
        first = guesses[0]
        others = f" (and {len(guesses) - 1} more guesses)" if len(guesses) > 1 else ""
        raise AmbiguousData(
            f"--strict: {first.what} {first.value!r} is a guess: {first.evidence}{others}",
            code="strict",
            where=Where(str(request.predictions) if isinstance(request.predictions, str) else "predictions"),
            hint=f"settle it with {first.flag}" if first.flag else None,
        )
