"""Does another column of the file fit the predictions far better as the label?"""

from __future__ import annotations

import math

import numpy as np

from celoss_cli.alarms.look import Alarm, Look
from celoss_cli.alarms.rule import Means, compared, numbers, of_truth
from celoss_cli.kernels.outcome import Codes
from celoss_cli.spelling import option


def other_label(look: Look) -> Alarm | None:
    """Return the alarm that another column would do far better, and is no prediction itself."""
    look = look.opening
    if not look.size:
        return None
    others = look.others()
    found: list[tuple[Means, str]] = []
    for name, codes in others.items():
        known = np.flatnonzero(codes >= 0)
        if not known.size:
            continue
        chosen, truth = look.surprisals[:, known], codes[known]
        means = compared(of_truth(chosen, look.codes[known]), of_truth(chosen, truth), truth)
        if means.far_better(math.log(len(others))) and not follows_scores(look, codes):
            found.append((means, name))
    if not found:
        return None
    means, name = min(found, key=lambda item: item[0].other)
    flag = option("--label", name)
    text = f"{numbers(means, look.base, f'with the labels of column {name!r}')}: {flag}"
    return Alarm("other_label", text, means.now, means.other, flag)


def follows_scores(look: Look, codes: Codes) -> bool:
    """Whether ``codes`` (n,) can be made from the scores alone: the largest one, or a threshold on the only one."""
    known = np.flatnonzero(codes >= 0)
    truth, surprisals = codes[known], look.surprisals[:, known]
    if bool((surprisals.argmin(axis=0) == truth).all()):
        return True
    if surprisals.shape[0] != 2:
        return False
    margins = surprisals[0] - surprisals[1]
    positive, negative = margins[truth == 1], margins[truth == 0]
    return bool(positive.size and negative.size and positive.min() > negative.max())
