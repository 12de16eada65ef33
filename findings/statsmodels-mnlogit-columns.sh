#!/bin/sh
# statsmodels 0.15.0: MNLogit.predict names its columns 0, 1, 2 whatever the labels: for labels 1, 2, 3, off by one.
#
# With pandas input predict gives a DataFrame, whose column names look like classes and are positions. Where the labels
# are 1..K, as in most surveys, the column "1" is the probability of class 2. A join of columns to labels by name finds
# K - 1 of the K classes and pairs each with its neighbour; text labels get numbers too.
#
# Seen (pandas 3.1.1, numpy 2.4.6):
#   labels [1, 2, 3]                columns [0, 1, 2]
#   labels ['ant', 'bee', 'cat']    columns [0, 1, 2]
#   mean of column 1: 0.295; share of rows labelled 1: 0.614, labelled 2: 0.295
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check statsmodels==0.15.0 pandas==3.1.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
import pandas as pd
import statsmodels.api as sm

rng = np.random.default_rng(0)
X = pd.DataFrame(sm.add_constant(rng.normal(size=(1000, 2))), columns=["const", "a", "b"])
y = pd.Series(rng.choice([1, 2, 3], 1000, p=[0.6, 0.3, 0.1]), name="y")
for labels in (y, y.map({1: "ant", 2: "bee", 3: "cat"})):
    p = sm.MNLogit(labels, X).fit(disp=0).predict(X)
    print(f"labels {sorted(labels.unique().tolist())!s:24} columns {list(p.columns)}")
    assert list(p.columns) == [0, 1, 2]
share = y.value_counts(normalize=True)
print(f"mean of column 1: {p[1].mean():.3f}; share of rows labelled 1: {share[1]:.3f}, labelled 2: {share[2]:.3f}")
assert abs(p[1].mean() - share[2]) < 1e-6
PYTHON
