#!/bin/sh
# nibabel 5.4.2: probabilities saved with the header of a label image are rounded to that image's integers, in silence.
#
# Nifti1Image(probabilities, labels.affine, labels.header) is how one keeps a map of probabilities aligned with its
# segmentation. The header also holds the type to store: the floats are squeezed into 16 or 8 bits with a slope and an
# offset, and come back as floats again. What was 3e-11 or 7e-6 comes back as exactly 0, so that the log loss of a voxel
# turns infinite; with 8 bits the largest is above 1. A map saved with no header keeps float32.
#
# Seen (numpy 2.4.6), 8,000 voxels of float32 between 3.3e-11 and 1:
#   header  stored   smallest               largest             exactly 0, 1 or more, largest error
#   int16   int16    0.0                    0.9999999997671694  193 0 7.644295692443848e-06
#   uint8   uint8    3.285385852258571e-11  1.0000000591718374  0 1204 0.001960354424339311
#   none    float32  3.285385852258571e-11  1.0                 0 14 0.0
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check nibabel==5.4.2 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import nibabel as nib
import numpy as np

rng = np.random.default_rng(0)
labels = (rng.random((20, 20, 20)) > 0.5).astype(np.int16)
p = (1 / (1 + np.exp(-rng.normal(0, 6, labels.shape)))).astype(np.float32)
seen = {}
for kind in ("int16", "uint8", "none"):
    header = None
    if kind != "none":
        nib.save(nib.Nifti1Image(labels.astype(kind), np.eye(4)), "labels.nii.gz")
        header = nib.load("labels.nii.gz").header
    nib.save(nib.Nifti1Image(p, np.eye(4), header), "p.nii.gz")
    back = nib.load("p.nii.gz")
    q = back.get_fdata()
    error = float(np.abs(q - p).max())
    seen[kind] = back.get_data_dtype(), float(q.min()), float(q.max()), int((q == 0).sum()), int((q >= 1).sum()), error
    print(f"{kind:7} {seen[kind][0]!s:8} {seen[kind][1]!r:22} {seen[kind][2]!r:19}", *seen[kind][3:])

assert (p > 0).all()
assert seen["int16"][0] == np.int16 and seen["int16"][3] > 100
assert seen["uint8"][0] == np.uint8 and seen["uint8"][2] > 1 and seen["uint8"][5] > 1e-3
assert seen["none"][0] == np.float32 and seen["none"][5] == 0
PYTHON
