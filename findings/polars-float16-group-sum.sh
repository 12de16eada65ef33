#!/bin/sh
# polars 2.1.0: the sum of a group of half-precision numbers stops at 1024, and the sum of the whole column does not.
#
# Losses and probabilities saved in half precision come back as Float16. Grouped, polars adds them one after the other in
# half precision: once the sum is some 2,000 times as large as a value, adding it changes nothing, so losses of 0.3 never
# add up to more than 1024, whatever the number of rows, and all groups of a large report show the same total. The same
# sum over a window, or of the whole column, is right to three digits, and infinite past 65,504. The means agree: a total
# that is not the mean times the rows is the only sign. DuckDB reads the same Parquet file and adds it in double precision.
# Cast first: pl.col("loss").cast(pl.Float64).sum().
#
# Seen (duckdb 2.0.1), 0.3 in every row, one group:
#   rows       group_by sum   over sum   sum of the column   mean       DuckDB
#   1,000      274.25         300.0      300.0               0.300049   300.05
#   10,000     1024.0         3000.0     3000.0              0.300049   3000.49
#   100,000    1024.0         30032.0    30000.0             0.300049   30004.88
#   300,000    1024.0         inf        inf                 0.300049   90014.65
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check polars==2.1.0 duckdb==2.0.1
cd "$dir"
venv/bin/python - <<'PYTHON'
import duckdb
import polars as pl

seen = {}
print(f"{'rows':<11}{'group_by sum':<15}{'over sum':<11}{'sum of the column':<20}{'mean':<11}DuckDB")
for rows in (1_000, 10_000, 100_000, 300_000):
    frame = pl.DataFrame({"model": ["a"] * rows, "loss": pl.Series([0.3] * rows, dtype=pl.Float16)})
    frame.write_parquet("losses.parquet")
    grouped = frame.group_by("model").agg(pl.col("loss").sum()).item(0, "loss")
    over = frame.select(pl.col("loss").sum().over("model")).item(0, 0)
    whole, mean = frame["loss"].sum(), frame["loss"].mean()
    by_duckdb = duckdb.sql("select sum(loss) from 'losses.parquet' group by model").fetchall()[0][0]
    seen[rows] = grouped, over, whole, by_duckdb
    print(f"{rows:<11,}{grouped:<15}{over:<11}{whole:<20}{mean:<11.6f}{by_duckdb:.2f}")

assert seen[100_000][0] == seen[300_000][0] == 1024
assert seen[100_000][2] == 30_000
assert abs(seen[100_000][3] - 30_005) < 1
PYTHON
