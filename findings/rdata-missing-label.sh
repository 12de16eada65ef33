#!/bin/sh
# rdata 1.1.0: a missing label that went through an .rds file comes back as the last class.
#
# rdata writes a missing value of a pandas Categorical as factor code 0 where R has NA, and reads code 0, minus one, as
# the last of the levels. So rows without a label get one that was never given: a loss is computed for them, against a
# class that may have no row at all. The other reader of R files for Python, pyreadr, sees a missing value there, and
# rdata reads the NA of a file that pyreadr wrote as such: it takes both ends to invent a label.
#
# Seen (pyreadr 0.5.8, pandas 3.1.1), labels b, a, missing, of classes b, a, c:
#   written by rdata,   read by rdata    ['b', 'a', 'c']
#   written by rdata,   read by pyreadr  ['b', 'a', nan]
#   written by pyreadr, read by rdata    ['b', 'a', nan]
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check rdata==1.1.0 pyreadr==0.5.8 pandas==3.1.1
cd "$dir"
venv/bin/python - <<'PYTHON'
import pandas as pd
import pyreadr
import rdata

labels = pd.DataFrame({"y": pd.Categorical(["b", "a", None], categories=["b", "a", "c"]), "p": [0.9, 0.2, 0.5]})
rdata.write_rds("rdata.rds", labels)
pyreadr.write_rds("pyreadr.rds", labels)
seen = {
    "written by rdata,   read by rdata": rdata.read_rds("rdata.rds")["y"].tolist(),
    "written by rdata,   read by pyreadr": pyreadr.read_r("rdata.rds")[None]["y"].tolist(),
    "written by pyreadr, read by rdata": rdata.read_rds("pyreadr.rds")["y"].tolist(),
}
for how, values in seen.items():
    print(f"{how:36} {values}")

invented, *honest = seen.values()
assert invented == ["b", "a", "c"]
assert all(values[:2] == ["b", "a"] and pd.isna(values[2]) for values in honest)
PYTHON
