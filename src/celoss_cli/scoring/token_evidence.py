"""What tokens and their lists say of what the file holds: values that no probability has, sentinels, padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.sequences.columns import LEAST_SENTINEL, SENTINELS
from celoss_cli.request import InputForm
from celoss_cli.scoring.chunk import Mask
from celoss_cli.state.evidence import Sighting
from celoss_cli.state.sequences import NOISE, TokenEvidence

if TYPE_CHECKING:
    from celoss_cli.tables.arrow.lists import Ragged


def evidence_of_tokens(
    form: InputForm,
    values: Floats,
    loss: Floats,
    counts: Mask,
    rows: npt.NDArray[np.int64],
    position: npt.NDArray[np.int64],
) -> TokenEvidence:
    """Return what tokens, (m,), say of what the file holds."""
    if not counts.any():
        return TokenEvidence()
    some = values[counts]
    seen = TokenEvidence(low=float(some.min()) + 0.0, high=float(some.max()) + 0.0)
    nats = -loss
    probs = form is InputForm.PROBS
    over = counts & (nats > 0.0) if not probs else counts & ((values > 1.0) | (values < 0.0))
    if over.any():
        far = over & ~(nats <= NOISE)
        noise = int(np.count_nonzero(over)) - int(np.count_nonzero(far))
        seen = seen._replace(noise=noise)
        if far.any():
            at = int(np.argmax(far))
            first = Sighting(int(np.count_nonzero(far)), int(rows[at]), int(position[at]), float(values[at]))
            seen = seen._replace(above=first)
    signed = -some if form is InputForm.NLL else some
    if not probs and float(signed.min()) <= LEAST_SENTINEL:
        found = {value: int(np.count_nonzero(signed == value)) for value in SENTINELS}
        seen = seen._replace(sentinels={value: count for value, count in found.items() if count})
    return seen


def evidence_of_lists(scores: Ragged, chosen: Mask) -> TokenEvidence:
    """Return what the lists of a batch say: their lengths, and how they begin and end."""
    lengths = scores.lengths
    places = np.flatnonzero(chosen & (lengths > 0))
    if not places.size:
        return TokenEvidence()
    first, last = scores.offsets[places], scores.offsets[places + 1] - 1
    zero = int(np.count_nonzero(scores.values[first] == 0.0))
    long = last > first
    ends, before = scores.values[last[long]], scores.values[last[long] - 1]
    same = ends[ends == before]
    runs: dict[float, int] = {}
    if same.size:
        values, counts = np.unique(same, return_counts=True)
        runs = dict(zip(values.tolist()[:8], counts.tolist()[:8], strict=True))
    mine = lengths[places]
    return TokenEvidence(
        zero_first=zero, lists=places.size, runs=runs, shortest=int(mine.min()), longest=int(mine.max())
    )
