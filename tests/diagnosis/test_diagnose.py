"""Whole diagnoses of files: the same for any cut and thread, and every part is there or says why it is not."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli.api.functions import silent
from celoss_cli.diagnosis.diagnose import diagnose
from celoss_cli.errors import UsageError
from celoss_cli.request import InputKind, Request
from celoss_cli.results.diagnosis import Diagnosis
from celoss_cli.tables.inputs import opener_of
from diagnosed_files import binary, diagnosed, fix_of, reasons, several


def without_places(diagnosis: Diagnosis) -> Diagnosis:
    """The same without what names rows, and without what rests on a sample by row number."""
    found = diagnosis.contradictions
    assert found is not None
    kept = tuple(fix for fix in diagnosis.fixes if "biases" not in fix.name)
    bare = diagnosis._replace(contradictions=found._replace(rows=()), fixes=kept)
    return bare._replace(headline=bare.headline._replace(verdict="", fix=None, text=""))


@pytest.mark.parametrize("make", [binary, several])
@pytest.mark.parametrize("form", ["exact", "cells"])
def test_cut_order_and_threads_do_not_change_a_bit(
    make: Any, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if form == "cells":
        monkeypatch.setattr("celoss_cli.state.scores.MOST_DISTINCT", 500)
    columns = make()
    whole = diagnosed(tmp_path / "a.parquet", columns, threads=1)
    for size, threads in ((700, 1), (450, 2), (97, 2)):
        assert diagnosed(tmp_path / "a.parquet", columns, size, threads=threads) == whole
    order = np.random.default_rng(5).permutation(len(columns["label"]))
    shuffled = {name: column[order] for name, column in columns.items()}
    other = diagnosed(tmp_path / "a.parquet", shuffled, 450, threads=2)
    assert without_places(other) == without_places(whole)


def test_the_temperature_of_a_few_rows_has_all_its_digits(tmp_path: Path) -> None:
    """Of ten rows with probabilities 0.8, 0.1 and 0.1 six are of the first class: T is ln 8 / ln 3."""
    columns = {"p_0": np.full(10, 0.8), "p_1": np.full(10, 0.1), "p_2": np.full(10, 0.1)}
    found = diagnosed(tmp_path / "a.parquet", {**columns, "label": np.array([0] * 6 + [1] * 2 + [2] * 2)})
    assert found.temperature is not None
    assert found.temperature.t == pytest.approx(math.log(8.0) / math.log(3.0), abs=1e-12)


@pytest.mark.parametrize("rows", [10, 30, 1000])
def test_of_rows_with_the_same_scores_biases_are_fitted_and_a_temperature_beside_them_is_not(
    tmp_path: Path, rows: int
) -> None:
    """Frequencies 0.4, 0.4 and 0.2 are what biases make of any constant scores: every temperature is as good."""
    columns = {"p_0": np.full(rows, 0.8), "p_1": np.full(rows, 0.1), "p_2": np.full(rows, 0.1)}
    found = diagnosed(tmp_path / "a.parquet", {**columns, "label": np.arange(rows) % 5 % 3})
    assert fix_of(found, "class_biases").gain_in_sample == pytest.approx(
        -0.4 * math.log(0.8) - 0.6 * math.log(0.1) + 0.4 * math.log(0.4) + 0.4 * math.log(0.4) + 0.2 * math.log(0.2),
        abs=1e-12,
    )
    assert reasons(found)["temperature_biases"] == "constant_scores"


def test_two_classes(tmp_path: Path) -> None:
    columns = binary()
    found = diagnosed(tmp_path / "a.parquet", columns)
    p, y = columns["p"], columns["label"]
    assert found.loss.mean == pytest.approx(float(-np.log(np.where(y == 1, p, 1 - p)).mean()), rel=1e-12)
    assert found.in_the_large is not None
    assert found.in_the_large.base_rate == y.mean()
    assert found.in_the_large.mean_p == pytest.approx(p.mean(), rel=1e-12)
    assert found.in_the_large.z == pytest.approx((y.sum() - p.sum()) / math.sqrt((p * (1 - p)).sum()), rel=1e-9)
    half = 1.959963984540054 * (y - p).std(ddof=1) / math.sqrt(len(y)) / p.mean()
    assert found.in_the_large.ratio_ci95 == pytest.approx(
        (y.mean() / p.mean() - half, y.mean() / p.mean() + half), rel=1e-9
    )
    assert found.cox is not None
    assert found.cox.slope == pytest.approx(1 / 1.4, abs=0.1)
    assert found.corp is not None
    assert found.corp.of == "positive"
    assert found.ece is not None
    assert found.ece.positive is not None
    assert found.ece.positive.over + found.ece.positive.under == pytest.approx(found.ece.positive.value, rel=1e-12)
    assert found.temperature is not None
    assert found.temperature.t == pytest.approx(1.4, abs=0.15)
    assert [fix.name for fix in found.fixes] == ["temperature", "shift", "logistic", "isotonic"]
    assert found.headline.fix == "temperature"
    assert fix_of(found, "logistic").no_better_than == "temperature"
    assert found.contradictions is not None
    assert found.confusions
    assert len(found.classes) == 2
    assert reasons(found) == {}
    gain = fix_of(found, "temperature").gain
    assert gain is not None
    assert fix_of(found, "temperature").loss_after == pytest.approx(found.loss.mean - gain, rel=1e-12)


def test_the_positive_class_is_the_one_that_was_named(tmp_path: Path) -> None:
    columns = binary()
    both = {"no": 1 - columns["p"], "yes": columns["p"], "label": np.where(columns["label"] == 1, "yes", "no")}
    second = diagnosed(tmp_path / "a.parquet", both)
    first = diagnosed(tmp_path / "a.parquet", both, positive="no")
    assert second.in_the_large is not None
    assert first.in_the_large is not None
    assert second.cox is not None
    assert first.cox is not None
    assert first.in_the_large.base_rate == pytest.approx(1 - second.in_the_large.base_rate, abs=1e-15)
    assert first.in_the_large.mean_p == pytest.approx(1 - second.in_the_large.mean_p, abs=1e-12)
    assert first.cox.shift == pytest.approx(-second.cox.shift, rel=1e-9)
    assert first.cox.slope == pytest.approx(second.cox.slope, rel=1e-9)
    assert first.ece is not None
    assert second.ece is not None
    assert first.ece.positive is not None
    assert second.ece.positive is not None
    assert first.ece.positive.value == pytest.approx(second.ece.positive.value, rel=1e-9)
    assert first.ece.positive.over == pytest.approx(second.ece.positive.under, rel=1e-9)


def test_several_classes(tmp_path: Path) -> None:
    columns = several()
    found = diagnosed(tmp_path / "a.parquet", columns)
    x = np.stack([columns[f"logit_{c}"] for c in range(4)])
    p = np.exp(x) / np.exp(x).sum(axis=0)
    y = columns["label"]
    assert found.temperature is not None
    assert found.temperature.t == pytest.approx(1.5, abs=0.15)
    assert found.headline.fix == "temperature"
    assert found.corp is not None
    assert found.corp.of == "top_label"
    right = p.argmax(axis=0) == y
    assert found.corp.uncertainty == pytest.approx(
        float(-right.mean() * np.log(right.mean()) - (1 - right.mean()) * np.log(1 - right.mean())), rel=1e-12
    )
    for c, balance in enumerate(found.classes):
        assert balance.mean_p == pytest.approx(p[c].mean(), abs=1e-9)
        assert balance.frequency == (y == c).mean()
    loss = -np.log(p[y, np.arange(len(y))])
    for pair in found.confusions:
        chosen = (y == int(pair.truth)) & (p.argmax(axis=0) == int(pair.predicted or -1))
        assert pair.rows == int(chosen.sum())
        assert pair.loss_share == pytest.approx(loss[chosen].sum() / loss.sum(), abs=1e-7)
    assert found.contradictions is not None
    row = found.contradictions.rows[0]
    assert row.p_label == pytest.approx(p[int(row.label), row.row], rel=1e-12)
    assert row.loss == pytest.approx(loss[row.row], rel=1e-9)
    assert reasons(found) == {"in_the_large": "several_classes", "cox": "several_classes"}
    assert {fix.name for fix in found.fixes} == {"temperature", "class_biases", "temperature_biases"}


def test_probabilities_and_log_probabilities_of_the_same_rows(tmp_path: Path) -> None:
    columns = several()
    x = np.stack([columns[f"logit_{c}"] for c in range(4)])
    p = np.exp(x) / np.exp(x).sum(axis=0)
    logits = diagnosed(tmp_path / "a.parquet", columns)
    probs = {**{f"p_{c}": p[c] for c in range(4)}, "label": columns["label"]}
    logs = {**{f"p_{c}": np.log(p[c]) for c in range(4)}, "label": columns["label"]}
    for other in (
        diagnosed(tmp_path / "b.parquet", probs),
        diagnosed(tmp_path / "c.parquet", logs, input=InputKind.LOGPROBS),
    ):
        assert other.temperature is not None
        assert logits.temperature is not None
        assert other.temperature.t == pytest.approx(logits.temperature.t, rel=1e-9)
        assert fix_of(other, "class_biases").gain == pytest.approx(fix_of(logits, "class_biases").gain, rel=1e-9)
        assert other.contradictions is not None
        assert logits.contradictions is not None
        assert other.contradictions.count == logits.contradictions.count
        assert other.contradictions.expected == pytest.approx(logits.contradictions.expected, rel=1e-9)


def test_probability_0_for_the_truth_calls_for_a_floor_first(tmp_path: Path) -> None:
    columns = binary()
    columns["p"] = np.where(columns["p"] < 0.02, 0.0, columns["p"])
    assert (columns["label"][columns["p"] == 0.0] == 1).any()
    found = diagnosed(tmp_path / "a.parquet", columns)
    assert found.loss.mean == math.inf
    assert found.headline.fix == "floor"
    floor, temperature = fix_of(found, "floor"), fix_of(found, "temperature")
    assert floor.gain == math.inf
    assert temperature.after == "floor"
    assert floor.loss_after is not None
    assert temperature.gain is not None
    assert temperature.loss_after == pytest.approx(floor.loss_after - temperature.gain, rel=1e-12)
    assert found.corp is not None
    assert found.corp.miscalibration == math.inf
    assert math.isfinite(found.corp.discrimination)
    assert found.cox is not None
    assert found.cox.without_logit == int((columns["p"] == 0.0).sum())
    assert found.distribution is not None
    assert found.distribution.half_rows is None


@pytest.mark.parametrize(("wrong", "useless"), [(0.5, True), (0.2, False)])
def test_a_floor_helps_only_where_it_leaves_less_than_the_class_frequencies(
    wrong: float, useless: bool, tmp_path: Path
) -> None:
    rng = np.random.default_rng(8)
    label = rng.integers(0, 2, 2000)
    p = np.where(rng.random(2000) < wrong, 1 - label, label).astype(float)
    p[:2] = 0.5
    found = diagnosed(tmp_path / "a.parquet", {"p": p, "label": label}, input=InputKind.PROBS)
    floor = fix_of(found, "floor")
    assert floor.loss_after is not None
    assert (floor.loss_after > math.log(2.0)) is useless
    assert (floor.verdict, floor.no_better_than) == (("no_better", "class_frequencies") if useless else ("helps", None))
    assert ("knowing only how often" in found.headline.text) is useless
    for fix in found.fixes:
        assert fix.loss_after is not None
        says_so = fix.no_better_than == "class_frequencies"
        assert says_so <= (fix.verdict == "no_better" and fix.loss_after > math.log(2.0) - 1e-3)
        assert says_so or fix.loss_after < math.log(2.0) or fix.verdict not in ("helps", "probably_helps")
    assert found.headline.fix == (None if useless else "floor")


def test_several_classes_with_a_floor(tmp_path: Path) -> None:
    columns = several()
    x = np.stack([columns[f"logit_{c}"] for c in range(4)])
    p = np.exp(x) / np.exp(x).sum(axis=0)
    p = np.where(p < 0.004, 0.0, p)
    p /= p.sum(axis=0)
    label = columns["label"]
    assert (p[label, np.arange(len(label))] == 0.0).any()
    found = diagnosed(tmp_path / "a.parquet", {**{f"p_{c}": p[c] for c in range(4)}, "label": label})
    floor = fix_of(found, "floor")
    epsilon = floor.parameters["epsilon"]
    raised = np.maximum(p, epsilon)
    raised /= raised.sum(axis=0)
    loss = float(-np.log(raised[label, np.arange(len(label))]).mean())
    assert floor.loss_after is not None
    assert 0.0 <= floor.loss_after - loss < 5e-3  # chosen on other rows each time
    assert found.temperature is not None

    def at(t: float) -> float:
        powers = raised ** (1 / t)
        return float((np.log(powers.sum(axis=0)) - np.log(raised[label, np.arange(len(label))]) / t).mean())

    assert at(found.temperature.t) <= min(at(found.temperature.t * 1.01), at(found.temperature.t / 1.01))
    in_sample = fix_of(found, "temperature").gain_in_sample
    assert in_sample == pytest.approx(loss - at(found.temperature.t), abs=1e-9)


def test_a_temperature_far_from_1_is_found(tmp_path: Path) -> None:
    for t in (40.0, 1 / 30):
        found = diagnosed(tmp_path / "a.parquet", several(t=t))
        assert found.temperature is not None
        assert found.temperature.t == pytest.approx(t, rel=0.1)


def test_weights_leave_the_temperature(tmp_path: Path) -> None:
    columns = several(classes=3)
    weights = np.random.default_rng(3).integers(1, 4, 2000).astype(float)
    found = diagnosed(tmp_path / "a.parquet", {**columns, "w": weights}, sample_weight="w")
    again = {name: np.repeat(column, weights.astype(int)) for name, column in columns.items()}
    repeated = diagnosed(tmp_path / "b.parquet", again)
    assert found.temperature is not None
    assert repeated.temperature is not None
    assert found.temperature.t == pytest.approx(repeated.temperature.t, rel=1e-7)
    assert fix_of(found, "temperature").gain_in_sample == pytest.approx(
        fix_of(repeated, "temperature").gain_in_sample or 0.0, rel=1e-6
    )
    told = reasons(found)
    assert {told[part] for part in ("corp", "ece", "contradictions", "classes", "class_biases")} == {"weights"}
    assert {told[part] for part in ("in_the_large", "cox")} == {"several_classes"}
    assert found.ece is None
    assert found.distribution is not None


def test_one_class_and_separation(tmp_path: Path) -> None:
    columns = binary()
    one = diagnosed(tmp_path / "a.parquet", {**columns, "label": np.ones(3000, dtype=np.int64)}, classes=("0", "1"))
    assert reasons(one)["corp"] == reasons(one)["cox"] == "one_class"
    assert one.in_the_large is not None
    apart = diagnosed(tmp_path / "b.parquet", {**columns, "label": (columns["p"] > 0.5).astype(np.int64)})
    told = reasons(apart)
    assert told["cox"] == told["temperature"] == told["logistic"] == "separation"
    assert apart.temperature is None
    assert fix_of(apart, "shift").gain is not None
    x = several(classes=3)
    best = np.stack([x[f"logit_{c}"] for c in range(3)]).argmax(axis=0)
    found = diagnosed(tmp_path / "c.parquet", {**x, "label": best})
    assert reasons(found)["temperature"] == "separation"
    assert found.ece is not None


def test_few_rows(tmp_path: Path) -> None:
    for n in (1, 2, 3, 8):
        columns = {name: column[:n] for name, column in binary(seed=4).items()}
        found = diagnosed(tmp_path / "a.parquet", columns, classes=("0", "1"))
        assert found.loss.rows == n
        assert reasons(found)["isotonic"] in ("too_few_rows", "one_class")
        assert found.headline.text


def test_labels_that_are_no_class_leave_loss_and_distribution(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    p, q = rng.dirichlet(np.ones(3), 200).T, rng.dirichlet(np.ones(3), 200).T
    columns = {**{f"p_{c}": p[c] for c in range(3)}, **{f"t_{c}": q[c] for c in range(3)}}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns), path)
    request = Request(str(path), None, label=("t_0", "t_1", "t_2"), pred=("p_0", "p_1", "p_2"))
    found = diagnose(request, opener_of(request), silent)
    assert {one.reason for one in found.left_out} == {"soft_labels"}
    assert found.loss.mean == pytest.approx(float(-(q * np.log(p)).sum(axis=0).mean()), rel=1e-9)
    assert found.distribution is not None


def test_options_that_change_the_loss_are_refused(tmp_path: Path) -> None:
    for options in ({"label_smoothing": 0.1}, {"class_weight": "balanced"}, {"clip": 1e-7}, {"compat": "torch"}):
        with pytest.raises(UsageError, match="diagnose"):
            diagnosed(tmp_path / "a.parquet", binary(100), **options)


def test_rows_that_contradict_have_their_ids(tmp_path: Path) -> None:
    columns = {"id": [f"r{i}" for i in range(3000)], **binary()}
    found = diagnosed(tmp_path / "a.parquet", columns, 500, id=("id",))
    assert found.contradictions is not None
    assert found.contradictions.rows
    assert all(row.id == f"r{row.row}" for row in found.contradictions.rows)
    losses = [row.loss for row in found.contradictions.rows]
    assert losses == sorted(losses, reverse=True)


def test_rows_that_are_left_out_stay_out_of_every_pass(tmp_path: Path) -> None:
    for make in (binary, several):
        columns = make()
        keep = np.random.default_rng(7).random(len(columns["label"])) < 0.7
        part = {name: column[keep] for name, column in columns.items()}
        marked = {**columns, "split": np.where(keep, "test", "train")}
        found = diagnosed(tmp_path / "a.parquet", marked, 333, where=(("split", "test"),))
        wanted = diagnosed(tmp_path / "b.parquet", part)
        for name in ("loss", "cox", "corp", "ece", "classes", "temperature", "distribution", "confusions"):
            assert getattr(found, name) == getattr(wanted, name), name
        assert found.contradictions is not None
        assert wanted.contradictions is not None
        assert found.contradictions.count == wanted.contradictions.count
        numbers = np.flatnonzero(keep)
        assert [row.row for row in found.contradictions.rows] == [numbers[r.row] for r in wanted.contradictions.rows]


def test_rows_that_count_several_times(tmp_path: Path) -> None:
    columns = several(400)
    times = np.random.default_rng(8).integers(1, 4, 400)
    repeated = {name: np.repeat(column, times) for name, column in columns.items()}
    found = diagnosed(tmp_path / "a.parquet", {**columns, "times": times}, count="times")
    wanted = diagnosed(tmp_path / "b.parquet", repeated)
    for name in ("loss", "corp", "ece", "classes", "temperature", "confusions"):
        assert getattr(found, name) == getattr(wanted, name), name
    assert found.contradictions is not None
    assert wanted.contradictions is not None
    assert found.contradictions.count == wanted.contradictions.count
    assert len({row.row for row in found.contradictions.rows}) == len(found.contradictions.rows)


def test_labels_in_a_file_of_their_own(tmp_path: Path) -> None:
    columns = several(500)
    wanted = diagnosed(tmp_path / "a.parquet", columns)
    order = np.random.default_rng(9).permutation(500)
    scores = {"id": np.arange(500), **{name: column for name, column in columns.items() if name != "label"}}
    pq.write_table(pa.table(scores), tmp_path / "scores.parquet", row_group_size=120)
    pq.write_table(pa.table({"id": order, "label": columns["label"][order]}), tmp_path / "labels.parquet")
    request = Request(str(tmp_path / "scores.parquet"), str(tmp_path / "labels.parquet"), label=("label",), id=("id",))
    found = diagnose(request, opener_of(request), silent)
    for name in ("loss", "corp", "ece", "classes", "temperature", "confusions"):
        assert getattr(found, name) == getattr(wanted, name), name


def test_scores_that_say_the_opposite_have_no_temperature(tmp_path: Path) -> None:
    columns = binary()
    found = diagnosed(tmp_path / "a.parquet", {**columns, "label": 1 - columns["label"]}, positive="1")
    assert reasons(found)["temperature"] == "reversed"
    assert found.temperature is None
    assert found.cox is not None
    assert found.cox.slope < 0.0
    assert found.headline.fix == "logistic"
    x = several(classes=3)
    worst = np.stack([x[f"logit_{c}"] for c in range(3)]).argmin(axis=0)
    found = diagnosed(tmp_path / "b.parquet", {**x, "label": worst})
    assert reasons(found)["temperature"] == "reversed"


def test_scores_too_far_apart_for_a_fit_say_so(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    columns = {"z": rng.normal(size=1000) * 1e5, "label": rng.integers(0, 2, 1000)}
    found = diagnosed(tmp_path / "a.parquet", columns, input=InputKind.LOGITS)
    for fix in found.fixes:
        assert fix.gain is not None
        assert math.isfinite(fix.gain)
        assert fix.loss_after is not None
        assert fix.loss_after > 0.0
    assert reasons(found)["shift"] == "no_fit"


def test_one_score_for_all_rows(tmp_path: Path) -> None:
    labels = np.random.default_rng(4).integers(0, 2, 1000)
    found = diagnosed(tmp_path / "a.parquet", {"p": np.full(1000, 0.3), "label": labels})
    assert reasons(found)["cox"] == reasons(found)["logistic"] == reasons(found)["temperature"] == "constant_scores"
    assert fix_of(found, "shift").loss_after == pytest.approx(math.log(2.0), abs=0.01)
    assert found.headline.fix == "shift"
