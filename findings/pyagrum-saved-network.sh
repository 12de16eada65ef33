#!/bin/sh
# pyAgrum 3.3.1: a probability of 0.9999999 in a saved Bayesian network comes back as 1, and in six formats not as itself.
#
# BIFXML, XDSL, DSL and UAI are written with six digits; BIF and NET are written in full and read as float32. The rare
# event keeps its probability, its complement does not, so that a row of the table sums to 1.0000001. Ten million days
# without a failure cost 1 nat by the network that was trained, and 0 or 1.19 by the one that was saved and loaded. Nothing
# is said on either way. Only the library's own JGUM and BGUM files keep doubles.
#
# Seen (numpy 2.4.6), a node with the probabilities 0.9999999 and 1e-7:
#   format   no failure           failure                  ten million days without one
#   bifxml   1.0                  1e-07                    0.0000
#   xdsl     1.0                  1e-07                    0.0000
#   dsl      1.0                  1.0000000116860974e-07   0.0000
#   uai      1.0                  1.0000000116860974e-07   0.0000
#   bif      0.9999998807907104   1.0000000116860974e-07   1.1921
#   net      0.9999998807907104   1.0000000116860974e-07   1.1921
#   jgum     0.9999999            1e-07                    1.0000
#   bgum     0.9999999            1e-07                    1.0000
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check pyAgrum==3.3.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import math

import numpy as np
import pyagrum

network = pyagrum.fastBN("Failure[2]")
network.cpt("Failure").fillWith([0.9999999, 1e-7])
found = {}
print("format   no failure           failure                  ten million days without one")
for form in ("bifxml", "xdsl", "dsl", "uai", "bif", "net", "jgum", "bgum"):
    pyagrum.saveBN(network, f"network.{form}")
    loaded = pyagrum.loadBN(f"network.{form}")
    none, one = loaded.cpt(0).toarray().tolist()
    found[form] = none
    print(f"{form:<9}{none!r:<21}{one!r:<25}{-1e7 * math.log(none) + 0:.4f}")
    assert math.isclose(one, 1e-7, rel_tol=1e-6)

assert found["bifxml"] == found["xdsl"] == found["dsl"] == found["uai"] == 1
assert found["bif"] == found["net"] == float(np.float32(0.9999999))
assert found["jgum"] == found["bgum"] == 0.9999999
PYTHON
