"""Which rows ``--where`` leaves, and under which spellings of its values."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.spelling import exact_number, option, same
from celoss_cli.state.texts_met import TextsMet
from celoss_cli.tables.batch import Batch

_DATE = len("2024-01-01")

_MIDNIGHT = r"[ T]00:00(:00(\.0+)?)?(Z|[+-]\d\d:?\d\d)?"


def rows_with(batch: Batch, where: Sequence[tuple[str, str]]) -> npt.NDArray[np.bool_] | None:
    """Return which rows (n,) have these values in these columns, or ``None`` for all."""
    return rows_and_texts_with(batch, where)[0]


def rows_and_texts_with(
    batch: Batch, where: Sequence[tuple[str, str]]
) -> tuple[npt.NDArray[np.bool_] | None, TextsMet]:
    """Return the same, and in which spellings the batch has each of the values: ``1.10`` is met as 1.1, too."""
    chosen: npt.NDArray[np.bool_] | None = None
    met: list[tuple[str, ...]] = []
    for name, value in where:
        categories = batch.categories(name)
        fits = np.array([*(_is_meant(text, value) for text in categories.values), value == ""], dtype=bool)
        selected: npt.NDArray[np.bool_] = fits[categories.codes]
        chosen = selected if chosen is None else chosen & selected
        places = np.flatnonzero(fits[:-1]).tolist()
        if len(places) > 1:  # a dictionary may have values that no row of the batch has
            places = [place for place in places if bool((categories.codes == place).any())]
        met.append(tuple(sorted(categories.values[place] for place in places)))
    return chosen, TextsMet(tuple(met))


def _is_meant(text: str, value: str) -> bool:
    """Whether a cell is what a condition names: ``true`` is True, a date alone is its midnight in a column of times."""
    if same(text, value):
        return True
    if value[:1] in "tTfF":
        return value.casefold() in ("true", "false") and text.casefold() == value.casefold()
    return len(value) == _DATE < len(text) and text.startswith(value) and bool(re.fullmatch(_MIDNIGHT, text[_DATE:]))


def refuse_alike(path: str, where: Sequence[tuple[str, str]], met: TextsMet) -> None:
    """Raise AmbiguousData for a value that a file has in two spellings: versions 1.1 and 1.10 are one number."""
    for (name, value), texts in zip(where, met.texts, strict=False):
        if len(texts) > 1:
            what = "number" if exact_number(value) is not None else "value"
            alike, flag = " and ".join(map(repr, texts[:3])), option("--where", f"{name}={value}")
            raise AmbiguousData(
                f"has {alike}, which are the same {what}: {flag} would take all of them",
                code="values_alike",
                where=Where(path, column=name),
                hint="write them so that they differ as texts, v1.1 and v1.10; or all alike, if they are the same",
            )
