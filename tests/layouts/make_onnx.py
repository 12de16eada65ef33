"""Write the example of skl2onnx with the library itself, and its model run by ONNX Runtime.

Run from the root of the repository, with skl2onnx, onnxruntime, scikit-learn and pandas::

    python tests/layouts/make_onnx.py

Written with skl2onnx 1.20.0, onnxruntime 1.32.0 and scikit-learn 1.9.1.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).resolve().parent
SPECIES = np.array(["setosa", "versicolor", "virginica"])


def columns() -> None:
    """A column for each class, as ``zipmap='columns'`` asks for."""
    features, codes = load_iris(return_X_y=True)
    inputs = features.astype(np.float32)
    test = np.arange(len(codes)) % 5 == 2
    model = LogisticRegression(max_iter=500).fit(inputs[~test], SPECIES[codes[~test]])
    made = to_onnx(model, inputs[:1], options={id(model): {"zipmap": "columns"}})
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    frame = pd.DataFrame(dict(zip(names, session.run(None, {"X": inputs[test]}), strict=True)))
    frame["species"] = SPECIES[codes[test]]
    (HERE / "skl2onnx").mkdir(exist_ok=True)
    frame.to_csv(HERE / "skl2onnx" / "predictions.csv", index=False)


if __name__ == "__main__":
    columns()
