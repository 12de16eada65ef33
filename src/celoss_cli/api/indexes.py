"""Indexes of two pandas objects that name their rows differently: pairing them by position would be a guess."""

from __future__ import annotations

import sys
from typing import Any

from celoss_cli.errors import MisalignedData


def check_indexes(one: Any, other: Any, names: tuple[str, str]) -> None:
    """Refuse two pandas objects whose indexes differ; ``names`` is what a message calls them.

    A default index (0, 1, …) is not compared with another one, unless that holds the same numbers in another order, or
    is another part of one range: slices of the same rows. A named index is left alone: it is a column that rows can be
    paired by.

    Raises
    ------
    MisalignedData
        Both indexes name the rows, and not the same ones in the same order.
    """
    indexes: list[Any] = [getattr(value, "index", None) for value in (one, other)]
    pandas = sys.modules.get("pandas")  # where nobody has imported it, neither object is of pandas
    if pandas is None or not all(isinstance(index, pandas.Index) and index.name is None for index in indexes):
        return
    mine, theirs = indexes
    if len(mine) != len(theirs) or mine.equals(theirs):
        return
    ranges = [isinstance(index, pandas.RangeIndex) for index in indexes]
    default = any(
        is_range and (index.start, index.step) == (0, 1) for is_range, index in zip(ranges, indexes, strict=True)
    )
    if not default or _permuted(mine, theirs) or (all(ranges) and mine.isin(theirs).any()):
        first, second = names
        raise MisalignedData(
            f"the indexes of {first} and {second} differ, and rows pair by position",
            code="index_mismatch",
            hint=f"pass {second}.loc[{first}.index], or reset_index(drop=True) on both if the positions are right, "
            "or name a column of both as --id",
        )


def _permuted(mine: Any, theirs: Any) -> bool:
    """Whether two indexes of one length, one of them a range without repeats, hold the same."""
    if mine.nlevels != theirs.nlevels:
        return False
    return bool(mine.isin(theirs).all() and theirs.isin(mine).all())
