"""Sentences of a report, and the tone they are meant in: the same on the terminal and on every page."""

from __future__ import annotations

from enum import Enum

from celoss_cli.tuples import NamedTuple


class Tone(Enum):
    """How a sentence is meant to strike the reader."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"


class Remark(NamedTuple):
    """A sentence, begun by ``lead``: the words that stand out, which may be empty."""

    text: str
    lead: str = ""
    tone: Tone = Tone.PLAIN
