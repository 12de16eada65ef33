"""What the libraries of objects in memory raise, as an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celoss_cli.errors import CelossError, UsageError

_SHOWN = 200

# Objects that stand for a table that has yet to be computed: what computes it.
_LATER = {
    "collect": "pass what its .collect() returns",
    "toPandas": "pass what its .toPandas() returns",
    "compute": "pass what its .compute() returns",
    "to_arrow_table": "pass what its .to_arrow_table() returns",
    "fetch_arrow_table": "pass what its .fetch_arrow_table() returns",
    "__next__": "its values can be gone through once: pass list(…) of it",
    "isdisjoint": "a set has no order: pass a list",
}


@contextmanager
def converting(value: Any, role: str) -> Iterator[None]:
    """Raise what happens while ``value`` is converted as UsageError: whatever its library raises, the object is at
    fault."""
    try:
        yield
    except (CelossError, MemoryError):
        raise
    except Exception as error:  # of any library: RuntimeError of torch, BufferError of DLPack, XlaRuntimeError of JAX
        raise unknown(value, role, str(error) or type(error).__name__) from error


def unknown(value: Any, role: str, reason: str) -> UsageError:
    """Return the error for an object that celoss cannot read."""
    later = next((hint for name, hint in _LATER.items() if callable(getattr(type(value), name, None))), None)
    return UsageError(
        f"{role}: {type(value).__name__} is not something celoss reads: {' '.join(reason.split())[:_SHOWN]}",
        code="unknown_object",
        hint=later or "pass a path, a DataFrame, a Series, an array of numbers or strings, or a pyarrow Table",
    )
