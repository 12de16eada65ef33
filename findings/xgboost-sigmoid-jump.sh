#!/bin/sh
# xgboost-cpu 3.2.0: one hundredth of margin more makes a wrong row cost 36.8 instead of 15.9, and only to one side.
#
# The sigmoid is computed in float32 as 1 / (1 + exp(-x)): at a margin of 16.64 it becomes exactly 1, and the metric
# clips 1 - p at 1e-16. A false positive at 16.63 costs 15.94, at 16.64 it costs 36.84; the exact loss is the margin. A
# false negative at the same distance costs the margin, since small floats are fine to 1e-38. So eval-logloss jumps
# between rounds, is not symmetric in the classes, and predictions written to a file have an infinite log loss.
#
# Seen (numpy 2.4.6):
#   margin 16.63   label 0   p 0.9999998807907104       logloss 15.9424
#   margin -16.63  label 1   p 5.99353597863228e-08     logloss 16.6300
#   margin 16.64   label 0   p 1.0                      logloss 36.8414
#   margin -16.64  label 1   p 5.933898350463096e-08    logloss 16.6400
#   margin 20.0    label 0   p 1.0                      logloss 36.8414
#   margin -20.0   label 1   p 2.06115369216775e-09     logloss 20.0000
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check xgboost-cpu==3.2.0 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
import xgboost

seen = {}
for margin in (16.0, 16.63, 16.64, 20.0, 30.0):
    for label, sign in ((0, 1), (1, -1)):
        data = xgboost.DMatrix(np.zeros((1, 1)), label=[label], base_margin=[sign * margin])
        booster = xgboost.train({"objective": "binary:logistic"}, data, num_boost_round=0)
        p = float(booster.predict(data)[0])
        seen[label, margin] = p, float(booster.eval(data).split(":")[1])
        print(f"margin {sign * margin:<7} label {label}   p {p!r:24} logloss {seen[label, margin][1]:.4f}")

assert seen[0, 16.63][0] < 1 and abs(seen[0, 16.63][1] - 15.942) < 1e-3
assert seen[0, 16.64][0] == 1 and abs(seen[0, 16.64][1] - 36.841) < 1e-3
assert all(abs(seen[1, margin][1] - margin) < 1e-3 for margin in (16.0, 16.63, 16.64, 20.0, 30.0))
PYTHON
