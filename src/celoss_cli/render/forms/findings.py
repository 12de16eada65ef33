"""What a run came to, for machines that keep score: each check in words, the numbers, the warnings."""

from __future__ import annotations

from typing import NamedTuple

from celoss_cli.render.text import Charset
from celoss_cli.results.document import Notice

_CHARSET = Charset()


class Finding(NamedTuple):
    """One check: its name, the class or slice it was asked for, what was found as a sentence and as exact figures.

    Where the worst of all was asked for, the sentence and not the subject says which it is: that changes with the data.
    """

    name: str
    subject: str | None
    passed: bool
    text: str
    figures: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """What it is called from run to run: no number that changes is in it."""
        return self.name if self.subject is None else f"{self.name}[{_CHARSET.escaped(self.subject)}]"


class Measure(NamedTuple):
    """One number: a name in snake case, the value, its unit if it has one, and labels that say what it is of."""

    name: str
    value: float
    meaning: str
    unit: str = ""
    labels: tuple[tuple[str, str], ...] = ()


class Findings(NamedTuple):
    """What a run came to. ``passed`` is ``None`` where no limit was asked for, ``facts`` go with each explanation."""

    origin: Origin
    passed: bool | None
    checks: tuple[Finding, ...]
    measures: tuple[Measure, ...]
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[Notice, ...]


class Origin(NamedTuple):
    """Whose result it is: the command, the version of celoss, and the files as they were named."""

    command: str
    version: str
    files: tuple[str, ...]
