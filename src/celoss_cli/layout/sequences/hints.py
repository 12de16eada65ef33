"""Whether a file may be one of sequences: what is asked of every file, and cheap."""

from __future__ import annotations

from celoss_cli.layout.names import plain
from celoss_cli.request import Request
from celoss_cli.tables.source import Kind, Table

LISTS = frozenset(
    ("logprobs", "token_logprobs", "log_probs", "token_log_probs", "logps", "nll", "nlls", "losses", "token_losses")
)
"""Names of lists of the truth's own scores."""


def may_hold_sequences(table: Table, request: Request) -> bool:
    """Whether a table can be one of sequences: it is said so, a tool is known by its form, or a list is called so."""
    if request.truth is not None or getattr(table, "sequences_of", None) is not None:
        return True
    if any(column.name == "model_response.logprobs" for column in table.columns):  # of lighteval
        return True
    return any(column.kind is Kind.VECTOR and plain(column.name) in LISTS for column in table.columns)
