"""Are the scores that nothing vouches for, and that were read as logits, any scores at all?"""

from __future__ import annotations

import math

from celoss_cli.alarms.look import Alarm, Look
from celoss_cli.alarms.rule import entropy

_FAR_ABOVE = (
    4.0  # times ln C: what a uniform guess costs, which no model that was fitted to anything exceeds by so much
)


def maybe_no_scores(look: Look) -> list[Alarm]:
    """Return the alarm that the numbers may be no logits: of one sign, or far from it, and worse than knowing nothing.

    A price, a distance or a rank is read as logits where nothing says what it is: it is no probability.
    """
    low, high = look.span
    loss, prior = float(look.losses.mean()), entropy(look.codes)
    classes = look.surprisals.shape[0]
    if low >= 0.0 or high <= 0.0:
        what = f"none of the scores is {'negative' if low >= 0.0 else 'positive'} ({low:g} to {high:g})"
    elif loss > _FAR_ABOVE * math.log(classes):
        what = f"the scores range from {low:g} to {high:g}"
    else:
        return []
    unit = look.base
    text = (
        f"{what}, and over the {look.size:,} rows looked at the mean loss is {loss / unit.nats:.4g} {unit.unit}, where "
        f"the class frequencies alone have {prior / unit.nats:.4g}: they may be no logits, and no scores of this label "
        "at all. If they are: --input logits"
    )
    return [Alarm("maybe_no_scores", text, loss, prior, "--input logits")]
