#!/bin/sh
# python-crfsuite 0.9.12: tags that stay right have the probability NaN once a feature is a number of a few hundred.
#
# A feature of CRFsuite may have a value: a length, a count, an amount. The best tags come from sums of scores, but the
# probabilities from their exponentials, and the largest is not taken off first. A score of 710 is infinite there, and
# probability() and every marginal of the sequence are NaN, those of the other words too. The tags are right, and nothing is
# said; a mean that skips NaN leaves the whole sequence out. What is surest of all has no probability. An open question of 2017
# asks where they come from (TeamHG-Memex/sklearn-crfsuite 22).
#
# Seen, words tagged by the sign of one number, the first of three times a factor:
#   weight of the number for credit 3.6795, so that 193 is the end
#   factor   tags                       probability   marginals of credit
#   1        credit debit credit        0.9253        0.9756 0.02514 0.9729
#   10       credit debit credit        0.9484        1 0.02517 0.9729
#   100      credit debit credit        0.9484        1 0.02517 0.9729
#   192      credit debit credit        0.9484        1 0.02517 0.9729
#   193      credit debit credit        nan           nan nan nan
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check python-crfsuite==0.9.12
cd "$dir"
venv/bin/python - <<'PYTHON'
import math
import random

import pycrfsuite

random.seed(0)
trainer = pycrfsuite.Trainer(verbose=False)
for _ in range(50):
    tags = [random.choice(["debit", "credit"]) for _ in range(6)]
    trainer.append([{"amount": 1.0 if tag == "credit" else -1.0} for tag in tags], tags)
trainer.train("model")
tagger = pycrfsuite.Tagger()
tagger.open("model")
weight = tagger.info().state_features["amount", "credit"]
print(f"weight of the number for credit {weight:.4f}, so that {math.log(2) * 1024 / weight:.0f} is the end")
print("factor   tags                       probability   marginals of credit")
seen = {}
for factor in (1, 10, 100, 192, 193):
    rows = [{"amount": 1.0 * factor}, {"amount": -1.0}, {"amount": 1.0}]
    tags = tagger.tag(rows)
    marginals = [tagger.marginal("credit", i) for i in range(3)]
    seen[factor] = tags, tagger.probability(tags), marginals
    print(f"{factor:<9}{' '.join(tags):27}{seen[factor][1]:<14.4f}{' '.join(f'{p:.4g}' for p in marginals)}")

assert all(tags == ["credit", "debit", "credit"] for tags, _, _ in seen.values())
assert math.isfinite(seen[100][1]) and math.isnan(seen[193][1])
assert all(math.isfinite(p) for p in seen[100][2]) and all(map(math.isnan, seen[193][2]))
PYTHON
