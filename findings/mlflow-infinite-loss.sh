#!/bin/sh
# MLflow 3.17.2: an infinite loss comes back from a database as the largest float, which is finite.
#
# log_metric takes inf, and a log loss is inf as soon as one row gives its truth probability 0. MLflow's SQL stores,
# SQLite among them, put the largest double in its place and never turn it back: math.isfinite says yes, the median of
# runs is a number, and the difference of two such runs is 0. NaN comes back as NaN. The store in plain files keeps inf:
# the same script gives another answer when the tracking URI changes.
#
# Seen:
#   sqlite  inf -> 1.7976931348623157e+308, finite: True; -inf -> -1.7976931348623157e+308; nan -> nan
#   files   inf -> inf, finite: False; -inf -> -inf; nan -> nan
#   difference of two infinite losses   sqlite 0.0   files nan
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check mlflow-skinny==3.17.2 sqlalchemy==2.1.9 alembic==1.20.1
cd "$dir"
MLFLOW_ALLOW_FILE_STORE=true venv/bin/python - <<'PYTHON'
import logging
import math
import sys

import mlflow

logging.disable(logging.INFO)
LOGGED = {"loss": math.inf, "lower": -math.inf, "share": math.nan}
found = {}
for name, uri in (("sqlite", "sqlite:///runs.db"), ("files", "./mlruns")):
    mlflow.set_tracking_uri(uri)
    runs = []
    for _ in range(2):
        with mlflow.start_run() as run:
            mlflow.log_metrics(LOGGED)
        runs.append(mlflow.get_run(run.info.run_id).data.metrics)
    loss, lower, share = (runs[0][key] for key in LOGGED)
    print(f"{name:6}  inf -> {loss}, finite: {math.isfinite(loss)}; -inf -> {lower}; nan -> {share}")
    found[name] = (loss, lower, math.isnan(share), runs[1]["loss"] - runs[0]["loss"])
print("difference of two infinite losses  ", *(f"{name} {one[3]}  " for name, one in found.items()))

largest = sys.float_info.max
assert found["sqlite"] == (largest, -largest, True, 0.0)
assert found["files"][:3] == (math.inf, -math.inf, True) and math.isnan(found["files"][3])
PYTHON
