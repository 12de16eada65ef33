"""Words for splits of a data set, and names of columns that hold them: training, validation and test."""

from __future__ import annotations

from celoss_cli.layout.names import plain

_COLUMNS = frozenset(
    {"split", "splits", "set", "sets", "subset", "partition", "part", "fold", "data_set", "dataset", "data_split",
     "dataset_split", "split_name", "set_name", "data_type", "sample_set", "sample_type", "split_type", "phase", "mode",
     "stage", "role", "train_test", "train_or_test", "validation", "segment"}
)  # fmt: skip

_FLAGS = {
    "is_train": ("test", "train"), "is_training": ("test", "train"), "in_train": ("test", "train"),
    "is_test": ("train", "test"), "is_testing": ("train", "test"), "in_test": ("train", "test"),
    "is_validation": ("train", "validation"), "is_valid": ("train", "validation"), "is_val": ("train", "validation"),
    "is_holdout": ("train", "test"),
}  # fmt: skip
"""Columns of truth values, with what no and yes say."""

_WORDS = {
    "train": "train training trn learn learning fit insample in_sample",
    "validation": "val valid validation validate dev devel development tune tuning oob out_of_bag",
    "test": "test testing tst holdout hold_out heldout held_out eval evaluation oos out_of_sample oot out_of_time",
}
_MEANT = {word: split for split, words in _WORDS.items() for word in words.split()}

_TRUTHS = {"0": 0, "1": 1, "false": 0, "true": 1, "no": 0, "yes": 1, "f": 0, "t": 1}


def named_split(name: str) -> bool:
    """Whether a column of this name may say which split a row is of."""
    return plain(name) in _COLUMNS or plain(name) in _FLAGS


def split_meant(name: str, text: str) -> str | None:
    """Return the split that a cell of such a column means, ``None`` if it is no word for one."""
    flag = _FLAGS.get(plain(name))
    if flag is not None:
        value = _TRUTHS.get(text.strip().casefold())
        return None if value is None else flag[value]
    return _MEANT.get(plain(text))
