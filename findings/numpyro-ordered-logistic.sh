#!/bin/sh
# numpyro 0.22.0: the log likelihood of an ordinal model is infinite from a margin of 17 on, at one end of the scale only.
#
# OrderedLogistic takes differences of sigmoids, and those of the upper classes are differences of numbers near 1. With
# the float32 of a default JAX, one row in the top class that the model places 17 below it makes the log likelihood of the
# data -inf, and shortly before that the digits go. The bottom class is right to a margin of 80. The model turned around
# (predictor, cuts and labels) is the same model and has the fault at the other end. In float64 it begins at 37.
#
# Seen (jax 0.10.2, mpmath 1.4.1), minus the log probability of the top class of three, cut at 0 and 1:
#   margin   class 2, float32   class 0 of the turned model   class 2, float64   exact
#   8        8.0004             8.0003                        8.0003             8.0003
#   15       14.8438            15.0000                       15.0000            15.0000
#   16       15.9424            16.0000                       16.0000            16.0000
#   17       inf                17.0000                       17.0000            17.0000
#   30       inf                30.0000                       30.0010            30.0000
#   35       inf                35.0000                       34.9450            35.0000
#   36       inf                36.0000                       36.0437            36.0000
#   37       inf                37.0000                       inf                37.0000
#   80       inf                80.0000                       inf                80.0000
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check numpyro==0.22.0 jax==0.10.2 jaxlib==0.10.2 mpmath==1.4.1 numpy==2.4.6
cd "$dir"
JAX_PLATFORMS=cpu venv/bin/python - <<'PYTHON'
import jax
import jax.numpy as jnp
import mpmath
from numpyro.distributions import OrderedLogistic

mpmath.mp.dps = 60


def losses(predictor, cutpoints, label):
    cutpoints = jnp.array(cutpoints)
    return -float(OrderedLogistic(jnp.array([float(predictor)]), cutpoints).log_prob(jnp.array([label]))[0])


def exact(predictor):
    """Minus log P(class 2) = minus log sigmoid(predictor - 1), class 2 being what lies above the cut at 1."""
    return float(mpmath.log(1 + mpmath.exp(1 - mpmath.mpf(predictor))))


seen = {}
print("margin   class 2, float32   class 0 of the turned model   class 2, float64   exact")
for margin in (8, 15, 16, 17, 30, 35, 36, 37, 80):
    predictor = 1 - margin
    row = []
    for double in (False, True):
        jax.config.update("jax_enable_x64", double)
        row.append((losses(predictor, [0.0, 1.0], 2), losses(-predictor, [-1.0, 0.0], 0)))
    seen[margin] = [row[0][0], row[0][1], row[1][0], exact(predictor)]
    single, turned, double, truth = seen[margin]
    print(f"{margin:<9}{single:<19.4f}{turned:<30.4f}{double:<19.4f}{truth:.4f}")

assert seen[17][0] == seen[37][2] == float("inf")
assert all(abs(turned - truth) < 1e-4 for _, turned, _, truth in seen.values())
assert all(abs(double - truth) < 1e-4 for margin, (_, _, double, truth) in seen.items() if margin < 30)
PYTHON
