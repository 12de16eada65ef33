"""Scores with a fix applied: as logits to be scored, or as what they were, to be written."""

from __future__ import annotations

from typing import assert_never

from celoss_cli.kernels import recalibration
from celoss_cli.kernels.functions import log
from celoss_cli.kernels.outcome import Floats
from celoss_cli.kernels.recalibration import Recalibration
from celoss_cli.request import InputKind


def recalibrated(kind: InputKind, scores: Floats, axis: int, by: Recalibration) -> Floats:
    """Return new logits from scores, (C, n) or (n, C) with the classes along ``axis``; one score a row is about one
    of two classes, and becomes its log odds. Never overwrites ``scores``.
    """
    if scores.shape[axis] == 1:
        return recalibration.of_log_odds(_log_odds(kind, scores), by)
    return recalibration.of_log_scores(log(scores) if kind is InputKind.PROBS else scores, by, axis)


def written_as(kind: InputKind, logits: Floats, axis: int) -> Floats:
    """Return logits, or one log odds a row, as scores of that kind."""
    single = logits.shape[axis] == 1
    match kind:
        case InputKind.LOGITS:
            return logits
        case InputKind.PROBS:
            return recalibration.sigmoid(logits) if single else recalibration.softmax(logits, axis)
        case InputKind.LOGPROBS:
            return recalibration.log_sigmoid(logits) if single else recalibration.log_softmax(logits, axis)
        case _:
            assert_never(kind)


def _log_odds(kind: InputKind, scores: Floats) -> Floats:
    match kind:
        case InputKind.LOGITS:
            return scores
        case InputKind.PROBS:
            return recalibration.log_odds_from_probabilities(scores)
        case InputKind.LOGPROBS:
            return recalibration.log_odds_from_log_probabilities(scores)
        case _:
            assert_never(kind)
