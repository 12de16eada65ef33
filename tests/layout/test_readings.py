"""What vouches for a reading of the columns, and what rules it out: right, a guess that is said, or refused."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from celoss_cli import AmbiguousData, InvalidScores, evaluate, inspect
from notices import about_the_data
from running import Run, run, write

RNG = np.random.default_rng(12)
Z = RNG.normal(0.0, 1.5, 40)
P = np.round(1.0 / (1.0 + np.exp(-Z)), 4)
Y = (RNG.random(40) < P).astype(int)
LOSS = float(-np.log(np.where(Y == 1, P, 1.0 - P)).mean())
SHARES = RNG.dirichlet([1.0, 1.0, 1.0], 40).round(4) + 1e-4
SHARES = (SHARES / SHARES.sum(axis=1, keepdims=True)).round(6)
CODES = np.array([RNG.choice(3, p=row / row.sum()) for row in SHARES])
LOSS3 = float(-np.log(SHARES[range(40), CODES]).mean())
NAMES = ("ant", "bee", "cow")


def csv(columns: dict[str, Iterable[Any]]) -> str:
    rows = zip(*columns.values(), strict=True)
    return "\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n"


def done(tmp_path: Path, columns: dict[str, Iterable[Any]], *arguments: str) -> Run:
    write(tmp_path, {"f.csv": csv(columns)})
    return run("eval", tmp_path / "f.csv", "-q", *arguments)


def hinted(refused: Run, *, nth: int = 0) -> list[str]:
    """Return the flag that a hint names, as a shell would give it."""
    found = re.findall(r"--(?:pred|label|classes|positive)[ =](?:'[^']*'|[^\s;,:]+(?:,[^\s;:]+)*)", refused.err)
    return shlex.split(found[nth])


# Columns that are no scores


@pytest.mark.parametrize(
    "name",
    ["latency", "response_time_ms", "price", "age", "bmi", "n_tokens", "entropy", "uncertainty", "max_prob",
     "max_logit", "prob_std", "loss", "nll", "log_likelihood", "rank", "rank_score", "points", "mtry", "temperature",
     "embedding_norm", "perplexity"],
)  # fmt: skip
@pytest.mark.parametrize("beside", [False, True])
def test_a_name_for_something_else_is_no_score(name: str, beside: bool, tmp_path: Path) -> None:
    columns = {"y_true": Y, **({"y_pred": (P > 0.5).astype(int)} if beside else {}), name: RNG.random(40).round(4)}
    refused = done(tmp_path, columns)
    assert refused.code == 3
    assert f"'{name}'" in refused.err
    assert f"--pred {name}" in refused.err
    if beside:
        assert "No cross-entropy can be computed" in refused.err
    assert done(tmp_path, columns, "--pred", name, "--input", "probs", "--positive", "1").code == 0


WORDS = [
    "energy", "latency", "cost", "distance", "shap", "price", "loss", "std", "entropy", "sim", "similarity", "pred_age",
    "response_time",
]  # fmt: skip
LOGITS3 = np.round(RNG.normal(0.0, 1.5, (40, 3)), 3)
LOSS_OF_LOGITS3 = float((np.log(np.exp(LOGITS3).sum(axis=1)) - LOGITS3[range(40), CODES]).mean())


@pytest.mark.parametrize("template", ["{word}_{name}", "{name}_{word}"])
@pytest.mark.parametrize("word", WORDS)
def test_a_family_is_asked_what_its_name_says(word: str, template: str, tmp_path: Path) -> None:
    names = [template.format(word=word, name=name) for name in NAMES]
    columns = {**dict(zip(names, LOGITS3.T, strict=True)), "label": [NAMES[code] for code in CODES]}
    refused = done(tmp_path, columns)
    assert refused.code == 3
    assert f"the name that they share, '{word}', is one for" in refused.err
    assert float(done(tmp_path, columns, *hinted(refused)).out) == pytest.approx(LOSS_OF_LOGITS3)


@pytest.mark.parametrize("word", ["energy", "cost", "sim"])
def test_numbered_columns_are_asked_too(word: str, tmp_path: Path) -> None:
    columns = {**{f"{word}{i}": LOGITS3[:, i] for i in range(3)}, "label": CODES}
    refused = done(tmp_path, columns)
    assert refused.code == 3
    assert f"'{word}'" in refused.err


@pytest.mark.parametrize("word", ["p", "logit", "ll", "lr", "eta", "raw", "cost_score"])
def test_a_family_of_scores_for_each_class_is_scored(word: str, tmp_path: Path) -> None:
    columns = {**{f"{word}_{NAMES[i]}": LOGITS3[:, i] for i in range(3)}, "label": [NAMES[code] for code in CODES]}
    assert float(done(tmp_path, columns).out) == pytest.approx(LOSS_OF_LOGITS3)


@pytest.mark.parametrize("template", ["p_{}", "{}", "logit_{}"])
@pytest.mark.parametrize("classes", [("cost", "price", "loss"), ("cost_low", "cost_mid", "cost_high")])
@pytest.mark.parametrize("said", [str, str.upper, lambda name: name.replace("_", " ").title()])
def test_the_names_of_classes_are_not_asked(
    classes: tuple[str, ...], template: str, said: Callable[[str], str], tmp_path: Path
) -> None:
    columns = {**{template.format(classes[i]): LOGITS3[:, i] for i in range(3)},
               "label": [said(classes[code]) for code in CODES]}  # fmt: skip
    assert "is one for" not in done(tmp_path, columns).err


def test_probabilities_of_classes_are_taken_whatever_the_family_is_called(tmp_path: Path) -> None:
    columns = {**{f"price_{NAMES[i]}": SHARES[:, i] for i in range(3)}, "label": [NAMES[code] for code in CODES]}
    assert float(done(tmp_path, columns).out) == pytest.approx(LOSS3, abs=1e-5)


def test_a_family_of_something_else_does_not_stand_in_the_way_of_scores(tmp_path: Path) -> None:
    columns: dict[str, Iterable[Any]] = {f"latency_{NAMES[i]}": LOGITS3[:, i] * 9 for i in range(3)}
    columns |= {f"p_{NAMES[i]}": SHARES[:, i] for i in range(3)}
    columns["label"] = [NAMES[code] for code in CODES]
    assert float(done(tmp_path, columns).out) == pytest.approx(LOSS3, abs=1e-5)


@pytest.mark.parametrize("name", ["latency", "price", "entropy", "nll", "max_prob"])
def test_so_it_is_in_a_file_of_its_own(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": csv({"id": range(40), name: P}), "l.csv": csv({"id": range(40), "y": Y})})
    refused = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q")
    assert refused.code == 3
    assert run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", *hinted(refused)).code == 0


@pytest.mark.parametrize(
    ("name", "values"),
    [("zeta", range(40)), ("zeta", [7] * 40), ("zeta", (RNG.integers(0, 900, 40)))],
)
def test_values_that_no_score_has(name: str, values: Iterable[int], tmp_path: Path) -> None:
    assert "is no score" in done(tmp_path, {"y_true": Y, name: values}).err


def test_the_only_column_left_is_a_guess(tmp_path: Path) -> None:
    columns = {"y_true": Y, "zeta": P}
    guessed = done(tmp_path, columns)
    assert guessed.mean == pytest.approx(LOSS, rel=1e-12)
    assert "the prediction 'zeta' is a guess" in guessed.err
    assert about_the_data(evaluate(str(tmp_path / "f.csv"))) == ["guessed_column"]
    assert "is a guess" in done(tmp_path, columns, "--strict", "--input", "probs").err
    assert done(tmp_path, columns, "--pred", "zeta", "--input", "probs", "--strict").mean == guessed.mean
    shown = inspect(str(tmp_path / "f.csv"))
    assert [notice.code for notice in shown.warnings] == ["guessed_column"]
    assert run("explain", tmp_path / "f.csv").code == 0
    compared = run("compare", tmp_path / "f.csv", tmp_path / "f.csv")
    assert "guess" in compared.err + compared.out


def test_a_predicted_class_that_follows_from_a_column_vouches_for_it(tmp_path: Path) -> None:
    explained = done(tmp_path, {"y_true": Y, "y_pred": (P > 0.35).astype(int), "zeta": P})
    assert explained.mean == pytest.approx(LOSS, rel=1e-12)
    assert not explained.err
    other = done(tmp_path, {"y_true": Y, "y_pred": (P > 0.35).astype(int), "zeta": RNG.normal(size=40)})
    assert other.code == 3
    assert "does not explain the predicted class in 'y_pred'" in other.err


def test_a_margin_without_a_sign_says_nothing_of_the_class(tmp_path: Path) -> None:
    assert "never negative" in done(tmp_path, {"y_true": Y, "margin": abs(Z).round(3) + 0.001}).err
    signed = done(tmp_path, {"y_true": Y, "margin": Z.round(3)})
    assert signed.mean == pytest.approx(np.logaddexp(0.0, np.where(Y == 1, -Z.round(3), Z.round(3))).mean(), rel=1e-12)


@pytest.mark.parametrize("surplus", ["max", "entropy", "std", "max_prob"])
def test_a_statistic_in_a_family_is_no_class(surplus: str, tmp_path: Path) -> None:
    logits = np.log(SHARES).round(6) + 1.5
    columns = {f"{name}_logit": logits[:, i] for i, name in enumerate(NAMES)}
    expected = -(logits[range(40), CODES] - np.log(np.exp(logits).sum(axis=1))).mean()
    name = surplus if surplus == "max_prob" else f"{surplus}_logit"
    found = done(tmp_path, {"label": [NAMES[c] for c in CODES], name: logits.max(axis=1), **columns})
    assert found.mean == pytest.approx(expected, rel=1e-12)
    assert not found.err


def test_a_column_of_zeros_beside_class_columns_is_no_class(tmp_path: Path) -> None:
    shares = {name: SHARES[:, i] for i, name in enumerate(NAMES)}
    write(tmp_path, {"f.csv": csv({"obs": [NAMES[c] for c in CODES], **shares, "cp": [0] * 40})})
    found = evaluate(str(tmp_path / "f.csv"))
    assert found.spec.classes == NAMES
    assert found.loss.mean == pytest.approx(LOSS3, rel=1e-12)
    assert not about_the_data(found)


@pytest.mark.parametrize(
    "name",
    ["prediction_time", "pred_latency", "pred_age", "predicted_price", "prediction_length", "prediction_cost",
     "prediction_error", "p_value", "z_score", "f1_score", "energy_score", "perplexity_score", "predicted_residual",
     "pred_interval", "shap_score", "score_latency_ms"],
)  # fmt: skip
def test_a_word_for_scores_beside_a_name_for_something_else_is_none(name: str, tmp_path: Path) -> None:
    columns = {"y_true": Y, name: RNG.random(40).round(4)}
    refused = done(tmp_path, columns)
    assert refused.code == 3
    assert "its name is one for" in refused.err
    assert f"--pred {name}" in refused.err
    assert done(tmp_path, columns, "--pred", name, "--input", "probs", "--positive", "1").code == 0


@pytest.mark.parametrize("name", ["score_diff", "prob_gap_to_next", "quality_score", "pred_mean", "model_score"])
@pytest.mark.parametrize("threshold", [0.5, 0.6])
def test_a_weak_name_has_to_have_to_do_with_the_predicted_class(name: str, threshold: float, tmp_path: Path) -> None:
    predicted = (threshold < P).astype(int)
    found = done(tmp_path, {"y_true": Y, "y_pred": predicted, name: P})
    assert found.mean == pytest.approx(LOSS, rel=1e-12)
    assert "guess" not in found.err
    other = np.random.default_rng(2).permutation(P)
    refused = done(tmp_path, {"y_true": Y, "y_pred": predicted, name: other})
    assert refused.code == 3
    assert "does not explain the predicted class in 'y_pred'" in refused.err
    alone = done(tmp_path, {"y_true": Y, name: other})
    assert alone.code == 0, "nothing tells"


# Sets of columns


@pytest.mark.parametrize(
    "names",
    [("logit_epoch0", "logit_epoch1"), ("model_0", "model_1"), ("prob_model_1", "prob_model_2"), ("p_fold0", "p_fold1"),
     ("prob_seed_0", "prob_seed_1"), ("p_rf", "p_xgb"), ("logit_bert", "logit_roberta"), ("score_old", "score_new"),
     ("prob_x", "prob_y"), ("logit.x", "logit.y"), ("score_x", "score_y")],
)  # fmt: skip
def test_several_models_and_both_halves_of_a_merge_are_asked_for(names: tuple[str, str], tmp_path: Path) -> None:
    logits = names[0].startswith("logit")
    first = Z.round(4) if logits else P
    columns = {"y": Y, names[0]: first, names[1]: (first * 0.8).round(4)}
    refused = done(tmp_path, columns)
    assert refused.code == 3
    flag = hinted(refused)
    assert flag == ["--pred", names[0]]
    loss = np.logaddexp(0.0, np.where(Y == 1, -first, first)).mean() if logits else LOSS
    chosen = done(tmp_path, columns, *flag, "--input", "logits" if logits else "probs")
    if chosen.code == 3:  # a number in its name: which class it is for is asked, too
        chosen = done(tmp_path, columns, *flag, "--input", "logits" if logits else "probs", "--positive", "1")
    assert chosen.mean == pytest.approx(loss, rel=1e-12)


def test_columns_that_sum_to_one_are_classes_whatever_their_names(tmp_path: Path) -> None:
    found = done(tmp_path, {"y": Y, "p_x": (1 - P).round(4), "p_y": P}, "--classes", "0,1")
    assert found.mean == pytest.approx(LOSS, rel=1e-9)


def test_two_full_sets_of_class_columns_are_asked_for(tmp_path: Path) -> None:
    columns = {"y": [("no", "yes")[i] for i in Y], "raw_no": (1 - P).round(4), "raw_yes": P}
    more = {"cal_no": (1 - P * 0.9).round(4), "cal_yes": (P * 0.9).round(4)}
    refused = done(tmp_path, {**columns, **more})
    assert refused.code == 3
    assert "2 sets of columns are named after the labels" in refused.err
    raw = done(tmp_path, {**columns, **more}, *hinted(refused), "--input", "probs")
    assert raw.mean == pytest.approx(LOSS, rel=1e-9)
    calibrated = done(tmp_path, {**columns, **more}, *hinted(refused, nth=1), "--input", "probs")
    assert calibrated.mean == pytest.approx(float(-np.log(np.where(Y == 1, P * 0.9, 1 - P * 0.9)).mean()), rel=1e-3)


def test_logits_beside_their_own_softmax_are_one_set(tmp_path: Path) -> None:
    probs = {f"prob_{name}": SHARES[:, i] for i, name in enumerate(NAMES)}
    logits = {f"logit_{name}": (np.log(SHARES[:, i]) + 0.7).round(6) for i, name in enumerate(NAMES)}
    found = done(tmp_path, {"y": [NAMES[c] for c in CODES], **logits, **probs})
    assert found.mean == pytest.approx(LOSS3, rel=1e-12)


# Truth or prediction


@pytest.mark.parametrize("coding", ["names", "codes"])
@pytest.mark.parametrize("chosen", ["class", "label"])
@pytest.mark.parametrize("truth", ["species", "churned", "answer"])
def test_a_label_that_follows_the_scores_is_what_was_predicted(
    coding: str, chosen: str, truth: str, tmp_path: Path
) -> None:
    spell = (lambda codes: [NAMES[c] for c in codes]) if coding == "names" else list
    shares = {f"prob_{NAMES[i] if coding == 'names' else i}": SHARES[:, i] for i in range(3)}
    found = done(tmp_path, {chosen: spell(SHARES.argmax(axis=1)), **shares, truth: spell(CODES)})
    assert found.mean == pytest.approx(LOSS3, rel=1e-12)
    named = done(tmp_path, {chosen: spell(SHARES.argmax(axis=1)), **shares, truth: spell(CODES)}, "--label", chosen)
    assert named.mean == pytest.approx(float(-np.log(SHARES.max(axis=1)).mean()), rel=1e-12)


def test_two_columns_of_the_same_classes_are_asked_for_where_nothing_tells(tmp_path: Path) -> None:
    other = [NAMES[(c + (i % 3 == 0)) % 3] for i, c in enumerate(CODES)]
    shares = {f"prob_{name}": SHARES[:, i] for i, name in enumerate(NAMES)}
    columns = {"label": [NAMES[c] for c in CODES], **shares, "second_opinion": other}
    refused = done(tmp_path, columns)
    assert refused.code == 3
    assert "hold the same classes and differ" in refused.err
    assert done(tmp_path, columns, "--label", "label").mean == pytest.approx(LOSS3, rel=1e-12)


def test_a_feature_of_yes_and_no_beside_a_label_is_no_truth(tmp_path: Path) -> None:
    unsure = np.where(Y == 1, 0.5 + RNG.uniform(0.01, 0.2, 40), 0.5 - RNG.uniform(0.01, 0.2, 40)).round(4)
    columns = {"label": Y, "smoker": RNG.integers(0, 2, 40), "prob": unsure}
    found = done(tmp_path, columns)
    assert found.mean == pytest.approx(float(-np.log(np.where(Y == 1, unsure, 1 - unsure)).mean()), rel=1e-12)


@pytest.mark.parametrize(("yes", "no"), [("accept", "reject"), ("accepted", "rejected")])
def test_an_answer_to_a_suggestion_is_no_truth(yes: str, no: str, tmp_path: Path) -> None:
    columns = {
        "label": [("ham", "spam")[i] for i in Y],
        "score": P,
        "answer": [(yes, no)[i % 3 == 0] for i in range(40)],
    }
    refused = done(tmp_path, columns)
    assert refused.code == 3
    assert "accepted or rejected" in refused.err
    named = done(tmp_path, columns, *hinted(refused), "--positive", "spam")
    assert named.mean == pytest.approx(LOSS, rel=1e-12)


@pytest.mark.parametrize("values", [("deny", "approve"), ("reject", "accept"), ("no", "yes")])
def test_a_decision_is_no_truth(values: tuple[str, str], tmp_path: Path) -> None:
    refused = done(tmp_path, {"id": range(40), "prob": P, "decision": [values[i] for i in Y]})
    assert refused.code == 3
    assert "what was decided, not for what is true" in refused.err


def test_a_text_column_beside_yes_and_no_is_not_the_label(tmp_path: Path) -> None:
    columns = {"skill": [("add", "sub")[i % 2] for i in range(40)], "correct": Y, "p": P}
    refused = done(tmp_path, columns)
    assert refused.code == 3
    assert hinted(refused) == ["--label", "correct"]
    assert done(tmp_path, columns, *hinted(refused)).mean == pytest.approx(LOSS, rel=1e-12)


# Files without a header, and files whose first rows are not the file


def test_a_column_of_yes_and_no_is_a_class_where_the_labels_are_elsewhere(tmp_path: Path) -> None:
    shares = np.array([[0, 0.25, 0.75], [1, 0, 0], [0, 0.5, 0.5], [0, 0.75, 0.25]])
    write(tmp_path, {"p.csv": "".join(",".join(f"{v:g}" for v in row) + "\n" for row in shares),
                     "l.csv": "2\n0\n1\n1\n"})  # fmt: skip
    found = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q", "--no-header")
    assert found.mean == pytest.approx(-(math.log(0.75) + math.log(0.5) + math.log(0.75)) / 4, rel=1e-12)


@pytest.mark.parametrize("column", ["prob_spam", "spam", "score"])
def test_files_written_class_by_class(column: str, tmp_path: Path) -> None:
    order = np.argsort(np.tile(Y, 100), kind="stable")
    labels = [("ham", "spam")[i] for i in np.tile(Y, 100)[order]]
    scored = done(tmp_path, {"label": labels, column: np.tile(P, 100)[order]})
    if column == "score":  # nothing says which of two words it is for
        assert scored.code == 3
        assert hinted(scored) == ["--positive", "spam"]
        scored = done(tmp_path, {"label": labels, column: np.tile(P, 100)[order]}, *hinted(scored))
    assert scored.mean == pytest.approx(LOSS, rel=1e-9)


def test_what_rules_a_reading_out_is_in_inspect(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": csv({"y_true": Y, "latency": P})})
    shown = inspect(str(tmp_path / "f.csv"))
    assert shown.inputs.predictions is not None
    latency = next(column for column in shown.inputs.predictions.columns if column.name == "latency")
    assert [one.part for one in latency.possible] == ["prediction"]
    assert "its name is one for how long something took" in latency.possible[0].reason
    with pytest.raises(InvalidScores):
        evaluate(str(tmp_path / "f.csv"))


def test_the_python_api_refuses_alike() -> None:
    import pandas as pd

    with pytest.raises(AmbiguousData) as caught:
        evaluate(pd.DataFrame({"y": Y, "p_rf": P, "p_xgb": P * 0.9}))
    assert caught.value.code == "predictions_ambiguous"


REFERENCES = [("forecast", "market_prob"), ("risk", "old_prob"), ("model", "base_rate_prob")]


@pytest.mark.parametrize(("model", "other"), REFERENCES)
def test_the_score_that_a_model_is_held_against_is_a_guess(tmp_path: Path, model: str, other: str) -> None:
    rows = "".join(f"{i % 2},0.{3 + 4 * (i % 2)}{i % 7},0.{5 + i % 3}1\n" for i in range(40))
    (tmp_path / "f.csv").write_text(f"outcome,{model},{other}\n{rows}")
    found = evaluate(str(tmp_path / "f.csv"))
    assert "guessed_column" in [notice.code for notice in found.warnings]
    with pytest.raises(AmbiguousData):
        evaluate(str(tmp_path / "f.csv"), strict=True)


def test_the_evidence_for_a_column_of_names_is_the_same_in_every_run(tmp_path: Path) -> None:
    names = [f"c{place}" for place in range(9)]
    rows = "".join(f"{name},{','.join(['0.1'] * 8 + ['0.2'])}\n" for name in (*reversed(names), "pad"))
    write(tmp_path, {"f.csv": f"what,{','.join(names)}\n{rows}"})
    assert "'c0' is in the name of a column of scores" in str(inspect(tmp_path / "f.csv"))


@pytest.mark.parametrize("name", ["logit_{}", "p.{}", "score {}"])
def test_a_class_below_zero_belongs_to_the_family_though_no_row_has_it(name: str, tmp_path: Path) -> None:
    classes = (0, -1, 1)
    logits = np.log(SHARES)
    some = np.flatnonzero(CODES != 1)
    columns = {name.format(label): logits[some, place] for place, label in enumerate(classes)}
    found = done(tmp_path, {**columns, "outcome": [classes[code] for code in CODES[some]]}, "--input", "logits")
    expected = float(-np.log(SHARES[some, CODES[some]] / SHARES[some].sum(axis=1)).mean())
    assert float(found.out) == pytest.approx(expected, rel=1e-9)
