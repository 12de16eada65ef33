#!/bin/sh
# vowpalwabbit 9.11.9: with labels 0 and 1 the reported logistic loss is lower than with -1 and 1, and the model is worse.
#
# Labels of the logistic loss are -1 and 1. Anything between is now a blend of the two, without the warning that older
# versions gave: 0, elsewhere the name of the negative class, is half a positive row and half a negative one. So there is
# no negative row any more, the model calls nearly everything positive, and the "average loss" in the log falls, since it
# is measured against the same blend. Against the true classes the log loss is higher by a quarter. A label of 2 is warned of.
#
# Seen (numpy 2.4.6), 5,000 rows, of which 66% are positive:
#   labels    average loss   log loss   called positive   warnings
#   -1, 1     0.453          0.448      0.662             0
#   0, 1      0.403          0.569      0.944             0
#   a row at margin 1.604 with label 0 costs 0.985: half of 0.183 and 1.787
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check vowpalwabbit==9.11.9 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
import vowpalwabbit

rng = np.random.default_rng(0)
feature = rng.normal(size=5000)
positive = rng.random(5000) < 1 / (1 + np.exp(-2 * feature - 1))
reported, actual = [], []
print("labels    average loss   log loss   called positive   warnings")
for negative in (-1, 0):
    model = vowpalwabbit.Workspace("--loss_function logistic", enable_logging=True)
    for x, y in zip(feature, positive):
        model.learn(f"{1 if y else negative} | x:{x:.6f}")
    margin = np.array([model.predict(f"| x:{x:.6f}") for x in feature])
    model.finish()
    log = model.get_log()
    reported.append(next(float(line.split("=")[1]) for line in log if line.startswith("average loss")))
    actual.append(np.logaddexp(0, np.where(positive, -margin, margin)).mean())
    warnings = sum("warning" in line.lower() for line in log)
    share = (margin > 0).mean()
    print(f"{f'{negative}, 1':<10}{reported[-1]:<15.3f}{actual[-1]:<11.3f}{share:<18.3f}{warnings}")
    assert not warnings

model = vowpalwabbit.Workspace("--loss_function logistic", enable_logging=True)
for _ in range(5):
    model.learn("1 | x:1")
row = model.parse("0 | x:1")
model.predict(row)
margin, cost = row.get_simplelabel_prediction(), row.get_loss()
model.finish_example(row)
as_positive, as_negative = np.logaddexp(0, -margin), np.logaddexp(0, margin)
print(f"a row at margin {margin:.3f} with label 0 costs {cost:.3f}: half of {as_positive:.3f} and {as_negative:.3f}")

assert abs(cost - (as_positive + as_negative) / 2) < 1e-6
assert reported[1] < reported[0] - 0.03
assert actual[1] > actual[0] + 0.1
PYTHON
