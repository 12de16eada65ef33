"""The pictures of evaluations, comparisons, batches and histories: drawn as before, and what they leave out is said."""

from __future__ import annotations

import io
import math
import os
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import celoss_cli
from celoss_cli.render.pictures import svg
from celoss_cli.render.pictures.picture import Dots, Picture, Rule
from hostile_results import hostile_results

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).with_name("golden")


def sample(name: str) -> str:
    return str(ROOT / "sample_data" / name)


PROBS, BOOSTED, LOGITS = sample("cancer_probs.csv"), sample("cancer_boosted.csv"), sample("cancer_logits.csv")


@cache
def history() -> Any:
    """A history of ten runs, the last four worse, one with an infinite mean."""
    draw = np.random.default_rng(5)
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory) / "runs.jsonl"
        for week in range(10):
            truth = draw.integers(0, 2, 300)
            noise = draw.normal(0.0, 1.0, 300)
            p = 1.0 / (1.0 + np.exp(-(1.5 if week < 6 else 0.2) * (2.0 * truth - 1.0) - noise))
            if week == 3:
                p[0] = 1.0 - truth[0]
            celoss_cli.append_history(celoss_cli.evaluate(p, truth), place, "model")
        return celoss_cli.read_history(place)


MADE: dict[str, tuple[Callable[[], Any], str]] = {
    "eval-reliability": (lambda: celoss_cli.evaluate(PROBS), "reliability"),
    "eval-by-slice": (lambda: celoss_cli.evaluate(sample("cancer_weighted.csv"), slice="weight=1.5,2.5"), "by-slice-1"),
    "compare-rows": (lambda: celoss_cli.compare(PROBS, BOOSTED), "rows"),
    "compare-by-class": (lambda: celoss_cli.compare(PROBS, BOOSTED), "by-class"),
    "compare-leaderboard": (lambda: celoss_cli.compare(PROBS, [BOOSTED, LOGITS]), "leaderboard"),
    "batch-losses": (lambda: celoss_cli.evaluate_many([PROBS, BOOSTED, sample("wine_knn.csv")]), "losses"),
    "history-trend": (history, "trend"),
}


def picture(name: str) -> Picture:
    make, which = MADE[name]
    return next(one for one in make()._report().pictures() if one.name == which)


@pytest.mark.parametrize("name", MADE)
def test_a_picture_is_drawn_as_before(name: str) -> None:
    """CELOSS_RENEW_GOLDEN=1 writes them anew; look at them before you commit."""
    text = svg.document(picture(name))
    path = GOLDEN / f"{name}.svg"
    if os.environ.get("CELOSS_RENEW_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MADE)
def test_nothing_is_drawn_outside(name: str) -> None:
    root = ET.fromstring(svg.document(picture(name)))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for place in root.iter():
        assert all(0 <= float(place.get(at, "0")) <= width for at in ("x", "x1", "x2", "cx"))
        assert all(0 <= float(place.get(at, "0")) <= height for at in ("y", "y1", "y2", "cy"))


@pytest.mark.parametrize("name", MADE)
def test_matplotlib_draws_it(name: str) -> None:
    pytest.importorskip("matplotlib")
    make, which = MADE[name]
    figure = make().plot(which)
    figure.savefig(io.BytesIO(), format="svg")
    assert figure.axes[0].get_title() == picture(name).title
    keys = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert keys == [key.text for key in picture(name).keys]


def test_a_name_that_is_markup_is_text_in_every_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for result in hostile_results(tmp_path).values():
        page = result._repr_html_()
        assert "<b>" not in page
        assert "\x1b" not in page
        pictures = list(result._report().pictures())
        assert pictures
        for one in pictures:
            ET.fromstring(svg.document(one))
            result.plot(one.name).savefig(io.BytesIO(), format="png")


def test_no_interval_of_a_loss_goes_below_0() -> None:
    (dots,) = (layer for layer in picture("eval-by-slice").panels[0].layers if isinstance(layer, Dots))
    assert min(end for end in dots.low if end is not None) == 0.0


def test_what_is_not_drawn_is_said() -> None:
    assert picture("batch-losses").finding.endswith("Not drawn: 1 with an infinite loss.")
    assert picture("history-trend").finding.endswith("1 with an infinite mean are not drawn.")
    many = {f"m{place:02}": np.full(10, 0.2 + place / 100.0) for place in range(30)}
    (drawn,) = celoss_cli.evaluate_many(many, np.ones(10, dtype=int), input="probs", max_loss=1.0)._report().pictures()
    assert drawn.finding == "m00 has the largest loss, 1.60944 nats. These are the 20 largest of 30."
    (rule,) = (layer for layer in drawn.panels[0].layers if isinstance(layer, Rule))
    assert (rule.x, rule.label) == (1.0, "limit")


def test_parts_with_an_infinite_loss_are_not_drawn() -> None:
    p = np.array([0.25, 0.5, 0.0, 0.75] * 5)
    y = np.array([0, 1, 1, 1] * 5)
    place = np.array(["a", "b", "c", "d"] * 5)
    result = celoss_cli.evaluate(p, y, input="probs", slice={"place": place})
    drawn = next(one for one in result._report().pictures() if one.name == "by-slice-1")
    assert drawn.finding.endswith("all rows have inf. Not drawn: 1 with an infinite loss.")
    assert [layer for layer in drawn.panels[0].layers if isinstance(layer, Rule)] == []
    both = celoss_cli.compare(p, np.clip(p, 0.1, 0.9), y, input="probs", slice={"place": place})
    drawn = next(one for one in both._report().pictures() if one.name == "by-slice-1")
    assert drawn.finding == "a stays the same, and no other is worse. Not drawn: 1 with an infinite loss."
    assert [layer.x for layer in drawn.panels[0].layers if isinstance(layer, Rule)] == [0.0]


def test_the_worst_part_is_called_what_it_is() -> None:
    p = np.full(40, 0.45)
    y = np.arange(40) % 2
    better, worse = np.where(y == 1, 0.8, 0.4), np.where(y == 1, 0.8, 0.7)
    for candidate, said in ((better, "0 improves least, by 0.0870 nats."), (worse, "0 worsens most, by 0.606 nats.")):
        shown = {one.name: one for one in celoss_cli.compare(p, candidate, y, input="probs")._report().pictures()}
        assert shown["by-class"].finding == said
    assert math.log(0.6 / 0.55) == pytest.approx(0.0870, abs=5e-5)
    assert math.log(0.55 / 0.3) == pytest.approx(0.606, abs=5e-4)
