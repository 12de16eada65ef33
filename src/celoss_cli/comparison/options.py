"""What ``celoss compare`` is asked, beside how to read and score each file."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from celoss_cli.errors import UsageError
from celoss_cli.request import Margin, OnInconclusive

_FEWEST_REPLICATES = 100

_MOST_REPLICATES = 10_000_000


class Comparing(NamedTuple):
    """The interval's ``confidence``; the regression allowed (``None``: no gate) and what an inconclusive one comes to
    (``None``: it fails); how many ``bootstrap`` replicates, if any, and their ``seed`` (``None``: 0); how many of the
    rows that changed most are wanted.
    """

    confidence: float = 0.95
    max_regression: Margin | None = None
    inconclusive: OnInconclusive | None = None
    bootstrap: int | None = None
    seed: int | None = None
    top: int = 5


def check_comparing(asked: Comparing) -> None:
    """Refuse what no comparison could make sense of."""
    if not 0.0 < asked.confidence < 1.0:
        raise UsageError(
            f"--confidence {asked.confidence:g} is not between 0 and 1", code="confidence_range", hint="0.95 is usual"
        )
    if asked.top < 0:
        raise UsageError(f"--top {asked.top} is negative", code="top_range", hint="--top 0 shows none")
    margin = asked.max_regression
    if margin is not None and not (math.isfinite(margin.amount) and margin.amount >= 0.0):
        raise UsageError(
            f"--max-regression {margin.amount:g} is no regression to allow",
            code="limit_range",
            hint="a difference of mean losses from 0 up, such as 0.01, or a share of the baseline's, such as 2%",
        )
    if asked.inconclusive is not None and margin is None:
        raise UsageError(
            "--inconclusive says what an open gate comes to, and there is no gate",
            code="inconclusive_without_limit",
            hint="--max-regression M, a difference of mean losses, or a share of the baseline's",
        )
    least = max(_FEWEST_REPLICATES, int(2.0 / (1.0 - asked.confidence)))
    if asked.bootstrap is not None and asked.bootstrap < least:
        raise UsageError(
            f"--bootstrap {asked.bootstrap}: an interval at {asked.confidence:g} needs at least {least:,} replicates",
            code="bootstrap_range",
            hint="10000 is usual",
        )
    if asked.bootstrap is not None and asked.bootstrap > _MOST_REPLICATES:
        raise UsageError(
            f"--bootstrap takes at most {_MOST_REPLICATES:,} replicates", code="bootstrap_range", hint="10000 is usual"
        )
    if asked.seed is not None and asked.bootstrap is None:
        raise UsageError(
            "--seed is that of the bootstrap, and there is none",
            code="seed_without_bootstrap",
            hint="--bootstrap N takes the interval from N samples",
        )
    if not 0 <= (asked.seed or 0) < 1 << 64:
        raise UsageError(
            f"--seed {asked.seed} is not between 0 and 2^64 − 1", code="seed_range", hint="0 is the default"
        )


def check_candidates(baseline: Any, candidates: Sequence[Any]) -> None:
    """Refuse no candidate, and of several one given twice or as the baseline; all are paths or objects."""
    if not candidates:
        raise UsageError("there is no candidate", code="no_candidate", hint="give at least one")
    if len(candidates) == 1:
        return
    seen: set[Any] = set()
    for value in (baseline, *candidates):
        is_file = isinstance(value, str)
        if is_file and value == "-":
            continue  # standard input named twice is refused where it is opened
        key = os.path.realpath(value) if is_file else id(value)
        if key in seen:
            raise UsageError(
                f"{value if is_file else 'an object'} is given twice",
                code="candidate_twice",
                hint="every model is ranked once, the baseline among them",
            )
        seen.add(key)
