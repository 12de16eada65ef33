#!/bin/sh
# bottleneck 1.6.0: the mean of many float32 losses stops growing: the mean of 2^26 values of 0.3 is 0.125.
#
# nanmean and nansum add float32 in float32, one after the other. Once the sum is 2^24 times as large as a value, adding
# it changes nothing. Per-token losses of a few files of text, or per-pixel losses of one folder of pictures, get there.
# The error is 0.05 % at a million rows and 9 % at eight million, and nothing warns of it. NumPy sums in pairs and is
# right. Takes 256 MB and a second.
#
# Seen (numpy 2.4.6), float32 0.3 in every row:
#   rows        bottleneck.nanmean    numpy.nanmean
#   65,536      0.30001494            0.30000001
#   1,048,576   0.30014676            0.30000001
#   8,388,608   0.27376467            0.30000001
#   16,777,216  0.27376467            0.30000001
#   33,554,432  0.25                  0.30000001
#   67,108,864  0.125                 0.30000001
#   sum of 2^25 ones 16777216.0 3.3554432e+07
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check bottleneck==1.6.0 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import bottleneck
import numpy as np

seen = {}
for power in (16, 20, 23, 24, 25, 26):
    losses = np.full(2**power, 0.3, dtype=np.float32)
    seen[power] = float(bottleneck.nanmean(losses)), float(np.nanmean(losses))
    print(f"{2**power:<12,}{seen[power][0]:<22.8g}{seen[power][1]:.8g}")
ones = np.ones(2**25, dtype=np.float32)
print("sum of 2^25 ones", bottleneck.nansum(ones), np.nansum(ones))

assert seen[26][0] == 0.125 and abs(seen[26][1] - 0.3) < 1e-6
assert bottleneck.nansum(ones) == 2.0**24
PYTHON
