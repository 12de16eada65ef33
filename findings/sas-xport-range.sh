#!/bin/sh
# pyreadstat 1.3.7: a SAS transport file has no number below 5.4e-79: a probability of 1e-80 comes back as 0.
#
# Transport (XPORT) files, the form that regulators ask for, keep numbers as IBM mainframes did: base 16, exponents to
# ±64. What is smaller is written as 0 and what is larger as infinity, without a word. SPSS and Stata files written by
# the same package keep the number. A log-likelihood of one such row is then infinite instead of 184.2.
#
# Seen (pandas 3.1.1, numpy 2.4.6), 1e-80 and 1e80 there and back:
#   sav    1e-80  1e+80
#   dta    1e-80  1e+80
#   xport  0.0    inf
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check pyreadstat==1.3.7 pandas==3.1.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import pandas as pd
import pyreadstat

rows = pd.DataFrame({"p": [1e-80, 1e80]})
back = {}
for form in ("sav", "dta", "xport"):
    getattr(pyreadstat, f"write_{form}")(rows, f"rows.{form}")
    frame, _ = getattr(pyreadstat, f"read_{form}")(f"rows.{form}")
    back[form] = frame.iloc[:, 0].tolist()
    print(f"{form:6} {back[form][0]!r:6} {back[form][1]!r}")
assert back["sav"] == back["dta"] == [1e-80, 1e80]
assert back["xport"] == [0.0, float("inf")]
PYTHON
