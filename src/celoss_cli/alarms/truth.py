"""May a column that is called so be the probability of the truth of each row, and nothing says that it is not?"""

from __future__ import annotations

import math

import numpy as np

from celoss_cli.alarms.look import Alarm, Look
from celoss_cli.alarms.rule import entropy
from celoss_cli.kernels.outcome import Floats
from celoss_cli.spelling import option

_FEWEST_ROWS = 20

_KNOWN = 4.0  # nats over all rows by which scores of the second class beat the class frequencies

_DEVIATIONS = 3.0  # by which they are below 1/2 in rows of the first class: those of the truth fall either way

_LEAST = 1e-9


def maybe_of_truth(look: Look) -> list[Alarm]:
    """Return the alarm that ``p_true`` may be that of the label, whichever it is: of one class it knows nothing.

    A score of the second class vouches for itself: it beats the class frequencies, or is low where the first is true.
    """
    if look.size < _FEWEST_ROWS or len(set(look.codes.tolist())) < 2:
        return []
    now, prior = float(look.losses.mean()), entropy(look.codes)
    if look.size * (prior - now) >= _KNOWN or _below_half(look.scores[0][look.codes == 0]) >= _DEVIATIONS:
        return []
    other = float(-np.log(np.maximum(look.scores[0], _LEAST)).mean())
    nats, unit, name = look.base.nats, look.base.unit, look.spellings[1]
    text = (
        "by its name the column can be the probability of the truth of each row, whatever that is, and over the "
        f"{look.size:,} rows looked at nothing says that it is that of {name!r}: the mean loss is {now / nats:.4g} "
        f"{unit} so, and would be {other / nats:.4g} as that of the truth. {option('--positive', name)} if it is that "
        f"of {name!r}"
    )
    return [Alarm("maybe_of_truth", text, now, other, "--positive")]


def _below_half(scores: Floats) -> float:
    """Return by how many standard deviations log-odds of probabilities (n,) are below 0, if either sign is chance."""
    shares = scores.clip(_LEAST, 1.0 - _LEAST)
    odds = np.log(shares) - np.log1p(-shares)
    spread = math.sqrt(float((odds * odds).sum()))
    return -float(odds.sum()) / spread if spread else 0.0
