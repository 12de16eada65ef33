#!/bin/sh
# fasttext-wheel 0.9.2 (fastText): predicted probabilities exceed 1, and none is below 0.00001.
#
# The library adds 1e-5 before it takes the logarithm of the softmax and hands exp of that back. So the probabilities of
# a row sum to 1 + classes/100,000, a sure class has up to 1.00001, and its log loss is below 0: a sum over many sure rows
# can be negative. At the other end no error costs more than 11.5, however confident. A check for values in [0, 1]
# refuses the output of a perfectly good model.
#
# Seen (numpy 2.4.6), three classes:
#   1.0000088214874268 1.0616834515531082e-05 1.0589471457933541e-05   sum 1.0000300277934002   loss -8.82145e-06
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check fasttext-wheel==0.9.2 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import math
import random

import fasttext

random.seed(0)
words = {"a": "xyz", "b": "pqr", "c": "klm"}
with open("train.txt", "w") as file:
    for _ in range(500):
        for label, letters in words.items():
            file.write(f"__label__{label} {' '.join(random.choice(letters) for _ in range(8))}\n")
model = fasttext.train_supervised("train.txt", epoch=100, lr=0.5, thread=1, verbose=0)
p = [value for value, _ in model.f.predict("p q r p q r", 3, 0.0, "strict")]
print(*p, "  sum", sum(p), "  loss", f"{-math.log(p[0]):.6g}")
assert p[0] > 1 and -math.log(p[0]) < 0
assert sum(p) > 1.00002 and min(p) >= 1e-5
PYTHON
