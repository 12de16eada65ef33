"""Files that are read wrong: the alarm goes off, names the flag, and the flag gives the right loss."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli import Evaluation, evaluate
from celoss_cli.results.document import Notice
from running import run, run_script

ALARMS = {
    "classes_swapped", "classes_permuted", "classes_in_text_order", "labels_off_by_one", "labels_shifted",
    "other_label", "label_is_predicted", "log_base", "logits_are_probabilities", "probabilities_are_logits",
    "scores_negated", "logits_are_shares", "maybe_no_scores",
}  # fmt: skip


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def model(classes: int, rows: int = 300, sharp: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Labels and logits of a model that is right more often than not."""
    rng = np.random.default_rng(classes)
    labels = rng.integers(0, classes, rows)
    logits = rng.normal(size=(rows, classes))
    logits[np.arange(rows), labels] += sharp
    return labels, logits


def frame(labels: Any, scores: np.ndarray, names: str | list[str] = "abcdefgh") -> pd.DataFrame:
    columns = {f"p_{name}": scores[:, i] for i, name in zip(range(scores.shape[1]), names, strict=False)}
    return pd.DataFrame({"truth": labels, **columns})


def letters(labels: np.ndarray) -> list[str]:
    return ["abcdefgh"[label] for label in labels]


def alarm_of(found: Evaluation) -> Notice | None:
    raised = [notice for notice in found.warnings if notice.code in ALARMS]
    assert len(raised) <= 1, raised
    return raised[0] if raised else None


def swapped() -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, logits = model(2)
    right = frame(letters(labels), softmax(logits))
    return right.rename(columns={"p_a": "p_b", "p_b": "p_a"}), right


def flipped() -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, logits = model(2)
    p = softmax(logits)[:, 0]
    return pd.DataFrame({"y": labels, "p": p}), pd.DataFrame({"y": 1 - labels, "p": p})


def permuted() -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, logits = model(5)
    right = frame(letters(labels), logits)
    return frame(letters(labels), logits[:, [2, 0, 4, 1, 3]]), right


def two_of_many() -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, logits = model(8)
    return frame(letters(labels), logits[:, [0, 1, 6, 3, 4, 5, 2, 7]]), frame(letters(labels), logits)


def off_by_one() -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, logits = model(5)
    kept = labels < 4  # the last class has no row: labels 1 to 4 fit the positions 1 to 4 as well
    right = frame(labels[kept], logits[kept], ["0", "1", "2", "3", "4"])
    return right.assign(truth=right.truth + 1), right


def in_text_order() -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, logits = model(12, rows=90)
    order = sorted(range(12), key=str)
    names = [str(i) for i in range(12)]
    return frame(labels, logits[:, order], names), frame(labels, logits, names)


def wrong_label() -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, logits = model(4)
    right = frame(letters(labels), logits)
    shuffled = right.assign(before=right.truth.sample(frac=1.0, random_state=1).to_numpy())
    return shuffled.rename(columns={"truth": "checked", "before": "truth"}), right


def named_logit() -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, logits = model(2, sharp=2.0)
    p = softmax(logits)[:, 1]
    return pd.DataFrame({"y": labels, "logit": p}), pd.DataFrame({"y": labels, "p": p})


FLAGGED = [
    (swapped, "classes_swapped"),
    (flipped, "classes_swapped"),
    (permuted, "classes_permuted"),
    (two_of_many, "classes_swapped"),
    (off_by_one, "labels_off_by_one"),
    (in_text_order, "classes_in_text_order"),
    (wrong_label, "other_label"),
    (named_logit, "logits_are_probabilities"),
]

Files = Callable[[], tuple[pd.DataFrame, pd.DataFrame]]


def flag_in(notice: Notice) -> list[str]:
    """The flag that a message ends with, as a shell would split it."""
    return shlex.split(notice.message[notice.message.rindex(": --") + 2 :])


@pytest.mark.parametrize(("files", "code"), FLAGGED)
def test_the_flag_of_an_alarm_gives_the_right_loss_and_silences_it(files: Files, code: str, tmp_path: Path) -> None:
    wrong, right = files()
    found, expected = evaluate(wrong), evaluate(right)
    assert alarm_of(expected) is None
    notice = alarm_of(found)
    assert notice is not None
    assert notice.code == code
    assert f"is {found.loss.mean:.4g} nats, and would be {expected.loss.mean:.4g}" in notice.message
    path = tmp_path / "wrong.csv"
    wrong.to_csv(path, index=False)
    settled = run("eval", path, "-q", *flag_in(notice))
    assert settled.mean == pytest.approx(expected.loss.mean, rel=1e-12)
    assert code not in settled.err
    assert "looked at" not in settled.err


