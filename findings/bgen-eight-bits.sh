#!/bin/sh
# bgen 1.10.3: the writer keeps genotype probabilities in 8 bits, so that a rare one becomes 0.
#
# BGEN files hold a probability for each of three genotypes (three classes) of a person. The Python writer's default of
# one byte a probability rounds to multiples of 1/255: 0.0009 comes back as 0, an infinite log loss where that genotype
# is the true one, and 0.3333, 0.3333, 0.3334 as 1/3 each. bit_depth=32 keeps what float32 holds; nothing suggests it.
#
# Seen (numpy 2.4.6):
#   written [[0.999, 0.0009, 0.0001], [0.3333, 0.3333, 0.3334], [0.9981, 0.001, 0.0009]]
#   default [[1.0, 0.0, 0.0], [0.333333, 0.333333, 0.333333], [1.0, 0.0, 0.0]]
#   32 bits [[0.999, 0.0009, 0.0001], [0.3333, 0.3333, 0.3334], [0.9981, 0.001, 0.0009]]
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check bgen==1.10.3 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
from bgen import BgenReader, BgenWriter

p = np.array([[0.999, 0.0009, 0.0001], [0.3333, 0.3333, 0.3334], [0.9981, 0.001, 0.0009]])


def there_and_back(name, **options):
    with BgenWriter("p.bgen", n_samples=len(p)) as file:
        file.add_variant("v1", "rs1", "1", 100, ["A", "C"], p, **options)
    with BgenReader("p.bgen") as file:
        q = np.array(next(iter(file)).probabilities)
    print(name, np.round(q.astype(float), 6).tolist())
    return q


print("written", p.tolist())
eight = there_and_back("default")
wide = there_and_back("32 bits", bit_depth=32)
assert (p > 0).all()
assert eight[0].tolist() == [1.0, 0.0, 0.0] and (eight == 0).sum() >= 3
assert np.abs(eight * 255 - np.rint(eight * 255)).max() < 1e-4
assert np.abs(wide - p).max() < 1e-6 and (wide > 0).all()
PYTHON
