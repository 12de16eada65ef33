#!/bin/sh
# XGBoost 3.2.0, treelite 4.8.1, onnxmltools 1.16.0: one saved model, stopped early, has two losses.
#
# After early stopping the saved file holds all trees that were grown and the number of the best one as an attribute.
# XGBClassifier uses the trees up to it, and onnxmltools converts those alone. treelite, which takes the file to a server
# or to C, reads all trees and ignores the attribute, as XGBoost's own Booster does: the very trees that stopping was
# meant to keep out. The more patience (early_stopping_rounds), the worse. Cut first: booster[: booster.best_iteration + 1].
#
# Seen (scikit-learn 1.9.1, numpy 2.4.6, onnxruntime 1.32.0), log loss of 2,000 rows, best iteration 11:
#   patience   trees   XGBClassifier   onnxmltools   treelite   Booster   Booster, cut
#   10         22      0.4593          0.4593        0.4742     0.4742    0.4593
#   50         62      0.4593          0.4593        0.5345     0.5345    0.4593
#   200        212     0.4593          0.4593        0.6717     0.6717    0.4593
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check xgboost==3.2.0 treelite==4.8.1 onnxmltools==1.16.0 onnxruntime==1.32.0 onnx==1.23.2 skl2onnx==1.20.0 scikit-learn==1.9.1 numpy==2.4.6
cd "$dir"
venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import onnxmltools
import onnxruntime
import treelite
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.datasets import make_classification
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

features, truth = make_classification(4000, 20, n_informative=6, flip_y=0.2, random_state=0)
train, test, train_truth, test_truth = train_test_split(features.astype(np.float32), truth, test_size=0.5, random_state=0)
print("patience   trees   XGBClassifier   onnxmltools   treelite   Booster   Booster, cut")
for patience in (10, 50, 200):
    model = xgboost.XGBClassifier(n_estimators=500, learning_rate=0.3, early_stopping_rounds=patience, random_state=0)
    model.fit(train, train_truth, eval_set=[(test, test_truth)], verbose=False)
    model.save_model("model.json")
    booster = xgboost.Booster(model_file="model.json")
    classifier = xgboost.XGBClassifier()
    classifier.load_model("model.json")
    graph = onnxmltools.convert_xgboost(model, initial_types=[("rows", FloatTensorType([None, 20]))])
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    trees = treelite.frontend.load_xgboost_model("model.json")
    rows = xgboost.DMatrix(test)
    cut = booster[: booster.best_iteration + 1]
    losses = [
        log_loss(test_truth, scores)
        for scores in (
            classifier.predict_proba(test),
            session.run(None, {"rows": test})[1],
            treelite.gtil.predict(trees, test).squeeze(),
            booster.predict(rows),
            cut.predict(rows),
        )
    ]
    widths = (16, 14, 11, 10, 0)
    shown = "".join(f"{f'{loss:.4f}':<{width}}" for loss, width in zip(losses, widths))
    print(f"{patience:<11}{booster.num_boosted_rounds():<8}{shown}")
    assert np.allclose(losses[0], [losses[1], losses[4]], atol=1e-5)
    assert np.isclose(losses[2], losses[3], atol=1e-5)
    assert losses[2] > losses[0] + 0.01 * (patience / 10)
PYTHON
