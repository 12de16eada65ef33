#!/bin/sh
# scipy 1.17.1: log_softmax gives exactly 0 for a confident row, whose loss logsumexp, in the same module, has to 16 digits.
#
# The loss of a row is -log_softmax(z)[truth] or logsumexp(z) - z[truth]. For z = (0, -40) and the first class it is
# 4.2e-18. logsumexp says so (it treats the largest term apart); log_softmax subtracts the maximum and takes the
# logarithm of 1 + 4e-18, which is 0. From a margin of 37 on all of the loss is lost, at 30 the third digit. A mean over
# rows that are nearly all right is then made of the rows that are not, and two good models compare as equal.
#
# Seen (numpy 2.4.6), z = (0, -margin): the loss of the first class:
#   margin  log_softmax              logsumexp                log1p(exp(-margin))
#   10.0    4.5398899216870535e-05   4.539889921686465e-05    4.539889921686465e-05
#   20.0    2.0611536900435727e-09   2.061153620314381e-09    2.061153620314381e-09
#   30.0    9.348077867343381e-14    9.357622968839737e-14    9.357622968839737e-14
#   36.0    2.2204460492503128e-16   2.3195228302435686e-16   2.3195228302435686e-16
#   37.0    -0.0                     8.533047625744066e-17    8.533047625744066e-17
#   40.0    -0.0                     4.248354255291589e-18    4.248354255291589e-18
#   300.0   -0.0                     5.148200222412013e-131   5.148200222412013e-131
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
from scipy.special import log_softmax, logsumexp

seen = {}
for margin in (10.0, 20.0, 30.0, 36.0, 37.0, 40.0, 300.0):
    z = np.array([0.0, -margin])
    seen[margin] = float(-log_softmax(z)[0]), float(logsumexp(z) - z[0]), float(np.log1p(np.exp(-margin)))
    print(f"{margin:<8}" + "".join(f"{value!r:<25}" for value in seen[margin]))

for margin, (softmax, sum_exp, exact) in seen.items():
    assert abs(sum_exp - exact) <= 1e-15 * exact
    if margin >= 37:
        assert softmax == 0 < exact
assert 1e-4 < abs(seen[30.0][0] / seen[30.0][2] - 1) < 1e-1
PYTHON
