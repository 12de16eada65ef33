"""Are probabilities under a doubtful name those of the truth of each row, rather than those of one class?"""

from __future__ import annotations

import math

import numpy as np

from celoss_cli.kernels.outcome import Codes, Floats

_FEWEST_ROWS = 20

_SURE = 4.0  # nats over all rows, both ways


def looks_so(scores: Floats, codes: Codes) -> bool:
    """Whether probabilities (n,) are high for either of two classes (codes (n,)), and as those of class 1 no good.

    That is, worse than the class frequencies: read as what the truth was given, they are better.
    """
    positive = float(codes.mean()) if codes.size else 0.0
    if scores.size < _FEWEST_ROWS or not 0.0 < positive < 1.0:
        return False
    shares = np.clip(scores, 1e-9, 1.0 - 1e-9)
    if min(float(shares[codes == code].mean()) for code in (0, 1)) <= 0.5:
        return False
    prior = -positive * math.log(positive) - (1.0 - positive) * math.log(1.0 - positive)
    of_one = float(-np.log(np.where(codes == 1, shares, 1.0 - shares)).mean())
    surplus = min(of_one - prior, prior - float(-np.log(shares).mean()))
    return surplus * scores.size >= _SURE
