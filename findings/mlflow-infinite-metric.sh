#!/bin/sh
# mlflow 3.17.2: an infinite loss comes back from its database as the finite number 1.8e308.
#
# A metric of inf is stored as the largest double and nothing marks it, unlike NaN, which comes back as NaN. Whoever asks
# math.isfinite before trusting a run is told yes, and the mean over five folds of which one is infinite is 3.6e307. The
# store in files is refused by this version unless asked for, so a database is what a new project has.
#
# Seen (SQLAlchemy 2.1.9, SQLite), logged and read back:
#   loss inf          1.7976931348623157e+308   finite
#   gain -inf         -1.7976931348623157e+308  finite
#   skipped nan       nan
#   steps 0.3 inf 0.2 0.3 1.7976931348623157e+308 0.2
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check mlflow-skinny==3.17.2 sqlalchemy==2.1.9 alembic==1.20.1 pandas==2.3.3 numpy==2.4.6
cd "$dir"
MLFLOW_DISABLE_TELEMETRY=true venv/bin/python - 2> log <<'PYTHON' || { cat log; exit 1; }
import math

import mlflow

mlflow.set_tracking_uri("sqlite:///runs.db")
mlflow.set_experiment("losses")
with mlflow.start_run() as run:
    logged = {"loss": math.inf, "gain": -math.inf, "skipped": math.nan}
    mlflow.log_metrics(logged)
    for step, loss in enumerate((0.3, math.inf, 0.2)):
        mlflow.log_metric("steps", loss, step=step)

client = mlflow.MlflowClient()
found = client.get_run(run.info.run_id).data.metrics
for name, value in logged.items():
    said = "" if math.isnan(value) else "finite" if math.isfinite(found[name]) else "infinite"
    print(f"{f'{name} {value}':<18}{found[name]!s:<26}{said}".rstrip())
steps = [point.value for point in client.get_metric_history(run.info.run_id, "steps")]
print("steps 0.3 inf 0.2", *steps)

assert found["loss"] == -found["gain"] == steps[1] == 1.7976931348623157e308
assert math.isnan(found["skipped"])
PYTHON
