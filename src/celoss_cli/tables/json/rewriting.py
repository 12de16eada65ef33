"""Records that become other records as they are read: those of known tools, and values at a path under its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from celoss_cli.errors import AmbiguousData, InvalidScores, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.json.paths import paths_in, with_paths
from celoss_cli.tables.json.rewritten import Rewriting, Unfit


def rewriting_of(records: Sequence[Any], options: ReadOptions, path: str) -> Rewriting | None:
    """Return what makes rows of records like these, ``None`` where they are rows themselves.

    A column named by ``--truth`` is read as it is: then nothing is rewritten but what is at a path. Raises
    AmbiguousData or InvalidScores for records of a known tool that do not say what is needed.
    """
    first = next((record for record in records if isinstance(record, dict)), None)
    if first is None:
        return None
    paths = paths_in((*options.columns, *options.lists))
    if paths:
        return Rewriting(lambda record: [with_paths(record, paths)])
    if options.lists or not _MARKS.intersection(first):
        return None
    from celoss_cli.tables.json.token_tools import tool_of

    try:
        return tool_of([record for record in records if isinstance(record, dict)])
    except Unfit as odd:
        kind = AmbiguousData if odd.ambiguous else InvalidScores
        raise kind(odd.message, code=odd.code, where=Where(path, row=odd.row), hint=odd.hint) from None


_MARKS = frozenset(
    ("choices", "output", "outputs", "prompt_logprobs", "details", "meta_info", "completion_probabilities", "resps",
     "request_states", "samples", "response")
)  # fmt: skip
"""Keys of which a known tool's records have one: others are not looked at."""


def is_one_record(document: Mapping[str, Any], options: ReadOptions) -> bool:
    """Whether an object is one record, whose lists are those of a sequence, and not columns."""
    values = [document[name] for name in options.lists if name in document]
    return bool(values) and not any(
        isinstance(item, list) for value in values if isinstance(value, list) for item in value
    )
