"""Details that lighteval writes: of a task of perplexity the sum of each document, of others that of each choice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.request import Request
from celoss_cli.tables.arrow.lists import ragged_numbers, texts_of
from celoss_cli.tables.sequences_of import SequencesOf
from celoss_cli.tables.source import Kind, Table

SCORES = "model_response.logprobs"

_QUERIES = ("doc.original_query", "doc.query")
"""The text whose words and bytes lighteval counts: as it was before it was prepared, where that is kept."""


def lighteval_of(table: Table, request: Request) -> SequencesOf | None:
    """Return what a table of lighteval's details holds, ``None`` for another table or where scores by class are named.

    Raises AmbiguousData for the sums of several choices, which are no tokens.
    """
    kinds = {column.name: column.kind for column in table.columns}
    if SCORES not in kinds or _QUERIES[1] not in kinds or kinds[SCORES] not in (Kind.NUMBER, Kind.VECTOR):
        return None
    if request.truth not in (None, SCORES) or (request.truth is None and (request.pred or request.label)):
        return None
    lengths = ragged_numbers(table.head(), SCORES, table.path, 0).lengths
    if (lengths > 1).any():
        raise AmbiguousData(
            f"lighteval writes the sum of each choice here, {int(np.max(lengths))} in row {int(np.argmax(lengths))}, "
            "and not one number a token",
            code="choices_no_tokens",
            where=Where(table.path, column=SCORES),
            hint=("" if request.truth is None else "leave --truth out and take ")
            + f"--pred {SCORES} --label doc.gold_index --input logits scores the choices, where all rows have as many",
        )
    return SequencesOf(
        tool="lighteval",
        title="a task of perplexity of lighteval",
        truth=SCORES,
        text=_text(table, kinds),
        sums=True,
    )


def _text(table: Table, kinds: Mapping[str, Kind]) -> str | None:
    """Return the column of the text, ``None`` where it is one of the two in some rows and the other in others."""
    for name in _QUERIES:
        texts = texts_of(table.head(), name) if kinds.get(name) is Kind.TEXT else []
        if any(text is not None for text in texts):
            return name if None not in texts else None
    return None
