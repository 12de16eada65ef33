#!/bin/sh
# LightGBM 4.7.0: objective multiclassova gives class probabilities whose rows sum to 0.93 to 1.15.
#
# Each class has a sigmoid of its own, and nothing makes their sum 1: neither predict nor predict_proba of the
# scikit-learn class. LightGBM's multi_logloss and scikit-learn's log_loss (with a warning) take the score of the true
# class as it is, which flatters rows that sum to more; roc_auc_score refuses the same array. Divided by their sums the
# rows have a loss that is 2% higher, and that is what an early stopping on multi_logloss never sees.
#
# Seen (numpy 2.4.6, scikit-learn 1.9.1), iris, 20 rounds, on the training rows:
#   multiclass      rows sum to 1.000 to 1.000   multi_logloss 0.130166   log_loss 0.130166   of rows by their sum 0.130166
#   multiclassova   rows sum to 0.930 to 1.151   multi_logloss 0.163323   log_loss 0.163323   of rows by their sum 0.166423
#   roc_auc_score: Target scores need to be probabilities for multiclass roc_auc, i.e. they should sum up to 1.0 over classes
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check lightgbm==4.7.0 scikit-learn==1.9.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import warnings

from lightgbm import LGBMClassifier
from sklearn.datasets import load_iris
from sklearn.metrics import log_loss, roc_auc_score

warnings.simplefilter("ignore")
X, y = load_iris(return_X_y=True)
seen = {}
for objective in ("multiclass", "multiclassova"):
    model = LGBMClassifier(objective=objective, n_estimators=20, num_threads=1, deterministic=True, verbose=-1)
    model.fit(X, y, eval_set=[(X, y)], eval_metric="multi_logloss")
    scores = model.predict_proba(X)
    sums = scores.sum(axis=1)
    own = model.evals_result_["training"]["multi_logloss"][-1]
    theirs, divided = log_loss(y, scores), log_loss(y, scores / sums[:, None])
    print(
        f"{objective:15} rows sum to {sums.min():.3f} to {sums.max():.3f}   multi_logloss {own:.6f}   "
        f"log_loss {theirs:.6f}   of rows by their sum {divided:.6f}"
    )
    seen[objective] = sums.min(), sums.max(), own, theirs, divided
low, high, own, theirs, divided = seen["multiclassova"]
assert low < 0.95 and high > 1.1 and abs(own - theirs) < 1e-9 and divided - own > 0.002
low, high, own, theirs, divided = seen["multiclass"]
assert high - low < 1e-9 and abs(theirs - own) < 1e-9 and abs(divided - own) < 1e-9
try:
    roc_auc_score(y, scores, multi_class="ovr")
except ValueError as error:
    print("roc_auc_score:", error)
else:
    raise AssertionError("roc_auc_score takes them")
PYTHON
