"""What tools write, as data: one row a tool, to be extended by adding one. ``recognise`` reads it."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from celoss_cli.request import InputKind


class Shape(Enum):
    """How a tool spreads the scores of a row over columns."""

    CLASSES = "a column for each class"
    SINGLE = "one column that speaks of the positive class"
    PREDICTED = "one column that speaks of the class predicted beside it"
    LARGEST = "one column that never says less than the largest of the scores of all classes would"
    VECTOR = "a column of vectors"


class Scores(NamedTuple):
    """One family of score columns.

    ``name`` is a template (``templates``): ``{class}`` or ``{number}`` is the class that a column speaks of,
    ``{negative}`` the other one. ``kind`` is what the name settles about the scores. ``keys`` names the column that
    says which class each score is for: the predicted class, or lists of classes beside lists of scores.
    """

    name: str
    kind: InputKind | None = None
    shape: Shape = Shape.CLASSES
    keys: str = ""


class Tool(NamedTuple):
    """What one tool writes, and how that is read.

    A file is the tool's if every one of ``marks`` names a column (``a|b``: either does) and none of ``unless`` does;
    a tool without marks is read by the general rules of ``label`` and ``scores``. ``scores`` are its families of score
    columns, the preferred one first; without any, the general rules find them. ``truth`` are the columns of labels,
    ``hot`` those with a 0 or 1 for every class. ``predicted`` holds the class that the model chose, and ``idle`` are
    other columns that are never a class, a score or the truth. ``refusal`` says why such a file cannot be scored, and
    ``way_out`` what to do; ``refuted`` is a column that ends the refusal if the user says that it is the truth.

    ``example`` is a directory of tests/layouts, ``flags`` what has to be passed for it (mostly nothing), ``trap`` what
    a reader of such files must not fall for, ``source`` where the tool's layout is documented.
    """

    name: str
    example: str
    trap: str
    source: str
    marks: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    scores: tuple[Scores, ...] = ()
    truth: tuple[str, ...] = ()
    hot: str = ""
    predicted: str = ""
    idle: tuple[str, ...] = ()
    refusal: str = ""
    way_out: str = ""
    refuted: str = ""
    flags: tuple[str, ...] = ()


_PROBS, _LOGITS, _LOGPROBS = InputKind.PROBS, InputKind.LOGITS, InputKind.LOGPROBS

TOOLS: tuple[Tool, ...] = (
    Tool(
        "Kaggle, multiclass",
        "kaggle_multiclass",
        "the solution file is one-hot in the columns of the submission, with a `Usage` column; "
        "`--where Usage=Private` scores that part",
        "https://www.kaggle.com/competitions/playground-series-s3e26/overview/evaluation",
    ),
    Tool(
        "Kaggle, binary",
        "kaggle_binary",
        "the column named `label` of the submission is the prediction",
        "https://www.kaggle.com/competitions/quora-question-pairs/overview/evaluation",
    ),
    Tool(
        "ISIC",
        "isic",
        "truth and predictions have the same columns; `score_weight` and `validation_weight` are no classes",
        "https://challenge.isic-archive.com/landing/2019/",
    ),
    Tool(
        "AMLB (AutoML Benchmark)",
        "amlb",
        "`predictions` is the predicted class",
        "https://openml.github.io/automlbenchmark/docs/using/results/",
        marks=("predictions", "truth"),
        truth=("truth",),
        predicted="predictions",
    ),
    Tool(
        "OpenML runs",
        "openml",
        "`prediction` is the predicted class; the truth is `truth`, or `correct`",
        "https://docs.openml.org/concepts/sharing/",
        marks=("confidence.{class}", "prediction"),
        scores=(Scores("confidence.{class}", _PROBS),),
        truth=("truth", "correct"),
        predicted="prediction",
        idle=("row_id", "repeat", "fold", "sample"),
    ),
    Tool(
        "scikit-learn frame (predict_proba, classes_)",
        "sklearn_frame",
        "`to_csv` writes an unnamed index column first; headers are the labels, such as `0`, `1` or `False`, `True`",
        "https://scikit-learn.org/stable/modules/generated/sklearn.linear_model.LogisticRegression.html",
    ),
    Tool(
        "scikit-learn, a pandas index in Parquet",
        "sklearn_index",
        "`__index_level_0__` is the index of the frame, not a class",
        "https://arrow.apache.org/docs/python/pandas.html",
    ),
    Tool(
        "AutoGluon",
        "autogluon",
        "for two classes `predict_proba` may be saved as one column, named after the positive class",
        "https://auto.gluon.ai/stable/api/autogluon.tabular.TabularPredictor.predict_proba.html",
    ),
    Tool(
        "timm inference, one column a rank",
        "timm_ranks",
        "with `--topk` the columns are ranks: `prob_0` is the likeliest class, another one in every row",
        "https://github.com/huggingface/pytorch-image-models/blob/main/inference.py",
        marks=("prob_{number}|logit_{number}", "index_{number}"),
        refusal="the columns are ranks, not classes: {marks} hold the top classes of each row, so that the probability"
        " of most classes is not there",
        way_out="run timm's inference.py with --topk 0, which writes the scores of all classes in their order",
    ),
    Tool(
        "timm inference, lists",
        "timm_lists",
        "with `--topk` each row is sorted: `prob` goes with `index` of the same row, and must have all classes",
        "https://github.com/huggingface/pytorch-image-models/blob/main/inference.py",
        marks=("prob|logit", "index"),
        scores=(Scores("prob", _PROBS, Shape.VECTOR, "index"), Scores("logit", _LOGITS, Shape.VECTOR, "index")),
        predicted="label",
        idle=("filename",),
    ),
    Tool(
        "XGBoost CLI",
        "xgboost_cli",
        "one number a line: `multi:softprob` is flattened to as many lines as rows times classes",
        "https://github.com/dmlc/xgboost/blob/release_2.0.0/src/cli_main.cc",
    ),
    Tool(
        "LightGBM CLI",
        "lightgbm_cli",
        "no header",
        "https://lightgbm.readthedocs.io/en/latest/Parameters.html#predict-parameters",
    ),
    Tool(
        "LightGBM CLI, predict_raw_score=true",
        "lightgbm_raw",
        "the scores are logits",
        "https://lightgbm.readthedocs.io/en/latest/Parameters.html#predict-parameters",
    ),
    Tool(
        "CatBoost calc",
        "catboost_calc",
        "several families at once: `Probability` is preferred; `Class` is the predicted class, `Label` the truth",
        "https://catboost.ai/docs/en/concepts/output-data_model-value-output",
        marks=("Probability:Class={class}|LogProbability:Class={class}|RawFormulaVal:Class={class}",),
        scores=(
            Scores("Probability:Class={class}", _PROBS),
            Scores("LogProbability:Class={class}", _LOGPROBS),
            Scores("RawFormulaVal:Class={class}", _LOGITS),
        ),
        truth=("Label",),
        predicted="Class",
        idle=("SampleId", "DocId", "GroupId", "QueryId", "SubgroupId", "Timestamp", "GroupWeight", "Weight"),
    ),
    Tool(
        "CatBoost calc, two classes",
        "catboost_binary",
        "`RawFormulaVal` is the logit of the positive class, `Probability` its probability",
        "https://catboost.ai/docs/en/concepts/output-data_model-value-output",
        marks=("RawFormulaVal", "Label"),
        unless=("RawFormulaVal:Class={class}",),
        scores=(
            Scores("Probability", _PROBS, Shape.SINGLE),
            Scores("LogProbability", _LOGPROBS, Shape.SINGLE),
            Scores("RawFormulaVal", _LOGITS, Shape.SINGLE),
        ),
        truth=("Label",),
        predicted="Class",
        idle=("SampleId", "DocId", "GroupId", "QueryId", "SubgroupId", "Timestamp", "GroupWeight", "Weight"),
    ),
    Tool(
        "CatBoost calc, MultiClassOneVsAll",
        "catboost_one_vs_all",
        "each class is a question of its own: the rows do not sum to 1, which is refused without `--renormalize`; "
        "`RawFormulaVal` alone would look like the logits of a softmax",
        "https://catboost.ai/docs/en/concepts/loss-functions-multiclassification",
    ),
    Tool(
        "perf (KDD Cup)",
        "perf",
        "two columns without a header: the target, then the prediction",
        "https://osmot.cs.cornell.edu/kddcup/software.html",
    ),
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
        scores=(Scores("Scored Probabilities", _PROBS, Shape.SINGLE),),
        predicted="Scored Labels",
    ),
    Tool(
        "PyCaret, raw_score=True",
        "pycaret_raw",
        "`prediction_label` is the predicted class",
        "https://pycaret.readthedocs.io/en/latest/api/classification.html#pycaret.classification.predict_model",
        marks=("prediction_label", "prediction_score_{class}"),
        scores=(Scores("prediction_score_{class}", _PROBS),),
        predicted="prediction_label",
        idle=("prediction_score",),
    ),
    Tool(
        "PyCaret",
        "pycaret",
        "bare `prediction_score` is that of the predicted class: two classes are read, more cannot be",
        "https://pycaret.readthedocs.io/en/latest/api/classification.html#pycaret.classification.predict_model",
        marks=("prediction_label", "prediction_score"),
        unless=("prediction_score_{class}",),
        scores=(Scores("prediction_score", _PROBS, Shape.PREDICTED, "prediction_label"),),
        predicted="prediction_label",
        way_out="pass raw_score=True to predict_model, which writes the probability of every class",
    ),
    Tool(
        "SageMaker Autopilot",
        "sagemaker",
        "lists are written as text, and matched by `labels`; bare `probability` is of another class by the kind of job",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-automate-model-development-container-output.html",
        marks=("probabilities", "labels"),
        scores=(Scores("probabilities", _PROBS, Shape.VECTOR, "labels"),),
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
        scores=(Scores("probability", _PROBS, Shape.PREDICTED, "predicted_label"),),
        predicted="predicted_label",
        way_out="add probabilities and labels to the inference response keys",
    ),
    Tool(
        "Spark ML",
        "spark",
        "vectors are structs, dense or sparse (`type` 0); `rawPrediction` is no logit of every model",
        "https://spark.apache.org/docs/latest/ml-pipeline.html",
        marks=("probability", "rawPrediction"),
        scores=(Scores("probability", _PROBS, Shape.VECTOR),),
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
        scores=(Scores("predicted_{target}_probs", _PROBS, Shape.VECTOR),),
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
        "Hugging Face pipeline(top_k=None)",
        "hf_pipeline",
        "each row is sorted by score: matched by label",
        "https://huggingface.co/docs/transformers/main_classes/pipelines#transformers.TextClassificationPipeline",
    ),
    Tool(
        "Hugging Face pipeline, without top_k",
        "hf_pipeline_top",
        "`label` is the predicted class, and `score` that of it: neither the truth nor the probability of one class",
        "https://huggingface.co/docs/transformers/main_classes/pipelines#transformers.TextClassificationPipeline",
        marks=("label", "score|prob|probability|confidence"),
        scores=tuple(
            Scores(name, _PROBS, Shape.LARGEST, "label") for name in ("score", "prob", "probability", "confidence")
        ),
        refusal="the scores look like those of the predicted class: of {marks}, no score is below one in as many as"
        " there are classes, as the largest of a row never is",
        way_out="ask the pipeline for the scores of all classes (top_k=None); if 'label' is the truth, say so: --label"
        " label; if the scores speak of one class in every row, name their column with --pred",
        refuted="label",
    ),
    Tool(
        "Weights & Biases table",
        "wandb",
        "one JSON document of `columns` and `data`",
        "https://docs.wandb.ai/ref/python/data-types/table",
    ),
    Tool(
        "lm-evaluation-harness (--log_samples)",
        "lm_eval",
        "log-likelihoods of the answers, not normalised over them: read as logits; `target` counts from 0",
        "https://github.com/EleutherAI/lm-evaluation-harness/blob/main/docs/interface.md",
    ),
    Tool(
        "Vowpal Wabbit (--oaa N --probabilities)",
        "vw",
        "`class:score` pairs; classes count from 1",
        "https://github.com/VowpalWabbit/vowpal_wabbit/wiki/Predicting-probabilities",
    ),
    Tool(
        "R caret (savePredictions, classProbs)",
        "caret",
        '`write.csv` names the row names ""; `pred` is the predicted class; tuning parameters stand beside',
        "https://topepo.github.io/caret/model-training-and-tuning.html",
        marks=("obs", "pred"),
        truth=("obs",),
        predicted="pred",
        idle=("rowIndex", "Resample"),
    ),
    Tool(
        "R write.csv2",
        "r_write_csv2",
        "`;` between columns, decimal commas",
        "https://stat.ethz.ch/R-manual/R-devel/library/utils/html/write.table.html",
    ),
    Tool(
        "R write.table",
        "r_write_table",
        "the header is one field short: the first column holds the row names",
        "https://stat.ethz.ch/R-manual/R-devel/library/utils/html/write.table.html",
    ),
    Tool(
        "tidymodels (augment, collect_predictions)",
        "tidymodels",
        "`.pred_class` is the predicted class; the event of yardstick is the first level, that of celoss is by name",
        "https://yardstick.tidymodels.org/reference/mn_log_loss.html",
        marks=(".pred_{class}",),
        scores=(Scores(".pred_{class}", _PROBS),),
        predicted=".pred_class",
        idle=(".row", ".config"),
    ),
    Tool(
        "MLflow evaluate",
        "mlflow",
        "`prediction` is the predicted class, `prediction_proba` the score",
        "https://mlflow.org/docs/latest/ml/evaluation/",
    ),
    Tool(
        "MLJAR, multiclass",
        "mljar_multiclass",
        "with numbers as `target`, classes go by position, which is said",
        "https://supervised.mljar.com/",
    ),
    Tool(
        "MLJAR, two classes",
        "mljar_binary",
        "the header itself says which class is 1",
        "https://supervised.mljar.com/",
        marks=("prediction_0_for_{negative}_1_for_{class}",),
        scores=(Scores("prediction_0_for_{negative}_1_for_{class}", _PROBS, Shape.SINGLE),),
        truth=("target",),
    ),
    Tool(
        "TensorFlow Decision Forests, YDF",
        "ydf",
        "classes are called `<=50K` and `>50K`: names may hold `<`, `=` and `>`",
        "https://ydf.readthedocs.io/en/latest/cli_commands/",
    ),
    Tool(
        "FiveThirtyEight, checking our work",
        "fivethirtyeight",
        "each `prob…` has its own `prob…_outcome`: one-hot labels",
        "https://github.com/fivethirtyeight/checking-our-work-data",
        marks=("prob{class}_outcome",),
        scores=(Scores("prob{class}", _PROBS),),
        hot="prob{class}_outcome",
    ),
    Tool(
        "NumPy, torch, Keras (.npz)",
        "numpy_npz",
        "arrays beside each other: `logits` or `probs` beside `labels` or `y_true`; object arrays are refused",
        "https://numpy.org/doc/stable/reference/generated/numpy.savez.html",
    ),
    Tool(
        "Hugging Face run_classification",
        "hf_run_classification",
        "predict_results.txt holds the predicted class alone: no loss can be computed from it",
        "https://github.com/huggingface/transformers/blob/main/examples/pytorch/text-classification/run_classification.py",
    ),
)
