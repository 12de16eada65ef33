"""What stands beside the truth's own scores: marks and names of tokens, what is skipped, weights, printed digits."""

from __future__ import annotations

import numpy as np

from celoss_cli.errors import InvalidScores, UsageError, Where
from celoss_cli.layout.cells import require
from celoss_cli.layout.names import plain
from celoss_cli.layout.weight_columns import weight_column
from celoss_cli.request import Request
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import listed
from celoss_cli.tables.arrow.lists import Ragged, ragged_names, texts_of
from celoss_cli.tables.sequences_of import SequencesOf
from celoss_cli.tables.source import Kind, Table

_MOST_VALUES = 1000  # looked at for how they are printed

_FEWEST_VALUES = 5  # that say with how many decimals numbers are printed


def parallel_list(
    table: Table, request: Request, known: SequencesOf | None, scores: Ragged, *, lists: bool
) -> tuple[str | None, bool]:
    """Return the list beside the scores, and whether it was named. Raises UsageError for more than one."""
    if len(request.label) > 1:
        raise UsageError(
            f"--label names {listed(request.label)}, and beside the truth's own score there is one list at most",
            code="several_labels",
            hint="name the mask, or the tokens",
        )
    if request.label:
        column = require(table, request.label[0], "--label")
        if not lists and column.kind in (Kind.VECTOR, Kind.NESTED):
            raise InvalidScores(
                f"holds lists ({column.dtype}), and the truth's score is one number a row",
                code="lengths_differ",
                where=Where(table.path, column=column.name),
                hint="a list beside the scores has one element a token",
            )
        return column.name, True
    if not lists:
        return None, False
    name = known.tokens if known is not None else next(
        (c.name for c in table.columns if plain(c.name) in ("tokens", "token_strings", "token_strs")), None
    )  # fmt: skip
    if name is None:
        return None, False
    column = require(table, name, "--label")
    if column.kind not in (Kind.VECTOR, Kind.NESTED) or not column.dtype.startswith("list"):
        return None, False
    fits = np.array_equal(ragged_names(table.head(), name).offsets, scores.offsets)
    return (name, False) if fits else (None, False)


def spells_text(table: Table, parallel: str | None, text: str | None, scores: Ragged) -> bool:
    """Whether the texts of the first tokens joined are the text, row by row: then they say how long each token is."""
    if parallel is None or text is None:
        return False
    names, texts = ragged_names(table.head(), parallel), texts_of(table.head(), text)
    values, codes = names.names.values, names.names.codes
    if not np.array_equal(names.offsets, scores.offsets):
        return False
    joined = [
        "".join("" if code < 0 else values[code] for code in codes[start:stop].tolist())
        for start, stop in zip(names.offsets[:-1], names.offsets[1:], strict=True)
    ]
    return bool(joined) and all(one == (other or "") for one, other in zip(joined, texts, strict=True))


@np.errstate(over="ignore")  # of values that large all decimals are zeros
def decimals_of(scores: Ragged) -> int | None:
    """Return how many decimals all of the first values have, at most six; −1 for float16, ``None`` for more."""
    if scores.values.dtype == np.float16:
        return -1
    values = scores.values[:_MOST_VALUES].astype(np.float64)
    values = values[np.isfinite(values) & (values != 0.0)]
    if values.size < _FEWEST_VALUES:
        return None
    for decimals in range(1, 7):
        if bool((np.abs(np.rint(values * 10.0**decimals) / 10.0**decimals - values) <= 1e-12 * np.abs(values)).all()):
            return decimals
    return None


def skipped_tokens(table: Table, request: Request, decisions: list[Decision]) -> tuple[int, str | None]:
    if request.skip is None:
        return 0, None
    if request.skip.isascii() and request.skip.isdigit():
        decisions.append(Decision("skip", request.skip, How.GIVEN, "tokens at the start of each list are left out"))
        return int(request.skip), None
    column = require(table, request.skip, "--skip")
    if column.kind is not Kind.NUMBER:
        raise InvalidScores(
            f"holds no numbers ({column.dtype})",
            code="not_counts",
            where=Where(table.path, column=column.name),
            hint="--skip takes a whole number, or a column with one a row",
        )
    decisions.append(Decision("skip", request.skip, How.GIVEN, "as many tokens as the column says are left out"))
    return 0, column.name


def weight_columns(table: Table, request: Request, decisions: list[Decision]) -> tuple[str | None, str | None]:
    """Return the column of weights of rows, or that of lists of weights of tokens."""
    if request.sample_weight is None:
        return None, None
    column = require(table, request.sample_weight, "--sample-weight")
    if column.kind is Kind.VECTOR:
        decisions.append(Decision("sample_weight", column.name, How.GIVEN, "--sample-weight: a list, one a token"))
        return None, column.name
    return weight_column(table, None, request, decisions)[0], None
