"""Limits as they are asked for: read from text, and refused where nothing could ever meet or miss them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from celoss_cli.errors import UsageError
from celoss_cli.request import Margin
from celoss_cli.results.document import ABOVE_COUNTS


class Limit(NamedTuple):
    """One limit: the number, and the class or slice it is for; ``None`` for all rows, or the worst class or slice."""

    value: float
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits asked for; ``None`` and empty mean not asked for. Each field but the last is a rule of the gate.

    Slices with fewer than ``slice_min_rows`` scored rows are not judged as the worst slice.

    Raises
    ------
    UsageError
        A limit is NaN, or a number that the quantity cannot have.
    """

    max_loss: float | None = None
    max_upper_bound: float | None = None
    min_skill: float | None = None
    max_brier: float | None = None
    max_ece: float | None = None
    min_accuracy: float | None = None
    max_infinite: float | None = None
    min_rows: float | None = None
    max_class_loss: tuple[Limit, ...] = ()
    max_slice_loss: tuple[Limit, ...] = ()
    max_regression: Margin | None = None
    slice_min_rows: int = 0

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            for value in _numbers(getattr(self, name)):
                _check(name, value)

    def check_asked(self, slices: Sequence[str], *, baseline: bool) -> None:
        """Refuse limits on what was not asked for: ``slices`` are the columns sliced by.

        Raises
        ------
        UsageError
            A limit is infinite, one on slices names no column sliced by, or one on the regression has no baseline.
        """
        for name in (field.name for field in fields(self)):
            for value in _numbers(getattr(self, name)):
                _refuse_infinite(_flag(name), value)
        for limit in self.max_slice_loss:
            if limit.subject is None and not slices:
                raise UsageError(
                    "--max-slice-loss limits the loss of slices, and there are none",
                    code="limit_without_slices",
                    hint="say what to slice by: --slice COLUMN",
                )
            if limit.subject is not None and column_of(limit.subject, slices) is None:
                raise UsageError(
                    f"--max-slice-loss {limit.subject!r} names no column of --slice",
                    code="limit_without_slices",
                    hint="COLUMN=VALUE=X is for one slice, COLUMN=X for the worst of a column, X for the worst of all",
                )
        if self.slice_min_rows and not any(
            limit.subject is None or limit.subject in slices for limit in self.max_slice_loss
        ):
            raise UsageError(
                "--slice-min-rows says which slices are not judged, and there is no limit for the worst of them",
                code="slice_min_rows_alone",
                hint="--max-slice-loss X, or COLUMN=X",
            )
        if self.max_regression is not None and not baseline:
            raise UsageError(
                "--max-regression limits what is lost to a baseline, and there is none",
                code="regression_without_baseline",
                hint="--baseline FILE names an earlier --report FILE.json",
            )


def column_of(subject: str, columns: Iterable[str]) -> str | None:
    """Return the column that ``COLUMN`` or ``COLUMN=VALUE`` speaks of, the longest that fits, or ``None``."""
    fitting = [column for column in columns if subject == column or subject.startswith(f"{column}=")]
    return max(fitting, key=len, default=None)


def read_limits(option: str, given: object) -> tuple[Limit, ...]:
    """Return limits that may each be for one class or slice: from ``X`` or ``name=X``, split at the last ``=``.

    ``given`` is ``None``, one such text or a number, a mapping from names to numbers, or several of these.
    """
    if given is None:
        return ()
    if isinstance(given, Mapping):
        return tuple(Limit(_number(option, value, str(name)), str(name)) for name, value in given.items())
    if isinstance(given, str):
        subject, equals, text = given.rpartition("=")
        if equals and not subject:
            raise UsageError(f"{option} {given!r} names nothing", code="limit_form", hint=f"{option} X, or name=X")
        return (Limit(_number(option, text, given), subject if equals else None),)
    if isinstance(given, Iterable):
        return tuple(limit for part in given for limit in read_limits(option, part))
    return (Limit(_number(option, given, str(given))),)


def read_margin(given: str | float | None, option: str = "--max-regression") -> Margin | None:
    """Return a margin: ``0.01`` in the unit of the loss, ``2%`` of the baseline's loss. Raises UsageError."""
    if given is None:
        return None
    text = str(given).strip()
    relative = text.endswith("%")
    value = _number(option, text.removesuffix("%"), text)
    _refuse_infinite(option, value)
    return Margin(value / 100.0 if relative else value, relative)


def _number(option: str, value: object, shown: str) -> float:
    try:
        return float(value)  # type: ignore[arg-type]  # whatever it is: the error says it
    except (TypeError, ValueError):
        raise UsageError(
            f"{option} {shown!r} holds no number", code="limit_form", hint=f"give {option} a number such as 0.5"
        ) from None


class _Range(NamedTuple):
    """The numbers that a limit may be, and what to give instead of others."""

    low: float
    high: float
    whole: bool
    hint: str


_RANGES = {
    "min_skill": _Range(-math.inf, 1.0, False, "1 is perfect, 0 no better than the class frequencies"),
    "max_brier": _Range(0.0, 2.0, False, "0 is perfect, 2 the worst"),
    "max_ece": _Range(0.0, 1.0, False, "it is a share: 0.05 is 5%"),
    "min_accuracy": _Range(0.0, 1.0, False, "it is a share: 0.95 is 95%"),
    "max_infinite": _Range(0.0, math.inf, True, "a number of rows; 0 allows none"),
    "min_rows": _Range(0.0, math.inf, True, "a number of rows"),
    "slice_min_rows": _Range(0.0, math.inf, True, "a number of rows"),
}


def _numbers(asked: object) -> tuple[float, ...]:
    if asked is None:
        return ()
    if isinstance(asked, Margin):
        return (asked.amount,)
    if isinstance(asked, tuple):
        return tuple(limit.value for limit in asked)
    return (asked,)  # type: ignore[return-value]  # the other fields are numbers


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _refuse_infinite(option: str, value: float) -> None:
    if math.isinf(value):  # also what 1e999 reads as
        raise UsageError(
            f"{option} is infinite, and so no limit at all",
            code="limit_infinite",
            hint=f"give {option} a number, or leave it out",
        )


def _check(name: str, value: float) -> None:
    option = _flag(name)
    if isinstance(value, int) and abs(value) >= ABOVE_COUNTS:
        raise UsageError(f"{option} has too many digits for a limit", code="limit_range", hint=f"leave {option} out")
    if math.isnan(value):
        raise UsageError(
            f"{option} is nan, which nothing can be compared with",
            code="limit_nan",
            hint=f"give {option} a number",
        )
    allowed = _RANGES.get(name)
    if allowed is None:
        return
    fits = allowed.low <= value <= allowed.high and (not allowed.whole or float(value).is_integer())
    if not fits:
        raise UsageError(f"{option} {value:g} can be no limit", code="limit_range", hint=allowed.hint)
