"""Names of columns that say which item a row is about, and which model, fold, setting or occasion made it."""

from __future__ import annotations

from celoss_cli.layout.names import is_id, plain

ITEMS = frozenset({
    "row_index", "row_number", "rownum", "item", "item_no", "sample", "example", "instance", "record", "case",
    "case_no", "obs_no", "observation_no", "question", "document", "ids", "row_ids", "seqn", "image_path", "img", "pic",
    "photo", "picture", "doc", "img_path", "img_name", "image_file", "url", "utterance", "prompt", "qid", "docno",
})  # fmt: skip
"""Names of what a row is about, besides those of ids."""

RUNS = frozenset({
    "model", "models", "model_name", "model_id", "model_type", "model_key", "method", "method_name", "algorithm",
    "algo", "learner", "learner_id", "classifier", "clf", "estimator", "system", "approach", "architecture", "arch",
    "backbone", "run", "run_id", "run_name", "fold", "folds", "fold_id", "fold_no", "cv", "cv_fold", "kfold",
    "k_fold", "outer_fold", "inner_fold", "resample", "resampling", "resample_id", "resampling_id", "repeat",
    "repeats", "repetition", "rep", "replicate", "bootstrap", "iteration", "iter", "seed", "seed_id",
    "random_state", "random_seed", "config", "config_id", "wflow_id", "workflow", "workflow_id", "pipeline", "mtry",
    "splitrule", "min_node_size", "epoch", "epochs", "step", "global_step", "checkpoint", "ckpt", "trial",
    "trial_id", "experiment", "experiment_id", "experiment_name", "variant", "version", "setup", "setting",
    "settings", "params", "hyperparameters", "hyperparams", "lr", "learning_rate", "alpha", "lambda", "penalty",
    "mixture", "cost", "sigma", "ntree", "trees", "n_estimators", "depth", "max_depth", "tree_depth", "shrinkage",
    "interaction_depth", "n_trees", "neighbors", "n_neighbors", "nrounds", "eta", "gamma", "dropout", "batch_size",
    "candidate", "submission", "submission_id", "team", "forecaster", "participant_model", "prompt_id",
    "prompt_version", "temperature", "ensemble_member", "member",
})  # fmt: skip
"""Names of what was run several times on the same items."""

OCCASIONS = frozenset({
    "visit", "visit_id", "visit_no", "visit_number", "time", "timestep", "time_step", "timepoint", "time_point",
    "t", "day", "date", "datetime", "timestamp", "week", "month", "quarter", "year", "hour", "minute", "session",
    "session_id", "occasion", "wave", "period", "cycle", "round", "game", "match", "view", "view_id", "image",
    "image_id", "img", "frame", "frame_id", "frame_no", "slice", "slice_id", "slice_no", "side", "laterality",
    "eye", "breast", "position", "pos", "token", "token_id", "token_index", "segment", "segment_id", "window",
    "window_id", "chunk", "page", "sentence", "sentence_id", "channel", "lead", "electrode", "patch", "tile",
    "stage", "phase", "horizon", "cell", "lesion", "nodule", "sensor", "camera", "angle", "tooth", "limb",
    "sequence", "order",
})  # fmt: skip
"""Names of what makes several rows of one patient, customer or video samples in their own right."""


def may_name_items(name: str) -> bool:
    """Whether a column of this name can say which item a row is about."""
    called = plain(name)
    return (is_id(name) or called in ITEMS) and called not in RUNS


def names_runs(name: str) -> bool:
    """Whether a column of this name says which model, fold or setting made a row."""
    return plain(name) in RUNS


def may_tell_apart(name: str) -> bool:
    """Whether a column of this name may say so: anything but an occasion on which an item is seen."""
    return plain(name) not in OCCASIONS
