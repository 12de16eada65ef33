"""Is the only score that of the predicted class, rather than that of the positive one?"""

from __future__ import annotations

import math

from celoss_cli.alarms.look import Alarm, Look

_FEWEST_ROWS = 20

_SPREAD = 0.2  # from the least score to the largest: those of a constant answer say nothing of what they are of

_DEVIATIONS = 3.0  # by which rows of the negative class are more than the scores as they are read allow


def maybe_confidence(look: Look) -> list[Alarm]:
    """Return the alarm that no probability is below 1/2, as that of the predicted one of two classes never is.

    It goes off only if there are more rows of the negative class than such probabilities of the positive one foretell:
    where nearly all rows are positive, all of these may be above 1/2.
    """
    rows = [int((look.codes == code).sum()) for code in (0, 1)]
    if look.size < _FEWEST_ROWS or not all(rows):
        return []
    scores = look.scores[0]
    surplus, variance = rows[0] - float((1.0 - scores).sum()), float((scores * (1.0 - scores)).sum())
    if float(scores.max() - scores.min()) < _SPREAD or surplus < _DEVIATIONS * math.sqrt(variance):
        return []
    loss = float(look.losses.mean())
    text = (
        f"no probability in the {look.size:,} rows looked at is below 0.5, though {rows[0]:,} of them are of class "
        f"{look.spellings[0]!r} (mean loss {loss / look.base.nats:.4g} {look.base.unit}): they may be those of the "
        f"predicted class, and not of {look.spellings[1]!r}. If they are of it in every row, --pred COLUMN says so"
    )
    return [Alarm("maybe_confidence", text, loss, loss, "--pred")]
