"""What results show of themselves in a notebook: a line, a page, pictures, and their numbers by name."""

from __future__ import annotations

import json
import pickle
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import celoss_cli
from celoss_cli.errors import UsageError

RNG = np.random.default_rng(7)
Z = RNG.normal(size=400) * 2.0
Y = (RNG.random(400) < 1.0 / (1.0 + np.exp(-Z / 1.5))).astype(int)
P = 1.0 / (1.0 + np.exp(-Z))
SITE = np.where(np.arange(400) % 2 == 0, "a", "b")


def evaluation() -> Any:
    return celoss_cli.evaluate(P, Y, slice={"site": SITE}, max_loss=0.6)


def comparison() -> Any:
    return celoss_cli.compare(P, np.clip(P, 0.1, 0.9), Y)


def diagnosis() -> Any:
    return celoss_cli.diagnose(P, Y)


RESULTS = {"Evaluation": evaluation, "Comparison": comparison, "Diagnosis": diagnosis}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_one_line_and_of_the_public_type(name: str) -> None:
    result = RESULTS[name]()
    assert repr(result).startswith(f"<{name}: ")
    assert "\n" not in repr(result)
    assert type(result) is getattr(celoss_cli, name)
    assert pickle.loads(pickle.dumps(result)).to_dict() == result.to_dict()


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_lists_what_it_has(name: str) -> None:
    result = RESULTS[name]()
    listed = dir(result)
    assert {*result.to_dict(), "to_dict", "metrics", "plot", "warnings"} <= set(listed)
    assert all(hasattr(result, attribute) for attribute in listed)


@pytest.mark.parametrize("name", RESULTS)
def test_equal_results_have_one_hash(name: str) -> None:
    one, other = RESULTS[name](), RESULTS[name]()
    assert one is not other
    assert len({one, other, pickle.loads(pickle.dumps(one))}) == 1


def test_results_of_sequences_have_a_hash_too() -> None:
    sequences = {"lp": [[-1.0, -2.0], [-3.0]], "text": ["ab", "c"]}
    assert len({celoss_cli.evaluate(sequences, truth="lp", text="text") for _ in range(2)}) == 1


class Balanced(HTMLParser):
    """Fails where an element is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag != "wbr":  # which is never closed
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", RESULTS)
def test_a_page_stands_in_another(name: str) -> None:
    page = RESULTS[name]()._repr_html_()
    reader = Balanced()
    reader.feed(page)
    assert reader.open == []
    assert page.startswith('<div class="celoss"><style>.celoss{')
    assert "<svg" in page
    style = page[: page.index("</style>")]
    assert "body{" not in style
    assert ":root" not in style
    assert style.count("{") == style.count("}")


@pytest.mark.parametrize("name", RESULTS)
def test_a_picture_is_a_figure(name: str) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure
    result = RESULTS[name]()
    assert isinstance(result.plot(), figure)
    with pytest.raises(UsageError, match="no picture called 'nothing'"):
        result.plot("nothing")


def test_a_named_picture() -> None:
    pytest.importorskip("matplotlib")
    (upper, lower) = diagnosis().plot("reliability").axes
    assert upper.get_title() == "Does it happen as often as P(positive) says?"
    assert lower.get_xlabel() == "P(positive)"


def test_a_result_without_a_picture_says_so() -> None:
    soft = np.column_stack([1.0 - P, P])
    with pytest.raises(UsageError, match="has no picture"):
        celoss_cli.evaluate(soft, np.where(soft == 1.0, 1.0, 0.5)).plot()


@pytest.mark.parametrize("name", RESULTS)
def test_numbers_are_numbers(name: str) -> None:
    found = RESULTS[name]().metrics()
    assert found
    assert all(type(value) in (int, float) and np.isfinite(value) for value in found.values())


def test_the_numbers_of_an_evaluation() -> None:
    result = evaluation()
    assert result.metrics()["loss"] == result.loss.mean
    assert result.metrics()["gate_passed"] == int(result.verdict.passed)


def test_the_metrics_of_an_evaluation_go_by_name_too() -> None:
    result = evaluation()
    assert result.metrics.ece == result.to_dict()["metrics"]["ece"] == result.metrics()["ece"]
    assert result.metrics.accuracy == float(np.mean((P > 0.5) == Y))
    assert pickle.loads(pickle.dumps(result.metrics))() == result.metrics()


def test_the_metrics_of_sequences() -> None:
    result = celoss_cli.evaluate(truth=[[-0.25, -0.5], [-1.0]])
    assert result.metrics()["loss"] == result.loss.mean == 1.75 / 3
    assert result.metrics.accuracy is None
    assert result.to_dict()["metrics"] is None
    assert "<table" in result._repr_html_()


def test_the_evaluations_of_a_batch_show_themselves() -> None:
    many = celoss_cli.evaluate_many({"a/b": np.stack([1 - P, P], axis=1), "c": P}, Y)
    assert many.metrics()["a/b/loss"] == many.evaluations[0].evaluation.metrics()["loss"]
    assert "<svg" in many.evaluations[1].evaluation._repr_html_()


def test_the_metrics_of_a_history(tmp_path: Path) -> None:
    result = evaluation()
    for name in ("one", "two") * 2:
        celoss_cli.append_history(result, tmp_path / "runs.jsonl", name)
    found = celoss_cli.read_history(tmp_path / "runs.jsonl", max_regression="2%")
    said = {"last_loss": result.loss.mean, "level_changes": 0}
    expected = {f"{name}/{key}": value for name in ("one", "two") for key, value in said.items()}
    assert found.metrics() == expected | {"gate_passed": 1}
    celoss_cli.write_report(found, tmp_path / "runs.metrics.json")
    assert json.loads((tmp_path / "runs.metrics.json").read_text()) == found.metrics()


def test_what_is_not_finite_is_counted() -> None:
    found = celoss_cli.evaluate([0.0, 0.5, 0.25], [1, 1, 0]).metrics()
    assert found["not_finite"] >= 1
    assert "loss" not in found


def test_a_report_of_it_is_that_of_the_command(tmp_path: Path) -> None:
    celoss_cli.write_report(diagnosis(), tmp_path / "d.html")
    assert "<svg" in (tmp_path / "d.html").read_text()
