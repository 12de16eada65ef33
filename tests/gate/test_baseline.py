"""The baseline: what can be compared, what is said when it cannot, and when the next one is written."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from celoss_cli.api.functions import evaluate
from celoss_cli.errors import DataError, ExitCode, UsageError
from celoss_cli.gate.baseline import read_baseline
from running import Run, run, write

pytestmark = pytest.mark.usefixtures("here")

GOOD = "y,p,g\n1,0.9,a\n0,0.2,a\n1,0.7,b\n0,0.4,b\n"
WORSE = "y,p,g\n1,0.8,a\n0,0.3,a\n1,0.6,b\n0,0.5,b\n"
LOGITS = "y,p,g\n1,2.5,a\n0,-1,a\n1,1,b\n0,-0.5,b\n"
INFINITE = "y,p,g\n1,0.0,a\n0,0.3,a\n1,0.6,b\n0,0.5,b\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {"good.csv": GOOD, "worse.csv": WORSE, "logits.csv": LOGITS, "infinite.csv": INFINITE})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def saved(*options: object, of: str = "good.csv") -> str:
    done = run("eval", of, "--save-baseline", "base.json", "-q", *options)
    assert done.code == ExitCode.OK, done.err
    return "base.json"


def against(predictions: str, *options: object) -> Run:
    return run("eval", predictions, "-q", "--baseline", "base.json", *options)


# What passes


def test_the_difference_of_the_means(here: Path) -> None:
    base = evaluate("good.csv").loss.mean
    saved()
    result = evaluate("worse.csv", baseline=here / "base.json", max_regression="2%")
    assert result.baseline is not None
    assert (result.baseline.path, result.baseline.mean) == (str(here / "base.json"), base)
    assert result.baseline.difference == result.loss.mean - base > 0
    assert result.verdict is not None
    (check,) = result.verdict.checks
    assert check.value == result.baseline.difference
    assert check.limit == 0.02 * base
    assert not check.passed
    document = result.to_dict()
    assert document["baseline"] == {
        "path": str(here / "base.json"),
        "mean": base,
        "difference": check.value,
        "same_rows": True,
        **dict.fromkeys(("standard_error", "df", "ci95")),
    }


def test_a_baseline_without_a_limit_only_shows_the_difference() -> None:
    saved()
    done = run("eval", "worse.csv", "--baseline", "base.json")
    assert done.code == ExitCode.OK
    assert "A larger loss than the baseline base.json (0.299001 nats)" in done.out
    assert "A smaller loss" not in done.out
    assert "The same loss as the baseline" in run("eval", "good.csv", "--baseline", "base.json").out
    assert evaluate("worse.csv", baseline="base.json").verdict is None


@pytest.mark.parametrize(("margin", "code"), [("1", 0), ("0.1", 1), ("50%", 0), ("10%", 1), ("0", 1), ("-0.1", 1)])
def test_the_exit_code(margin: str, code: int) -> None:
    saved()
    done = against("worse.csv", "--max-regression", margin)
    assert done.code == code
    assert ("gate failed: --max-regression" in done.err) is (code == 1)


def test_the_kind_of_input_may_differ() -> None:
    saved()
    done = against("logits.csv", "--max-regression", "1")
    assert done.code == ExitCode.OK, done.err


def test_a_report_is_a_baseline() -> None:
    assert run("eval", "good.csv", "-q", "--report", "base.json").code == ExitCode.OK
    assert against("good.csv", "--max-regression", "0").code == ExitCode.OK


def test_the_same_classes_in_another_order(here: Path) -> None:
    write(here, {"ab.csv": "y,p_a,p_b\na,0.9,0.1\nb,0.3,0.7\n", "ba.csv": "y,p_b,p_a\na,0.1,0.9\nb,0.7,0.3\n"})
    saved("--class-weight", "a=1,b=2", of="ab.csv")
    assert against("ba.csv", "--max-regression", "0", "--class-weight", "b=2,a=1").code == ExitCode.OK


# What cannot be compared


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--base", "2"], "base e there, 2 here"),
        (["--clip", "1e-3"], "clip none there, 0.001 here"),
        (["--denominator", "count"], "denominator weights there, count here"),
        (["--average", "macro"], "average micro there, macro here"),
        (["--label-smoothing", "0.1"], "label_smoothing 0.0 there, 0.1 here"),
        (["--pos-weight", "2"], "pos_weight none there, 2.0 here"),
        (["--class-weight", "balanced"], "class_weight none there, balanced here"),
        (["--class-weight", "1,2"], "class_weight none there, 0=1.0, 1=2.0 here"),
        (["--compat", "sklearn"], "compat none there, sklearn here"),
        (["--where", "g=a"], "where none there, g=a here"),
        (["--positive", "0", "--classes", "1,0"], None),
    ],
)
def test_another_convention(options: list[str], said: str | None) -> None:
    saved()
    done = against("good.csv", "--max-regression", "5", *options)
    if said is None:
        assert done.code == ExitCode.OK, done.err
        return
    assert done.code == ExitCode.DATA
    assert done.out == ""
    assert said in done.err
    assert "--save-baseline" in done.err


def test_every_difference_is_said(here: Path) -> None:
    saved("--base", "10")
    write(here, {"other.csv": "y,p_a,p_b,p_c\na,.8,.1,.1\nb,.1,.8,.1\nc,.1,.1,.8\n"})
    done = against("other.csv", "--clip", "1e-3")
    assert done.code == ExitCode.DATA
    for said in (
        "base.json: the baseline cannot be compared with",
        "task binary there, multiclass here",
        "classes: '0', '1' only there, 'a', 'b', 'c' only here",
        "base 10 there, e here",
        "clip none there, 0.001 here",
    ):
        assert said in done.err


def without_digest() -> None:
    """Make of the baseline one of before there was a digest."""
    document = json.loads(Path("base.json").read_text())
    del document["digest"]
    Path("base.json").write_text(json.dumps(document))


def test_without_a_digest_the_number_of_rows_has_to_be_the_same(here: Path) -> None:
    saved()
    without_digest()
    write(here, {"more.csv": "y,p\n" + "1,0.9\n0,0.2\n" * 3})
    done = against("more.csv", "--max-regression", "1")
    assert done.code == ExitCode.DATA
    assert "rows 4 there, 6 here" in done.err


def rows(skill: float, number: int, seed: int) -> str:
    draw = random.Random(seed)
    found = ((draw.randint(0, 1), draw.gauss(0, 0.1)) for _ in range(number))
    return "y,p\n" + "".join(f"{y},{min(max(0.5 + (y - 0.5) * skill + e, 0.01), 0.99)}\n" for y, e in found)


def test_of_other_rows_the_interval_is_judged(here: Path) -> None:
    write(here, {"week1.csv": rows(0.6, 300, 1), "week2.csv": rows(0.6, 200, 2), "worse.csv": rows(0.3, 250, 3)})
    saved(of="week1.csv")
    found = evaluate("week2.csv", baseline="base.json", max_regression=1.0)
    earlier = evaluate("week1.csv")
    assert found.baseline is not None
    assert found.baseline.ci95 is not None
    assert found.baseline.standard_error is not None
    errors = (earlier.loss.standard_error, found.loss.standard_error)
    assert found.baseline.standard_error == pytest.approx(math.hypot(*(error or 0.0 for error in errors)))
    assert found.baseline.same_rows is False
    assert "baseline_other_rows" in [notice.code for notice in found.warnings]
    low, high = found.baseline.ci95
    assert low < found.baseline.difference < high
    done = {margin: against("week2.csv", "--max-regression", margin).code for margin in (high * 1.01, high * 0.99)}
    assert list(done.values()) == [ExitCode.OK, ExitCode.GATE_FAILED], "what the interval leaves open fails"
    failed = against("worse.csv", "--max-regression", "2%")
    assert failed.code == ExitCode.GATE_FAILED
    assert "is of other rows (300 there, 250 here)" in failed.err


def test_of_the_same_rows_the_difference_is_judged(here: Path) -> None:
    write(here, {"week1.csv": rows(0.6, 300, 1)})
    saved(of="week1.csv")
    assert against("week1.csv", "--max-regression", "0").code == ExitCode.OK


def test_other_labels_are_a_warning(here: Path) -> None:
    saved()
    without_digest()
    write(here, {"other.csv": "y,p,g\n1,0.9,a\n1,0.8,a\n1,0.7,b\n0,0.4,b\n"})
    done = against("other.csv", "--max-regression", "1")
    assert done.code == ExitCode.OK
    assert "warning: the baseline base.json has other labels: 2 rows of class '0', not 1" in done.err
    assert "other labels" not in against("worse.csv").err


Spoil = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (lambda d: d.update(schema="celoss.explanation"), "baseline_schema", "celoss.explanation 1.1, not celoss.eval"),
        (lambda d: d.update(schema_version="2.0"), "baseline_schema", "celoss.evaluation 2.0, not celoss.evaluation 1"),
        (lambda d: d.pop("schema"), "baseline_schema", "no celoss.evaluation document"),
        (lambda d: d.pop("convention"), "baseline_schema", "does not say by what convention"),
        (lambda d: d["loss"].pop("mean"), "baseline_incomplete", "the baseline has no loss.mean"),
        (lambda d: d["loss"].pop("unit"), "baseline_incomplete", "has no loss.unit"),
        (lambda d: d["loss"].update(mean=None), "baseline_incomplete", "has null as loss.mean"),
        (lambda d: d["loss"].update(mean=True), "baseline_incomplete", "has true as loss.mean"),
        (lambda d: d["loss"].update(mean="0.3"), "baseline_incomplete", 'has "0.3" as loss.mean'),
        (lambda d: d["loss"].update(standard_error=-0.1), "baseline_incomplete", "has -0.1 as loss.standard_error"),
        (lambda d: d["loss"].update(standard_error=-math.inf), "baseline_incomplete", "has -Infinity as loss.standard"),
        (lambda d: d["loss"].update(standard_error="0.1"), "baseline_incomplete", 'has "0.1" as loss.standard_error'),
        (lambda d: d["counts"].update(rows=math.inf), "baseline_incomplete", "as counts.rows, and a whole number"),
        (lambda d: d.update(counts=[]), "baseline_incomplete", "has [] as counts, and an object"),
        (lambda d: d.update(convention=None), "baseline_incomplete", "has null as convention"),
        (lambda d: d.update(per_class=[3]), "baseline_incomplete", "has 3 in per_class"),
    ],
)
def test_documents_that_are_no_baseline(here: Path, spoil: Spoil, code: str, said: str) -> None:
    path = here / saved()
    document = json.loads(path.read_text())
    spoil(document)
    path.write_text(json.dumps(document))
    with pytest.raises(DataError) as caught:
        read_baseline(str(path))
    assert caught.value.code == code
    assert said in caught.value.message
    assert against("good.csv", "--max-regression", "1").code == ExitCode.DATA


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"null", b"\xff\xfe{", b'"x"', b"[" * 100_000])
def test_files_that_are_no_baseline(here: Path, content: bytes) -> None:
    (here / "base.json").write_bytes(content)
    done = against("good.csv", "--max-regression", "1", "--report", "r.json")
    assert done.code == ExitCode.DATA
    assert done.out == ""
    assert json.loads((here / "r.json").read_text())["schema"] == "celoss.error"


def test_a_baseline_that_is_not_there() -> None:
    assert against("good.csv", "--max-regression", "1").code == ExitCode.DATA
    assert run("eval", "good.csv", "--baseline", ".", "-q").code == ExitCode.DATA


def test_a_margin_without_a_baseline_is_usage() -> None:
    assert run("eval", "good.csv", "--max-regression", "1").code == ExitCode.USAGE
    with pytest.raises(UsageError):
        evaluate("good.csv", max_regression=0.5)


def test_no_file_is_left_behind_where_nothing_can_be_compared(here: Path) -> None:
    saved()
    done = against("good.csv", "--clip", "0.1", "--per-sample", "rows.csv", "--save-baseline", "next.json")
    assert done.code == ExitCode.DATA
    assert not (here / "rows.csv").exists()
    assert not (here / "next.json").exists()


# Infinite losses


def test_an_infinite_loss_on_either_side_never_passes() -> None:
    saved()
    assert against("infinite.csv", "--max-regression", "1000").code == ExitCode.GATE_FAILED
    assert run("eval", "infinite.csv", "-q", "--report", "base.json").code == ExitCode.OK
    for predictions in ("good.csv", "infinite.csv"):
        for margin in ("1000", "50%"):
            assert against(predictions, "--max-regression", margin).code == ExitCode.GATE_FAILED


def test_an_infinite_loss_is_no_baseline(here: Path) -> None:
    done = run("eval", "infinite.csv", "-q", "--save-baseline", "base.json")
    assert done.code == ExitCode.DATA
    assert "nothing can be held against" in done.err
    assert not (here / "base.json").exists()
    with pytest.raises(DataError):
        evaluate("infinite.csv", save_baseline="base.json")


# The next baseline


def test_a_failed_gate_writes_no_baseline(here: Path) -> None:
    """A baseline from a failed gate would let the next model that is as bad pass."""
    before = (here / saved()).read_bytes()
    done = against("worse.csv", "--max-regression", "1%", "--save-baseline", "base.json")
    assert done.code == ExitCode.GATE_FAILED
    assert "base.json: the baseline was not saved: the gate failed" in done.err
    assert (here / "base.json").read_bytes() == before
    assert evaluate("worse.csv", max_loss=0.1, save_baseline="new.json").verdict is not None
    assert not (here / "new.json").exists()


def test_a_passed_gate_takes_the_place_of_the_baseline(here: Path) -> None:
    saved(of="worse.csv")
    done = against("good.csv", "--max-regression", "0", "--save-baseline", "base.json")
    assert done.code == ExitCode.OK
    document = json.loads((here / "base.json").read_text())
    assert document["loss"]["mean"] == evaluate("good.csv").loss.mean
    assert document["per_class"]
    assert document["verdict"]["passed"] is True


def test_a_baseline_is_whole_or_not_written(here: Path) -> None:
    assert run("eval", "good.csv", "-q", "--save-baseline", "no/base.json").code == ExitCode.DATA
    assert run("eval", "good.csv", "-q", "--save-baseline", "good.csv").code == ExitCode.USAGE
    assert (here / "good.csv").read_text() == GOOD
    same = run("eval", "good.csv", "-q", "--save-baseline", "b.json", "--report", "./b.json")
    assert same.code == ExitCode.USAGE
    with pytest.raises(UsageError):
        evaluate("good.csv", save_baseline="good.csv")


def test_an_output_never_overwrites_the_baseline(here: Path) -> None:
    before = (here / saved()).read_bytes()
    assert against("worse.csv", "--report", "base.json").code == ExitCode.USAGE
    assert (here / "base.json").read_bytes() == before


def test_what_the_convention_says() -> None:
    convention = evaluate("good.csv", class_weight={"0": 1, "1": 3}, where={"g": "a"}, clip=1e-6, base=2).to_dict()[
        "convention"
    ]
    assert convention == {
        "base": "2", "clip": 1e-6, "renormalize": False, "denominator": "weights", "average": "micro",
        "class_weight": {"0": 1.0, "1": 3.0}, "sample_weight": False, "pos_weight": [], "label_smoothing": 0.0,
        "ignore_index": None, "where": ["g=a"], "compat": None, "per": None, "input_base": None, "skip": None,
    }  # fmt: skip
    assert evaluate("good.csv", compat="exact").to_dict()["convention"]["compat"] is None
    assert math.isfinite(evaluate("good.csv", compat="torch").loss.mean)
