"""What can go wrong, said once: the exception tree, the exit codes, and where in a file a thing was found."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from enum import IntEnum
from typing import Any, ClassVar, Self

from celoss_cli.tuples import NamedTuple


class ExitCode(IntEnum):
    """The exit codes that scripts and CI rely on. Code 1 means a gate failed, and nothing else."""

    OK = 0
    GATE_FAILED = 1
    USAGE = 2
    DATA = 3
    BUG = 70
    INTERRUPTED = 130
    BROKEN_PIPE = 141


_LONGEST = 200  # characters of a name, and of a word, that a message shows as they are

_BEGINNING = 60

# Names stand in quotes; what begins behind a letter is an apostrophe.
_LONG = r"""(?<!\w)'(?:[^'\\]|\\.)*'|(?<!\w)"(?:[^"\\]|\\.)*"|\S+"""


def brief(message: str) -> str:
    """Return a message with names of more than 200 characters cut short: a file may have put any into it."""
    return message if len(message) <= _LONGEST else re.sub(_LONG, _cut, message)


def cut_short(name: str, longest: int = _LONGEST) -> str:
    """Return a name as it is, or the beginning of one that is longer than people read."""
    return name if len(name) <= longest else f"{name[:_BEGINNING]}…"


def _cut(found: re.Match[str]) -> str:
    text = found[0]
    quote = text[-1] if text[0] in "'\"" and len(text) > _LONGEST else ""
    return cut_short(text) + quote


class Where(NamedTuple):
    """A place in an input: the file as the user named it, the 0-based data row, the text line, the column."""

    path: str
    row: int | None = None
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        row = "" if self.row is None else f" row {self.row}"
        line = "" if self.line is None else f" (line {self.line})"
        column = "" if self.column is None else f"{',' if row or line else ''} column {cut_short(self.column)!r}"
        return f"{self.path}{row}{line}{column}"


class CelossError(Exception):
    """Base of every error that celoss raises on purpose.

    ``code`` is a stable machine-readable name, ``hint`` says which flag or action settles it. The text of the
    exception is one line: where, what was found.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.DATA

    def __init__(self, message: str, *, code: str, where: Where | None = None, hint: str | None = None) -> None:
        self.message = brief(message)
        self.code = code
        self.where = where
        self.hint = hint if hint is None else brief(hint)
        super().__init__(str(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return functools.partial(type(self), code=self.code, where=self.where, hint=self.hint), (self.message,)

    def __str__(self) -> str:
        text = self.message if self.where is None else f"{self.where}: {self.message}"
        return " ".join(text.split())  # one line, whatever a file put into a cell


class UsageError(CelossError):
    """The options are wrong or contradict each other; no file needs to be read to know it. Exit code 2."""

    exit_code = ExitCode.USAGE


class Defect(CelossError):
    """celoss itself is at fault: what reports say of a crash. Exit code 70. It is never raised."""

    exit_code = ExitCode.BUG


class DataError(CelossError):
    """The data cannot be scored as asked. Exit code 3. Its subclasses name the stage that found out."""

    def placed(self, place: Callable[[Where, int], Where]) -> Self:
        """Return the same error where ``place`` says that its row is; itself without a row, or if its line is known."""
        where = self.where
        if where is None or where.row is None or where.line is not None:
            return self
        return type(self)(self.message, code=self.code, where=place(where, where.row), hint=self.hint)


class UnreadableFile(DataError):
    """A file is missing, empty, truncated, ragged, or not what it seems."""


class AmbiguousData(DataError):
    """The data allow more than one reading; the hint names the flag that chooses."""


class InvalidScores(DataError):
    """Scores that no reading allows: NaN, infinite, outside [0, 1], rows that are not distributions."""


class InvalidLabels(DataError):
    """Labels that are missing, unknown or out of range."""


class MisalignedData(DataError):
    """Predictions and labels do not pair up, by position or by id."""


class InvalidWeights(DataError):
    """Class or sample weights that are negative, missing, all zero, or name unknown classes."""


class OutputError(DataError):
    """An output file cannot be written."""
