"""A progress line on standard error, for work that lasts longer than a second and a person who waits."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

from celoss_cli.render.terminal import can_redraw

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 1.0


class Meter(Protocol):
    """Counts work that is done, in the unit of the total."""

    def advance(self, size: int) -> None:
        """Say that ``size`` more is done. May be called from any thread."""
        ...


class SilentMeter:
    """Counts nothing and shows nothing."""

    def advance(self, size: int) -> None:
        """Do nothing."""


class LineMeter:
    """Draws one line once ``PATIENCE`` seconds have passed, and loads rich only then."""

    def __init__(
        self, total: int, stream: TextIO, *, title: str = "reading", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = total
        self._stream = stream
        self._title = title
        self._clock = clock
        self._began = clock()
        self._done = 0
        self._lock = threading.Lock()
        self._line: tuple[Progress, TaskID] | None = None

    def advance(self, size: int) -> None:
        """Say that ``size`` more is done; the first call after a second draws the line."""
        with self._lock:
            self._done += size
            if self._line is None and self._clock() - self._began >= PATIENCE:
                self._line = self._draw()
            if self._line is not None:
                progress, task = self._line
                progress.update(task, completed=min(self._done, self._total))

    def close(self) -> None:
        """Wipe the line."""
        with self._lock:
            if self._line is not None:
                self._line[0].stop()
                self._line = None

    def _draw(self) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(compact=True),
            console=Console(file=self._stream),
            transient=True,
            redirect_stdout=False,  # standard output is the report and nothing else
            redirect_stderr=False,
        )
        task = progress.add_task(self._title, total=self._total or None)
        progress.start()
        return progress, task


@contextmanager
def progress(total: int, *, title: str = "reading", stream: TextIO | None = None) -> Iterator[Meter]:
    """Give a meter for ``total`` units of work. It shows a line only on a terminal, and leaves nothing there."""
    stream = sys.stderr if stream is None else stream
    if not can_redraw(stream):
        yield SilentMeter()
        return
    meter = LineMeter(total, stream, title=title)
    try:
        yield meter
    finally:
        meter.close()
