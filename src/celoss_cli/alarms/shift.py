"""Do the labels belong to the rows before, or after? Rows that pair by position are one insertion away from that."""

from __future__ import annotations

import math

import numpy as np

from celoss_cli.alarms.look import Alarm, Look
from celoss_cli.alarms.rule import Means, compared, numbers, of_truth


def labels_shifted(look: Look) -> Alarm | None:
    """Return the alarm that each label stands one row too early or too late."""
    follows = np.flatnonzero(look.rows[1:] == look.rows[:-1] + 1)
    found: list[tuple[Means, str]] = []
    for rows, labels, side in ((follows, follows + 1, "next"), (follows + 1, follows, "previous")):
        if not rows.size:
            continue
        chosen, codes = look.surprisals[:, rows], look.codes[labels]
        means = compared(of_truth(chosen, look.codes[rows]), of_truth(chosen, codes), codes)
        if means.far_better(math.log(2.0)):
            found.append((means, side))
    if not found:
        return None
    means, side = min(found, key=lambda item: item[0].other)
    cure = "give a key of both files with --id, or correct a file" if look.two_files else "correct the file"
    both = numbers(means, look.base, f"with the label of the {side} row")
    text = f"{both}: the labels seem to be shifted by one row; rows pair by position: {cure}"
    return Alarm("labels_shifted", text, means.now, means.other, None)
