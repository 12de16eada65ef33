"""What a pass of ``celoss diagnose`` looks at."""

from __future__ import annotations

from typing import NamedTuple

from celoss_cli.state.weighted_scores import Quanta


class Examined(NamedTuple):
    """What is to be added up of each row, beside its loss."""

    first: bool
    """Whether scores, classes, confusions and a sample of rows are wanted: on the first pass."""
    curve: bool
    """Whether the loss at five temperatures is."""
    weighted: bool
    """Whether rows have weights: then nothing that rests on counts is looked at."""
    positive: int = 1
    """The code of the positive class, where there are two."""
    repeats: bool = False
    """Whether it is looked for rows that stand in the file several times."""
    scale: float = 1.0
    """What log-scores are multiplied with before the five temperatures are tried."""
    floor: float = 0.0
    """What probabilities are raised to before a temperature is tried, and the row divided by its sum."""
    beta: float | None = None
    """The 1/T at which the loss and its leave-one-out correction are added up."""
    thresholds: tuple[float, ...] | None = None
    """From which probability on each class is confident, (C,), where contradictions are looked for."""
    sampled: int = 0
    """How many rows are kept as they are."""
    quanta: Quanta | None = None
    """What the weights of rows with two classes are counted in, where their scores are wanted."""
    clustered: tuple[float, ...] | None = None
    """What the terms of clusters are counted in, where these are added up: those of ``lines``, or at ``beta``."""
    lines: tuple[tuple[float, float], ...] = ()
    """Fits of two classes, intercept and slope of the log odds, of which the terms of clusters are wanted."""
    top: int = 0
    """How many of the rows that contradict their label are listed."""
