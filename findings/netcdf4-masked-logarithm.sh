#!/bin/sh
# netCDF4 1.7.5.1.post1: the mean log loss of a file that holds a probability of 0 is finite, with np.log and no mask in sight.
#
# netCDF4 hands out masked arrays even where nothing is missing. np.log of a masked array masks what is outside its domain,
# as np.ma.log does, and a mean leaves out what is masked. So -np.log(p).mean() drops the very rows in which the model ruled
# out what then happened, and divides by fewer. Below, the model that is wrong and certain once in ten rows has a loss of
# 0 and beats the careful one. The same line on the same file read with h5py is infinite, as it should be.
# Before reading: dataset.set_auto_mask(False) where nothing is missing, or compare loss.count() with the rows.
#
# Seen (h5py 3.16.0, numpy 2.4.6), careful: 0.8 in ten rows, certain: 1 in nine rows, 0 in one:
#             netCDF4              set_auto_mask(False)   h5py
#   careful   0.2231 of 10 rows    0.2231                 0.2231
#   certain   0.0000 of 9 rows     inf                    inf
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check netCDF4==1.7.5.1.post1 h5py==3.16.0 numpy==2.4.6
cd "$dir"
venv/bin/python -W ignore - <<'PYTHON'
import math

import h5py
import netCDF4
import numpy as np

models = {"careful": np.full(10, 0.8), "certain": np.array([1.0] * 9 + [0.0])}
with netCDF4.Dataset("forecast.nc", "w") as file:
    file.createDimension("row", 10)
    for name, p in models.items():
        file.createVariable(name, "f8", ("row",))[:] = p

found = {}
print(f"{'':10}netCDF4              set_auto_mask(False)   h5py")
for name in models:
    with netCDF4.Dataset("forecast.nc") as file:
        masked = file[name][:]
        assert not np.ma.getmaskarray(masked).any()
        loss = -np.log(masked)
        file.set_auto_mask(False)
        plain = -np.log(file[name][:])
    with h5py.File("forecast.nc") as file:
        other = -np.log(file[name][:])
    found[name] = [float(one.mean()) for one in (loss, plain, other)]
    first = f"{found[name][0]:.4f} of {loss.count()} rows"
    print(f"{name:10}{first:<21}{found[name][1]:<23.4f}{found[name][2]:.4f}")

assert abs(found["careful"][0] + math.log(0.8)) < 1e-12
assert found["certain"] == [0.0, math.inf, math.inf]
PYTHON
