#!/bin/sh
# astropy 8.0.2: a compressed FITS image of probabilities comes back below 0 or at 0, and above 1.
#
# CompImageHDU, the usual way to keep large maps, is lossless for integers; floats are quantised by default, at a
# sixteenth of the noise it estimates in each row of pixels. Made for photographs of the sky, this takes the scatter of
# probabilities for noise: a quarter of the pixels come back as 0, a tenth above 1. quantize_level=0 keeps every bit.
#
# Seen (numpy 2.4.6), 200 x 200 float32 between 1.9e-12 and 1:
#   default            smallest 0              largest 1.0166037  0 or less 9464  above 1 3661  error 0.0187
#   quantize_level=0   smallest 1.9470567e-12  largest 1          0 or less 0     above 1 0     error 0
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check astropy==8.0.2 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
from astropy.io import fits

rng = np.random.default_rng(0)
p = (1 / (1 + np.exp(-rng.normal(0, 6, (200, 200))))).astype(np.float32)


def there_and_back(name, **options):
    image = fits.CompImageHDU(p, **options)
    fits.HDUList([fits.PrimaryHDU(), image]).writeto("p.fits", overwrite=True)
    with fits.open("p.fits") as file:
        q = file[1].data.astype(np.float32)
    low, high, error = int((q <= 0).sum()), int((q > 1).sum()), float(np.abs(q - p).max())
    print(f"{name:18} smallest {q.min():<14.8g} largest {q.max():<10.8g} 0 or less {low:<5} above 1 {high:<5} error {error:.3g}")
    return low, high, error


low, high, error = there_and_back("default")
exact = there_and_back("quantize_level=0", compression_type="GZIP_2", quantize_level=0)
assert (p > 0).all() and (p <= 1).all()
assert low > 4000 and high > 1000 and error > 0.01
assert exact == (0, 0, 0.0)
PYTHON
