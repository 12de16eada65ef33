#!/bin/sh
# SQLite 3.54.1 (apsw 3.54.1.0): avg(-ln(p)) leaves out the rows whose probability is 0, so that rounding improves a model.
#
# ln(0) is NULL in SQLite, neither minus infinity nor an error, and avg, sum and max skip NULL. The same query on the same
# rows is infinite in DuckDB, DataFusion and polars. A model that gave 1e-9 to what happened has a loss of 7.0; with
# probabilities rounded to six digits it has 0.16. An infinite loss that was computed elsewhere is kept as infinity.
# count(ln(p)) beside count(*) tells; iif(p = 0, 9e999, -ln(p)) mends it.
#
# Seen (duckdb 2.0.1, datafusion 55.0.0, polars 2.1.0), avg(-ln(p)) of 0.9, 0.8 and a third row:
#   engine       with 1e-9   with 0
#   SQLite       7.0173      0.1643
#   DuckDB       7.0173      inf
#   DataFusion   7.0173      inf
#   polars       7.0173      inf
#   SQLite: 3 rows, 2 logarithms
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check apsw==3.54.1.0 duckdb==2.0.1 datafusion==55.0.0 polars==2.1.0 pyarrow==26.0.1
cd "$dir"
venv/bin/python - <<'PYTHON'
import math

import apsw
import datafusion
import duckdb
import polars
import pyarrow

QUERY = "select avg(-ln(p)) as loss from scores"


def sqlite(values, query=QUERY):
    connection = apsw.Connection(":memory:")
    connection.execute("create table scores (p real)")
    connection.executemany("insert into scores values (?)", [(value,) for value in values])
    return connection.execute(query).fetchone()[0]


def by_duckdb(values):
    scores = pyarrow.table({"p": values})  # noqa: F841 (the query names it)
    return duckdb.sql(QUERY).fetchall()[0][0]


def by_datafusion(values):
    context = datafusion.SessionContext()
    context.from_arrow(pyarrow.table({"p": values}), "scores")
    return context.sql(QUERY).to_pydict()["loss"][0]


def by_polars(values):
    return polars.SQLContext(scores=polars.DataFrame({"p": values})).execute(QUERY, eager=True)["loss"][0]


small, zero = [0.9, 0.8, 1e-9], [0.9, 0.8, 0.0]
results = {}
print("engine       with 1e-9   with 0")
for name, engine in (("SQLite", sqlite), ("DuckDB", by_duckdb), ("DataFusion", by_datafusion), ("polars", by_polars)):
    results[name] = engine(small), engine(zero)
    print(f"{name:<13}{results[name][0]:<12.4f}{results[name][1]:.4f}")
counts = sqlite(zero, "select count(*) || ' rows, ' || count(ln(p)) || ' logarithms' from scores")
print("SQLite:", counts)

by_hand = -math.fsum(map(math.log, small)) / 3
assert all(abs(first - by_hand) < 1e-12 for first, _ in results.values())
assert abs(results["SQLite"][1] + (math.log(0.9) + math.log(0.8)) / 2) < 1e-12
assert all(results[name][1] == math.inf for name in ("DuckDB", "DataFusion", "polars"))
assert sqlite([math.inf], "select p from scores") == math.inf
assert sqlite([math.nan], "select p from scores") is None
PYTHON
