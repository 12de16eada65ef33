#!/bin/sh
# pyarrow 26.0.1: a decimal cast to float64 is not the nearest float64: every third probability of six digits is off.
#
# Decimals that a database or Spark wrote are cast before a loss is computed. Arrow multiplies the integer by an inexact
# power of ten instead of dividing once, so that decimal 0.009 and the text 0.009 of a CSV file become different numbers:
# equal models compare as unequal, thresholds written as 0.009 are missed, digests of the same data differ. polars and
# DuckDB round correctly, from the same Arrow table.
#
# Seen (polars 2.1.0, duckdb 2.0.1), of 10,000 random values the casts that differ from float(text):
#   digits   pyarrow   polars   duckdb
#   3        1518      0         0
#   6        3062      0         0
#   10       2525      0         0
#   17       4815      0         0
#   0.009 becomes 0.009000000000000001
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1
cd "$dir"
venv/bin/python - <<'PYTHON'
import random
from decimal import Decimal

import duckdb
import polars as pl
import pyarrow as pa

random.seed(0)
wrong = {}
print("digits   pyarrow   polars   duckdb")
for digits in (3, 6, 10, 17):
    values = [Decimal(random.randrange(10**digits)).scaleb(-digits) for _ in range(10_000)]
    table = pa.table({"p": pa.array(values, pa.decimal128(digits + 1, digits))})
    casts = (
        table["p"].cast(pa.float64()).to_pylist(),
        pl.from_arrow(table)["p"].cast(pl.Float64).to_list(),
        [row[0] for row in duckdb.from_arrow(table).project("p::DOUBLE").fetchall()],
    )
    wrong[digits] = [sum(float(value) != got for value, got in zip(values, cast)) for cast in casts]
    print(f"{digits:<9}" + "   ".join(f"{count:<7}" for count in wrong[digits]))
example = pa.array([Decimal("0.009")], pa.decimal128(4, 3)).cast(pa.float64())[0].as_py()
print("0.009 becomes", repr(example))

assert wrong[6][0] > 1000 and wrong[17][0] > 1000 and example != 0.009
assert all(polars == 0 and duck == 0 for _, polars, duck in wrong.values())
PYTHON
