"""Is the label column what the model predicted, rather than the truth?"""

from __future__ import annotations

import numpy as np

from celoss_cli.alarms.label import follows_scores
from celoss_cli.alarms.look import Alarm, Look
from celoss_cli.alarms.rule import EVIDENCE
from celoss_cli.kernels.functions import exp, log1p
from celoss_cli.spelling import option

_CLOSE = 0.4  # nats between the best class and the second: a coin that falls 60 to 40

_EVIDENCE_IF_WEAK = 7.0  # nats, of a label whose name can mean either: one file in a thousand

_NEAR = 0.2  # of the usual distance: where a model that separates all classes keeps clear of the border


def label_is_predicted(look: Look) -> list[Alarm]:
    """Return the alarm that the best class is the label in every row, on the very border between classes too.

    A model that is right everywhere leaves a gap at the border, however small its probabilities differ; labels that
    were made from the scores do not. So only rows that are close calls by both measures count, each for
    what it claims itself about the odds of being right.
    """
    best = np.sort(look.surprisals, axis=0)[:2]
    distance = best[1] - best[0]
    usual = float(np.median(distance))
    close = (distance < _CLOSE) & (distance < _NEAR * usual) & (distance > 0.0)
    surprise = float(log1p(exp(-distance[close])).sum())
    if surprise < (_EVIDENCE_IF_WEAK if look.chosen.weak_label else EVIDENCE):
        return []
    loss = float(look.losses.mean())
    opening = look.opening
    rivals = [name for name, codes in opening.others().items() if not follows_scores(opening, codes)]
    flag = option("--label", rivals[0]) if len(rivals) == 1 else "--label"
    text = (
        f"the label is the class with the largest score in all {look.size:,} rows looked at (mean loss "
        f"{loss / look.base.nats:.4g} {look.base.unit}), {int(close.sum())} close calls included, of which a model "
        "gets a good part wrong: it seems to be the predicted label, not the truth. "
        f"{flag if len(rivals) == 1 else '--label COLUMN'} names the true one"
    )
    return [Alarm("label_is_predicted", text, loss, loss, flag)]
