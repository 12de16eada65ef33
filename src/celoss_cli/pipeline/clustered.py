"""Passes on a Dask cluster: what cannot go there refused, the rows cut and counted, and scored by the workers."""

from __future__ import annotations

import functools
import os
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celoss_cli.errors import UsageError
from celoss_cli.request import Detail, EngineKind, Request
from celoss_cli.scoring.scorer import Scored, Scorer
from celoss_cli.tables.elsewhere import OpenStretch, TableElsewhere
from celoss_cli.tables.inputs import reading_of
from celoss_cli.tables.opening import STORES
from celoss_cli.tables.source import Table
from celoss_cli.tables.stretches import Stretch, stretches, uncounted

if TYPE_CHECKING:
    from celoss_cli.engine.dask import Work

_LEAST, _MOST = 8 << 20, 128 << 20  # bytes of a stretch: a task costs a few milliseconds beside its rows

_MOST_ROWS = 32 << 20  # where rows come back: several times as many bytes, and a few stretches of each thread wait

_TASKS = 8  # for each thread of the cluster, at least: so that all of them end at about the same time


def check_engine(request: Request) -> None:
    """Refuse what an engine cannot do. Raises UsageError."""
    if request.engine is not EngineKind.DASK:
        if request.scheduler is not None:
            raise UsageError(
                "--scheduler names a Dask cluster, and nothing is to be done there",
                code="scheduler_without_dask",
                hint="add --engine dask",
            )
        return
    if request.scheduler is not None and request.client is not None:
        raise UsageError("client and scheduler both name a cluster", code="client_and_scheduler", hint="leave one out")
    if request.detail is Detail.PAIRED:
        raise _refused(
            "celoss compare holds each row of one model against the same row of the other, on this machine",
            "leave --engine out; or compare the results: celoss eval of each, with --baseline",
        )
    if not isinstance(request.predictions, str | os.PathLike):
        raise _refused(
            "the predictions are in memory, and the workers read files", "give their path, or leave engine out"
        )
    if request.predictions == "-":
        raise _refused("standard input cannot be read by other machines", "write it to a file that all of them see")


class Clustered:
    """The rows of a table, scored by the workers of a cluster, as often as there are passes."""

    def __init__(self, client: Any, table: Table, request: Request) -> None:
        """Raises UsageError for a table that is read as a whole, DataError for a worker that does not see its files."""
        from celoss_cli.engine.cluster import check_paths
        from celoss_cli.engine.dask import DaskEngine

        elsewhere = TableElsewhere(table, reading_of(request))
        sizes = {path: None if path.startswith(STORES) else _size(path) for path in elsewhere.paths}
        check_paths(client, list(sizes), list(sizes.values()))
        self._table = table
        self._engine = DaskEngine(client, elsewhere)
        total = sum(size or 0 for size in sizes.values()) or table.size
        most = _MOST if request.per_sample is None and not request.per_row else _MOST_ROWS
        self._least = min(most, max(_LEAST, total // (_TASKS * self._engine.threads)))
        self._known: tuple[Stretch, ...] | None = None

    def run(self, scorer: Scorer) -> Generator[tuple[Stretch, Scored]]:
        """Yield what all rows leave behind, stretch by stretch, in file order. Raises as ``DaskEngine.run``."""
        with closing(self._stretches()) as source, closing(self._engine.run(source, scorer.score)) as results:
            yield from results

    def _stretches(self) -> Generator[Stretch]:
        """Yield the stretches. The workers count the rows of files that do not say them, in the first pass."""
        if self._known is not None:
            yield from self._known
            return
        found = []
        count: Work[tuple[Stretch, ...]] = functools.partial(_counted, self._least)
        with closing(self._engine.run(uncounted(self._table), count)) as counted:
            for stretch in stretches(self._table, self._least, (several for _, several in counted)):
                found.append(stretch)
                yield stretch
        self._known = tuple(found)


def _counted(least: int, file: OpenStretch, start: Any, stopped: Any) -> tuple[Stretch, ...]:  # noqa: ARG001
    """Count the rows of a file, on a worker."""
    return file.counted(least)


def _size(path: str) -> int:
    """Return how many bytes a file of this machine has; −1, which no worker will see, where it is gone."""
    try:
        return Path(path).stat().st_size
    except OSError:
        return -1


def _refused(what: str, hint: str) -> UsageError:
    return UsageError(f"--engine dask: {what}", code="engine_input", hint=hint)
