#!/bin/sh
# thinc 9.1.1: the loss value of CategoricalCrossentropy is no cross-entropy but the sum of squares of its gradient.
#
# The gradient (p - t)/n is that of cross-entropy; the number beside it, which training loops print and log, is
# sum(((p - t)/n)^2): a Brier score divided by the number of rows. It is finite at probability 0, and one and the same
# model on the same rows repeated ten times has a tenth of the "loss". Two runs with other batch sizes cannot be compared.
#
# Seen (numpy 2.4.6):
#   p of the truth 0.7, 0.5:            thinc 0.13    cross-entropy 0.5249110622493389    Brier / n 0.13
#   the same two rows ten times over:   thinc 0.013   cross-entropy 0.5249110622493389    Brier / n 0.013
#   p of the truth 0:                   thinc 2.0     cross-entropy inf                   Brier / n 2.0
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check thinc==9.1.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
from thinc.api import CategoricalCrossentropy


def look(name, p, truth):
    p, truth = np.array(p, dtype="f"), np.array(truth)
    rows = np.arange(len(truth))
    thinc = float(CategoricalCrossentropy().get_loss(p, truth))
    with np.errstate(divide="ignore"):
        exact = float(-np.log(p[rows, truth].astype(float)).mean())
    brier = float(((p - np.eye(p.shape[1])[truth]) ** 2).sum(1).mean()) / len(truth)
    print(f"{name:36}thinc {thinc:<8.4g}cross-entropy {exact:<20.7g}Brier / n {brier:.4g}")
    return thinc, exact, brier


two, truth = [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3]], [0, 1]
once = look("p of the truth 0.7, 0.5:", two, truth)
again = look("the same two rows ten times over:", two * 10, truth * 10)
never = look("p of the truth 0:", [[0.0, 1.0, 0.0]], [0])
assert abs(once[0] - once[2]) < 1e-6 and abs(once[0] - 0.13) < 1e-6
assert abs(again[0] - 0.013) < 1e-6 and abs(again[1] - once[1]) < 1e-6
assert never[0] == 2.0 and never[1] == np.inf
PYTHON
