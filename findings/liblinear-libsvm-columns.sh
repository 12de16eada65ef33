#!/bin/sh
# liblinear-official 2.50.0, libsvm-official 3.37.0: probability columns stand in the order in which labels first appear in
# the training rows, except that +1 and -1 are always in this order.
#
# The prediction lists have no header: the order is in get_labels() and nowhere else. Shuffling the training rows moves
# the columns of every model but those of +1 and -1, so a script that was tested with +1 and -1 breaks with 0 and 1, and
# with three classes. Sorted order, as scikit-learn's wrappers of both have it, is right by chance. Needs a C++ compiler.
#
# Seen (both libraries alike):
#   first rows [3, 1] of [1, 2, 3]   liblinear [3, 1, 2]   libsvm [3, 1, 2]
#   first rows [0] of [0, 1]         liblinear [0, 1]   libsvm [0, 1]
#   first rows [1] of [0, 1]         liblinear [1, 0]   libsvm [1, 0]
#   first rows [1] of [-1, 1]        liblinear [1, -1]   libsvm [1, -1]
#   first rows [-1] of [-1, 1]       liblinear [1, -1]   libsvm [1, -1]
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check liblinear-official==2.50.0 libsvm-official==3.37.0 scipy==1.17.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import random

from liblinear.liblinearutil import predict, train
from libsvm.svmutil import svm_predict, svm_train

random.seed(0)


def orders(first, classes):
    y = [*first, *(random.choice(classes) for _ in range(200))]
    x = [{1: label + random.gauss(0, 0.3), 2: 1.0} for label in y]
    linear, svm = train(y, x, "-s 0 -q"), svm_train(y, x, "-b 1 -q")
    found = []
    for model, (_, _, p) in ((linear, predict(y, x, linear, "-b 1 -q")), (svm, svm_predict(y, x, svm, "-b 1 -q"))):
        order = model.get_labels()
        for k, name in enumerate(order):  # the order is what it says: each column is high where its label is true
            own = [row[k] for row, label in zip(p, y) if label == name]
            assert sum(own) / len(own) > 1 / len(order)
        found.append(order)
    print(f"first rows {first} of {classes!s:12} liblinear {found[0]}   libsvm {found[1]}")
    return found


for first, classes, expected in (
    ([3, 1], [1, 2, 3], [3, 1, 2]),
    ([0], [0, 1], [0, 1]),
    ([1], [0, 1], [1, 0]),
    ([1], [-1, 1], [1, -1]),
    ([-1], [-1, 1], [1, -1]),
):
    assert orders(first, classes) == [expected] * 2
PYTHON
