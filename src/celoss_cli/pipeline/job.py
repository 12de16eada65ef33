"""What an evaluation works on, from pass to pass, and what one pass takes for granted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from celoss_cli.align import LabelSide
from celoss_cli.classes import Match
from celoss_cli.conventions import Convention
from celoss_cli.detect import Precision, Reading
from celoss_cli.layout import Layout
from celoss_cli.location import Locator
from celoss_cli.spec import Request
from celoss_cli.tables.source import Table
from celoss_cli.weights import Given

Opener = Callable[[Any, str], Table]
"""Opens an input (a path or an object) in the role of predictions or labels."""


@dataclass(frozen=True, slots=True)
class Job:
    """What stays the same from pass to pass."""

    request: Request
    predictions: Table
    labels: Table | None
    layout: Layout
    side: LabelSide | None
    at: Locator
    precision: Precision
    convention: Convention
    class_weight: Given | str | None
    first_labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Assumed:
    """What a pass takes for granted, and the pass itself may contradict."""

    reading: Reading
    match: Match
    class_weights: tuple[Fraction, ...] | None
