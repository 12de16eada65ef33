"""What makes new numbers of those in some columns of a file."""

from __future__ import annotations

from typing import Protocol

from celoss_cli.kernels.outcome import Floats


class Change(Protocol):
    """Makes the new numbers of the next rows."""

    def __call__(self, scores: Floats, axis: int) -> Floats:
        """Return numbers of the shape of ``scores``, (C, n) or (n, C) with the columns along ``axis``; which it may
        overwrite.
        """
        ...
