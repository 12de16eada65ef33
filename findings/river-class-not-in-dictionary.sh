#!/bin/sh
# river 0.26.1: CrossEntropy charges nothing for a row whose dictionary does not name the true class.
#
# A river classifier predicts a dictionary of the classes it has met. In progressive validation (predict, score, learn)
# the first row of every class is scored against a dictionary without that class: probability 0, the worst prediction
# there is, and the metric books it as a loss of 0. A model that has never met the class beats one that gives it 0.99.
# With the same probability 0 written out the metric clips to 1e-15 and books 34.5.
#
# Seen:
#   truth not in the dictionary   0.0
#   truth there, with 0.0         34.538776394910684
#   naive Bayes, four classes, the first time each is met:  0.0 0.0 0.0 0.0
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check river==0.26.1
cd "$dir"
venv/bin/python - <<'PYTHON'
from river import metrics, naive_bayes


def score(truth, prediction):
    metric = metrics.CrossEntropy()
    metric.update(truth, prediction)
    return metric.get()


absent = score("cat", {"dog": 0.9, "bird": 0.1})
zero = score("cat", {"dog": 0.9, "bird": 0.1, "cat": 0.0})
print("truth not in the dictionary  ", absent)
print("truth there, with 0.0        ", zero)

model, first = naive_bayes.GaussianNB(), []
for x, y in [(0.0, "a"), (0.1, "a"), (5.0, "b"), (5.1, "b"), (9.0, "c"), (9.1, "c"), (20.0, "d")]:
    prediction = model.predict_proba_one({"x": x})
    if y not in prediction:
        first.append(score(y, prediction))
    model.learn_one({"x": x}, y)
print("naive Bayes, four classes, the first time each is met: ", *first)

assert absent == 0.0 and abs(zero - 34.538776394910684) < 1e-9
assert first == [0.0] * 4
PYTHON
