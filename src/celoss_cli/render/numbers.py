"""Numbers for people: enough digits to be useful, and never so few that they say something false."""

from __future__ import annotations

import math
from collections.abc import Sequence

from celoss_cli.spelling import rows_in_words

DIGITS = 6

_MOST_DIGITS = 17  # tells any two doubles apart


def count(value: int) -> str:
    """Return a whole number with thousands separators."""
    return f"{value:,}"


def rows(number: int) -> str:
    """Return a number of rows in words."""
    return rows_in_words(number)


def significant(value: float, digits: int = DIGITS) -> str:
    """Return ``value`` at ``digits`` significant digits: 0.424458, 2,546,750, 1.5e-18, inf."""
    if not math.isfinite(value):
        return _spelled(value)
    if value == 0:
        return "0"
    exponent = _exponent(value, digits)
    if -5 <= exponent < 12:
        return f"{value:,.{max(0, digits - 1 - exponent)}f}"
    return _scientific(value, digits)


def sign(value: float) -> str:
    """Return the sign of a difference, nothing for 0."""
    if value == 0 or math.isnan(value):
        return ""
    return "+" if value > 0 else "−"


def signed(value: float, digits: int = DIGITS) -> str:
    """Return a difference with its sign: +0.0123, −0.0123, 0."""
    return sign(value) + significant(abs(value), digits)


def percent(share: float, digits: int = 3) -> str:
    """Return a share as a percentage at ``digits``. Only exactly 0 and 1 are shown as 0% and 100%."""
    value = 100.0 * share
    if share in (0.0, 1.0) or not math.isfinite(value):
        return f"{share:.0%}" if math.isfinite(value) else _spelled(value)
    while digits < _MOST_DIGITS and _parsed(significant(value, digits)) == 100:
        digits += 1
    return f"{significant(value, digits)}%"


def tabled_percent(share: float | None) -> str:
    """Return a share for a column of a table: one decimal where that says enough, a dash for none."""
    if share is None or math.isnan(share):
        return "–"
    if 0.001 <= share < 1 and round(100 * share, 1) < 100:
        return f"{100 * share:.1f}%"
    return percent(share, 2)


def probability(value: float) -> str:
    """Return a probability at 3 significant digits. Only exactly 0 and 1 are shown as 0 and 1."""
    if value == 1:
        return "1"
    digits = 3
    while digits < _MOST_DIGITS and 0.5 < value < 1 and float(f"{value:.{digits}f}") == 1:
        digits += 1
    return f"{value:.{digits}f}" if 0.1 <= value < 1 else significant(value, 3)


def chance(value: float) -> str:
    """Return a probability as a sentence says it: a percentage, or in powers of ten when tiny."""
    return percent(value) if value >= 1e-4 or value == 0 else probability(value)


def column(values: Sequence[float | None], *, digits: int = 5, like: float | None = None) -> list[str]:
    """Return ``values`` with one number of decimals, so that they align.

    ``digits`` counts for ``like``, or for the largest value. A value too small for those decimals is written in
    powers of ten, a missing one as a dash.
    """
    finite = [abs(v) for v in values if v is not None and math.isfinite(v) and v != 0]
    if like is None or not math.isfinite(like) or like == 0:
        like = max(finite, default=1.0)
    decimals = min(8, max(0, digits - 1 - _exponent(like, digits)))
    return ["–" if value is None else _aligned(value, decimals) for value in values]


def digits_beside(value: float, limit: float) -> int:
    """Return how many digits ``value`` needs so that, as shown, it stands to ``limit`` as it really does."""
    for digits in range(DIGITS, _MOST_DIGITS):
        shown = _parsed(significant(value, digits))
        if (shown < limit) == (value < limit) and (shown > limit) == (value > limit):
            return digits
    return _MOST_DIGITS


def exactly(value: float) -> str:
    """Return the shortest text that is exactly ``value``, as a user would type it: 0.5, 3, 1e-12, inf."""
    if not math.isfinite(value):
        return _spelled(value)
    return repr(float(value)).removesuffix(".0")


def interval(low: float, high: float, error: float) -> tuple[str, str]:
    """Return both ends of an interval with the decimals at which ``error`` has 3 digits."""
    if not (math.isfinite(error) and error > 0) or not -5 <= _exponent(error, 3) < 12:
        return significant(low), significant(high)
    decimals = max(0, 2 - _exponent(error, 3))
    return f"{low:,.{decimals}f}", f"{high:,.{decimals}f}"


def signed_interval(low: float, high: float, error: float) -> str:
    """Return an interval of differences: both ends with their signs, and the decimals that ``error`` asks for."""
    ends = zip((low, high), interval(abs(low), abs(high), error), strict=True)
    return " to ".join(f"{sign(end)}{size}" for end, size in ends)


def better_or_worse(difference: float) -> str:
    """Return by how much a loss is better or worse than another, as the end of a sentence; nothing for the same."""
    if difference == 0 or not math.isfinite(difference):
        return ""
    return f", {significant(abs(difference), 3)} {'better' if difference < 0 else 'worse'}"


def _aligned(value: float, decimals: int) -> str:
    if not math.isfinite(value):
        return _spelled(value)
    if value != 0 and abs(value) < 10.0 ** (1 - decimals):
        return _scientific(value, 3)
    if abs(value) >= 1e12:
        return _scientific(value, 5)
    return f"{value:,.{decimals}f}"


def _exponent(value: float, digits: int) -> int:
    """Return the power of ten of ``value`` after rounding it to ``digits``: 9.9996 at 4 digits has 1."""
    return int(f"{value:.{digits - 1}e}".partition("e")[2])


def _scientific(value: float, digits: int) -> str:
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def _spelled(value: float) -> str:
    return str(float(value))  # inf, -inf or nan


def _parsed(text: str) -> float:
    return float(text.replace(",", ""))