def of_a_byte() -> tuple[pd.DataFrame, pd.DataFrame]:
    labels, logits = model(2, sharp=2.0)
    byte = (softmax(logits)[:, 1] * 254).round() + 0.5
    return pd.DataFrame({"y": labels, "logit": byte}), pd.DataFrame({"y": labels, "p": byte / 255})


def cured() -> list[tuple[str, pd.DataFrame, pd.DataFrame]]:
    labels, logits = model(4)
    p = softmax(logits)
    right = frame(letters(labels), p)
    return [
        ("labels_shifted", right.assign(truth=np.roll(right.truth, 1)), right),
        ("labels_shifted", right.assign(truth=np.roll(right.truth, -1)), right),
        ("log_base", frame(letters(labels), np.log2(p)), right),
        ("log_base", frame(letters(labels), np.log10(p)), right),
        ("log_base", frame(letters(labels), -np.log(p)), right),
        ("scores_negated", frame(letters(labels), -logits), right),
        ("logits_are_shares", *of_a_byte()),
    ]


@pytest.mark.parametrize(("code", "wrong", "right"), cured())
def test_what_only_the_file_can_cure(code: str, wrong: pd.DataFrame, right: pd.DataFrame) -> None:
    found = evaluate(wrong)
    notice = alarm_of(found)
    assert notice is not None
    assert notice.code == code
    would_be = float(notice.message.split("would be ")[1].split()[0])
    assert would_be == pytest.approx(evaluate(right).loss.mean, rel=0.02)  # a shift loses a row at the end


def test_a_label_that_is_the_prediction() -> None:
    labels, logits = model(4, sharp=1.5)
    made = frame(letters(logits.argmax(axis=1)), logits)
    notice = alarm_of(evaluate(made))
    assert notice is not None
    assert notice.code == "label_is_predicted"
    assert "--label COLUMN" in notice.message
    with_truth = alarm_of(evaluate(made.assign(checked=letters(labels))))
    assert with_truth is not None
    assert "--label checked names the true one" in with_truth.message
    assert alarm_of(evaluate(frame(letters(labels), logits))) is None
    assert alarm_of(evaluate(made, label="truth")) is None


def test_shifted_labels_of_a_second_file() -> None:
    labels, logits = model(3)
    right = pd.DataFrame({"label": letters(labels)})
    scores = frame(labels, logits).drop(columns="truth")
    notice = alarm_of(evaluate(scores, right.assign(label=np.roll(right.label, -1))))
    assert notice is not None
    assert "--id" in notice.message
    with_id = scores.assign(id=range(300)), right.assign(label=np.roll(right.label, -1), id=range(300))
    assert alarm_of(evaluate(*with_id)) is None  # a key was followed: rows do not pair by position


def test_another_label_column_of_a_second_file() -> None:
    labels, logits = model(3)
    scores = frame(labels, logits).drop(columns="truth")
    rng = np.random.default_rng(0)
    theirs = pd.DataFrame({"label": letters(rng.permutation(labels)), "adjudicated": letters(labels)})
    notice = alarm_of(evaluate(scores, theirs))
    assert notice is not None
    assert notice.message.endswith("--label adjudicated")


def test_strict_makes_an_alarm_an_error(tmp_path: Path) -> None:
    path = tmp_path / "flipped.csv"
    flipped()[0].to_csv(path, index=False)
    refused = run_script("eval", path, "--strict", "--input", "probs", "--label", "y", "--pred", "p", "--header")
    assert refused.code == 3
    assert refused.out == ""
    assert "--positive 0" in refused.err
    kept = run_script("eval", path, "--strict", "--input", "probs", "--positive", "1", "-q")
    assert kept.code == 0
    assert kept.mean > 2.0


def test_quiet_shows_an_alarm_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "flipped.csv"
    flipped()[0].to_csv(path, index=False)
    done = run_script("eval", path, "-q")
    assert done.code == 0
    assert "--positive 0" in done.err


def test_classes_whose_names_a_shell_or_a_list_would_break(tmp_path: Path) -> None:
    labels, logits = model(3)
    names = ["a, b", "c'd", "e f"]
    wrong = pd.DataFrame(logits[:, [1, 2, 0]], columns=names)
    wrong.insert(0, "truth", [names[label] for label in labels])
    notice = alarm_of(evaluate(wrong))
    assert notice is not None
    path = tmp_path / "odd.csv"
    wrong.to_csv(path, index=False)
    right = evaluate(wrong.set_axis(["truth", *(names[i] for i in (1, 2, 0))], axis=1))
    assert run("eval", path, "-q", *flag_in(notice)).mean == pytest.approx(right.loss.mean, rel=1e-12)


