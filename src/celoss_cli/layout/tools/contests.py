"""What contests and benchmarks publish, as data: one row a layout, to be extended by adding one."""

from __future__ import annotations

from celoss_cli.layout.tools.tool import Scores, Tool
from celoss_cli.request import InputKind

_PROBS = InputKind.PROBS

CONTESTS: tuple[Tool, ...] = (
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
        "https://openml.github.io/automlbenchmark/docs/using/result_analysis/",
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
        "perf (KDD Cup)",
        "perf",
        "two columns without a header: the target, then the prediction",
        "https://osmot.cs.cornell.edu/kddcup/software.html",
    ),
    Tool(
        "lm-evaluation-harness (--log_samples)",
        "lm_eval",
        "log-likelihoods of the answers, not normalised over them: read as logits; `target` counts from 0",
        "https://github.com/EleutherAI/lm-evaluation-harness/blob/main/docs/interface.md",
    ),
    Tool(
        "hubverse (output_type pmf)",
        "hubverse",
        "a row for each class of a task; rows of other output types are no probabilities: refused beside them",
        "https://docs.hubverse.io/en/latest/user-guide/model-output.html",
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
)
