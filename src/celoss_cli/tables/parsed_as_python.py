"""Text of a data file that Python's own parser reads: its warnings are for who writes programs, and are not shown."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_FILTERS = threading.Lock()  # the filters of warnings are those of the whole process: one thread at a time changes them


@contextmanager
def as_data() -> Iterator[None]:
    """Keep quiet of ``30inf``, a number that a word follows, and of ``"\\d"``, an escape that is none."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)  # what Python up to 3.11 warns of escapes with
        yield