@pytest.mark.parametrize("shards", [1, 2, 7, 40])
@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_alarm_for_any_shards_and_threads(shards: int, threads: int, tmp_path: Path) -> None:
    wrong = permuted()[0]
    expected = alarm_of(evaluate(wrong))
    directory = tmp_path / "parts"
    directory.mkdir()
    for i, part in enumerate(np.array_split(np.arange(len(wrong)), shards)):
        wrong.iloc[part].to_parquet(directory / f"part-{i}.parquet")
    assert alarm_of(evaluate(directory, threads=threads)) == expected


def test_rows_left_out_are_not_looked_at() -> None:
    wrong, right = flipped()
    both = pd.concat([wrong.assign(split="train"), right.assign(split="test")])
    assert alarm_of(evaluate(both, where={"split": "test"})) is None
    assert alarm_of(evaluate(both, where={"split": "train"})) is not None


def test_predictions_that_do_well_on_the_whole_file_are_not_swapped() -> None:
    wrong, right = flipped()
    assert alarm_of(evaluate(pd.concat([wrong, *[right] * 20]), top=0)) is None


def test_a_probability_of_zero_does_not_decide() -> None:
    labels, logits = model(2)
    p = softmax(logits)[:, 1]
    p[0] = 1.0 - labels[0]  # one row of infinite loss
    assert alarm_of(evaluate(pd.DataFrame({"y": labels, "p": p}))) is None


def test_labels_with_a_number_for_every_class_raise_none() -> None:
    labels, logits = model(3)
    soft = frame(labels, softmax(logits)).drop(columns="truth").assign(
        **{f"y_{name}": np.where(labels == (i + 1) % 3, 0.9, 0.05) for i, name in enumerate("abc")}
    )  # fmt: skip
    assert alarm_of(evaluate(soft, label=("y_a", "y_b", "y_c"))) is None


@pytest.mark.parametrize(("base", "unit"), [("e", "nats"), ("2", "bits"), ("10", "hartleys")])
def test_both_means_are_in_the_unit_of_the_report(base: str, unit: str, tmp_path: Path) -> None:
    wrong, right = swapped()
    wrong.to_csv(tmp_path / "wrong.csv", index=False)
    right.to_csv(tmp_path / "right.csv", index=False)
    found, other = (evaluate(str(tmp_path / name), base=base) for name in ("wrong.csv", "right.csv"))
    alarm = alarm_of(found)
    assert alarm is not None
    means = f"the mean loss is {found.loss.mean:.4g} {unit}, and would be {other.loss.mean:.4g} with"
    assert found.loss.unit == unit
    assert means in alarm.message
    shown = run("inspect", tmp_path / "wrong.csv", "--format", "json")
    assert "nats" in shown.out, "inspection has no base"


@pytest.mark.parametrize(("base", "unit"), [("e", "nats"), ("2", "bits")])
def test_the_mean_of_a_predicted_label_too(base: str, unit: str) -> None:
    _, logits = model(4, sharp=1.5)
    found = evaluate(frame(letters(logits.argmax(axis=1)), logits), base=base)
    alarm = alarm_of(found)
    assert alarm is not None
    assert f"(mean loss {found.loss.mean:.4g} {unit})" in alarm.message


def in_order_of_class(frame: pd.DataFrame, rows: int) -> pd.DataFrame:
    """So many rows, written class by class."""
    return frame.sample(rows, replace=True, random_state=0).sort_values(frame.columns[0])


@pytest.mark.parametrize("files", [swapped, flipped, permuted])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_file_that_is_sorted_by_class(files: Files, form: str, tmp_path: Path) -> None:
    wrong, right = (in_order_of_class(frame, 20_000) for frame in files())
    for name, frame_ in (("wrong", wrong), ("right", right)):
        path = tmp_path / f"{name}.{form}"
        frame_.to_csv(path, index=False) if form == "csv" else frame_.to_parquet(path)
    notice = alarm_of(evaluate(str(tmp_path / f"wrong.{form}")))
    assert notice is not None
    assert notice.code in {"classes_swapped", "classes_permuted"}
    assert "over the 2,000 rows looked at" in notice.message
    assert alarm_of(evaluate(str(tmp_path / f"right.{form}"))) is None


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_rows_are_looked_at_for_any_cut_of_a_large_file(threads: int, tmp_path: Path) -> None:
    wrong = in_order_of_class(flipped()[0], 90_000)
    wrong.to_csv(tmp_path / "whole.csv", index=False)
    (tmp_path / "parts").mkdir()
    (tmp_path / "other").mkdir()
    for i, part in enumerate(np.array_split(np.arange(len(wrong)), 5)):
        wrong.iloc[part].to_csv(tmp_path / "parts" / f"{i}.csv", index=False)
        wrong.iloc[part].to_parquet(tmp_path / "other" / f"{i}.parquet", row_group_size=7000)
    whole = alarm_of(evaluate(str(tmp_path / "whole.csv"), threads=1))
    assert whole is not None
    for path in ("whole.csv", "parts", "other"):
        assert alarm_of(evaluate(str(tmp_path / path), threads=threads)) == whole


