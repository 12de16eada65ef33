#!/bin/sh
# awkward 2.14.0: ak.softmax is exp(x) / sum(exp(x)), so logits of 710 (89 in float32) become NaN, and −746 too.
#
# Every other softmax of the field subtracts the largest score first. Ragged arrays of logits are awkward's own ground
# (jets of an event, tokens of a text), and log-likelihoods of whole texts easily lie below −746.
#
# Seen (numpy 2.4.6):
#   float64 [709, 708]      [0.731, 0.269]
#   float64 [710, 709]      [nan, 0]
#   float64 [-1000, -1001]  [nan, nan]
#   float32 [89, 88]        [nan, 0]
#   scipy   [-1000, -1001]  [0.731, 0.269]
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check awkward==2.14.0 scipy==1.17.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import warnings

import awkward as ak
import numpy as np
from scipy.special import softmax

warnings.simplefilter("ignore")


def show(name, scores, result):
    print(f"{name:7} {str(scores):15} [{', '.join(f'{value:.3g}' for value in result)}]")
    return np.isnan(result).any()


def ragged(scores, dtype):
    return ak.to_numpy(ak.softmax(ak.from_numpy(np.array([scores], dtype)), axis=-1))[0]


assert not show("float64", [709, 708], ragged([709, 708], np.float64))
assert show("float64", [710, 709], ragged([710, 709], np.float64))
assert show("float64", [-1000, -1001], ragged([-1000, -1001], np.float64))
assert show("float32", [89, 88], ragged([89, 88], np.float32))
assert not show("scipy", [-1000, -1001], softmax([-1000.0, -1001.0]))
PYTHON
