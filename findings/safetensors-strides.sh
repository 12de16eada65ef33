#!/bin/sh
# safetensors 0.8.0 (NumPy): a transposed or strided array is saved in the order of its memory, so other numbers come back.
#
# save_file writes the buffer of an array with the array's shape and does not look at the strides. A matrix of logits
# that a library hands over transposed (classes by rows, or in Fortran order as scikit-learn and R bindings do) comes
# back with the right shape, type and value range, and each score in another row. The mean loss looks like a bad model.
#
# Seen (numpy 2.4.6):
#   saved transposed       [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]] loaded [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
#   saved every other row  [[0.0, 3.0], [2.0, 5.0]] loaded [[0.0, 1.0], [2.0, 3.0]]
#   log loss of 1,000 rows in Fortran order: before 0.4251 after 1.7212
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check safetensors==0.8.0 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
from safetensors.numpy import load_file, save_file


def there_and_back(array):
    save_file({"x": array}, "x.safetensors")
    return load_file("x.safetensors")["x"]


def loss(p, y):
    return float(-np.log(p[np.arange(len(y)), y]).mean())


turned = np.arange(6, dtype=np.float32).reshape(2, 3).T
for name, array in (("saved transposed", turned), ("saved every other row", turned[::2])):
    back = there_and_back(array)
    print(f"{name:22} {array.tolist()} loaded {back.tolist()}")
    assert back.shape == array.shape and not np.array_equal(back, array)
    assert np.array_equal(there_and_back(np.ascontiguousarray(array)), array)

rng = np.random.default_rng(0)
y = rng.integers(0, 3, 1000)
z = rng.normal(0, 1, (1000, 3)) + 2 * np.eye(3)[y]
p = np.asfortranarray(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
before, after = loss(p, y), loss(there_and_back(p), y)
print("log loss of 1,000 rows in Fortran order: before", round(before, 4), "after", round(after, 4))
assert after > 2 * before
PYTHON
