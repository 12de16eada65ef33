#!/bin/sh
# nltk 3.10.4: classify.log_likelihood is the logarithm of the mean probability, not the mean of the logarithms.
#
# It reads like minus the log loss of a classifier on labelled rows. It is log(mean p): by Jensen's inequality never
# worse than minus the cross-entropy, blind to single confident errors, and finite where the log loss is infinite. Below,
# a classifier that rules the truth out in one row of ten is given -0.105, the same as one that gives it 0.9 everywhere.
#
# Seen:
#   0.9 in every row:           log_likelihood -0.10536051565782616   mean log p -0.10536051565782631
#   1.0 in nine rows, 0 in one: log_likelihood -0.10536051565782628   mean log p -inf
#   0.99 in nine, 1e-6 in one:  log_likelihood -0.11541073927788852   mean log p -1.3905963580645788
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check nltk==3.10.4
cd "$dir"
venv/bin/python - <<'PYTHON'
import math

from nltk.classify import ClassifierI
from nltk.classify.util import log_likelihood
from nltk.probability import DictionaryProbDist


class Stored(ClassifierI):
    """A classifier whose features are its probability of 'yes'."""

    def labels(self):
        return ["yes", "no"]

    def prob_classify(self, p):
        return DictionaryProbDist({"yes": p, "no": 1 - p})


def both(name, probabilities):
    nltk = log_likelihood(Stored(), [(p, "yes") for p in probabilities])
    exact = sum(math.log(p) if p else -math.inf for p in probabilities) / len(probabilities)
    print(f"{name:28}log_likelihood {nltk!r}   mean log p {exact!r}")
    return nltk, exact


even, even_exact = both("0.9 in every row:", [0.9] * 10)
wrong, wrong_exact = both("1.0 in nine rows, 0 in one:", [1.0] * 9 + [0.0])
small, small_exact = both("0.99 in nine, 1e-6 in one:", [0.99] * 9 + [1e-6])
assert abs(even - even_exact) < 1e-12
assert wrong_exact == -math.inf and abs(wrong - math.log(0.9)) < 1e-12
assert abs(small - math.log((9 * 0.99 + 1e-6) / 10)) < 1e-12 and small_exact < -1.39
PYTHON
