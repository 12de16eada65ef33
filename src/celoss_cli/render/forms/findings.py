"""The outcome of a run for other programs: each check in words, the numbers, the warnings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from celoss_cli.render import numbers
from celoss_cli.render.text import Charset
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import Check

_CHARSET = Charset()


class CheckInWords(NamedTuple):
    """One check of the gate."""

    name: str

    subject: str | None
    """The class or slice that the limit was given for. Which one is the worst is said in the text: it may change."""

    passed: bool

    text: str
    """What was found, in a sentence."""

    figures: tuple[tuple[str, str], ...] = ()
    """The exact numbers, by name."""

    @property
    def title(self) -> str:
        """What it is called from run to run: no number that changes is in it."""
        return self.name if self.subject is None else f"{self.name}[{_CHARSET.escaped(self.subject)}]"


class Measure(NamedTuple):
    """One number."""

    name: str
    """In snake case."""

    value: float
    meaning: str
    unit: str = ""

    labels: tuple[tuple[str, str], ...] = ()
    """What it is of: a class, a slice, a model. Empty for all rows."""


class Findings(NamedTuple):
    """The outcome of a run."""

    origin: Origin

    passed: bool | None
    """Whether every limit is met; ``None`` where there is none."""

    checks: tuple[CheckInWords, ...]
    measures: tuple[Measure, ...]

    facts: tuple[tuple[str, str], ...]
    """What explains a failed check."""

    warnings: tuple[Notice, ...]


def finding_of(check: Check, subject: str | None, text: str) -> CheckInWords:
    """Return what a check of the gate found; ``text`` says it in a sentence."""
    figures = (("value", numbers.exactly(check.value)), ("limit", numbers.exactly(check.limit)))
    return CheckInWords(check.name, subject, check.passed, _CHARSET.prose(text), figures)


def shown_safely(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Return warnings whose text is safe to show."""
    return tuple(Notice(notice.code, _CHARSET.prose(notice.message)) for notice in notices)


class Origin(NamedTuple):
    """What a result is from."""

    command: str

    version: str
    """The version of celoss."""

    files: tuple[str, ...]
    """As the user named them."""

    name: str = ""
    """What it is called from run to run, where its files are not enough to tell it apart."""

    tags: tuple[tuple[str, str], ...] = ()
    """What the user noted about it."""
