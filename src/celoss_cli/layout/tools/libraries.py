"""What libraries and command lines write, as data: one row a layout, to be extended by adding one."""

from __future__ import annotations

from celoss_cli.layout.tools.tool import Scores, Spread, Tool
from celoss_cli.request import InputKind

_PROBS, _LOGITS, _LOGPROBS = InputKind.PROBS, InputKind.LOGITS, InputKind.LOGPROBS

LIBRARIES: tuple[Tool, ...] = (
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
        scores=(
            Scores("prob", _PROBS, Spread.VECTOR, "index"),
            Scores("logit", _LOGITS, Spread.VECTOR, "index"),
        ),
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
            Scores("Probability", _PROBS, Spread.SINGLE),
            Scores("LogProbability", _LOGPROBS, Spread.SINGLE),
            Scores("RawFormulaVal", _LOGITS, Spread.SINGLE),
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
        scores=(Scores("prediction_score", _PROBS, Spread.PREDICTED, "prediction_label"),),
        predicted="prediction_label",
        way_out="pass raw_score=True to predict_model, which writes the probability of every class",
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
            Scores(name, _PROBS, Spread.LARGEST, "label") for name in ("score", "prob", "probability", "confidence")
        ),
        refusal="the scores look like those of the predicted class: of {marks}, no score is below one in as many as"
        " there are classes, as the largest of a row never is",
        way_out="ask the pipeline for the scores of all classes (top_k=None); if 'label' is the truth, say so: --label"
        " label; if the scores speak of one class in every row, name their column with --pred",
        refuted="label",
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
        scores=(Scores("prediction_0_for_{negative}_1_for_{class}", _PROBS, Spread.SINGLE),),
        truth=("target",),
    ),
    Tool(
        "TensorFlow Decision Forests, YDF",
        "ydf",
        "classes are called `<=50K` and `>50K`: names may hold `<`, `=` and `>`",
        "https://ydf.readthedocs.io/en/latest/cli_commands/",
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
