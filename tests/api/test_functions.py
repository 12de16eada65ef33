"""The Python API: the same numbers as the command line, errors of ours alone, never a word printed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import celoss_cli
from celoss_cli import CelossError, Evaluation, MisalignedData, UsageError, evaluate
from running import run, write

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
Y = np.array([0, 1, 2])
CSV = "y,p_a,p_b,w,fold\na,.7,.3,1,1\nb,.4,.6,2,2\nb,.2,.8,3,1\n"


@pytest.mark.parametrize(
    ("keywords", "options"),
    [
        ({}, []),
        ({"base": 2}, ["--base", "2"]),
        ({"sample_weight": "w"}, ["--sample-weight", "w"]),
        ({"sample_weight": "w", "denominator": "count"}, ["--sample-weight", "w", "--denominator", "count"]),
        ({"class_weight": {"a": 2}}, ["--class-weight", "a=2"]),
        ({"class_weight": [2, 1]}, ["--class-weight", "2,1"]),
        ({"class_weight": "balanced"}, ["--class-weight", "balanced"]),
        ({"where": {"fold": 1}}, ["--where", "fold=1"]),
        ({"pred": "p_*", "label": "y"}, ["--pred", "p_*", "--label", "y"]),
        ({"pred": ["p_a", "p_b"], "classes": ["a", "b"]}, ["--pred", "p_a,p_b", "--classes", "a,b"]),
        ({"pred": "p_a", "positive": "a"}, ["--pred", "p_a", "--positive", "a"]),
        ({"clip": 0.45, "max_loss": 0.1, "top": 1}, ["--clip", "0.45", "--max-loss", "0.1", "--top", "1"]),
        ({"input": "logits", "task": "binary"}, ["--input", "logits", "--task", "binary"]),
    ],
)
def test_the_api_and_the_command_agree(keywords: dict[str, Any], options: list[str], tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": CSV})
    done = run("eval", tmp_path / "f.csv", "--format", "json", *options)
    document = json.loads(done.out)
    for path in (tmp_path / "f.csv", str(tmp_path / "f.csv")):
        assert json.loads(json.dumps(evaluate(path, **keywords).to_dict())) == document


def test_a_verdict_is_a_value_and_no_exception() -> None:
    assert evaluate(P, Y).verdict is None
    verdict = evaluate(P, Y, max_loss=0.1).verdict
    assert verdict is not None
    assert not verdict.passed


@pytest.mark.parametrize(
    "keywords",
    [
        {"task": "regression"},
        {"input": "scores"},
        {"base": 3},
        {"denominator": "n"},
        {"invalid": "skip"},
        {"clip": 0.7},
        {"threads": 0},
        {"top": -1},
        {"classes": ["a", "a", "b"]},
        {"max_loss": float("nan")},
        {"per_sample": "rows.xls"},
        {"class_weight": "x"},
    ],
    ids=str,
)
def test_wrong_arguments_are_usage_errors(keywords: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as found:
        evaluate(P, Y, **keywords)
    assert found.value.hint


@pytest.mark.parametrize(
    ("predictions", "labels", "keywords"),
    [
        (P, Y[:2], {}),
        (P, [0, 1, 7], {}),
        (P, ["x", "y", "z"], {}),
        (P, np.eye(3).astype(object), {}),
        (np.where(P == 0.8, np.nan, P), Y, {}),
        (P, Y, {"sample_weight": "w"}),
        (P, Y, {"label": "q"}),
        (P, Y, {"class_weight": [1]}),
        (P, Y, {"classes": "ab"}),
        ("no such file.csv", None, {}),
        (P, "no such file.csv", {}),
        (P, Y, {"where": {"fold": 1}}),
        (pd.concat([pd.DataFrame({"a": [1.0], "b": [2.0]})] * 2, axis=1), [0], {}),
    ],
)
def test_whatever_is_wrong_the_error_is_ours(predictions: Any, labels: Any, keywords: dict[str, Any]) -> None:
    with pytest.raises(CelossError) as found:
        evaluate(predictions, labels, **keywords)
    assert "\n" not in str(found.value)


def test_indexes_that_name_other_rows_are_not_paired_by_position() -> None:
    predictions = pd.Series([0.1, 0.8, 0.7], index=["x", "y", "z"], name="prob")
    labels = pd.Series([0, 1, 1], index=["y", "x", "z"], name="y")
    with pytest.raises(MisalignedData, match="the indexes of predictions and labels differ"):
        evaluate(predictions, labels)
    aligned = evaluate(predictions, labels.loc[predictions.index]).loss.mean
    assert aligned == evaluate(predictions.reset_index(drop=True), [1, 0, 1]).loss.mean
    assert evaluate(predictions.reset_index(drop=True), labels).counts.rows == 3  # a default index says nothing


def test_nothing_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    evaluate(P, Y, per_sample=tmp_path / "rows.csv", max_loss=0.0)
    with pytest.raises(CelossError):
        evaluate(P, Y[:2])
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "rows.csv").exists()


def test_an_evaluation_is_a_value() -> None:
    import pickle

    first = evaluate(P, Y)
    assert isinstance(first, Evaluation)
    assert pickle.loads(pickle.dumps(first)) == first == evaluate(P, Y)
    with pytest.raises(AttributeError):
        first.loss = None  # type: ignore[misc,assignment]
    assert list(first.per_class_frame()["class"]) == ["0", "1", "2"]


def test_importing_the_package_costs_nothing() -> None:
    code = "import sys, celoss_cli; print(sorted({'numpy', 'pandas', 'pyarrow', 'typer', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_name_that_is_offered_is_there() -> None:
    assert all(hasattr(celoss_cli, name) for name in celoss_cli.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = celoss_cli.nonsense


def test_reports_are_those_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")  # reports carry the time
    (tmp_path / "f.csv").write_text("y,p_a,p_b\na,.7,.3\nb,.2,.8\n")
    result = celoss_cli.evaluate(tmp_path / "f.csv", max_loss=0.1)
    for name in ("r.json", "r.md", "r.html", "r.csv", "r.xml", "r.prom", "r.metrics.json"):
        assert run("eval", tmp_path / "f.csv", "--max-loss", "0.1", "--report", tmp_path / name).code == 1
        celoss_cli.write_report(result, tmp_path / f"mine.{name}")
        assert (tmp_path / f"mine.{name}").read_bytes() == (tmp_path / name).read_bytes()
    with pytest.raises(celoss_cli.UsageError, match="end of its name"):
        celoss_cli.write_report(result, tmp_path / "r.pdf")


def test_no_module_takes_the_place_of_a_function() -> None:
    """A submodule that is imported becomes an attribute of the package, and would hide a function of its name."""
    modules = {path.stem for path in Path(celoss_cli.__file__).parent.iterdir()}
    assert not modules & set(celoss_cli.__all__)


def test_a_comparison_is_reported_as_the_command_line_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")  # reports carry the time
    write(tmp_path, {"a.csv": "y,p\n1,.7\n0,.2\n1,.6\n", "b.csv": "y,p\n1,.8\n0,.3\n1,.9\n"})
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    result = celoss_cli.compare(one, other)
    for name in ("r.json", "r.md", "r.html", "r.csv", "r.xml", "r.prom", "r.metrics.json"):
        assert run("compare", one, other, "--report", tmp_path / name).code == 0
        celoss_cli.write_report(result, tmp_path / f"mine.{name}")
        assert (tmp_path / f"mine.{name}").read_bytes() == (tmp_path / name).read_bytes()
    with pytest.raises(UsageError, match="no report of an object of type Inspection"):
        celoss_cli.write_report(celoss_cli.inspect(one), tmp_path / "r.md")  # type: ignore[arg-type]


def test_no_output_takes_the_place_of_an_input_or_of_another_output(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": CSV})
    data, base = tmp_path / "f.csv", tmp_path / "base.csv"
    result = evaluate(data, save_baseline=base)
    kept = data.read_bytes(), base.read_bytes()
    for call in (
        lambda: celoss_cli.write_report(result, data),
        lambda: celoss_cli.write_report(celoss_cli.compare(data, data), data),
        lambda: evaluate(data, save_baseline=data),
        lambda: evaluate(data, per_sample=data),
        lambda: evaluate(data, baseline=base, per_sample=base),
        lambda: evaluate(data, save_baseline=tmp_path / "n.csv", per_sample=str(tmp_path / "n.csv")),
    ):
        with pytest.raises(UsageError, match=r"would be overwritten|two outputs"):
            call()
    assert (data.read_bytes(), base.read_bytes()) == kept
    evaluate(data, baseline=base, save_baseline=base)  # what is compared with may be renewed
