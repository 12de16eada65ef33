#!/bin/sh
# scoringrules 0.10.0: the logarithmic score of 144 events where 144 were expected is -inf, better than any right forecast.
#
# Most of the logs_ functions are the logarithm of a density worked out before: a Poisson probability as a power over a
# factorial, a binomial coefficient as a number, a beta or gamma density by gamma functions. They overflow for everyday
# numbers. As the lower score wins, a forecast of 400 events beats one of 90 in a season that had 90 on the average. A negative
# binomial is -inf for 600 where 500 were expected, as is a normal distribution cut ten deviations out. The other way the
# density becomes 0, and a normal forecast off by 39 deviations scores infinity instead of 761. All that tells is a
# RuntimeWarning of NumPy. The documentation calls the score the negative log likelihood, and names no limit.
#
# Seen (numpy 2.4.6, scipy 1.17.1, whose log densities are the last column):
#   observed   forecast                          score      exact
#   143        Poisson, mean 143                 3.4009     3.4009
#   144        Poisson, mean 144                 -inf       3.4044
#   171        Poisson, mean 171                 nan        3.4903
#   500        negative binomial, n 500, p 0.5   4.3731     4.3731
#   600        negative binomial, n 500, p 0.5   -inf       9.0636
#   200        gamma, shape 200, rate 1          nan        3.5685
#   0.5        beta, 800 and 800                 nan        -3.4629
#   10.1       standard normal above 10          -inf       -1.3073
#   38         standard normal                   722.9189   722.9189
#   39         standard normal                   inf        761.4189
#   a season of 365 days, 90 events on the average, at most 119: mean score and exact mean
#     forecast of 90    3.6792   3.6792
#     forecast of 400   -inf     177.7997
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check scoringrules==0.10.0 numpy==2.4.6 scipy==1.17.1
cd "$dir"
venv/bin/python -W ignore - <<'PYTHON'
import math

import numpy as np
import scoringrules
from scipy import stats

rows = [
    (143, "Poisson, mean 143", scoringrules.logs_poisson(143, 143.0), stats.poisson(143).logpmf(143)),
    (144, "Poisson, mean 144", scoringrules.logs_poisson(144, 144.0), stats.poisson(144).logpmf(144)),
    (171, "Poisson, mean 171", scoringrules.logs_poisson(171, 171.0), stats.poisson(171).logpmf(171)),
    (500, "negative binomial, n 500, p 0.5", scoringrules.logs_negbinom(500, 500, 0.5), stats.nbinom(500, 0.5).logpmf(500)),
    (600, "negative binomial, n 500, p 0.5", scoringrules.logs_negbinom(600, 500, 0.5), stats.nbinom(500, 0.5).logpmf(600)),
    (200, "gamma, shape 200, rate 1", scoringrules.logs_gamma(200.0, 200.0, rate=1.0), stats.gamma(200).logpdf(200)),
    (0.5, "beta, 800 and 800", scoringrules.logs_beta(0.5, 800.0, 800.0), stats.beta(800, 800).logpdf(0.5)),
    (10.1, "standard normal above 10", scoringrules.logs_tnormal(10.1, 0.0, 1.0, 10.0, np.inf), stats.truncnorm(10, np.inf).logpdf(10.1)),
    (38, "standard normal", scoringrules.logs_normal(38.0, 0.0, 1.0), stats.norm.logpdf(38)),
    (39, "standard normal", scoringrules.logs_normal(39.0, 0.0, 1.0), stats.norm.logpdf(39)),
]
scores = [float(score) for _, _, score, _ in rows]
print("observed   forecast                          score      exact")
for (observed, forecast, _, logarithm), score in zip(rows, scores, strict=True):
    print(f"{observed!s:<11}{forecast:<34}{score:<11.4f}{-logarithm:.4f}")

season = np.random.default_rng(0).poisson(90, 365)
print(f"a season of 365 days, 90 events on the average, at most {season.max()}: mean score and exact mean")
means = []
for mean in (90.0, 400.0):
    own = np.mean([float(scoringrules.logs_poisson(int(day), mean)) for day in season])
    means.append(own)
    print(f"  forecast of {mean:<4.0f}  {own:<9.4f}{-stats.poisson(mean).logpmf(season).mean():.4f}")

assert abs(scores[0] + rows[0][3]) < 1e-9 and abs(scores[8] + rows[8][3]) < 1e-9
assert [scores[i] for i in (1, 4, 7)] == [-math.inf] * 3 and scores[9] == math.inf
assert all(math.isnan(scores[i]) for i in (2, 5, 6))
assert abs(means[0] + stats.poisson(90).logpmf(season).mean()) < 1e-9 and means[1] == -math.inf
PYTHON
