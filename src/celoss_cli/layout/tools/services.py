"""What platforms and services write, as data: one row a layout, to be extended by adding one."""

from __future__ import annotations

from celoss_cli.layout.tools.tool import Scores, Spread, Tool
from celoss_cli.request import InputKind

_PROBS = InputKind.PROBS

SERVICES: tuple[Tool, ...] = (
    Tool(
        "H2O, levels that are numbers",
        "h2o_binary",
        "`cal_p0`, `cal_p1` are the calibrated `p0`, `p1`: two classes, never four",
        "https://docs.h2o.ai/h2o/latest-stable/h2o-docs/data-science/algo-params/calibrate_model.html",
        marks=("predict", "p{number}"),
        scores=(Scores("cal_p{number}", _PROBS), Scores("p{number}", _PROBS)),
        predicted="predict",
    ),
    Tool(
        "H2O, levels that are names",
        "h2o_multiclass",
        "`predict` is the predicted class, and each level has a column of its name",
        "https://docs.h2o.ai/h2o/latest-stable/h2o-docs/performance-and-prediction.html",
    ),
    Tool(
        "H2O, calibrated levels that are names",
        "h2o_calibrated",
        "each level has two columns, `no` and `cal_no`: two classes, never four",
        "https://docs.h2o.ai/h2o/latest-stable/h2o-docs/data-science/algo-params/calibrate_model.html",
        marks=("predict", "cal_{class}"),
        unless=("p{number}",),
        scores=(Scores("cal_{class}", _PROBS),),
        predicted="predict",
        idle=("{class}",),
    ),
    Tool(
        "DataRobot",
        "datarobot",
        "`<target>_PREDICTION` is the predicted class; `THRESHOLD` and `POSITIVE_CLASS` are neither",
        "https://docs.datarobot.com/en/docs/api/reference/batch-prediction-api/output-format.html",
        marks=("{target}_PREDICTION", "{target}_{class}_PREDICTION"),
        scores=(Scores("{target}_{class}_PREDICTION", _PROBS),),
        truth=("{target}",),
        predicted="{target}_PREDICTION",
        idle=("THRESHOLD", "POSITIVE_CLASS", "row_id", "DEPLOYMENT_APPROVAL_STATUS"),
    ),
    Tool(
        "Azure ML Score Model, multiclass",
        "azure_multiclass",
        "`Scored Labels` is the predicted class",
        "https://learn.microsoft.com/en-us/azure/machine-learning/component-reference/score-model",
        marks=("Scored Labels", 'Scored Probabilities_{class}|Scored Probabilities for Class "{class}"'),
        scores=(
            Scores("Scored Probabilities_{class}", _PROBS),
            Scores('Scored Probabilities for Class "{class}"', _PROBS),
        ),
        predicted="Scored Labels",
    ),
    Tool(
        "Azure ML Score Model, two classes",
        "azure_binary",
        "`Scored Probabilities` speaks of the positive class, not of the predicted one",
        "https://learn.microsoft.com/en-us/previous-versions/azure/machine-learning/classic/interpret-model-results",
        marks=("Scored Labels", "Scored Probabilities"),
        scores=(Scores("Scored Probabilities", _PROBS, Spread.SINGLE),),
        predicted="Scored Labels",
    ),
    Tool(
        "SageMaker Autopilot",
        "sagemaker",
        "lists are written as text, and matched by `labels`; bare `probability` is of another class by the kind of job",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-automate-model-development-container-output.html",
        marks=("probabilities", "labels"),
        scores=(Scores("probabilities", _PROBS, Spread.VECTOR, "labels"),),
        predicted="predicted_label",
        idle=("probability",),
    ),
    Tool(
        "SageMaker Autopilot, no list of all classes",
        "sagemaker_bare",
        "`probability` is that of the predicted class (ensembling), or of the positive one (HPO): below 0.5 it is the "
        "latter, and refused",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-automate-model-development-container-output.html",
        marks=("predicted_label", "probability"),
        unless=("probabilities",),
        scores=(Scores("probability", _PROBS, Spread.PREDICTED, "predicted_label"),),
        predicted="predicted_label",
        way_out="add probabilities and labels to the inference response keys",
    ),
    Tool(
        "Spark ML",
        "spark",
        "vectors are structs, dense or sparse (`type` 0); `rawPrediction` is no logit of every model",
        "https://spark.apache.org/docs/latest/ml-pipeline.html",
        marks=("probability", "rawPrediction"),
        scores=(Scores("probability", _PROBS, Spread.VECTOR),),
        truth=("label",),
        predicted="prediction",
        idle=("rawPrediction", "features"),
    ),
    Tool(
        "BigQuery ML",
        "bigquery",
        "each row lists `{label, prob}` in an order of its own: matched by label",
        "https://cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-predict",
        marks=("predicted_{target}_probs", "predicted_{target}"),
        scores=(Scores("predicted_{target}_probs", _PROBS, Spread.VECTOR),),
        truth=("{target}",),
        predicted="predicted_{target}",
    ),
    Tool(
        "Vertex AI batch prediction (tabular)",
        "vertex",
        "`prediction.scores` go with `prediction.classes` of the same row",
        "https://cloud.google.com/vertex-ai/docs/tabular-data/classification-regression/get-batch-predictions",
    ),
    Tool(
        "Weights & Biases table",
        "wandb",
        "one JSON document of `columns` and `data`",
        "https://docs.wandb.ai/ref/python/data-types/table",
    ),
)
