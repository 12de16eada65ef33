"""The mean cross-entropy with pandas and torch: KIND FILE [LABELS].

The scores are made doubles before the loss, as celoss makes them: in float32 the mean is off by 1e-7.
"""

import sys

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F  # noqa: N812

kind, path, *rest = sys.argv[1:]
scores = {"binary": ["prob"], "logits": [f"logit_{k}" for k in range(10)], "list": ["logits"]}[kind]

if path.endswith(".npy"):
    z, y = np.load(path), np.load(rest[0])
else:
    columns = [*scores, "label"]
    if path.endswith((".csv", ".csv.gz")):
        frame = pd.read_csv(path, usecols=columns, engine="pyarrow")
    else:
        frame = pd.read_parquet(path, columns=columns)
    y = frame["label"].to_numpy()
    z = np.stack(frame["logits"].to_list()) if kind == "list" else frame[scores].to_numpy()

# Row-major: so the softmax along each row takes a third less time.
logits, target = torch.from_numpy(z.astype(np.float64, order="C")), torch.tensor(y)
binary = kind == "binary"
mean = F.binary_cross_entropy(logits[:, 0], target.double()) if binary else F.cross_entropy(logits, target)
print(repr(mean.item()))
