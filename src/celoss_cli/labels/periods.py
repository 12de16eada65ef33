"""Dates as the day, week, month, quarter or year that they are in: names that sort as time does."""

from __future__ import annotations

import functools
import re
from datetime import date, datetime

import numpy as np

from celoss_cli.errors import DataError
from celoss_cli.layout.slice_columns import SliceBy
from celoss_cli.spelling import listed
from celoss_cli.tables.batch import MISSING, Categories

_MONTH = re.compile(r"(\d{4})-(\d{2})")

_YEAR = re.compile(r"\d{4}")


def periods_of(named: Categories, by: SliceBy) -> Categories:
    """Return the period of each row, from dates or ISO 8601 texts. Raises DataError for what is no date."""
    period = by.period or "day"
    names: dict[str, int] = {}
    codes = [names.setdefault(_period(text, period, by.column), len(names)) for text in named.values]
    table = np.array([*codes, MISSING], dtype=np.int32)  # code −1 is the last entry
    return Categories(table[named.codes], tuple(names))


@functools.lru_cache(maxsize=1 << 16)
def _period(text: str, period: str, column: str) -> str:
    day = _date(text, period)
    if day is None:
        raise DataError(
            f"column {column!r} holds {listed([text])}, which is no date, and --slice {column}={period} asks for dates",
            code="slice_not_dates",
            hint=f"dates as 2024-03-31 or 2024-03-31T12:00:00; without ={period} each value is a slice",
        )
    match period:
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year:04}-W{week:02}"
        case "month":
            return f"{day.year:04}-{day.month:02}"
        case "quarter":
            return f"{day.year:04}-Q{(day.month + 2) // 3}"
        case "year":
            return f"{day.year:04}"
        case _:
            return day.isoformat()


def _date(text: str, period: str) -> date | None:
    """Return the day of a text, the first one where the text names a month or a year and no more is asked for."""
    try:
        if period in ("month", "quarter", "year") and (found := _MONTH.fullmatch(text)):
            return date(int(found[1]), int(found[2]), 1)
        if period == "year" and _YEAR.fullmatch(text):
            return date(int(text), 1, 1)
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
