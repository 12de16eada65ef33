"""What Python's callers are told names keywords, wherever the error comes from."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import celoss_cli
from celoss_cli.api.words import PROSE, with_keywords
from celoss_cli.errors import CelossError
from celoss_cli.options.table import OPTIONS
from running import run

SOURCE = Path(__file__).resolve().parents[2] / "src" / "celoss_cli"

# Values that a sentence of ours gives for an option that takes any text.
VALUES = {"a", "balanced", "csv", "latin", "label", "latin-1", "lr", "none", "rf", "score", "tab", "cp", "utf"}
VALUES |= {"byte", "choices", "doc", "json", "jsonl", "labels", "log", "repeated", "sentinel", "sequence", "tcp"}
VALUES |= {"token"}


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("--positive spam if it does, --positive 'not spam' if not",
         'positive="spam" if it does, positive="not spam" if not'),
        ("--input probs --clip EPS limits them", 'input="probs", clip=EPS limits them'),
        ("--input, --pred, --label and --classes", "input=, pred=, label= and classes="),
        ("--pred COLUMN, --pred 'prob_*' or --pred a,b,c", 'pred=COLUMN, pred="prob_*" or pred="a,b,c"'),
        ("--pred 'a,b' --pred c if so", 'pred=["a,b", "c"] if so'),
        ("--ignore-index -1 leaves such rows out", 'ignore_index="-1" leaves such rows out'),
        ("--ignore-index=-100.", 'ignore_index="-100".'),
        ("leave --input out to have it detected", "leave input= out to have it detected"),
        ("pass --no-header, or --strict", "pass header=False, or strict=True"),
        ("--decimal , or --delimiter ';'", 'decimal="," or delimiter=";"'),
        ("--clip 1e-15 does", "clip=1e-15 does"),
        ("run again with --debug", "run again with --debug"),
    ],
)  # fmt: skip
def test_a_flag_becomes_a_keyword(hint: str, said: str) -> None:
    assert with_keywords(hint) == said


def scores(**columns: object) -> pd.DataFrame:
    n = 40
    p = np.linspace(0.05, 0.95, n)
    return pd.DataFrame({"y_true": (p > 0.4).astype(int), **{name: p * share for name, share in columns.items()}})


@pytest.mark.parametrize(
    ("table", "keyword"),
    [(scores(prob_lr=1.0, prob_rf=0.9), "pred="), (scores(score=1.1), "clip="), (scores(percent=1.0), "input=")],
)
def test_errors_of_data_name_keywords(table: pd.DataFrame, keyword: str) -> None:
    with pytest.raises(CelossError) as caught:
        celoss_cli.evaluate(table)
    assert keyword in (caught.value.hint or "")
    assert "--" not in f"{caught.value} {caught.value.hint} {caught.value.args}"


def test_options_that_do_not_go_together_are_named_as_keywords() -> None:
    with pytest.raises(CelossError, match="label_smoothing"):
        celoss_cli.evaluate(scores(prob=1.0), label_smoothing=2.0)


def test_the_hint_of_the_command_line_keeps_its_flags(tmp_path: Path) -> None:
    scores(prob_lr=1.0, prob_rf=0.9).to_csv(tmp_path / "f.csv", index=False)
    assert "--pred prob_lr" in run("eval", tmp_path / "f.csv").err


def sentences() -> set[tuple[str, str]]:
    """Every flag in the source with the word behind it, docstrings apart."""
    found: set[tuple[str, str]] = set()
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                found.update(re.findall(r"--([a-z][a-z-]*[a-z]) ([a-z]+)", node.value))
    return found


def test_each_word_behind_a_flag_is_known_to_be_a_value_or_to_go_on_with_the_sentence() -> None:
    keys = {option.key: [str(choice) for choice in option.choices] for option in OPTIONS if option.python}
    unknown = {
        (flag, word)
        for flag, word in sentences()
        if flag in keys and word not in PROSE and word not in VALUES and word not in keys[flag]
    }
    assert not unknown
