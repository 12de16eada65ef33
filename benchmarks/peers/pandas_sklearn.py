"""The mean cross-entropy with pandas and scikit-learn's log_loss: KIND FILE [LABELS].

Logits go through a float64 softmax first; float32 probabilities are made doubles, or log_loss works in float32.
"""

import sys

import numpy as np
import pandas as pd
from scipy.special import softmax  # type: ignore[import-untyped]
from sklearn.metrics import log_loss  # type: ignore[import-untyped]

kind, path, *rest = sys.argv[1:]
scores = {"binary": ["prob"], "logits": [f"logit_{k}" for k in range(10)], "list": ["logits"]}[kind]

if path.endswith(".npy"):
    z, y = np.load(path).astype(np.float64), np.load(rest[0])
else:
    columns = [*scores, "label"]
    if path.endswith((".csv", ".csv.gz")):
        frame = pd.read_csv(path, usecols=columns, engine="pyarrow")
    else:
        frame = pd.read_parquet(path, columns=columns)
    y = frame["label"].to_numpy()
    z = np.stack(frame["logits"].to_list()).astype(np.float64) if kind == "list" else frame[scores].to_numpy(np.float64)

p = z[:, 0] if kind == "binary" else softmax(z, axis=1)
mean = log_loss(y, p, labels=np.arange(max(2, z.shape[1])))
print(repr(float(mean)))
