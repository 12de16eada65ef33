"""The mean cross-entropy as one SQL query of DuckDB over the file: KIND FILE."""

import sys

import duckdb

kind, path = sys.argv[1:]
table = f"read_csv('{path}')" if path.endswith((".csv", ".csv.gz")) else f"read_parquet('{path}')"

if kind == "binary":
    query = f"SELECT -avg(ln(CASE WHEN label = 1 THEN prob::DOUBLE ELSE 1 - prob::DOUBLE END)) FROM {table}"
elif kind == "logits":
    scores = [f"logit_{k}" for k in range(10)]
    total = " + ".join(f"exp({score}::DOUBLE - top)" for score in scores)
    target = "CASE label " + " ".join(f"WHEN {k} THEN {score}" for k, score in enumerate(scores)) + " END"
    query = f"""
        SELECT avg(top::DOUBLE + ln({total}) - target)
        FROM (SELECT *, greatest({", ".join(scores)}) AS top, {target} AS target FROM {table})
    """
else:
    query = f"""
        SELECT avg(top::DOUBLE + ln(list_sum(list_transform(logits, lambda z: exp(z::DOUBLE - top)))) - target)
        FROM (SELECT *, list_max(logits) AS top, logits[label + 1] AS target FROM {table})
    """

(mean,) = duckdb.execute(query).fetchall()[0]
print(repr(mean))
