"""Values deep in JSON records by their path: ``choices.0.logprobs.token_logprobs``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def paths_in(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names that are paths with an index in them: members of objects alone are columns anyway."""
    return tuple(dict.fromkeys(name for name in names if any(part.isdigit() for part in name.split(".")[1:])))


def with_paths(record: Mapping[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """Return a record with what it has at each path under the path's name; null where there is nothing."""
    found = dict(record)
    for path in paths:
        if path not in record:
            found[path] = at_path(record, path)
    return found


def at_path(value: Any, path: str) -> Any:
    """Return what is at a path, ``None`` where there is nothing."""
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