def test_another_label_column_of_a_large_file() -> None:
    labels, logits = model(4, rows=5000)
    right = frame(letters(labels), logits)
    shuffled = right.assign(before=right.truth.sample(frac=1.0, random_state=1).to_numpy())
    notice = alarm_of(evaluate(shuffled.rename(columns={"truth": "checked", "before": "truth"})))
    assert notice is not None
    assert notice.message.endswith("--label checked")


def test_classes_as_given_are_warned_of_and_never_refused(tmp_path: Path) -> None:
    wrong, right = permuted()
    path = tmp_path / "given.csv"
    wrong.to_csv(path, index=False)
    found = evaluate(path, classes=list("abcde"), strict=True)
    notice = alarm_of(found)
    assert notice is not None
    assert "--classes as given says otherwise: --classes" in notice.message
    better = evaluate(path, classes=flag_in(notice)[1].split(","), strict=True)
    assert better.loss.mean == pytest.approx(evaluate(right).loss.mean, rel=1e-12)
    assert alarm_of(better) is None


def test_a_choice_of_classes_hides_no_other_error() -> None:
    """Another order of the classes explains all rows, but it was given; another label column explains most."""
    labels, logits = model(4)
    second = np.where(np.arange(300) % 10 == 0, (labels + 1) % 4, labels)
    both = frame(letters((labels + 1) % 4), logits).assign(checked=letters(second))
    assert [n.code for n in evaluate(both, label="truth").warnings if n.code in ALARMS] == ["classes_permuted"]
    given = evaluate(both, classes=list("abcd"))
    assert [n.code for n in given.warnings if n.code in ALARMS] == ["classes_permuted", "other_label"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("price", lambda rng, y: rng.lognormal(3.0, 0.5, y.size) * np.where(y == 1, 1.0, 1.2) * -1.0),
        ("temperature", lambda rng, y: rng.normal(12.0, 20.0, y.size)),
    ],
)
def test_numbers_that_nothing_vouches_for_are_doubted(name: str, values: Any, tmp_path: Path) -> None:
    from celoss_cli.errors import AmbiguousData

    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 400)
    path = tmp_path / "feature.csv"
    pd.DataFrame({"y": y, name: values(rng, y)}).to_csv(path, index=False)
    given: dict[str, Any] = {"pred": name, "label": "y"}
    if name == "price":
        with pytest.raises(AmbiguousData):  # one column below 0 throughout: log-probabilities or logits
            evaluate(path, **given)
        return
    codes = {notice.code for notice in evaluate(path, **given).warnings}
    assert "maybe_no_scores" in codes
    assert not {notice.code for notice in evaluate(path, input="logits", **given).warnings} & {"maybe_no_scores"}
    with pytest.raises(AmbiguousData, match="they may be no logits"):
        evaluate(path, strict=True, **given)


def test_columns_of_one_sign_are_doubted_if_they_do_worse_than_the_frequencies() -> None:
    rng = np.random.default_rng(0)
    y = rng.choice(list("abc"), 300)
    counts = pd.DataFrame(rng.uniform(1.0, 9.0, (300, 3)), columns=list("abc")).assign(y=y)
    assert "maybe_no_scores" in {notice.code for notice in evaluate(counts, label="y").warnings}
    labels, logits = model(3)
    assert alarm_of(evaluate(frame(letters(labels), logits - 50.0))) is None


def test_one_warning_can_be_allowed_under_strict(tmp_path: Path) -> None:
    wrong = swapped()[0]
    path = tmp_path / "swapped.csv"
    wrong.to_csv(path, index=False)
    refused = run("eval", path, "-q", "--strict")
    assert refused.code == 3
    assert "--allow classes_swapped" in refused.err
    assert run("eval", path, "-q", "--strict", "--allow", "labels_shifted").code == 3
    allowed = run("eval", path, "-q", "--strict", "--allow", "labels_shifted", "--allow", "classes_swapped")
    assert allowed.mean == evaluate(wrong).loss.mean
    assert "and would be" in allowed.err, "it is still said"
    assert evaluate(wrong, strict=True, allow="classes_swapped").loss.mean == allowed.mean
    found = run("inspect", path, "--strict", "--allow", "classes_swapped", "--format", "json")
    assert found.code == 0


def test_a_guess_can_be_allowed_under_strict(tmp_path: Path) -> None:
    path = tmp_path / "percent.csv"
    path.write_text("y_true,percent\n1,90\n0,20\n1,70\n0,10\n1,40\n0,5\n", encoding="utf-8")
    refused = run("eval", path, "-q", "--strict")
    assert refused.code == 3
    assert "--allow guessed_input accepts it" in refused.err
    allowed = run("eval", path, "-q", "--strict", "--allow", "guessed_input")
    assert allowed.mean == run("eval", path, "-q").mean
