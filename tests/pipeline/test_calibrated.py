"""A fix applied before scoring: by all commands that take one, and refused where it is not for the rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import special

import celoss_cli
from calibrated_files import halves, parquet, several, two
from running import run, write

VALIDATION, OTHER = halves(two(4000))


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    parquet(tmp_path / "v.parquet", VALIDATION, rows_per_group=700)
    parquet(tmp_path / "t.parquet", OTHER, rows_per_group=700)
    celoss_cli.fit_calibration("v.parquet", id="id", output="fix.json")
    return tmp_path


def losses_by_hand(columns: dict[str, Any], fix: dict[str, float]) -> np.ndarray[Any, Any]:
    z = fix["intercept"] + fix["slope"] * special.logit(columns["p_yes"])
    return np.asarray(-special.log_expit(np.where(columns["y"] == "yes", z, -z)))


@pytest.mark.parametrize("threads", [1, 3])
def test_eval_scores_what_the_fix_makes(threads: int) -> None:
    fix = json.loads(Path("fix.json").read_text())["parameters"]
    losses = losses_by_hand(OTHER, fix)
    found = celoss_cli.evaluate("t.parquet", calibration="fix.json", threads=threads, per_sample="rows.parquet")
    assert found.loss.mean == pytest.approx(losses.mean(), rel=1e-13)
    (said,) = [one for one in found.spec.decisions if one.what == "calibration"]
    assert said.evidence == "fix.json, fitted on 2,000 rows of v.parquet"
    rows = pq.read_table("rows.parquet")
    np.testing.assert_allclose(rows["loss"].to_numpy(), losses, rtol=1e-12)
    q = special.expit(fix["intercept"] + fix["slope"] * special.logit(OTHER["p_yes"]))
    assert rows["predicted"].to_pylist() == np.where(q > 0.5, "yes", "no").tolist()
    assert (q > 0.5).sum() < (OTHER["p_yes"] > 0.5).sum()  # the intercept moves some across
    worst = found.worst[0]
    assert (worst.row, worst.p_true) == (int(losses.argmax()), pytest.approx(np.exp(-losses.max())))
    assert worst.predicted == ("no" if OTHER["y"][worst.row] == "yes" else "yes")
    assert found.metrics is not None
    assert found.metrics.accuracy == pytest.approx(((q > 0.5) == (OTHER["y"] == "yes")).mean())


def test_every_form_says_it() -> None:
    for form in ("table", "markdown", "json"):
        done = run("eval", "t.parquet", "--calibration", "fix.json", "--format", form)
        assert done.code == 0, done.err
        assert "fix.json" in done.out


def test_diagnose_finds_nothing_to_mend_any_more() -> None:
    before = celoss_cli.diagnose("t.parquet")
    after = celoss_cli.diagnose("t.parquet", calibration="fix.json")
    assert before.headline.verdict == "helps"
    assert after.headline.verdict == "nothing_to_gain"
    assert after.cox is not None
    assert after.cox.slope == pytest.approx(1.0, abs=0.1)
    assert after.loss.mean == pytest.approx(celoss_cli.evaluate("t.parquet", calibration="fix.json").loss.mean)


def test_compare_applies_it_to_the_candidate() -> None:
    plain, fixed = (celoss_cli.evaluate("t.parquet", calibration=fix).loss.mean for fix in (None, "fix.json"))
    found = celoss_cli.compare("t.parquet", "t.parquet", calibration="fix.json")
    assert (found.baseline.mean, found.candidate.mean) == (plain, fixed)
    assert found.difference.mean == pytest.approx(fixed - plain)


def test_several_classes_and_other_options_beside_it() -> None:
    validation, other = halves(several(4000))
    fix = celoss_cli.fit_calibration(pa.table(validation))
    names = ["ash", "elm", "oak"]
    z = np.stack([other[f"logit_{name}"] for name in names]) / fix.parameters["t"]
    truth = np.array([names.index(name) for name in other["y"]])
    losses = -special.log_softmax(z, axis=0)[truth, np.arange(truth.size)]
    weight = np.random.default_rng(0).random(truth.size)
    table = pa.table({**other, "w": weight})
    options: dict[str, Any] = {"calibration": fix, "sample_weight": "w"}
    assert celoss_cli.evaluate(table, **options).loss.mean == pytest.approx(np.average(losses, weights=weight))
    part = celoss_cli.evaluate(pa.table({**other, "k": truth}), calibration=fix, where={"k": 1})
    assert part.loss.mean == pytest.approx(losses[truth == 1].mean())
    smooth = celoss_cli.evaluate(pa.table(other), calibration=fix, label_smoothing=0.1).loss.mean
    uniform = -special.log_softmax(z, axis=0).mean(axis=0)
    assert smooth == pytest.approx((0.9 * losses + 0.1 * uniform).mean())
    sliced = celoss_cli.evaluate(pa.table({**other, "k": truth}), calibration=fix, slice="k")
    expected = {str(k): losses[truth == k].mean() for k in range(3)}
    assert {one.value: one.mean_loss for one in sliced.slices} == pytest.approx(expected)


def test_rows_that_do_not_quite_sum_to_1() -> None:
    """The temperature is that of the row divided by its sum, whatever that is."""
    validation, other = halves(several(2000))
    names = [name for name in other if name != "y"]
    fix = celoss_cli.fit_calibration(pa.table(validation))
    p = special.softmax(np.stack([other[name] for name in names]), axis=0)
    p *= np.random.default_rng(0).uniform(0.99, 1.0, p.shape[1])
    table = pa.table({"y": other["y"], **{name.replace("logit", "p"): p[c] for c, name in enumerate(names)}})
    found = celoss_cli.evaluate(table, calibration=fix, input="probs")
    exact = celoss_cli.evaluate(pa.table(other), calibration=fix)
    assert found.loss.mean == pytest.approx(exact.loss.mean, rel=1e-12)
    (warning,) = [one.message for one in found.warnings if one.code == "rows_not_normalised"]
    assert warning.endswith("; the fix divides each row by its sum")


# Refused


def refused(*arguments: object) -> str:
    done = run(*arguments)
    assert (done.code, done.out) == (3, ""), done.err
    assert "\nhint: " in done.err
    return done.err


def test_the_rows_that_it_was_fitted_on(place: Path) -> None:
    shuffled = np.random.default_rng(0).permutation(2000)
    parquet(place / "s.parquet", {name: values[shuffled] for name, values in VALIDATION.items()}, rows_per_group=99)
    for command in ("eval", "diagnose"):
        error = refused(command, "s.parquet", "--id", "id", "--calibration", "fix.json")
        assert "the fix was fitted on these rows: 2,000 with the same ids and labels" in error
        allowed = (command, "s.parquet", "--id", "id", "--calibration", "fix.json", "--allow", "fitted_rows")
        assert run(*allowed).code == 0
    assert refused("compare", "v.parquet", "v.parquet", "--id", "id", "--calibration", "fix.json")
    assert run("eval", "t.parquet", "--id", "id", "--calibration", "fix.json").code == 0


def test_without_ids_it_is_the_labels_in_their_order(place: Path) -> None:
    without = {name: values for name, values in VALIDATION.items() if name != "id"}
    parquet(place / "v.parquet", without)
    assert run("calibrate", "fit", "v.parquet", "-o", "fix.json").code == 0
    other_scores = {**without, "p_yes": 0.5 * without["p_yes"]}
    parquet(place / "o.parquet", other_scores)
    error = refused("eval", "o.parquet", "--calibration", "fix.json")
    assert "the same labels in the same order" in error
    assert "if they are others" in error
    turned = {name: values[::-1] for name, values in without.items()}
    parquet(place / "r.parquet", turned)
    assert run("eval", "r.parquet", "--calibration", "fix.json").code == 0


def test_the_rows_that_where_leaves_are_those_that_count(place: Path) -> None:
    both = {name: np.concatenate([VALIDATION[name], OTHER[name]]) for name in VALIDATION}
    both["part"] = np.repeat(["v", "t"], 2000)
    parquet(place / "b.parquet", both)
    options = ("--pred", "p_yes", "--label", "y", "--id", "id", "--calibration", "fix.json")
    assert "fitted on these rows" in refused("eval", "b.parquet", *options, "--where", "part=v")
    assert run("eval", "b.parquet", *options, "--where", "part=t").code == 0
    assert run("eval", "b.parquet", *options).code == 0


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("y,p_a,p_b,p_c\n" + "a,.5,.3,.2\nb,.2,.5,.3\nc,.1,.7,.2\n" * 9, (), "is for the classes 'no', 'yes'"),
        ("y,p\n" + "on,.7\noff,.2\n" * 9, ("--positive", "on"), "of 'off', 'on'"),
        (
            "y,logit\n" + "yes,2.5\nno,-1.5\n" * 9,
            ("--positive", "yes"),
            "to probabilities, and these scores are logits",
        ),
        ("y_a,y_b,p_a,p_b\n" + "1,1,.7,.2\n0,1,.1,.9\n" * 9, ("--label", "y_*", "--pred", "p_*"), "several labels"),
    ],
)
def test_rows_that_it_is_not_for(text: str, options: tuple[str, ...], says: str, place: Path) -> None:
    write(place, {"x.csv": text})
    assert says in refused("eval", "x.csv", *options, "--calibration", "fix.json")


def test_another_kind_of_scores_may_be_said(place: Path) -> None:
    logits = {"y": OTHER["y"], "logit": special.logit(OTHER["p_yes"])}
    parquet(place / "x.parquet", logits)
    said = ("--positive", "yes", "--input", "logits", "-q", "--calibration", "fix.json")
    expected = run("eval", "t.parquet", "-q", "--calibration", "fix.json").mean
    assert run("eval", "x.parquet", *said).mean == pytest.approx(expected, rel=1e-12)


GOOD = json.dumps(
    {
        "schema": "celoss.calibration",
        "schema_version": "1.7",
        "celoss_version": "9",
        "something": "new",
        "method": "temperature",
        "parameters": {"t": 2.0},
        "scores": {"task": "binary", "input": "probs", "percent": False, "classes": ["no", "yes"], "columns": ["p"]},
        "fitted_on": {"path": "v", "rows": 9, "digest": "labels:0"},
        "promise": {
            "loss": 1,
            "loss_after": 0.5,
            "gain": 0.5,
            "gain_ci95": [0.1, 0.9],
            "gain_in_sample": 0.6,
            "p_value": None,
            "verdict": "helps",
        },
        "warnings": [],
    }
)


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        (GOOD[:-200], "calibration_unreadable", "the fix is no JSON"),
        ("", "calibration_unreadable", "the fix is no JSON"),
        ("[]", "calibration_schema", "is no celoss.calibration document"),
        ('{"schema": "celoss.evaluation"}', "calibration_schema", "is of the schema celoss.evaluation"),
        (GOOD.replace("1.7", "2.0"), "calibration_schema", "is of celoss.calibration 2.0, and this celoss reads 1.x"),
        (GOOD.replace('"t"', '"u"'), "calibration_incomplete", "has no parameters.t"),
        (GOOD.replace("2.0", "-2.0"), "calibration_incomplete", "has -2 as parameters.t"),
        (GOOD.replace("2.0", '"inf"'), "calibration_incomplete", "has inf as parameters.t"),
        (GOOD.replace("2.0", "true"), "calibration_incomplete", "has true as parameters.t"),
        (GOOD.replace("temperature", "isotonic"), "calibration_incomplete", "has the method 'isotonic'"),
        (GOOD.replace('"probs"', '"odds"'), "calibration_incomplete", "has 'odds' as scores.input"),
        (GOOD.replace('["no", "yes"]', '["no"]'), "calibration_incomplete", "as the number of its classes"),
        (GOOD.replace('["p"]', "[]"), "calibration_incomplete", "names no column, or one twice, as scores.columns"),
        (GOOD.replace('["p"]', '["p", "p"]'), "calibration_incomplete", "or one twice, as scores.columns"),
        (GOOD.replace('"rows": 9', '"rows": "9"'), "calibration_incomplete", "as fitted_on.rows"),
        (GOOD.replace('"digest"', '"dig"'), "calibration_incomplete", "has no fitted_on.digest"),
        (GOOD.replace("[0.1, 0.9]", "[0.1]"), "calibration_incomplete", "gain_ci95"),
    ],
)
def test_a_fix_that_is_none(text: str, code: str, says: str, place: Path) -> None:
    write(place, {"bad.json": text})
    with pytest.raises(celoss_cli.UnreadableFile, match=r"^bad\.json: the fix ") as found:
        celoss_cli.evaluate("t.parquet", calibration="bad.json")
    assert found.value.code == code
    assert says in str(found.value)
    assert found.value.hint


def test_a_later_minor_version_is_read(place: Path) -> None:
    write(place, {"later.json": GOOD})
    assert celoss_cli.evaluate("t.parquet", calibration="later.json").loss.mean > 0.0
    with pytest.raises(celoss_cli.UsageError, match=r"^calibration is 3$"):
        celoss_cli.evaluate("t.parquet", calibration=3)
