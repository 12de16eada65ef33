"""Two tables paired by id: their keys read, joined, and what does not fit refused with examples, or left out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import DataError, MisalignedData
from celoss_cli.labels.conditions import rows_with
from celoss_cli.pairing.ids import (
    Column,
    Key,
    Mask,
    Numbers,
    Rows,
    Texts,
    continues,
    count,
    first_rows,
    joined,
    missing_in,
)
from celoss_cli.pairing.join import join, repeated
from celoss_cli.request import Unmatched
from celoss_cli.spelling import list_option, same
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.keys import KeyForm, first_types, form_of, ids_of, spelled
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.views.shards import batches_of, place

_EXAMPLES = 3

_LOOKED_AT = 100_000  # ids that may be written in another way in the other file


class Pairs(NamedTuple):
    """Which label row each of n prediction rows has.

    ``order`` (n,) is −1 for those that have none, or ``None`` where the rows of both tables pair as they stand.
    ``unmatched`` predictions have no label, ``unmatched_labels`` no prediction.
    """

    order: Rows | None
    unmatched: int = 0
    unmatched_labels: int = 0
    met: LabelsMet | None = None


class LabelsMet(NamedTuple):
    """Which rows of a label file some predictions pair with, where the file may have labels of other parts, too.

    ``file`` is the same for label files of the same ids; ``used`` and ``wanted`` are masks of its n rows, eight to a
    byte: those that pair, and those that have to pair in some part. ``unmatched`` predictions have no label.
    """

    file: str
    rows: int
    used: npt.NDArray[np.uint8]
    wanted: npt.NDArray[np.uint8]
    unmatched: int = 0


class IdPairing:
    """Takes the ids of the label file batch by batch while it is read for its labels; then pairs the predictions.

    Where these have their ids in the same order, nothing is joined and none of theirs are held. Predictions without the
    values of ``where`` in its columns are left out: they pair with nothing, and need no id of their own.
    """

    def __init__(
        self,
        predictions: Table,
        labels: Table,
        names: tuple[str, ...],
        unmatched: Unmatched,
        where: Sequence[tuple[str, str]] = (),
        *,
        of_part: bool = False,
    ) -> None:
        """``of_part``: labels without a prediction may be those of other parts of the predictions."""
        self._of_part = of_part
        self._predictions, self._labels, self._names, self._unmatched = predictions, labels, names, unmatched
        self._where = where
        self._chosen: Mask | None = None
        self._wanted: list[Rows] = []  # the rows of the predictions that pair, if not all do
        types = zip(first_types(predictions, names), first_types(labels, names), strict=True)
        self._forms: dict[str, KeyForm] = {name: form_of(*pair) for name, pair in zip(names, types, strict=True)}
        self._parts: list[list[Column]] = [[] for _ in names]

    def add(self, batch: Batch) -> None:
        """Take the ids of the next rows of the label file."""
        for parts, ids in zip(self._parts, ids_of(batch, self._forms), strict=True):
            parts.append(ids)

    def pair(self, chosen: Mask | None = None) -> Pairs:
        """Read the ids of the predictions and pair them; ``chosen`` (n,) are the label rows that count, if not all do.

        Raises MisalignedData.

        For ids that are missing, or stand in two rows, of either file; and, unless they are to be dropped, for those
        that only one of the files has. Dropped or not, some have to match.
        """
        theirs = _key(self._parts)
        self._chosen = chosen
        if self._where:
            return self._pair_some(theirs)
        mine = self._of_predictions(theirs)
        if mine is None:
            self._refuse_repeated(self._labels, theirs, repeated(theirs))
            self._refuse_missing(self._labels, theirs)
            return Pairs(None, met=self._met(theirs, np.ones(count(theirs[0]), dtype=bool)))
        return self._join(mine, theirs)

    def refuse_other_order(self) -> None:
        """Raise MisalignedData where a row of the predictions has another id than the same row of the labels."""
        theirs = _key(self._parts)
        mine = self._of_predictions(theirs)
        if mine is None or count(mine[0]) != count(theirs[0]):
            return  # the rows are counted elsewhere
        _in_one_spelling(mine, theirs)
        for name, column, other in zip(self._names, mine, theirs, strict=True):
            row = _first_difference(column, other)
            if row is not None:
                keys = "it is the key" if len(self._names) == 1 else "these are the key"
                raise MisalignedData(
                    f"column {name!r} has {_shown([column], row)} here and {_shown([other], row)} in the same row of "
                    f"{self._labels.path}, and the same value in the rows before",
                    code="rows_differ",
                    where=place(self._predictions, row, name),
                    hint=f"{list_option('--id', self._names)} if {keys} of the rows; if it means nothing, rename it "
                    "in one file",
                )

    def _pair_some(self, theirs: list[Column]) -> Pairs:
        """Pair the predictions that ``where`` leaves."""
        parts: list[list[Column]] = [[] for _ in self._names]
        wanted: list[Rows] = []
        rows = 0
        needs = dict.fromkeys(self._names, Need.KEY)
        for name, _ in self._where:
            needs.setdefault(name, Need.CATEGORY)
        for batch in batches_of(self._predictions, needs):
            chosen = np.flatnonzero(np.asarray(rows_with(batch, self._where)))
            wanted.append(chosen + rows)
            for part, ids in zip(parts, ids_of(batch.taken(chosen), self._forms), strict=True):
                part.append(ids)
            rows += batch.rows
        self._wanted = [np.concatenate(wanted)]
        found = self._join(_key(parts), theirs)
        order: Rows = np.full(rows, -1, dtype=np.intp)
        order[self._wanted[0]] = -1 if found.order is None else found.order
        return found._replace(order=order)

    def _join(self, mine: list[Column], theirs: list[Column]) -> Pairs:
        _in_one_spelling(mine, theirs)
        for table, key in ((self._labels, theirs), (self._predictions, mine)):
            self._refuse_missing(table, key)
        found = join(mine, theirs)
        self._refuse_repeated(self._labels, theirs, found.repeated_there)
        self._refuse_repeated(self._predictions, mine, found.repeated)
        alone = np.flatnonzero(found.order < 0)
        used = np.zeros(count(theirs[0]), dtype=bool)
        used[found.order[found.order >= 0]] = True
        extra = np.flatnonzero(~used if self._chosen is None else ~used & self._chosen)
        if alone.size and alone.size == found.order.size:
            raise self._error(mine, theirs, alone, extra, nothing=True)
        if self._where or self._of_part:
            extra = extra[:0]  # they may be those of the rows left out, or of other parts
        if (alone.size or extra.size) and self._unmatched is Unmatched.ERROR:
            raise self._error(mine, theirs, alone, extra)
        return Pairs(found.order, int(alone.size), int(extra.size), self._met(theirs, used, int(alone.size)))

    def _met(self, theirs: Key, used: Mask, unmatched: int = 0) -> LabelsMet | None:
        """Return which of the label rows were ``used`` (n,), where other parts may use the rest."""
        if not self._of_part:
            return None
        wanted = np.ones_like(used) if self._chosen is None else self._chosen
        if self._where:
            wanted = np.zeros_like(used)
        return LabelsMet(_digest(theirs), used.size, np.packbits(used), np.packbits(wanted), unmatched)

    def _of_predictions(self, theirs: Key) -> list[Column] | None:
        """Return the ids of the predictions, or ``None`` where they are those of the labels, in the same order."""
        parts: list[list[Column]] = [[] for _ in self._names]
        rows, in_order = 0, True
        for batch in batches_of(self._predictions, dict.fromkeys(self._names, Need.KEY)):
            ids = list(ids_of(batch, self._forms))
            if in_order:
                if all(continues(column, rows, part) for column, part in zip(theirs, ids, strict=True)):
                    rows += batch.rows
                    continue
                in_order = False
                for column, before in zip(theirs, parts, strict=True):
                    before.append(first_rows(column, rows))
            for part, before in zip(ids, parts, strict=True):
                before.append(part)
        if in_order and rows == count(theirs[0]):
            return None
        return [first_rows(column, rows) for column in theirs] if in_order else _key(parts)

    def _refuse_missing(self, table: Table, key: Key) -> None:
        missing = missing_in(key)
        if missing is not None and table is self._labels and self._chosen is not None:
            missing = missing & self._chosen
        if missing is not None and missing.any() and self._unmatched is Unmatched.ERROR:
            rows = np.flatnonzero(missing)
            raise self._at(table, int(rows[0]), "empty_id", f"the id is missing{_also(rows.size)}")

    def _refuse_repeated(self, table: Table, key: Key, rows: Rows) -> None:
        if rows.size:
            first = int(rows[0])
            text = f"the id {_shown(key, first)} stands in an earlier row too{_also(rows.size, _examples(key, rows))}"
            from celoss_cli.layout.key_columns import key_of_both

            key_columns = key_of_both(self._predictions, self._labels, self._names)
            more = "name more columns with --id"
            if key_columns:
                more = f"these columns do so together: {list_option('--id', key_columns)}"
            elif len(self._names) == 1:
                more = "no columns of both files do, so number their rows alike in both; or name another with --id"
            raise self._at(table, first, "duplicate_id", text, f"an id has to name one row: {more}")

    def _error(self, mine: Key, theirs: Key, alone: Rows, extra: Rows, *, nothing: bool = False) -> DataError:
        """Return the error for ids that only one of the files has."""
        spelling = self._two_spellings(mine, theirs, alone, extra)
        if spelling is not None and alone.size:
            raise self._at(self._predictions, int(alone[0]), "no_id_matches" if nothing else "missing_id", *spelling)
        if nothing:
            text = f"no id is in {self._labels.path}: {_examples(mine, alone)} here, {_examples(theirs, extra)} there"
            hint = "name the columns that both files have in common with --id"
            return self._at(self._predictions, 0, "no_id_matches", text, hint)
        sides = [f"{_absent(mine, alone)} not in {self._labels.path}"] if alone.size else []
        if extra.size:
            sides.append(
                f"{_absent(theirs, extra, of=self._labels.path if alone.size else '')} not in {self._predictions.path}"
            )
        hint = "--unmatched drop leaves such rows out, counted; or name another key with --id"
        if alone.size:
            return self._at(self._predictions, int(alone[0]), "missing_id", "; ".join(sides), hint)
        return self._at(self._labels, int(extra[0]), "extra_id", "; ".join(sides), hint)

    def _two_spellings(self, mine: Key, theirs: Key, alone: Rows, extra: Rows) -> tuple[str, str] | None:
        """Return what is wrong and what to do where most ids of one file are in the other, written in another way."""
        from celoss_cli.labels.spellings import two_ways

        here, there = (
            [[column.text(int(row)) if isinstance(column, Texts) else str(int(column.values[row])) for column in key]
             for row in rows[:_LOOKED_AT]]
            for key, rows in ((mine, alone), (theirs, extra))
        )  # fmt: skip
        found = two_ways(here, there)
        if found is None:
            return None
        text = f"the ids are written in two ways: {found.here!r} here, {found.there!r} in {self._labels.path}"
        return text, f"{found.hint}; for other rows, name another key with --id"

    def _at(self, table: Table, row: int, code: str, text: str, hint: str | None = None) -> DataError:
        column = self._names[0] if len(self._names) == 1 else ", ".join(self._names)
        if table is self._predictions and self._wanted:
            row = int(self._wanted[0][row])
        return MisalignedData(
            text,
            code=code,
            where=place(table, row, column),
            hint=hint
            or "every row needs an id: --unmatched drop leaves such rows out, counted; or name another key with --id",
        )


def _key(parts: list[list[Column]]) -> list[Column]:
    """Return the id columns of a table, each in one piece; empties ``parts``."""
    for column in parts:
        if any(isinstance(part, Texts) for part in column):
            column[:] = [spelled(part) for part in column]
    return [joined(column) for column in parts]


def _digest(key: Key) -> str:
    """Return the same text for the same ids in the same order."""
    digest = hashlib.blake2b(digest_size=16)
    for column in key:
        texts = spelled(column)
        digest.update(texts.offsets.astype("<i8").tobytes())
        digest.update(texts.data.tobytes())
    return digest.hexdigest()


def _in_one_spelling(mine: list[Column], theirs: list[Column]) -> None:
    """Spell numbers out where the other table has texts in the same place."""
    for i, (column, other) in enumerate(zip(mine, theirs, strict=True)):
        if isinstance(column, Texts) or isinstance(other, Texts):
            mine[i], theirs[i] = spelled(column), spelled(other)


def _shown(key: Key, row: int) -> str:
    """Return an id as messages show it."""
    parts = [repr(column.text(row) if isinstance(column, Texts) else str(int(column.values[row]))) for column in key]
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def _examples(key: Key, rows: Rows) -> str:
    """Return the first ids of some rows, each once; of rows that have one."""
    missing = missing_in(key)
    known = rows if missing is None else rows[~missing[rows]]
    shown = list(dict.fromkeys(_shown(key, int(row)) for row in known[: 4 * _EXAMPLES]))[:_EXAMPLES]
    return ", ".join(shown) if shown else "none"


def _absent(key: Key, rows: Rows, of: str = "") -> str:
    """Return which ids are not in the other file, up to the verb."""
    of = f" of {of}" if of else ""
    if rows.size == 1:
        return f"the id {_examples(key, rows)}{of} is"
    return f"{rows.size:,} ids{of} (such as {_examples(key, rows)}) are"


def _also(number: int, examples: str = "") -> str:
    if number < 2:
        return ""
    return f" ({number:,} rows so{f': {examples}' if examples else ''})"


def _first_difference(mine: Column, theirs: Column) -> int | None:
    """Return the first row in which two columns, of one length and one kind, have not the same id, if there is one."""
    if isinstance(mine, Numbers) and isinstance(theirs, Numbers):
        rows = np.flatnonzero(mine.values != theirs.values)
        return int(rows[0]) if rows.size else None
    if isinstance(mine, Numbers) or isinstance(theirs, Numbers):
        raise TypeError("numbers and texts are not compared: spell the numbers first")
    return next((row for row in range(count(mine)) if not same(mine.text(row), theirs.text(row))), None)
