#!/bin/sh
# pandas 3.1.1 and polars 2.1.0: a window over losses of which one is infinite.
#
# A model that gave the truth probability 0 has an infinite loss there. A mean over a window that holds it is infinite:
# polars and DuckDB say so for a rolling mean. pandas turns it into a missing value before it adds up, so that the rolling
# mean with min_periods and the expanding mean go on as if that row had not been, and no limit on them is ever exceeded.
# The exponentially weighted mean is the other way round: pandas leaves the row out, polars is NaN for good after it.
#
# Seen (numpy 2.4.6), losses 0.1 0.2 inf 0.3 0.4 0.5:
#   rolling of 2     pandas 0.1 0.15 0.2 0.3 0.35 0.45                       polars 0.1 0.15 inf inf 0.35 0.45
#   expanding        pandas 0.1 0.15 0.15 0.2 0.25 0.3                       polars 0.1 0.15 inf inf inf inf
#   ewm, alpha 0.5   pandas 0.1 0.166667 0.166667 0.263636 0.344444 0.428814   polars 0.1 0.166667 inf nan nan nan
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check pandas==3.1.1 polars==2.1.0 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import math

import pandas as pd
import polars as pl

losses = [0.1, 0.2, math.inf, 0.3, 0.4, 0.5]
s, p = pd.Series(losses), pl.Series(losses)
rows = {
    "rolling of 2": (s.rolling(2, min_periods=1).mean(), p.rolling_mean(2, min_samples=1)),
    "expanding": (s.expanding().mean(), p.cum_sum() / pl.Series(range(1, 7))),
    "ewm, alpha 0.5": (s.ewm(alpha=0.5).mean(), p.ewm_mean(alpha=0.5)),
}
for name, found in rows.items():
    said = [" ".join(f"{value:.6g}" for value in one.to_list()) for one in found]
    print(f"{name:16} pandas {said[0]:56} polars {said[1]}")
assert all(math.isfinite(value) for by_pandas, _ in rows.values() for value in by_pandas)
assert rows["rolling of 2"][1].to_list()[2:4] == [math.inf] * 2
assert all(math.isnan(value) for value in rows["ewm, alpha 0.5"][1].to_list()[3:])
PYTHON
