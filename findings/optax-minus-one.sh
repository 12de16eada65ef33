#!/bin/sh
# optax 0.2.8: a label of −1 is the last class to one cross-entropy and no class, with loss 0, to the other.
#
# −1 is a usual code for "no label". softmax_cross_entropy_with_integer_labels indexes as Python does: −1 is the last
# class. The same labels through one_hot and softmax_cross_entropy cost nothing. A label just past the last class is
# NaN in the first and 0 in the second. No error, no warning; torch raises an error for both labels.
#
# Seen (jax 0.10.2), scores [2, 0, 1], losses of the three classes 0.4076, 2.4076, 1.4076:
#   label -1   integer labels 1.4076   one-hot 0.0000
#   label 3    integer labels nan      one-hot 0.0000
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check optax==0.2.8 jax==0.10.2 jaxlib==0.10.2
cd "$dir"
JAX_PLATFORMS=cpu venv/bin/python - <<'PYTHON'
import jax
import jax.numpy as jnp
import numpy as np
import optax

scores = jnp.array([[2.0, 0.0, 1.0]])
last = float(-jax.nn.log_softmax(scores)[0, 2])
seen = {}
for label in (-1, 3):
    labels = jnp.array([label])
    by_integer = float(optax.softmax_cross_entropy_with_integer_labels(scores, labels)[0])
    one_hot = float(optax.softmax_cross_entropy(scores, jax.nn.one_hot(labels, 3))[0])
    print(f"label {label:<3}  integer labels {by_integer:<8.4f} one-hot {abs(one_hot):.4f}")
    seen[label] = (by_integer, one_hot)
assert abs(seen[-1][0] - last) < 1e-6 and seen[-1][1] == 0
assert np.isnan(seen[3][0]) and seen[3][1] == 0
PYTHON
