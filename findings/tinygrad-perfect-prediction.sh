#!/bin/sh
# tinygrad 0.14.0: binary_crossentropy of a perfect prediction is NaN, and so is the mean over all rows.
#
# It computes y log p + (1 - y) log(1 - p) with neither a clip nor 0 log 0 = 0. A probability of exactly 1 for a row
# labelled 1 is 0 times -inf. float32 sigmoids reach 1 at a margin of 17, so a good model gets there: one sure and
# right row turns the loss of the whole file to NaN. Computed from the logits it is 0.
#
# Seen (Python backend, numpy 2.4.6):
#   p = 0.9, 0.1     y = 1, 0   0.1053605
#   p = 0.9, 1.0     y = 1, 1   nan
#   p = 0.9, 0.0     y = 1, 0   nan
#   logits 200, -200 y = 1, 0   0.0
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check tinygrad==0.14.0 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import math
import os

os.environ["DEV"] = "PYTHON"  # needs no compiler
from tinygrad import Tensor  # noqa: E402


def loss(p, y):
    value = float(Tensor(p).binary_crossentropy(Tensor(y)).numpy())
    print(f"p = {p[0]}, {p[1]}     y = {y[0]:g}, {y[1]:g}   {value:.7g}")
    return value


ordinary = loss([0.9, 0.1], [1.0, 0.0])
sure = loss([0.9, 1.0], [1.0, 1.0]), loss([0.9, 0.0], [1.0, 0.0])
logits = float(Tensor([200.0, -200.0]).binary_crossentropy_logits(Tensor([1.0, 0.0])).numpy())
print(f"logits 200, -200 y = 1, 0   {logits}")
assert abs(ordinary + math.log(0.9)) < 1e-6
assert all(map(math.isnan, sure)) and logits == 0
PYTHON
