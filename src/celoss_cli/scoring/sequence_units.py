"""How many tokens, bytes, characters and words each sequence has, as far as the file tells it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.request import Detail, Per
from celoss_cli.scoring.beside_tokens import skipped_of
from celoss_cli.scoring.chunk import BatchOfRows
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.tokens import TokensOf

if TYPE_CHECKING:
    from celoss_cli.tables.arrow.lists import Ragged


_BLANKS = re.compile(r"\s+")


class UnitCounts(NamedTuple):
    """The units of n rows, each (n,), ``None`` where they are not known."""

    rows: int
    token: Floats | None = None
    byte: Floats | None = None
    char: Floats | None = None
    word: Floats | None = None
    piece: Floats | None = None
    column: Floats | None = None
    """What a column counts."""
    unscored: npt.NDArray[np.bool_] | None = None
    """Which rows have bytes of a first token that cost nothing."""

    def known(self, unit: str) -> Floats | None:
        """Return the units of that name."""
        counts: Floats | None = getattr(self, unit)
        return counts

    def of(self, unit: str | None) -> Floats:
        """Return the units of the mean: of a name, or with ``None`` those that a column counts."""
        if unit == Per.SEQUENCE:
            return np.ones(self.rows)
        counts = self.column if unit is None else self.known(unit)
        if counts is None:
            raise ValueError(f"{unit} is not counted")
        return counts

    def uncounted(self, filled: npt.NDArray[np.bool_]) -> int:
        """Return how many first tokens cost nothing, and have bytes that are counted."""
        return 0 if self.unscored is None else int(np.count_nonzero(self.unscored & filled))

    def untold(self, costs: npt.NDArray[np.bool_]) -> int:
        """Return how many of the rows that cost something have no byte, where bytes are counted."""
        return 0 if self.byte is None else int(np.count_nonzero(costs & (self.byte == 0.0)))


def unit_counts(rows: BatchOfRows, columns: SequenceColumns, scores: Ragged, found: TokensOf, plan: Plan) -> UnitCounts:
    """Return what is counted of each row. Raises InvalidScores where the tokens joined are not the text."""
    counts = UnitCounts(rows.batch.rows, token=found.tokens if columns.lists or columns.per == Per.TOKEN else None)
    if columns.counts is not None:
        numbers = rows.batch.numbers(columns.counts).astype(np.float64)
        counts = counts._replace(column=numbers)
        if columns.unit in tuple(Per):
            known: dict[str, Any] = {columns.unit: numbers}
            counts = counts._replace(**known)
    everything = plan.detail in (Detail.FULL, Detail.CONVENTIONS, Detail.PAIRED)
    if columns.sizes is not None and (everything or columns.unit == Per.BYTE):
        return counts._replace(byte=_sizes(rows, columns, scores, found, plan))
    wanted: set[str] = {Per.BYTE, Per.CHAR, Per.WORD} if everything else {columns.unit}
    if columns.text is None or not wanted & {Per.BYTE, Per.CHAR, Per.WORD}:
        return counts
    return _of_text(rows, columns, columns.text, counts, scores, found, plan, wanted)


def _of_text(
    rows: BatchOfRows,
    columns: SequenceColumns,
    text: str,
    counts: UnitCounts,
    scores: Ragged,
    found: TokensOf,
    plan: Plan,
    wanted: set[str],
) -> UnitCounts:
    from celoss_cli.tables.arrow.lists import byte_lengths, texts_of

    sizes = byte_lengths(rows.batch, text)
    few = not (wanted - {Per.BYTE}) and not columns.spells
    texts = [] if few and sizes is not None else [one or "" for one in texts_of(rows.batch, text)]
    byte = sizes.astype(np.float64) if sizes is not None else np.array([len(t.encode()) for t in texts], dtype=float)
    lead = np.zeros(byte.shape[0], dtype=bool)
    if columns.lists:
        filled = np.flatnonzero(scores.lengths > 0)
        lead[filled] = np.isnan(scores.values[scores.offsets[filled]])
    if columns.spells and found.names is not None:
        texts = _scored_texts(rows, columns, found, texts, scores, plan)
        byte = np.array([len(text.encode()) for text in texts], dtype=float)
        lead[:] = False
    counts = counts._replace(unscored=lead)
    if counts.byte is None:
        counts = counts._replace(byte=byte)
    if Per.CHAR in wanted and counts.char is None:
        counts = counts._replace(char=np.array([len(t) for t in texts], dtype=float))
    if Per.WORD in wanted and counts.word is None:
        counts = counts._replace(word=np.array([len(t.split()) for t in texts], dtype=float))
    if plan.conventions:
        counts = counts._replace(piece=np.array([len(_BLANKS.split(t)) for t in texts], dtype=float))
    return counts


def _scored_texts(
    rows: BatchOfRows, columns: SequenceColumns, found: TokensOf, texts: list[str], scores: Ragged, plan: Plan
) -> list[str]:
    """Return the text of the tokens of each row that are scored: not those that are masked, skipped or without a value.

    Raises InvalidScores where the tokens joined are not the text.
    """
    names = found.names
    if names is None:
        raise ValueError("there are no tokens")
    values, codes = names.names.values, names.names.codes
    counted = ~np.isnan(scores.values)
    if found.marks is not None:
        counted &= ~found.marks
    skip = skipped_of(plan, columns, rows)
    scored = []
    for row, text in enumerate(texts):
        start, stop = int(names.offsets[row]), int(names.offsets[row + 1])
        pieces = ["" if code < 0 else values[code] for code in codes[start:stop].tolist()]
        if pieces and "".join(pieces) != text:
            raise InvalidScores(
                f"the tokens joined are not the text in {columns.text!r}",
                code="text_differs",
                where=Where(plan.counted_in, row=rows.start + row, column=columns.parallel),
                hint="name the text that was scored: --text; a chat template, or a text cut short, is another one",
            )
        first = 0 if skip is None else int(skip[row])
        begin = int(scores.offsets[row])
        scored.append("".join(p for place, p in enumerate(pieces) if place >= first and counted[begin + place]))
    return scored


def _sizes(rows: BatchOfRows, columns: SequenceColumns, scores: Ragged, found: TokensOf, plan: Plan) -> Floats:
    """Return the bytes of the tokens that count, by the file's own list of them. Raises InvalidScores."""
    from celoss_cli.tables.arrow.lists import ragged_numbers

    sizes = ragged_numbers(rows.batch, columns.sizes or "", plan.counted_in, rows.start)
    if not np.array_equal(sizes.offsets, scores.offsets):
        row = int(np.argmax(np.diff(sizes.offsets) != np.diff(scores.offsets)))
        raise InvalidScores(
            "the list of the tokens' bytes has another length than that of their scores",
            code="lengths_differ",
            where=Where(plan.counted_in, row=rows.start + row, column=columns.sizes),
            hint="both have one element a token",
        )
    counted = ~np.isnan(scores.values)
    if found.marks is not None:
        counted &= ~found.marks
    skip = skipped_of(plan, columns, rows)
    if skip is not None:
        places = np.arange(counted.shape[0]) - np.repeat(scores.offsets[:-1], np.diff(scores.offsets))
        counted &= places >= np.repeat(skip, np.diff(scores.offsets))
    values = np.where(counted, np.nan_to_num(sizes.values.astype(np.float64)), 0.0)
    ends = np.concatenate([[0.0], np.cumsum(values)])
    total: Floats = ends[sizes.offsets[1:]] - ends[sizes.offsets[:-1]]
    return total
