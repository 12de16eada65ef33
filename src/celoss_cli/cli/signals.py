"""Signals that end the program: it cleans up first, and then ends by the same signal."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Any

_SOON = 0.005  # seconds

_ENDING = ("SIGTERM", "SIGHUP")  # the second is unknown to Windows; Ctrl-C is Python's own KeyboardInterrupt


class Terminated(BaseException):
    """Raised in the main thread by a signal, so that every ``with`` and ``finally`` on the way out runs."""

    def __init__(self, signum: int) -> None:
        self.signum = signum
        super().__init__(signal.Signals(signum).name)


def unwind_on_signals() -> None:
    """Let the signals that end a program raise ``Terminated``; one that is ignored (``nohup``) stays ignored."""
    for name in _ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _raise)
    if hasattr(signal, "setitimer"):
        sys.unraisablehook = _raise_again


def end_by(signum: int) -> int:
    """End as the signal would have ended it, so that the caller sees which one it was.

    Returns 128 + ``signum`` only where a process cannot be killed by its own signal, as the first one of a container.
    """
    signal.signal(signum, signal.SIG_DFL)
    os.kill(os.getpid(), signum)
    return 128 + signum


def _raise(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise Terminated(signum)


def _raise_again(lost: Any) -> None:
    """Raise again, a little later, what a signal raised in a callback that cannot raise.

    Importing runs many such callbacks, and the signal would be lost.
    """
    error = lost.exc_value
    if not isinstance(error, KeyboardInterrupt | Terminated):
        sys.__unraisablehook__(lost)
        return

    def raise_it(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise error

    signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, _SOON)
