#!/bin/sh
# pyarrow 26.0.1: the least and largest value of a half-precision column of Parquet are handed out as two bytes, and compare.
#
# Statistics of a row group are numbers for float and double. For float16 they are the two bytes of the file, the low one
# first. Bytes compare without an error, by the low byte of the number: of row groups whose probabilities end at 0.9, 0.5625
# and 0.5, the one that "ends highest" is the second, and a least value can be above a largest one. Whoever looks for the
# rows of a high score by the footer (as a filter of pyarrow.dataset cannot: it has no comparison of float16 with a number)
# reads the wrong row group, and gets an answer. DuckDB shows the numbers of the same footer.
# Decode them first: numpy.frombuffer(statistics.max, "<f2")[0].
#
# Seen (numpy 2.4.6, duckdb 2.0.1):
#   row group   true range       float32 column    float16 column           DuckDB, float16
#   0           -0.75 to 0.9     -0.75 to 0.9      b'\x00\xba' to b'3;'     -0.75 to 0.89990234
#   1           0.25 to 0.5625   0.25 to 0.5625    b'\x004' to b'\x808'     0.25 to 0.5625
#   2           0.125 to 0.5     0.125 to 0.5      b'\x000' to b'\x008'     0.125 to 0.5
#   ends highest, by float32: row group 0; by float16: row group 1
#   a filter p > 0.6 of pyarrow.dataset: Function 'greater' has no kernel matching input types (halffloat, double)
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check pyarrow==26.0.1 numpy==2.4.6 duckdb==2.0.1
cd "$dir"
venv/bin/python - <<'PYTHON'
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

groups = [(-0.75, 0.9), (0.25, 0.5625), (0.125, 0.5)]
values = np.array(groups).ravel()
table = pa.table({"half": pa.array(values.astype(np.float16)), "single": pa.array(values.astype(np.float32))})
pq.write_table(table, "scores.parquet", row_group_size=2)

footer = pq.ParquetFile("scores.parquet").metadata
half, single = ([footer.row_group(g).column(place).statistics for g in range(3)] for place in (0, 1))
query = "select stats_min_value, stats_max_value from parquet_metadata('scores.parquet') where path_in_schema = 'half'"
shown = duckdb.sql(query).fetchall()
print(f"{'row group':<12}{'true range':<17}{'float32 column':<18}{'float16 column':<25}DuckDB, float16")
for g, (low, high) in enumerate(groups):
    floats = f"{single[g].min:.4g} to {single[g].max:.4g}"
    bits = f"{half[g].min!r} to {half[g].max!r}"
    print(f"{g:<12}{f'{low} to {high}':<17}{floats:<18}{bits:<25}{' to '.join(shown[g])}")
highest = [max(range(3), key=lambda g, of=of: of[g].max) for of in (single, half)]
print(f"ends highest, by float32: row group {highest[0]}; by float16: row group {highest[1]}")
try:
    ds.dataset("scores.parquet").to_table(filter=ds.field("half") > 0.6)
    filtered = ""
except pa.ArrowNotImplementedError as error:
    filtered = str(error)
print("a filter p > 0.6 of pyarrow.dataset:", filtered)

assert highest == [0, 1]
assert all(isinstance(one.max, bytes) for one in half)
assert [float(np.frombuffer(one.max, "<f2")[0]) for one in half] == [float(np.float16(high)) for _, high in groups]
assert "halffloat" in filtered
PYTHON
